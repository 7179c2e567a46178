-- ---
-- id: clock_changed
-- title:
--   id: Jam host diubah atau layanan waktu dimatikan
--   en: "Clock of a host set, or its time service stopped"
-- category: host
-- attack: [T1070.006, T1562]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Perubahan jam oleh perintah atau sistem, bersama lompatan selisih jam dari sumber yang sama."
--   en: "Changes of the clock by command or system, with the jump that the same source's skew made."
-- matters:
--   id: Urutan kejadian adalah bukti; jam yang digeser memindahkan kejadian melewati batas hari pemungutan.
--   en: The order of events is evidence; a shifted clock moves events over the border of voting day.
-- action:
--   id: "Setel ulang dengan NTP, catat selisihnya, cari siapa yang masuk ke host itu."
--   en: "Set it by NTP, note the difference, find who was logged in on that host."
-- usual:
--   id: "Penyetelan awal server, pindah zona waktu, laptop yang lama mati."
--   en: "First set-up of servers, moves between zones, laptops that were off for long."
-- columns: [region_code, owner, entity, score, actors, actions, commands, largest_skew_seconds, times, first_seen,
--   last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('host:', e.host_name) AS entity, max(e.score) AS score,
    groupUniqArray(5)(e.user_name) AS actors, groupUniqArray(5)(e.event_action) AS actions,
    groupUniqArray(5)(substringUTF8(e.process_command_line, 1, 160)) AS commands,
    max(abs(dateDiff('second', e.timestamp, e.received_at))) AS largest_skew_seconds,
    count() AS times, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.host_name != ''
    AND ((e.event_action = 'time_change' AND e.user_name NOT IN ('LOCAL SERVICE', 'SYSTEM'))
        OR (e.process_command_line != ''
            AND match(e.process_command_line, '(?i)(\\bdate\\s+(-s|--set)|\\btimedatectl\\s+set-(time|ntp\\s+(0|no|false))|\\bhwclock\\s+(-w|--set|--systohc)|(systemctl|service)\\s+(stop|disable|mask)\\s+\\S*(chrony|ntp|timesync)|Set-Date|w32tm\\s+/unregister)')))
GROUP BY e.region_code, e.owner, e.host_name
ORDER BY score DESC, last_seen DESC
LIMIT 200
