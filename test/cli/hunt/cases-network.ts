// Networks, intelligence, regions and Siaga itself: attacks that hunts must find, beside what looks like them.
import { every, type HuntCase, type Made } from './rig.ts'

const DAY = 24 * 60

const dns = (name: string, ip: string, more: Made = {}): Made => ({
  event_category: 'network',
  event_action: 'dns_query',
  dns_question_name: name,
  dns_question_type: 'A',
  source_ip: ip,
  source_scope: 'private',
  ...more,
})

const flow = (ip: string, target: string, more: Made = {}): Made => ({
  event_category: 'network',
  event_action: 'tls_handshake',
  source_ip: ip,
  source_scope: 'private',
  destination_ip: target,
  destination_country: 'NL',
  destination_port: 443,
  ...more,
})

const attack = (ip: string, region_code: string, more: Made = {}): Made => ({
  event_category: 'web',
  event_action: 'http_request',
  http_method: 'GET',
  http_status_code: 404,
  url_path: '/wp-content/plugins/galeri/unggah.php',
  source_ip: ip,
  source_scope: 'public',
  region_code,
  owner: 'kpu',
  score: 80,
  user_agent_original: 'alatku/1.0',
  ...more,
})

const finding = (more: Made): Made => ({ table: 'findings_rows', rule_id: 'r1', severity: 'high', title: 'x', ...more })

const letters = 'bcdfghjklmnpqrstvwxz'
const random = (n: number): string =>
  Array.from({ length: 12 }, (_, at) => letters[(n * 7 + at * at * 3 + n * at) % letters.length]).join('')

export const networkCases: readonly HuntCase[] = [
  {
    hunt: 'dns_tunnel',
    rows: [
      ...every(80, 1, 10, (n) =>
        dns(`mfzwizltoqwxg33nmuqhg5dsnfxgoidumjsw4y${n}.t.contoh-jahat.com`, '10.1.1.7', { dns_question_type: 'TXT' }),
      ),
      // One name again and again; many short ones of one site; a blocklist that is known.
      ...every(200, 1, 10, () => dns('mfzwizltoqwxg33nmuqhg5dsnfxgoidumjsw4y1.t.lain.com', '10.1.1.8')),
      ...every(90, 1, 10, (n) => dns(`img${n}.toko.com`, '10.1.1.9')),
      ...every(90, 1, 10, (n) =>
        dns(`mfzwizltoqwxg33nmuqhg5dsnfxgoidumjsw4y${n}.zen.spamhaus.org`, '10.1.1.10', { dns_question_type: 'TXT' }),
      ),
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'dns_generated_names',
    rows: [
      ...every(30, 2, 10, (n) => dns(`${random(n)}.com`, '10.1.1.7', { dns_response_code: 'NXDOMAIN' })),
      ...every(40, 2, 10, (n) => dns(`kantor${n}.kabupaten.go.id`, '10.1.1.8', { dns_response_code: 'NXDOMAIN' })),
      ...every(30, 2, 10, (n) => dns(`${random(n)}.com`, '10.1.1.9', { dns_response_code: 'NOERROR' })),
      ...every(30, 2, 10, (n) => dns(`${random(n % 3)}.com`, '10.1.1.10', { dns_response_code: 'NXDOMAIN' })),
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'beaconing',
    rows: [
      ...every(60, 5, 10, (n) => ({ ...flow('10.1.1.7', '203.0.113.9'), at: 10 + n * 5 + (n % 3) * 0.1 })),
      // A person at a browser, a short burst, and what is updated by the clock.
      ...every(60, 5, 10, (n) => ({ ...flow('10.1.1.8', '203.0.113.10'), at: 10 + n * 5 + ((n * n * 7) % 31) })),
      ...every(60, 0.5, 10, () => flow('10.1.1.9', '203.0.113.11')),
      ...every(60, 5, 10, () => flow('10.1.1.10', '203.0.113.12', { tls_server_name: 'ctldl.windowsupdate.com' })),
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'rare_tls_client',
    rows: [
      {
        table: 'indicator_rows',
        source: 'feed',
        type: 'ja3',
        value: 'a0e9f5d64349fb13191bc781f81f42e1',
        confidence: 80,
        tlp: 'clear',
      },
      ...every(9, 5, 10, () => flow('10.1.1.7', '203.0.113.9', { tls_ja3: 'a0e9f5d64349fb13191bc781f81f42e1' })),
      ...every(9, 5, 10, (n) => flow(`10.1.2.${n}`, '203.0.113.9', { tls_ja3: 'peramban' })),
      ...[-DAY, 20].flatMap((from) => every(9, 5, from, () => flow('10.1.1.8', '203.0.113.9', { tls_ja3: 'lama' }))),
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'data_leaves',
    rows: [
      ...every(5, 5, 30, () => flow('10.1.1.7', '203.0.113.9', { network_bytes: 100_000_000 })),
      ...every(7, DAY, -7 * DAY, () => flow('10.1.1.8', '203.0.113.10', { network_bytes: 400_000_000 })),
      { ...flow('10.1.1.8', '203.0.113.10', { network_bytes: 450_000_000 }), at: 30 },
      { ...flow('10.1.1.9', '10.1.2.2', { network_bytes: 900_000_000, destination_country: '' }), at: 30 },
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'mail_forwarded_outside',
    rows: [
      ...every(4, 20, 30, () => forwarded('ketua@kpu.go.id', 'ketua.cadangan@surat-luar.com')),
      ...every(4, 20, 30, () => forwarded('info@kpu.go.id', 'humas@kpu.go.id')),
      ...[-DAY, 30].flatMap((from) =>
        every(4, 20, from, () => forwarded('milis@kpu.go.id', 'milis@layanan-milis.com')),
      ),
    ],
    finds: ['email:ketua@kpu.go.id'],
  },
  {
    hunt: 'indicator_returns',
    rows: [
      { table: 'indicator_rows', source: 'feed', type: 'ip', value: '203.0.113.66', confidence: 80, tlp: 'clear' },
      { table: 'indicator_rows', source: 'feed', type: 'ip', value: '203.0.113.67', confidence: 80, tlp: 'clear' },
      ...[-40 * DAY, 30].map((at) => ({ event_category: 'web', source_ip: '203.0.113.66', at })),
      ...[-2 * DAY, 30].map((at) => ({ event_category: 'web', source_ip: '203.0.113.67', at })),
      ...[-40 * DAY, 30].map((at) => ({ event_category: 'web', source_ip: '203.0.113.68', at })),
    ],
    finds: ['source_ip:203.0.113.66'],
  },
  {
    hunt: 'phishing_names_visited',
    rows: [
      {
        table: 'indicator_rows',
        source: 'feed',
        type: 'domain',
        value: 'sso-kpu-masuk.com',
        threat: 'phishing',
        confidence: 80,
        tlp: 'clear',
      },
      { ...dns('sso-kpu-masuk.com', '10.1.1.7'), at: 30 },
      { ...dns('sso.kpu.go.id', '10.1.1.8'), at: 30 },
      { ...dns('sso-kpu-masuk.com', '203.0.113.5', { source_scope: 'public' }), at: 30 },
    ],
    finds: ['source_ip:10.1.1.7'],
  },
  {
    hunt: 'lookalike_domains',
    hours: 168,
    rows: [
      { ...lookalike('kpu-hasil.com', 'lookalike_registered', '85'), at: 30 },
      { ...lookalike('kampung-kita.com', 'lookalike_registered', '40'), at: 30 },
      { ...lookalike('kpu-lama.com', 'lookalike_registered', '85'), at: 30 },
      { ...lookalike('kpu-lama.com', 'lookalike_gone', '85'), at: 90 },
    ],
    finds: ['domain:kpu-hasil.com'],
  },
  {
    hunt: 'lookalike_visited',
    hours: 168,
    rows: [
      { ...lookalike('kpu-masuk.com', 'lookalike_registered', '85'), region_code: '00', owner: '', at: 30 },
      { ...dns('www.kpu-masuk.com', '10.1.1.7', { region_code: '32.73', owner: 'kpu' }), at: 60 },
      { ...dns('www.kpu.go.id', '10.1.1.8', { region_code: '32.73', owner: 'kpu' }), at: 60 },
    ],
    finds: ['domain:kpu-masuk.com'],
  },
  {
    hunt: 'same_tool_many_regions',
    rows: [
      ...['32.73', '31.71', '35.78'].map((region, n) => ({ ...attack(`203.0.113.${n}`, region), at: 30 + n })),
      // Within one province; hours apart; a known scanner.
      ...['32.73', '32.04', '32.05'].map((region, n) => ({
        ...attack('203.0.113.9', region, { user_agent_original: 'lain/2' }),
        at: 30 + n,
      })),
      ...['32.73', '31.71', '35.78'].map((region, n) => ({
        ...attack('203.0.113.8', region, { user_agent_original: 'lambat/3' }),
        at: 30 + n * 300,
      })),
      ...['32.73', '31.71', '35.78'].map((region, n) => ({
        ...attack('203.0.113.7', region, { user_agent_original: 'pemindai/4', source_scanner: 'censys' }),
        at: 30 + n,
      })),
    ],
    finds: ['user_agent:alatku/1.0'],
  },
  {
    hunt: 'campaign_across_regions',
    hours: 168,
    rows: [
      ...['32.73', '31.71', '35.78'].map((region_code, n) =>
        finding({ region_code, entity: 'source_ip:203.0.113.5', score: 70, at: 30 + n * 600 }),
      ),
      ...['32.73', '32.04', '32.05'].map((region_code, n) =>
        finding({ region_code, entity: 'source_ip:203.0.113.6', score: 70, at: 30 + n }),
      ),
      ...['32.73', '31.71', '35.78'].map((region_code, n) =>
        finding({ region_code, entity: 'source_ip:203.0.113.7', score: 20, at: 30 + n }),
      ),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'next_targets',
    hours: 168,
    rows: [
      ...['32.73', '31.71'].map((region, n) => ({ ...attack('203.0.113.5', region), at: 30 + n })),
      { ...attack('198.51.100.1', '35.78', { score: 3, http_status_code: 200 }), at: 50 },
      // Nobody else has it; or everybody was hit.
      ...['32.73', '31.71'].map((region, n) => ({
        ...attack('203.0.113.5', region, { url_path: '/hanya-sini' }),
        at: 30 + n,
      })),
      { ...attack('198.51.100.1', '35.78', { url_path: '/tenang', score: 3, http_status_code: 200 }), at: 50 },
    ],
    finds: ['url_path:/wp-content/plugins/galeri/unggah.php'],
  },
  {
    hunt: 'entities_rising',
    recent: true,
    rows: [
      ...every(4, 60, 20 * 60, () => ({ event_category: 'web', source_ip: '203.0.113.5', score: 80 })),
      ...[-6 * DAY - 240, 20 * 60].flatMap((from) =>
        every(4, 60, from, () => ({ event_category: 'web', source_ip: '203.0.113.6', score: 80 })),
      ),
      ...every(90, 5, 60, () => ({ event_category: 'web', source_ip: '203.0.113.7', score: 10 })),
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'silent_after_attack',
    rows: [
      ...every(90, 2, 10, (n) => ({ source_id: 'web-a', message: 'baris', score: n === 88 ? 90 : 3 })),
      // Went on after it; fell silent by itself hours later; was silent anyway.
      ...every(700, 2, 10, (n) => ({ source_id: 'web-b', message: 'baris', score: n === 88 ? 90 : 3 })),
      ...every(90, 2, 10, () => ({ source_id: 'web-c', message: 'baris', score: 3 })),
      ...every(3, 2, 10, () => ({ source_id: 'web-d', message: 'baris', score: 90 })),
    ],
    finds: ['source:web-a'],
  },
  {
    hunt: 'clock_jump',
    rows: [...skewed('jam-a', 7_200), ...skewed('jam-b', 0)],
    finds: ['source:jam-a'],
  },
  {
    hunt: 'lines_not_read',
    rows: [
      ...every(60, 60, -3 * DAY, () => ({ source_id: 'baca-a', dataset: 'nginx.access', message: 'x' })),
      ...every(60, 5, 10, (n) => ({ source_id: 'baca-a', dataset: n % 2 ? 'plain' : 'nginx.access', message: 'x' })),
      ...every(60, 60, -3 * DAY, () => ({ source_id: 'baca-b', dataset: 'plain', message: 'x' })),
      ...every(60, 5, 10, () => ({ source_id: 'baca-b', dataset: 'plain', message: 'x' })),
    ],
    finds: ['source:baca-a'],
  },
  {
    hunt: 'suppressed_high_scores',
    recent: true,
    hours: 168,
    rows: [
      {
        table: 'alert_held_rows',
        level: 0,
        findings: 9,
        at: 60,
        counts: [
          { reason: 'suppressed', detail: 'uji-1', rule_id: 'r-tekan', region_code: '32.73', findings: 9 },
          { reason: 'suppressed', detail: 'uji-2', rule_id: 'r-tenang', region_code: '32.73', findings: 5 },
        ],
      },
      finding({ region_code: '32.73', rule_id: 'r-tekan', entity: 'source_ip:203.0.113.5', score: 90, at: 30 }),
      finding({ region_code: '32.73', rule_id: 'r-tenang', entity: 'source_ip:203.0.113.6', score: 20, at: 30 }),
    ],
    finds: ['suppression:uji-1'],
  },
  {
    hunt: 'high_findings_without_alert',
    hours: 48,
    rows: [
      finding({ entity: 'source_ip:203.0.113.5', score: 90, dedup_key: 'kunci-1', at: 60 }),
      finding({ entity: 'source_ip:203.0.113.6', score: 90, dedup_key: 'kunci-2', at: 60 }),
      finding({ entity: 'source_ip:203.0.113.7', score: 30, dedup_key: 'kunci-3', at: 60 }),
      { table: 'alerts_rows', dedup_key: 'kunci-2', kind: 'findings', entity: 'source_ip:203.0.113.6', at: 60 },
    ],
    finds: ['source_ip:203.0.113.5'],
  },
  {
    hunt: 'cleared_entity_again',
    recent: true,
    rows: [
      { table: 'verdicts', verdict: 'false', marked_by: 'sari', source_ip: '192.0.2.5', at: -DAY },
      { table: 'verdicts', verdict: 'true', marked_by: 'sari', source_ip: '192.0.2.6', at: -DAY },
      ...['192.0.2.5', '192.0.2.6', '192.0.2.7'].map((source_ip) => ({
        event_category: 'web',
        source_ip,
        score: 80,
        at: 60,
      })),
    ],
    finds: ['source_ip:192.0.2.5'],
  },
  {
    hunt: 'siaga_changed',
    rows: [
      ...[-DAY, 60].map((at) => ({ ...audit('sari', 'config_changed'), at })),
      { ...audit('orang-baru', 'key_created'), at: 60 },
      { ...audit('pembaca', 'login'), at: 60 },
    ],
    finds: ['user:orang-baru'],
  },
]

function audit(user: string, action: string): Made {
  return { source_id: 'siaga-audit', event_action: action, user_name: user, message: action }
}

function forwarded(from: string, to: string): Made {
  return {
    event_category: 'email',
    event_action: 'mail_delivery',
    event_outcome: 'success',
    host_name: 'surat1',
    fields: { 'postfix.orig_to': from, 'email.to.address': to },
  }
}

function lookalike(domain: string, action: string, likeness: string): Made {
  return {
    dataset: 'siaga.lookalike',
    event_category: 'threat',
    event_action: action,
    url_domain: domain,
    fields: {
      'siaga.lookalike.protected': 'kpu.go.id',
      'siaga.lookalike.likeness': likeness,
      'siaga.lookalike.kind': 'added_word',
    },
  }
}

/** A source that is heard for five hours before the window and one within; its clock is off by so many seconds in the last. */
function skewed(source_id: string, seconds: number): Made[] {
  const line = (at: number, off: number): Made => ({ source_id, message: 'baris', at: at - off / 60, received_at: at })
  return [
    ...Array.from({ length: 50 }, (_, n) => line(-301 + n * 6, 0)),
    ...Array.from({ length: 10 }, (_, n) => line(240 + n * 5, seconds)),
  ]
}
