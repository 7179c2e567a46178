-- ---
-- id: new_ssh_key
-- title:
--   id: Kunci SSH ditambahkan
--   en: SSH key put in place
-- category: host
-- attack: [T1098.004]
-- scope: regional
-- window: 7d
-- finds:
--   id: >-
--     Perintah atau perubahan berkas yang menulis ke authorized_keys, menurut host, pelaku, dan akun pemilik berkas.
--   en: >-
--     Commands and file changes that write to authorized_keys, by host, actor and the account that owns the file.
-- matters:
--   id: "Kunci yang ditanam bertahan sesudah sandi diganti, sampai hari penghitungan."
--   en: "A planted key survives a change of passwords, until the day of the count."
-- action:
--   id: >-
--     Bandingkan kunci dengan daftar pengelola, hapus yang tidak dikenal, cari log masuk publickey sesudahnya.
--   en: >-
--     Compare the key with the list of administrators, remove what nobody knows, look for publickey log-ins since.
-- usual:
--   id: "Alat otomasi (Ansible, cloud-init) dan penyiapan server baru."
--   en: "Automation (Ansible, cloud-init) and new servers."
-- columns: [region_code, owner, entity, score, actors, files, commands, times, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('host:', e.host_name) AS entity, max(e.score) AS score,
    groupUniqArray(5)(e.user_name) AS actors,
    groupUniqArray(5)(extract(concat(e.fields['file.path'], ' ', e.process_command_line), '[^ "\'=>]*authorized_keys2?')) AS files,
    groupUniqArray(5)(substringUTF8(e.process_command_line, 1, 240)) AS commands,
    count() AS times, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category IN ('process', 'file')
    AND ((e.event_category = 'process' AND position(e.process_command_line, 'authorized_keys') > 0
            AND match(e.process_command_line, '(>|\\b(tee|cp|mv|install|dd|sed\\s+-i|ssh-copy-id|rsync|scp|vim?|nano|ln|chattr)\\b)'))
        OR (e.event_category = 'file' AND e.event_action IN ('file_create', 'file_change', 'file_rename', 'file_mode_change', 'file_owner_change')
            AND match(concat(e.fields['file.path'], ' ', e.file_name), 'authorized_keys')))
GROUP BY e.region_code, e.owner, e.host_name
ORDER BY score DESC, last_seen DESC
LIMIT 200
