-- ---
-- id: new_scheduled_task
-- title:
--   id: Tugas terjadwal yang baru
--   en: Scheduled task that is new
-- category: host
-- attack: [T1053.003, T1053.005]
-- scope: regional
-- window: 24h
-- finds:
--   id: Perintah cron atau tugas terjadwal yang tidak pernah terlihat di host itu pada masa kebiasaan.
--   en: A command of cron or a scheduled task that was not seen on that host in the baseline.
-- matters:
--   id: Pintu belakang yang bangun sendiri pada hari pemungutan dipasang berminggu-minggu sebelumnya.
--   en: A back door that wakes by itself on voting day is put there weeks before.
-- action:
--   id: Lihat berkas yang dijalankan dan siapa yang memasangnya; bandingkan dengan host kembarannya.
--   en: "Look at the file that is run and who put it there; compare with the host's twins."
-- usual:
--   id: "Pemasangan perangkat lunak, tugas bulanan yang baru pertama kali dalam masa kebiasaan."
--   en: "Installed software, monthly work that comes first in the baseline."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, score, user_name, command, runs, first_seen]
-- ---
SELECT
    region_code, owner, concat('host:', host_name) AS entity, score, user_name, command, runs, first_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.host_name AS host_name,
        if(e.event_action = 'cron_command', replaceRegexpAll(substringUTF8(e.process_command_line, 1, 300), '[0-9]{4,}', 'N'), concat('task ', e.fields['winlog.event_data.TaskName'], ' ', substringUTF8(e.process_command_line, 1, 200))) AS command,
        any(e.user_name) AS user_name, max(e.score) AS score, count() AS runs, min(e.timestamp) AS first_seen,
        min(first_seen) OVER (PARTITION BY e.region_code, e.owner, e.host_name) AS host_known_since
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_action IN ('cron_command', 'task_create', 'task_change') AND e.host_name != ''
    GROUP BY e.region_code, e.owner, e.host_name, command
)
WHERE first_seen >= {since:DateTime('UTC')} AND (host_known_since < {since:DateTime('UTC')} OR startsWith(command, 'task '))
ORDER BY match(command, '(?i)(curl|wget|/tmp/|/dev/shm|base64|python|nc |powershell)') DESC, score DESC, first_seen DESC
LIMIT 200
