-- ---
-- id: lookalike_domains
-- title:
--   id: Domain mirip lembaga pemilu yang siap dipakai
--   en: Look-alikes of election bodies that are ready for use
-- category: intelligence
-- attack: [T1583.001, T1588.004, T1566.002]
-- scope: regional
-- window: 7d
-- finds:
--   id: >-
--     Domain mirip yang didaftarkan atau berubah, digabung dengan sertifikat dan server surelnya: makin lengkap, makin
--     siap dipakai.
--   en: >-
--     Look-alike domains that were registered or changed, with their certificate and mail servers: the more there is,
--     the readier they are.
-- matters:
--   id: Situs hasil tiruan pada malam penghitungan menyebarkan angka palsu.
--   en: A false results site in the night of the count spreads false numbers.
-- action:
--   id: "Minta penonaktifan ke registrar dan PANDI, blokir di resolver, umumkan domain resmi."
--   en: "Ask registrar and PANDI to take it down, block it at the resolver, announce the official domain."
-- usual:
--   id: Organisasi masyarakat dan media yang memakai kata KPU dengan sah.
--   en: Organisations and media that use the word KPU by right.
-- parameters:
--   likeness:
--     default: 60
--     id: "kemiripan 0 sampai 100, paling sedikit"
--     en: "likeness 0 to 100, at least"
-- columns: [region_code, owner, entity, score, protected, likeness, kinds, states, certificates, mail_servers,
--   readiness, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('domain:', lower(e.url_domain)) AS entity, max(e.score) AS score,
    any(concat(e.fields['siaga.lookalike.protected'], e.fields['siaga.certificate.protected'])) AS protected,
    max(toUInt8OrZero(if(e.fields['siaga.lookalike.likeness'] != '', e.fields['siaga.lookalike.likeness'], e.fields['siaga.certificate.likeness']))) AS likeness,
    groupUniqArray(3)(concat(e.fields['siaga.lookalike.kind'], e.fields['siaga.certificate.kind'])) AS kinds,
    groupUniqArrayIf(3)(e.event_action, startsWith(e.event_action, 'lookalike_')) AS states,
    countIf(e.event_action = 'certificate_seen') AS certificates,
    argMax(substringUTF8(e.fields['siaga.lookalike.mail_servers'], 1, 120), e.timestamp) AS mail_servers,
    toUInt8(countIf(startsWith(e.event_action, 'lookalike_')) > 0) + toUInt8(certificates > 0) + toUInt8(mail_servers != '')
        + toUInt8(countIf(e.destination_ip != '') > 0) AS readiness,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.dataset IN ('siaga.lookalike', 'siaga.certificate') AND e.url_domain != ''
GROUP BY e.region_code, e.owner, entity
HAVING likeness >= {likeness:UInt8} AND argMax(e.event_action, e.timestamp) != 'lookalike_gone'
ORDER BY readiness DESC, likeness DESC, last_seen DESC
LIMIT 200
