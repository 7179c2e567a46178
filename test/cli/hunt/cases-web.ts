// Web sites and election data: attacks that hunts must find, beside what looks like them.
import { every, type HuntCase, type Made } from './rig.ts'

const DAY = 24 * 60

const web = (method: string, path: string, status: number, ip: string, more: Made = {}): Made => ({
  event_category: 'web',
  event_action: 'http_request',
  http_method: method,
  url_path: path,
  url_original: path,
  http_status_code: status,
  source_ip: ip,
  source_scope: 'public',
  asset_id: 'situs',
  user_agent_original: 'Mozilla/5.0 (Android 14) Chrome/131.0',
  http_response_bytes: 4_000,
  ...more,
})

const person = (n: number): string => `nik-${n.toString(16).padStart(16, '0')}`

const lookup = (n: number, ip: string, more: Made = {}): Made =>
  web('GET', '/cek-dpt', 200, ip, { message: `GET /cek-dpt?nik=${person(n)}`, tags: ['tokenised'], ...more })

export const webCases: readonly HuntCase[] = [
  {
    hunt: 'webshell_use',
    rows: [
      ...every(6, 2, 30, () => web('POST', '/uploads/2024/foto.php', 200, '203.0.113.5')),
      ...every(20, 2, 30, (n) => web('POST', '/unggahan/kirim.php', 200, `203.0.113.${n + 20}`)),
      { ...web('POST', '/uploads/upload.php', 200, '203.0.113.6'), at: 40 },
      { ...web('POST', '/uploads/2024/lain.php', 404, '203.0.113.7'), at: 41 },
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'new_script_path',
    rows: [
      ...every(5, DAY, -5 * DAY, (n) => web('GET', '/berita.php', 200, `198.51.100.${n}`)),
      { ...web('GET', '/berita.php', 200, '198.51.100.9'), at: 20 },
      { ...web('POST', '/unggah', 200, '203.0.113.5'), at: 30 },
      { ...web('GET', '/images/x1.php', 200, '203.0.113.5'), at: 31 },
      // A new page of the release, which many use.
      ...every(8, 1, 60, (n) => web('GET', '/jadwal.php', 200, `198.51.100.${n + 30}`)),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'scan_then_hit',
    rows: [
      ...every(40, 1, 10, (n) => web('GET', `/coba${n}`, 404, '203.0.113.5')),
      { ...web('GET', '/api?id=1%27+union+select', 200, '203.0.113.5', { score: 80 }), at: 60 },
      // Found nothing; asked for nothing else; a hit before the scan.
      ...every(40, 1, 10, (n) => web('GET', `/coba${n}`, 404, '203.0.113.6', { score: n === 7 ? 80 : 5 })),
      { ...web('GET', '/api?id=1', 200, '203.0.113.7', { score: 80 }), at: 60 },
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'sql_injection_answered',
    rows: [
      ...every(30, 5, 10, (n) => web('GET', '/cari', 200, `198.51.100.${n}`, { url_original: `/cari?q=tps+${n}` })),
      {
        ...web('GET', '/cari', 200, '203.0.113.5', {
          url_original: '/cari?q=x%27%20UNION%20SELECT%20nama,sandi%20FROM%20users--',
          http_response_bytes: 900_000,
        }),
        at: 60,
      },
      // The same, and the site did not bite; a long answer to an honest question.
      { ...web('GET', '/cari', 200, '203.0.113.6', { url_original: '/cari?q=%27%20OR%201=1--' }), at: 61 },
      {
        ...web('GET', '/cari', 200, '198.51.100.99', { url_original: '/cari?q=semua', http_response_bytes: 900_000 }),
        at: 62,
      },
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'defacement_signs',
    rows: [
      { ...probe('situs-kpu', { 'siaga.probe.title.before': 'KPU', 'siaga.probe.title.after': 'Hacked' }), at: 30 },
      { ...probe('situs-dua', { 'siaga.probe.text.similarity': '0.97' }), at: 30 },
      { ...probe('situs-tiga', {}), at: 30 },
    ],
    finds: ['asset:situs-kpu'],
  },
  {
    hunt: 'rare_agent_writes',
    rows: [
      ...every(5, 3, 30, () =>
        web('POST', '/api/rekap', 201, '203.0.113.5', { user_agent_original: 'python-requests/2.32' }),
      ),
      ...every(5, DAY, -4 * DAY, () =>
        web('POST', '/api/rekap', 201, '198.51.100.4', { user_agent_original: 'Sirekap/3.1' }),
      ),
      ...every(5, 3, 30, () => web('POST', '/api/rekap', 201, '198.51.100.4', { user_agent_original: 'Sirekap/3.1' })),
      ...every(9, 3, 30, (n) =>
        web('POST', '/api/rekap', 201, `198.51.100.${n}`, { user_agent_original: 'Sirekap/3.2' }),
      ),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'admin_page_new_network',
    rows: [
      ...every(6, DAY, -6 * DAY, () => web('GET', '/admin/beranda', 200, '180.250.19.4', { source_asn: 7713 })),
      ...every(3, 1, 30, () => web('GET', '/admin/beranda', 200, '180.250.19.4', { source_asn: 7713 })),
      ...every(4, 1, 60, () => web('POST', '/admin/berita', 200, '91.240.118.172', { source_asn: 64_501 })),
      ...every(9, 1, 60, () => web('GET', '/admin/beranda', 302, '91.240.118.9', { source_asn: 64_502 })),
    ],
    finds: ['source_ip:91.240.118.172'],
  },
  {
    hunt: 'flood_minutes',
    rows: [
      ...every(5, 1, 30, () => ({
        table: 'web_flood_verdicts',
        site: 'asset:hasil',
        verdict: 'attack',
        score: 90,
        requests: 90_000,
      })),
      ...every(50, 1, 30, () => ({
        table: 'web_flood_verdicts',
        site: 'asset:dpt',
        verdict: 'crowd',
        score: 5,
        requests: 80_000,
      })),
    ],
    finds: ['asset:hasil'],
  },
  {
    hunt: 'results_errors',
    rows: [
      ...every(60, 0.1, 30, (n) => web('GET', '/hasil/32.json', n % 2 ? 503 : 200, `198.51.100.${n}`)),
      ...every(60, 0.1, 30, (n) =>
        web('GET', '/berita/1', n % 2 ? 503 : 200, `198.51.100.${n}`, { asset_id: 'berita' }),
      ),
      ...every(600, 0.01, 30, (n) =>
        web('GET', '/hasil/32.json', n % 100 ? 200 : 503, '198.51.100.1', { asset_id: 'cermin' }),
      ),
    ],
    finds: ['asset:situs'],
  },
  {
    hunt: 'results_written_by_stranger',
    rows: [
      ...every(10, 300, -4 * DAY, () => web('POST', '/rekap/32', 201, '10.1.1.5')),
      { ...web('POST', '/rekap/32', 201, '10.1.1.5'), at: 30 },
      { ...web('PUT', '/rekap/32', 200, '91.240.118.172'), at: 60 },
      { ...web('PUT', '/rekap/32', 403, '91.240.118.173'), at: 61 },
      { ...web('GET', '/rekap/32', 200, '91.240.118.174'), at: 62 },
    ],
    finds: ['source_ip:91.240.118.172'],
  },
  {
    hunt: 'results_shrunk',
    rows: [
      ...every(10, 60, -20 * 60, () =>
        web('GET', '/hasil/32.json', 200, '198.51.100.1', { http_response_bytes: 900_000 }),
      ),
      ...every(10, 5, 10, () => web('GET', '/hasil/32.json', 200, '198.51.100.1', { http_response_bytes: 300_000 })),
      ...every(10, 60, -20 * 60, () => web('GET', '/hasil/31.json', 200, '198.51.100.1', { asset_id: 'lain' })),
      ...every(10, 5, 10, () =>
        web('GET', '/hasil/31.json', 200, '198.51.100.1', { asset_id: 'lain', http_response_bytes: 9_000 }),
      ),
    ],
    finds: ['asset:situs'],
  },
  {
    hunt: 'voter_roll_many_ids',
    rows: [
      ...every(150, 0.5, 10, (n) => lookup(n, '203.0.113.5', { user_agent_original: 'curl/8' })),
      // A family, again and again; a page of news; ids of nobody.
      ...every(200, 0.5, 10, (n) => lookup(n % 4, '203.0.113.6')),
      ...every(150, 0.5, 10, (n) => ({ ...lookup(n, '203.0.113.7'), url_path: '/berita/daftar' })),
      ...every(150, 0.5, 10, (n) => web('GET', '/cek-dpt', 200, '203.0.113.8', { message: `GET /cek-dpt?tps=${n}` })),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'voter_roll_sequence',
    rows: [
      ...every(80, 0.5, 10, (n) =>
        web('GET', '/dpt/pemilih', 200, '203.0.113.5', { url_original: `/dpt/pemilih?id=${5_000 + n}` }),
      ),
      ...every(80, 0.5, 10, (n) =>
        web('GET', '/dpt/pemilih', 200, '203.0.113.6', { url_original: `/dpt/pemilih?id=${(n * 7_919) % 100_003}` }),
      ),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'voter_roll_by_network',
    hours: 168,
    rows: [
      ...every(250, 20, 10, (n) => lookup(n, `203.0.113.${n % 25}`, { source_asn: 64_501 })),
      // A carrier, and a network of two addresses.
      ...every(250, 20, 10, (n) => lookup(n, `114.125.1.${n % 25}`, { source_asn: 23_693 })),
      ...every(250, 20, 10, (n) => lookup(n, `198.51.100.${n % 2}`, { source_asn: 64_502 })),
    ],
    finds: ['network:203.0.113.0/24'],
  },
  {
    hunt: 'night_download',
    rows: [
      // The window begins at 07:00 WIB.
      ...every(30, 2, 16 * 60, () => web('GET', '/api/form', 200, '203.0.113.5', { http_response_bytes: 9_000_000 })),
      ...every(30, 2, 3 * 60, () => web('GET', '/api/form', 200, '203.0.113.6', { http_response_bytes: 9_000_000 })),
      ...every(30, 2, 16 * 60, () => web('GET', '/api/form', 200, '203.0.113.7')),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'results_sql_by_hand',
    rows: [
      ...every(6, DAY, -6 * DAY, () => statement('sirekap_app', 'UPDATE suara SET jumlah = 1')),
      { ...statement('sirekap_app', 'UPDATE suara SET jumlah = 1'), at: 30 },
      { ...statement('dba_budi', 'UPDATE public.suara SET jumlah = jumlah + 500 WHERE tps = 7'), at: 60 },
      { ...statement('analis', 'SELECT * FROM suara'), at: 61 },
      { ...statement('analis', 'UPDATE berita SET judul = 1'), at: 62 },
    ],
    finds: ['user:dba_budi'],
  },
  {
    hunt: 'voting_hour_compared',
    rows: [
      ...[-3, -2, -1].flatMap((day) => every(10, 1, day * DAY + 120, () => failed('198.51.100.1'))),
      ...every(90, 0.5, 120, () => failed('203.0.113.5')),
      // A busy hour that is just as busy every day.
      ...[-3, -2, -1, 0].flatMap((day) => every(40, 1, day * DAY + 300, () => failed('198.51.100.1'))),
    ],
    finds: ['region:32.73'],
  },
]

function probe(asset: string, fields: Readonly<Record<string, string>>): Made {
  return { dataset: 'siaga.probe', event_action: 'page_probe', event_category: 'web', asset_id: asset, fields }
}

function statement(user: string, sql: string): Made {
  return {
    event_category: 'database',
    event_action: 'db_statement',
    user_name: user,
    host_name: 'db1',
    message: `LOG:  statement: ${sql}`,
  }
}

function failed(ip: string): Made {
  return {
    event_category: 'authentication',
    event_action: 'ssh_login',
    event_outcome: 'failure',
    source_ip: ip,
    user_name: 'root',
  }
}
