-- ---
-- id: login_from_rented_network
-- title:
--   id: "Masuk dari jaringan sewaan, VPN, atau Tor"
--   en: "Log-in from a rented network, a VPN or Tor"
-- category: login
-- attack: [T1078, T1583.003, T1090]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Keberhasilan masuk dari hoster, VPN komersial, atau Tor oleh akun yang pada masa kebiasaan tidak memakai
--     jaringan itu.
--   en: >-
--     Success from a hoster, a commercial VPN or Tor by an account that did not use that network in the baseline.
-- matters:
--   id: Orang duduk di balik penyedia internet dan seluler; penyerang bersembunyi di server sewaan.
--   en: People sit behind internet providers and mobile carriers; attackers hide behind rented servers.
-- action:
--   id: >-
--     Pastikan alamat bukan server atau pemantauan milik sendiri; bila bukan, perlakukan akun sebagai bocor.
--   en: "Make sure that the address is no server or monitor of your own; if not, treat the account as stolen."
-- usual:
--   id: "Server sendiri di cloud, layanan CI, staf yang memakai VPN."
--   en: "Your own servers in a cloud, CI services, staff behind a VPN."
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   logins_before:
--     default: 0
--     id: "masuk dari jaringan itu pada masa kebiasaan, paling banyak"
--     en: "log-ins from that network in the baseline, at most"
--   networks:
--     default: '(?i)(digitalocean|amazon|microsoft|google|ovh|hetzner|linode|akamai|constant company|vultr|contabo|alibaba|tencent|m247|leaseweb|datacamp|hostinger|oracle|scaleway|ionos|worldstream|frantech|colocrossing|aeza|stark industries|g-core|zenlayer|ucloud|tor exit|torservers|mullvad|nordvpn|protonvpn|host|vps|server|cloud|datacenter)'
--     id: "pola nama jaringan hoster, VPN dan Tor"
--     en: "pattern of names of hosters, VPNs and Tor"
-- columns: [region_code, owner, entity, score, source_ip, source_as_name, source_country, hosts, logins,
--   logins_before, first_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('user:', e.user_name) AS entity,
    maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS score,
    anyLast(e.source_ip) AS source_ip, e.source_as_name AS source_as_name, any(e.source_country) AS source_country,
    groupUniqArrayIf(5)(e.host_name, e.timestamp >= {since:DateTime('UTC')}) AS hosts,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS logins,
    countIf(e.timestamp < {since:DateTime('UTC')}) AS logins_before,
    minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS first_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'authentication' AND e.event_outcome = 'success' AND e.user_name != '' AND e.source_scope = 'public'
    AND match(e.source_as_name, {networks:String})
GROUP BY e.region_code, e.owner, e.user_name, e.source_as_name
HAVING logins > 0 AND logins_before <= {logins_before:UInt32}
ORDER BY score DESC, first_seen DESC
LIMIT 200
