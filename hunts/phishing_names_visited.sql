-- ---
-- id: phishing_names_visited
-- title:
--   id: Host kita membuka domain yang disebut intelijen
--   en: Hosts of ours open domains that intelligence names
-- category: intelligence
-- attack: [T1566.002, T1204]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Klien yang menanyakan (DNS) atau membuka (TLS, HTTP) domain dari feed phishing atau malware."
--   en: "Clients that asked for (DNS) or opened (TLS, HTTP) a domain of a feed of phishing or malware."
-- matters:
--   id: Satu klik petugas memberi sandi SSO yang dipakai semua aplikasi pemilu.
--   en: One click of an officer gives away the SSO password that all election applications use.
-- action:
--   id: "Hubungi pemilik komputer, ganti sandi, periksa surel yang memuat tautan itu di kotak lain."
--   en: >-
--     Phone the owner of the computer, reset the password, look for the mail with that link in other mailboxes.
-- usual:
--   id: Pemindai tautan surel dan peneliti yang membuka domain dengan sengaja.
--   en: "Scanners of links in mail, and researchers who open such domains on purpose."
-- columns: [region_code, owner, entity, score, domain, feeds, threats, confidence, questions, opened, first_seen,
--   last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity, max(e.score) AS score,
    i.value AS domain, any(i.feeds) AS feeds, any(i.threats) AS threats, any(i.confidence) AS confidence,
    countIf(e.dns_question_name != '') AS questions, countIf(e.tls_server_name != '' OR e.url_domain != '') AS opened,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM
(
    SELECT
        region_code, owner, source_ip, score, timestamp, dns_question_name, tls_server_name, url_domain,
        lower(multiIf(dns_question_name != '', dns_question_name, tls_server_name != '', tls_server_name, url_domain)) AS asked
    FROM siaga.events
    WHERE timestamp >= {since:DateTime('UTC')} AND timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        AND source_ip != '' AND source_scope IN ('private', 'cgnat') AND (dns_question_name != '' OR tls_server_name != '' OR url_domain != '')
) AS e
INNER JOIN
(
    SELECT value, groupUniqArray(5)(source) AS feeds, groupUniqArray(5)(threat) AS threats, max(confidence) AS confidence
    FROM siaga.indicators
    WHERE type = 'domain'
    GROUP BY value
) AS i ON i.value = e.asked
GROUP BY e.region_code, e.owner, e.source_ip, i.value
ORDER BY opened > 0 DESC, confidence DESC, score DESC
LIMIT 200
