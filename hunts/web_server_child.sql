-- ---
-- id: web_server_child
-- title:
--   id: Server web menjalankan shell atau perintah pengintaian
--   en: Web server ran a shell or a look-around command
-- category: host
-- attack: [T1505.003, T1059.004, T1033]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Proses bertipe shell, unduhan, atau pengintaian yang induknya server web atau dijalankan sebagai akun server
--     web, dan belum pernah dijalankan akun itu di host tersebut.
--   en: >-
--     Shells, downloads and look-around commands whose parent is a web server or that run as its account, and that the
--     account had not run on that host before.
-- matters:
--   id: "Ini tanda paling jelas dari webshell di situs pemilu, juga bila permintaan HTTP-nya tidak tercatat."
--   en: "The clearest mark of a web shell on an election site, also where the HTTP request was not logged."
-- action:
--   id: >-
--     Isolasi server, simpan memori dan log akses, cari berkas baru di folder unggahan pada waktu yang sama.
--   en: >-
--     Isolate the server, keep memory and access logs, look for new files in upload folders of the same time.
-- usual:
--   id: "Aplikasi yang memanggil program (surel, PDF, gambar) sesudah pembaruan."
--   en: "Applications that call programs (mail, PDF, pictures) after an update."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, score, user_name, parents, commands, runs, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('host:', e.host_name) AS entity,
    maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS score,
    any(e.user_name) AS user_name,
    groupUniqArray(3)(e.parent) AS parents,
    groupUniqArrayIf(10)(substringUTF8(e.process_command_line, 1, 200), e.timestamp >= {since:DateTime('UTC')}) AS commands,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS runs,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM
(
    SELECT *, lower(replaceRegexpOne(concat(fields['process.parent.name'], fields['process.parent.executable']), '^.*[/\\\\]', '')) AS parent
    FROM siaga.events
    WHERE timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        AND event_category = 'process' AND host_name != ''
        AND match(lower(process_name), '^(sh|bash|dash|zsh|cmd\\.exe|powershell\\.exe|pwsh|whoami|id|uname|hostname|ifconfig|netstat|ss|nc|ncat|wget|curl|python[0-9.]*|perl|certutil\\.exe|net1?\\.exe|whoami\\.exe|systeminfo\\.exe)$')
) AS e
WHERE match(e.parent, '^(nginx|apache2?|httpd|php-fpm.*|php-cgi.*|w3wp\\.exe|tomcat.*|gunicorn|uwsgi)$')
    OR e.user_name IN ('www-data', 'apache', 'nginx', 'httpd', 'tomcat', 'IUSR', 'DefaultAppPool')
GROUP BY e.region_code, e.owner, e.host_name, e.process_name
HAVING first_seen >= {since:DateTime('UTC')}
ORDER BY score DESC, runs DESC
LIMIT 200
