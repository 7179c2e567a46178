-- ---
-- id: new_script_path
-- title:
--   id: Program web yang baru muncul di situs lama
--   en: Program of a web site that was not there before
-- category: web
-- attack: [T1505.003, T1190]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Jalur program yang dijawab 200 untuk pertama kali di situs yang sudah lama dikenal, dengan apakah pemakainya
--     mengunggah sesuatu sebelumnya.
--   en: >-
--     Paths of programs answered with 200 for the first time on a site known for long, and whether its user uploaded
--     something before.
-- matters:
--   id: Situs dibekukan menjelang pemungutan; program baru berarti ada yang menulis ke folder web.
--   en: Sites are frozen before the vote; a new program means that somebody wrote into the web folder.
-- action:
--   id: Bandingkan dengan rilis terakhir; berkas yang bukan bagian rilis disimpan sebagai bukti dan dicabut.
--   en: Compare with the last release; a file that is no part of it is kept as evidence and removed.
-- usual:
--   id: "Rilis aplikasi, jalur yang jarang dipakai."
--   en: "Releases of the application, paths that are seldom used."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   addresses:
--     default: 3
--     id: "alamat yang memakainya, paling banyak"
--     en: "addresses that use it, at most"
-- columns: [region_code, owner, entity, score, site, path, requests, addresses, uploads_before, first_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', first_ip) AS entity, top AS score, site, path, requests, addresses,
    uploads_by_same AS uploads_before, first_seen
FROM
(
    SELECT
        *,
        min(first_seen) OVER (PARTITION BY region_code, owner, site) AS site_known_since,
        sum(uploads) OVER (PARTITION BY region_code, owner, site, first_ip) AS uploads_by_same
    FROM
    (
        SELECT
            e.region_code AS region_code, e.owner AS owner, if(e.asset_id != '', e.asset_id, e.url_domain) AS site, e.url_path AS path,
            argMin(e.source_ip, e.timestamp) AS first_ip, max(e.score) AS top, count() AS requests, uniqExact(e.source_ip) AS addresses,
            countIf(e.http_method IN ('POST', 'PUT') AND match(e.url_path, '(?i)(upload|unggah|lampiran|attachment|filemanager|elfinder|media-new)')) AS uploads,
            min(e.timestamp) AS first_seen
        FROM siaga.events AS e
        WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
            AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
            AND e.event_category = 'web' AND e.http_status_code BETWEEN 200 AND 206
            AND match(e.url_path, '(?i)(\\.(php[3-8]?|phtml|phar|pht|aspx?|ashx|jspx?|cgi|pl)(/|$)|(upload|unggah|lampiran|attachment|filemanager|elfinder|media-new))')
        GROUP BY e.region_code, e.owner, site, e.url_path
    )
)
WHERE first_seen >= {since:DateTime('UTC')} AND site_known_since < {since:DateTime('UTC')} AND addresses <= {addresses:UInt32}
    AND match(path, '(?i)\\.(php[3-8]?|phtml|phar|pht|aspx?|ashx|jspx?|cgi|pl)(/|$)')
ORDER BY uploads_before > 0 DESC, score DESC, first_seen DESC
LIMIT 200
