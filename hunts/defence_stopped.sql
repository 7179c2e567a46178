-- ---
-- id: defence_stopped
-- title:
--   id: Layanan pengaman atau situs dihentikan
--   en: Defence or site service stopped
-- category: host
-- attack: [T1489, T1562.001, T1562.004]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Layanan pengaman, log, web, atau basis data yang berhenti dan tidak dimulai lagi dalam waktu singkat.
--   en: "Services of defence, logging, web or database that stopped and were not started again soon."
-- matters:
--   id: >-
--     Menghentikan fail2ban, auditd, atau basis data pada malam penghitungan membuka jalan atau mematikan layanan.
--   en: "Stopping fail2ban, auditd or a database in the night of the count opens the way or ends the service."
-- action:
--   id: "Nyalakan lagi, cari siapa yang menghentikannya (sudo, log masuk), dan mengapa."
--   en: "Start it again, find who stopped it (sudo, log-ins) and why."
-- usual:
--   id: Pembaruan paket; layanan biasanya mulai lagi dalam menit.
--   en: Package updates; the service is back within minutes.
-- parameters:
--   minutes:
--     default: 10
--     id: menit sampai layanan harus mulai lagi
--     en: minutes within which it must be back
--   services:
--     default: '(?i)\b(rsyslogd?|syslog-ng|auditd|filebeat|fluent-?bit|vector|wazuh-agent|ossec|fail2ban|crowdsec|ufw|firewalld|nftables|iptables|apparmor|clamav[a-z-]*|falcon-sensor|mdatp|windefend|nginx|apache2|httpd|php[0-9.]*-fpm|mysqld?|mariadb|postgresql|haproxy|named|bind9|cron|crond|siaga[a-z-]*)\b'
--     id: pola nama layanan
--     en: pattern of names of services
-- columns: [region_code, owner, entity, score, service, stopped_by, stopped_at, started_after, command]
-- ---
SELECT
    region_code, owner, concat('host:', host_name) AS entity, top AS score, service, stopped_by, stopped_at,
    if(started < stopped_at, 'never', toString(started)) AS started_after, command
FROM
(
    SELECT
        region_code, owner, host_name, service,
        max(score) AS top,
        argMaxIf(user_name, timestamp, kind = 'stop') AS stopped_by,
        maxIf(timestamp, kind = 'stop') AS stopped_at,
        maxIf(timestamp, kind = 'start') AS started,
        argMaxIf(substringUTF8(process_command_line, 1, 200), timestamp, kind = 'stop') AS command
    FROM
    (
        SELECT
            region_code, owner, host_name, user_name, timestamp, score, process_command_line,
            multiIf(
                event_action = 'service_stop' OR match(process_command_line, '(?i)\\b(stop|disable|mask|kill)\\b'), 'stop',
                event_action = 'service_start' OR match(process_command_line, '(?i)\\b(start|restart|enable|reload)\\b'), 'start', '') AS kind,
            lower(extract(concat(fields['service.name'], ' ', fields['auditd.log.unit'], ' ', process_command_line), {services:String})) AS service
        FROM siaga.events
        WHERE timestamp >= {since:DateTime('UTC')} AND timestamp < {until:DateTime('UTC')}
            AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
            AND host_name != '' AND event_category IN ('process', 'configuration')
            AND (event_action IN ('service_stop', 'service_start')
                OR match(process_command_line, '(?i)\\b(systemctl|service|rc-service|initctl|net1?(\\.exe)?|sc(\\.exe)?|killall|pkill|ufw|Stop-Service|Start-Service)\\b'))
    )
    WHERE kind != '' AND service != ''
    GROUP BY region_code, owner, host_name, service
)
WHERE stopped_at > toDateTime64(0, 3, 'UTC') AND (started <= stopped_at OR started > stopped_at + toIntervalMinute({minutes:UInt16}))
ORDER BY score DESC, stopped_at DESC
LIMIT 200
