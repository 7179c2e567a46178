-- ---
-- id: voting_hour_compared
-- title:
--   id: Jam hari pemungutan dibanding jam yang sama pada hari tenang
--   en: Hour of voting day against the same hour of the quiet days
-- category: election
-- attack: [T1499, T1110]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Jam demi jam: kejadian, galat, kegagalan masuk, dan skor tinggi dibanding rata-rata jam yang sama pada hari-hari
--     sebelumnya; hanya yang melonjak atau hilang.
--   en: >-
--     Hour by hour: events, errors, failed log-ins and high scores against the mean of the same hour in the days
--     before; only what leaps or is missing.
-- matters:
--   id: >-
--     Hari pemungutan selalu ramai; yang dicari adalah yang tumbuh tidak sebanding, atau wilayah yang tiba-tiba sunyi.
--   en: >-
--     Voting day is always busy; what counts is what grows out of proportion, or a region that falls silent.
-- action:
--   id: >-
--     Kegagalan masuk yang tumbuh lebih cepat dari kejadian: buka password_spray; sunyi: buka silent_after_attack.
--   en: "Failures that grow faster than events: open password_spray; silence: open silent_after_attack."
-- usual:
--   id: Gladi dan libur pada hari pembanding.
--   en: Rehearsals and holidays on the days that are compared.
-- parameters:
--   baseline_days:
--     default: 3
--     id: hari pembanding sebelum jendela
--     en: days before the window to compare with
--   least:
--     default: 20
--     id: "kejadian agar sebuah jam dinilai, paling sedikit"
--     en: "events for an hour to count, at least"
--   times:
--     default: 3
--     id: "kali, paling sedikit"
--     en: "times, at least"
-- columns: [region_code, owner, entity, hour, events, usual_events, times_usual, failures, usual_failures, errors,
--   usual_errors, high_scores]
-- ---
SELECT
    region_code, owner, concat('region:', region_code) AS entity, hour, events, round(events_usual, 1) AS usual_events,
    round(events / greatest(events_usual, 1), 1) AS times_usual, failures, round(failures_usual, 1) AS usual_failures,
    errors, round(errors_usual, 1) AS usual_errors, high_scores
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, toHour(e.timestamp) AS hour_of_day,
        countIf(e.timestamp >= {since:DateTime('UTC')}) AS events,
        countIf(e.timestamp < {since:DateTime('UTC')}) / {baseline_days:UInt16} AS events_usual,
        countIf(e.timestamp >= {since:DateTime('UTC')} AND e.event_category = 'authentication' AND e.event_outcome = 'failure') AS failures,
        countIf(e.timestamp < {since:DateTime('UTC')} AND e.event_category = 'authentication' AND e.event_outcome = 'failure') / {baseline_days:UInt16} AS failures_usual,
        countIf(e.timestamp >= {since:DateTime('UTC')} AND e.http_status_code >= 500) AS errors,
        countIf(e.timestamp < {since:DateTime('UTC')} AND e.http_status_code >= 500) / {baseline_days:UInt16} AS errors_usual,
        countIf(e.timestamp >= {since:DateTime('UTC')} AND e.score >= 70) AS high_scores,
        addHours(toStartOfHour({since:DateTime('UTC')}), (hour_of_day + 24 - toHour({since:DateTime('UTC')})) % 24) AS hour
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    GROUP BY e.region_code, e.owner, hour_of_day
)
WHERE (failures >= {least:UInt32} AND failures >= failures_usual * {times:Float64})
    OR (errors >= {least:UInt32} AND errors >= errors_usual * {times:Float64})
    OR (events_usual >= {least:UInt32} AND events * {times:Float64} < events_usual)
ORDER BY high_scores DESC, failures / greatest(failures_usual, 1) + errors / greatest(errors_usual, 1) DESC
LIMIT 300
