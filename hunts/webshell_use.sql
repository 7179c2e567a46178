-- ---
-- id: webshell_use
-- title:
--   id: POST ke program di folder unggahan
--   en: POST to a program in an upload folder
-- category: web
-- attack: [T1505.003]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Program (php, jsp, aspx) di folder unggahan atau gambar yang menjawab POST dengan 200, dipakai oleh sedikit
--     alamat saja.
--   en: >-
--     Programs (php, jsp, aspx) in folders of uploads or pictures that answer POST with 200 and are used by few
--     addresses.
-- matters:
--   id: Webshell adalah jalan tercepat ke perusakan situs dan ke basis data hasil.
--   en: A web shell is the shortest way to defacement and to the database of results.
-- action:
--   id: >-
--     Buka berkas itu di server, simpan salinan dan waktunya, isolasi server bila benar webshell, cari
--     saudara-saudaranya.
--   en: >-
--     Open the file on the server, keep a copy and its times, isolate the server if it is a shell, look for its
--     siblings.
-- usual:
--   id: "Program unggah yang memang berada di folder itu: dipakai banyak alamat."
--   en: "Upload programs that live there by design: many addresses use them."
-- parameters:
--   addresses:
--     default: 3
--     id: "alamat berbeda yang memakainya, paling banyak"
--     en: "different addresses that use it, at most"
-- columns: [region_code, owner, entity, score, site, path, addresses, posts, bytes_out, tools, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', any(e.source_ip)) AS entity, max(e.score) AS score,
    if(e.asset_id != '', e.asset_id, e.url_domain) AS site, e.url_path AS path,
    uniqExact(e.source_ip) AS addresses, count() AS posts, sum(e.http_response_bytes) AS bytes_out,
    groupUniqArray(3)(e.user_agent_name) AS tools, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND e.http_method = 'POST' AND e.http_status_code BETWEEN 200 AND 206
    AND match(e.url_path, '(?i)/(uploads?|unggah[a-z]{0,3}|images?|img|gambar|foto|media|cache|te?mp|attachments?|lampiran|storage|userfiles|avatars?|galeri)/(.*/)?[^/]*\\.(php[3-8]?|phtml|phar|pht|aspx?|ashx|jspx?)(/|$)')
    AND NOT match(e.url_path, '(?i)/(upload|index|captcha|ajax|unggah)\\.php$')
GROUP BY e.region_code, e.owner, site, e.url_path
HAVING addresses <= {addresses:UInt32}
ORDER BY score DESC, posts DESC
LIMIT 200
