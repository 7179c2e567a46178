-- ---
-- id: defacement_signs
-- title:
--   id: "Tanda perusakan: judul, isi, pengalihan, atau skrip situs berubah"
--   en: "Signs of defacement: title, text, redirect or scripts of a site changed"
-- category: web
-- attack: [T1491.002, T1189]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Perubahan yang dilihat probe pada situs yang dilindungi, beserta sebelum dan sesudahnya dan skor tertinggi.
--   en: "Changes that probes saw on protected sites, with before and after and the highest score."
-- matters:
--   id: Judul yang diganti pada malam hasil diumumkan menjadi berita nasional dalam hitungan menit.
--   en: A title that was replaced in the night of the results is national news within minutes.
-- action:
--   id: >-
--     Buka situs dari jaringan lain, simpan tangkapan layar dan HTML, tanyakan kepada pengelola apakah memang diganti.
--   en: "Open the site from another network, keep screenshot and HTML, ask its owner whether it was meant."
-- usual:
--   id: Pembaruan tampilan dan pergantian judul berita utama.
--   en: Redesigns and titles that follow the news.
-- parameters:
--   similarity:
--     default: 0.3
--     id: "kemiripan teks dengan sebelumnya, paling banyak"
--     en: "likeness of the text to what was there, at most"
-- columns: [region_code, owner, entity, score, phase, changes, title_before, title_after, redirect_after,
--   script_hosts_after, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('asset:', if(e.asset_id != '', e.asset_id, e.url_domain)) AS entity, max(e.score) AS score,
    any(e.phase) AS phase, groupUniqArray(8)(e.fields['siaga.probe.changed']) AS changes,
    argMin(substringUTF8(e.fields['siaga.probe.title.before'], 1, 120), e.timestamp) AS title_before,
    argMax(substringUTF8(e.fields['siaga.probe.title.after'], 1, 120), e.timestamp) AS title_after,
    argMax(substringUTF8(e.fields['siaga.probe.redirect.after'], 1, 200), e.timestamp) AS redirect_after,
    argMax(substringUTF8(e.fields['siaga.probe.script_hosts.after'], 1, 200), e.timestamp) AS script_hosts_after,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.dataset = 'siaga.probe'
    AND (e.fields['siaga.probe.title.after'] != '' OR e.fields['siaga.probe.redirect.after'] != '' OR e.fields['siaga.probe.script_hosts.after'] != ''
        OR (e.fields['siaga.probe.text.similarity'] != '' AND toFloat64OrZero(e.fields['siaga.probe.text.similarity']) <= {similarity:Float64}))
GROUP BY e.region_code, e.owner, entity
ORDER BY phase IN ('masa_tenang', 'pemungutan', 'rekapitulasi') DESC, score DESC, last_seen DESC
LIMIT 200
