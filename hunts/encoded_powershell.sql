-- ---
-- id: encoded_powershell
-- title:
--   id: PowerShell tersandi atau mengunduh lalu menjalankan
--   en: "PowerShell encoded, or fetching and running"
-- category: host
-- attack: [T1059.001, T1027, T1105]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Baris perintah PowerShell dengan teks tersandi, jendela tersembunyi, atau unduh-lalu-jalankan, dihitung per
--     host.
--   en: "PowerShell command lines with encoded text, hidden windows, or fetch-and-run, counted for each host."
-- matters:
--   id: Komputer operator hasil dan PPK memakai Windows; ini langkah pertama banyak peretasan.
--   en: Computers of operators and committees run Windows; this is the first step of many break-ins.
-- action:
--   id: "Uraikan teksnya (base64, UTF-16LE), isolasi host, cari surel atau dokumen yang memulainya."
--   en: "Decode the text (base64, UTF-16LE), isolate the host, look for the mail or document that began it."
-- usual:
--   id: >-
--     Alat pengelolaan (Intune, SCCM, agen pemantau) yang memakai -EncodedCommand: kenali dari induk prosesnya.
--   en: "Management tools (Intune, SCCM, monitors) that use -EncodedCommand: known by their parent process."
-- columns: [region_code, owner, entity, score, user_name, parents, commands, runs, hosts_with_same, first_seen,
--   last_seen]
-- ---
SELECT
    region_code, owner, concat('host:', host_name) AS entity, score, user_name, parents, commands, runs,
    count() OVER (PARTITION BY region_code, owner, shape) AS hosts_with_same, first_seen, last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.host_name AS host_name,
        substring(replaceRegexpAll(lower(e.process_command_line), '[a-z0-9+/=]{40,}', 'B64'), 1, 120) AS shape,
        max(e.score) AS score, any(e.user_name) AS user_name,
        groupUniqArray(3)(e.fields['process.parent.executable']) AS parents,
        groupUniqArray(3)(substringUTF8(e.process_command_line, 1, 300)) AS commands,
        count() AS runs, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'process'
        AND match(e.process_command_line, '(?i)(powershell|pwsh)')
        AND match(e.process_command_line, '(?i)([-/]e(nc|ncodedcommand|c)?\\s+[a-z0-9+/=]{40,}|frombase64string|downloadstring|downloadfile|invoke-webrequest[^|;]*\\|\\s*iex|\\biex\\b|invoke-expression|-w(indowstyle)?\\s+hidden)')
    GROUP BY e.region_code, e.owner, e.host_name, shape
)
ORDER BY hosts_with_same, score DESC, runs DESC
LIMIT 200
