-- ---
-- id: mail_forwarded_outside
-- title:
--   id: Surel diteruskan ke luar organisasi
--   en: Mail forwarded out of the organisation
-- category: network
-- attack: [T1114.003]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Kotak surat yang suratnya diantar ke alamat domain lain (orig_to berbeda), dan belum begitu pada masa kebiasaan.
--   en: >-
--     A mailbox whose mail is delivered to an address of another domain (orig_to differs), and was not in the
--     baseline.
-- matters:
--   id: Satu aturan penerusan pada kotak ketua membaca semua koordinasi sampai hari hasil.
--   en: "One forwarding rule at a chair's mailbox reads all coordination until the results."
-- action:
--   id: "Hapus aturan, ganti sandi dan sesi, beri tahu siapa saja yang menulis ke kotak itu."
--   en: "Remove the rule, reset password and sessions, tell whoever wrote to that mailbox."
-- usual:
--   id: Milis dan alias resmi ke layanan luar.
--   en: Mailing lists and aliases by right.
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   messages:
--     default: 2
--     id: "surat yang diteruskan, paling sedikit"
--     en: "messages forwarded, at least"
-- columns: [region_code, owner, entity, score, forwarded_to, messages, hosts, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('email:', lower(e.fields['postfix.orig_to'])) AS entity, max(e.score) AS score,
    lower(e.fields['email.to.address']) AS forwarded_to, count() AS messages, groupUniqArray(3)(e.host_name) AS hosts,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_action = 'mail_delivery' AND e.event_outcome = 'success' AND e.fields['postfix.orig_to'] LIKE '%@%'
    AND lower(splitByChar('@', e.fields['postfix.orig_to'])[2]) != lower(splitByChar('@', e.fields['email.to.address'])[2])
GROUP BY e.region_code, e.owner, entity, forwarded_to
HAVING first_seen >= {since:DateTime('UTC')} AND messages >= {messages:UInt32}
ORDER BY messages DESC, first_seen DESC
LIMIT 200
