-- ---
-- id: logs_cleared
-- title:
--   id: "Jejak dihapus: log dibersihkan atau pencatatan dihentikan"
--   en: "Tracks covered: logs cleared or logging stopped"
-- category: host
-- attack: [T1070.001, T1070.002, T1070.003, T1562.001]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Log Windows yang dikosongkan, audit yang dihentikan, berkas log yang dihapus atau dikosongkan, riwayat shell
--     yang dibuang.
--   en: "Windows logs cleared, auditing stopped, log files deleted or emptied, shell history thrown away."
-- matters:
--   id: >-
--     Penyusup menutup jejak sebelum atau sesudah mengubah hasil; sengketa di MK membutuhkan log yang utuh.
--   en: Intruders cover their tracks before or after changing results; disputes in court need whole logs.
-- action:
--   id: "Amankan salinan log yang sudah ada di Siaga, buat citra disk, cari siapa yang masuk pada jam itu."
--   en: "Keep what Siaga already has, image the disk, find who was logged in at that hour."
-- usual:
--   id: Pemeliharaan ruang disk dan logrotate yang ditulis sendiri.
--   en: Housekeeping of disk space and home-made log rotation.
-- columns: [region_code, owner, entity, score, user_name, action, command, times, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('host:', e.host_name) AS entity, max(e.score) AS score,
    e.user_name AS user_name, e.event_action AS action, any(substringUTF8(e.process_command_line, 1, 300)) AS command,
    count() AS times, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND (e.event_action IN ('log_cleared', 'audit_stopped')
        OR (e.event_category = 'file' AND e.event_action IN ('file_delete', 'file_change') AND startsWith(e.fields['file.path'], '/var/log/'))
        OR (e.process_command_line != ''
            AND match(e.process_command_line, '(?i)(\\b(rm|shred|truncate|unlink|wipe)\\b[^|;]*/var/log|>\\s*/var/log/\\S+|journalctl[^|;]*--vacuum|history\\s+-c|\\bHISTFILE=/dev/null|(rm|shred|ln)\\b[^|;]*\\.(bash|zsh)_history|wevtutil(\\.exe)?\\s+cl|Clear-EventLog|auditctl\\s+-[eD]\\b)')
            AND NOT match(e.process_command_line, '(?i)logrotate')))
GROUP BY e.region_code, e.owner, e.host_name, e.user_name, e.event_action, cityHash64(substring(e.process_command_line, 1, 60))
ORDER BY score DESC, last_seen DESC
LIMIT 200
