-- ---
-- id: rare_process
-- title:
--   id: Program langka dari folder yang dapat ditulis siapa saja
--   en: Rare program out of a folder that anybody can write
-- category: host
-- attack: [T1059, T1105]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Program yang baru muncul, hanya di satu atau dua host, dan dijalankan dari folder sementara, unduhan, atau
--     folder publik.
--   en: >-
--     A program that is new, on one or two hosts only, and runs out of a temporary, download or public folder.
-- matters:
--   id: Alat penyusup jarang ada di banyak host; perangkat lunak kantor ada di semuanya.
--   en: Tools of intruders are on few hosts; software of an office is on all of them.
-- action:
--   id: "Ambil berkasnya dan hash-nya, bandingkan dengan indikator, cari siapa yang menaruhnya."
--   en: "Take the file and its hash, compare with indicators, find who put it there."
-- usual:
--   id: Pemasang perangkat lunak dan skrip pengelola yang dijalankan sekali.
--   en: "Installers, and scripts of administrators that run once."
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   hosts:
--     default: 2
--     id: "host dengan program itu, paling banyak"
--     en: "hosts that have it, at most"
-- columns: [region_code, owner, entity, score, hosts, host_names, users, commands, runs, first_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('process:', lower(e.process_name)) AS entity, max(e.score) AS score,
    uniqExact(e.host_name) AS hosts, groupUniqArray(3)(e.host_name) AS host_names, groupUniqArray(3)(e.user_name) AS users,
    groupUniqArray(3)(substringUTF8(e.process_command_line, 1, 200)) AS commands, count() AS runs, min(e.timestamp) AS first_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'process' AND e.event_action IN ('process_start', 'sudo_command', 'cron_command') AND e.process_name != ''
GROUP BY e.region_code, e.owner, lower(e.process_name)
HAVING first_seen >= {since:DateTime('UTC')} AND hosts <= {hosts:UInt32}
    AND countIf(match(concat(e.fields['process.executable'], ' ', e.process_command_line), '(?i)(^|\\s|")(/tmp/|/var/tmp/|/dev/shm/|/run/user/|/home/[^/ ]+/(downloads|unduhan)/|[a-z]:\\\\users\\\\(public|[^\\\\]+\\\\(downloads|appdata\\\\local\\\\temp))|[a-z]:\\\\(windows\\\\temp|perflogs|programdata)\\\\)')) > 0
ORDER BY score DESC, hosts, first_seen DESC
LIMIT 200
