-- ---
-- id: admin_page_new_network
-- title:
--   id: Halaman pengelola dibuka dari jaringan yang baru
--   en: Administration page opened from a network that is new
-- category: web
-- attack: [T1078, T1133]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Halaman pengelola yang dijawab berhasil kepada jaringan (AS) yang belum pernah mencapainya pada masa kebiasaan.
--   en: >-
--     Administration pages answered with success to a network (AS) that had not reached them in the baseline.
-- matters:
--   id: >-
--     Panel situs hasil dikelola dari beberapa kantor yang tetap; jaringan baru berarti sesi atau sandi berpindah
--     tangan.
--   en: >-
--     Panels of results sites are run from a few offices; a new network means that a session or password changed
--     hands.
-- action:
--   id: "Cocokkan dengan pengelola; bila tidak dikenal, akhiri semua sesi panel dan batasi panel pada VPN."
--   en: "Ask the administrators; if nobody knows it, end all sessions of the panel and put it behind the VPN."
-- usual:
--   id: Pengelola yang bekerja dari rumah atau lewat seluler.
--   en: Administrators at home or on a mobile network.
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   pages:
--     default: '(?i)^/(admin|administrator|wp-admin|panel|dashboard|backoffice|cms|manage|operator|kelola)(/|$)'
--     id: pola jalur halaman pengelola
--     en: pattern of paths of administration
--   requests:
--     default: 3
--     id: "permintaan berhasil, paling sedikit"
--     en: "requests with success, at least"
-- columns: [region_code, owner, entity, score, source_as_name, source_country, site, requests, writes, paths,
--   first_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', address) AS entity, top AS score, source_as_name, source_country, site, requests, writes, paths, first_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, if(e.asset_id != '', e.asset_id, e.url_domain) AS site,
        e.source_asn AS asn, any(e.source_as_name) AS source_as_name, any(e.source_country) AS source_country, argMin(e.source_ip, e.timestamp) AS address,
        max(e.score) AS top, count() AS requests, countIf(e.http_method IN ('POST', 'PUT', 'PATCH', 'DELETE')) AS writes,
        groupUniqArray(5)(e.url_path) AS paths, min(e.timestamp) AS first_seen,
        min(first_seen) OVER (PARTITION BY e.region_code, e.owner, site) AS site_known_since
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.http_status_code BETWEEN 200 AND 206 AND e.source_scope = 'public'
        AND match(e.url_path, {pages:String}) AND NOT match(e.url_path, '(?i)(login|signin|masuk|\\.(css|js|png|jpg|svg|ico|woff2?))')
    GROUP BY e.region_code, e.owner, site, e.source_asn
)
WHERE first_seen >= {since:DateTime('UTC')} AND site_known_since < {since:DateTime('UTC')} AND requests >= {requests:UInt32}
ORDER BY writes DESC, score DESC, requests DESC
LIMIT 200
