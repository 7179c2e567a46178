-- ---
-- id: dns_tunnel
-- title:
--   id: Terowongan DNS
--   en: DNS tunnel
-- category: network
-- attack: [T1071.004, T1048.003, T1572]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Klien yang menanyakan banyak nama berbeda dan panjang di bawah satu domain, dengan bagian TXT, NULL, atau CNAME
--     yang besar.
--   en: >-
--     A client that asks for many different long names beneath one domain, with a large share of TXT, NULL or CNAME.
-- matters:
--   id: "DNS hampir tidak pernah diblokir, juga di ruang server hasil yang tertutup."
--   en: "DNS is hardly ever blocked, not even in the closed server room of results."
-- action:
--   id: "Isolasi klien, blokir domain induk di resolver, perkirakan byte yang keluar dari panjang nama."
--   en: >-
--     Isolate the client, block the parent domain at the resolver, estimate what left from the length of names.
-- usual:
--   id: "Antivirus dan daftar hitam surel yang bertanya dengan hash, CDN, pengukur."
--   en: "Antivirus and mail blocklists that ask by hash, CDNs, measuring services."
-- parameters:
--   names:
--     default: 50
--     id: "nama berbeda di bawah satu domain, paling sedikit"
--     en: "different names beneath one domain, at least"
--   label:
--     default: 25
--     id: "panjang rata-rata label pertama, paling sedikit"
--     en: "mean length of the first label, at least"
--   known:
--     default: 'in-addr.arpa,ip6.arpa,spamhaus.org,avast.com,mcafee.com,sophosxl.net,akadns.net,cloudfront.net'
--     id: "domain yang lazim dan dilewati, dipisahkan koma"
--     en: "usual domains that are left out, with commas in between"
-- columns: [region_code, owner, entity, score, parent_domain, names, questions, mean_label, odd_type_percent,
--   bytes_estimate, examples, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity, max(e.score) AS score,
    arrayStringConcat(arraySlice(splitByChar('.', e.dns_question_name), if(match(e.dns_question_name, '[.](ac|biz|co|com|desa|go|mil|my|net|or|org|ponpes|sch|web)[.][a-z]{2}$'), -3, -2)), '.') AS parent_domain, uniqExact(e.dns_question_name) AS names, count() AS questions,
    round(avg(length(splitByChar('.', e.dns_question_name)[1])), 1) AS mean_label,
    round(100 * countIf(e.dns_question_type IN ('TXT', 'NULL', 'CNAME', 'MX', 'KEY', 'PRIVATE', 'TYPE65399')) / questions, 1) AS odd_type_percent,
    sum(length(e.dns_question_name)) AS bytes_estimate, groupUniqArray(3)(substringUTF8(e.dns_question_name, 1, 120)) AS examples,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'network' AND e.dns_question_name != '' AND e.source_ip != ''
GROUP BY e.region_code, e.owner, e.source_ip, parent_domain
HAVING names >= {names:UInt32} AND (mean_label >= {label:Float64} OR odd_type_percent >= 50) AND NOT has(splitByChar(',', {known:String}), parent_domain)
ORDER BY bytes_estimate DESC
LIMIT 200
