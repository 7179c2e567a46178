-- Floods of web requests: crowd or attack (docs/web-floods.md)? Minutes of each site, from which its usual traffic is known, and the verdicts. A minute
-- that is judged again replaces itself. They are kept from when they were judged, since old logs are judged too.
CREATE TABLE IF NOT EXISTS {{database}}.web_flood_minutes {{on_cluster}}
(
    site String COMMENT 'asset:, host: or source: and which',
    region LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it is',
    minute DateTime('UTC') COMMENT 'Minute of event time',
    asset String COMMENT 'Asset, empty if none is known',
    criticality LowCardinality(String) COMMENT 'Criticality of the asset',
    phase LowCardinality(String) COMMENT 'Phase of the election there',
    election LowCardinality(String) COMMENT 'Election',
    source LowCardinality(String) COMMENT 'One of the sources',
    event String COMMENT 'Its last event',
    addresses UInt64 COMMENT 'Addresses that asked, about',
    chrome UInt32 COMMENT 'Newest release of Chrome that is common there',
    paths Array(String) COMMENT 'Most asked paths, static files left out',
    kinds Map(String, UInt64) COMMENT 'Pages and calls by network, device and protocol',
    requests UInt64 COMMENT 'Requests',
    pages UInt64 COMMENT 'Of pages',
    statics UInt64 COMMENT 'Of images, styles, scripts and the like',
    apis UInt64 COMMENT 'Of calls by scripts and programs',
    posts UInt64 COMMENT 'Other than GET and HEAD',
    queries UInt64 COMMENT 'Of pages, with a query',
    unique_queries UInt64 COMMENT 'Different ones of these, about',
    expensive UInt64 COMMENT 'Searches, log-ins, downloads',
    due UInt64 COMMENT 'Such as browsers send with a Referer',
    due_missing UInt64 COMMENT 'These without one',
    tools UInt64 COMMENT 'By tools, robots, or without User-Agent',
    old_http UInt64 COMMENT 'By HTTP/1',
    desktop UInt64 COMMENT 'From desktop systems',
    old_agents UInt64 COMMENT 'By browsers long out of date; 0 here, counted in parts only',
    mobile UInt64 COMMENT 'From Indonesian mobile carriers',
    hosting UInt64 COMMENT 'From hosters, clouds and VPNs',
    abroad UInt64 COMMENT 'From providers abroad',
    refused UInt64 COMMENT 'Answered 400, 401, 403, 404, 405',
    cut UInt64 COMMENT 'Answered 408, 429, 499',
    errors UInt64 COMMENT 'Answered 5xx',
    novel UInt64 COMMENT 'Paths hardly known before; 0 here, counted in parts only',
    judged_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was counted; the newest holds'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(minute)
ORDER BY (site, region, owner, minute)
TTL toDateTime(judged_at) + INTERVAL 30 DAY
COMMENT 'Minutes of web sites, as the judge of floods counted them';

CREATE TABLE IF NOT EXISTS {{database}}.web_flood_verdicts {{on_cluster}}
(
    site String COMMENT 'asset:, host: or source: and which',
    region_code LowCardinality(String) COMMENT 'Kemendagri code of the region; 00 national, empty unknown',
    owner LowCardinality(String) COMMENT 'Organisation whose data it is',
    window_start DateTime64(3, 'UTC') COMMENT 'Beginning of the minute',
    verdict LowCardinality(String) COMMENT 'crowd, attack, mixed (a flood inside a crowd), or ordinary (judged for an outage alone)',
    outage UInt8 COMMENT '1 if people do not get answers',
    told UInt8 COMMENT '1 if a finding says that it is a flood: strong, or suspicious twice within three minutes',
    score UInt8 COMMENT 'Chance in a hundred that the worst part is a flood',
    points Int32 COMMENT 'The same in points; ten are one unit of log-odds',
    requests UInt64 COMMENT 'Requests in the minute',
    usual_requests UInt64 COMMENT 'Usual at this hour, 0 unknown',
    part String COMMENT 'The worst part of the requests, as kind:value',
    part_share Float64 COMMENT 'Its share of the requests',
    part_addresses UInt64 COMMENT 'Addresses in it',
    suspicious Array(Tuple(part String, share Float64, score UInt8)) COMMENT 'Parts that look like a flood; they overlap',
    signs Array(Tuple(name String, value Float64, seen Float64, usual Float64, points Int32)) COMMENT 'What speaks for (and against) it: 0 to 1, what was seen, what is usual, points',
    reasons_id Array(String) COMMENT 'Reasons in Indonesian',
    reasons_en Array(String) COMMENT 'Reasons in English',
    weights LowCardinality(String) COMMENT 'Version of the weights',
    judged_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was judged; the newest holds'
)
ENGINE = {{ReplacingMergeTree}}
PARTITION BY toYYYYMM(window_start)
ORDER BY (site, region_code, owner, window_start)
TTL toDateTime(judged_at) + INTERVAL 3 YEAR
COMMENT 'Crowd or attack: one row for each judged minute of a site; read with FINAL';

CREATE TABLE IF NOT EXISTS {{database}}.web_flood_requests {{on_cluster}}
(
    run String COMMENT 'Minute that is being judged, by a name of its own',
    n UInt16 COMMENT 'Number of the site in it',
    source_ip String COMMENT 'Address',
    source_asn UInt32 COMMENT 'Its autonomous system',
    user_agent_original String COMMENT 'User-Agent',
    user_agent_name String COMMENT 'Browser or tool',
    user_agent_os String COMMENT 'Operating system',
    url UInt64 COMMENT 'Hash of the request target',
    http_status_code UInt16 COMMENT 'Status',
    t Int64 COMMENT 'When, milliseconds since 1970 UTC',
    recent UInt8 COMMENT '1 in the minute itself',
    earlier UInt8 COMMENT '1 in the three minutes before',
    path String COMMENT 'Path, cut',
    of_path String COMMENT 'Of a part of a page the path of its Referer, else the path',
    static UInt8 COMMENT 'Image, style, script and the like',
    api UInt8 COMMENT 'Call by a script or program',
    page UInt8 COMMENT 'Neither',
    query UInt8 COMMENT 'With a query',
    post UInt8 COMMENT 'Other than GET and HEAD',
    costly UInt8 COMMENT 'Search, log-in, download',
    needs UInt8 COMMENT 'Browsers send it with a Referer',
    lacks UInt8 COMMENT 'This one came without',
    tool UInt8 COMMENT 'Tool, robot, or no User-Agent',
    http1 UInt8 COMMENT 'By HTTP/1',
    desk UInt8 COMMENT 'From a desktop system',
    major UInt16 COMMENT 'Release of Chrome, 0 none',
    class LowCardinality(String) COMMENT 'Network: mobile, indonesia, hosting, abroad, inside, unknown',
    kind LowCardinality(String) COMMENT 'Network, device and protocol',
    made_at DateTime('UTC') DEFAULT now() COMMENT 'When this row was made; what a killed process leaves goes after an hour'
)
ENGINE = {{MergeTree}}
PARTITION BY run
ORDER BY (n, source_ip)
TTL made_at + INTERVAL 1 HOUR
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Requests of sites under load while they are judged; empty between two minutes';
