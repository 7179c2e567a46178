// What does Zeek see? JSON with and without the log's name, TSV by the columns' shape, of versions 4 to 7.
import { describe, expect, test } from 'vitest'
import { context, parseOne, read } from '../read.ts'

const ids = { 'id.orig_h': '203.0.113.7', 'id.orig_p': 40123, 'id.resp_h': '192.0.2.10', 'id.resp_p': 443 }
const json = (more: object, path?: string): string =>
  JSON.stringify({
    ...(path === undefined ? {} : { _path: path }),
    ts: 1732670163.123456,
    uid: 'CHhAvVGS1DHFjwGM9',
    ...ids,
    ...more,
  })
const tsv = (...columns: readonly (string | number)[]): string => columns.join('\t')
const head = ['1732670163.123456', 'CHhAvVGS1DHFjwGM9', '203.0.113.7', 40123, '192.0.2.10', 443]
const conn = [...head, 'tcp', 'ssl', '1.5', 1000, 2000, 'SF', '-', '-', 0, 'ShADadFf', 10, 1400, 12, 2500, '-']

describe('conn', () => {
  const expected = {
    dataset: 'zeek.conn',
    timestamp: '2024-11-27T01:16:03.123Z',
    event_category: 'network',
    event_action: 'network_flow',
    event_outcome: 'success',
    source_ip: '203.0.113.7',
    source_port: 40123,
    destination_ip: '192.0.2.10',
    destination_port: 443,
    network_transport: 'tcp',
    network_protocol: 'tls',
    network_bytes: 3000,
    observer_vendor: 'Zeek',
    observer_product: 'Zeek',
  }
  const values = {
    proto: 'tcp',
    service: 'ssl',
    duration: 1.5,
    orig_bytes: 1000,
    resp_bytes: 2000,
    conn_state: 'SF',
    history: 'ShADadFf',
  }

  test('JSON', () => {
    expect(read(json(values, 'conn'))).toEqual({
      ...expected,
      fields: {
        'zeek.uid': 'CHhAvVGS1DHFjwGM9',
        'zeek.duration': '1.5',
        'zeek.orig_bytes': '1000',
        'zeek.resp_bytes': '2000',
        'zeek.conn_state': 'SF',
        'zeek.history': 'ShADadFf',
      },
    })
  })

  test.each([
    ['no name of the log', json(values)],
    ['ISO 8601', json({ ...values, ts: '2024-11-27T01:16:03.123456Z' }, 'conn')],
    ['milliseconds', json({ ...values, ts: 1732670163123 }, 'conn')],
    ['tagged by the Kafka plugin', JSON.stringify({ conn: JSON.parse(json(values)) })],
    [
      'without dots in the names',
      json(values, 'conn').replaceAll('id.orig_', 'id_orig_').replaceAll('id.resp_', 'id_resp_'),
    ],
    [
      'nested',
      JSON.stringify({
        ...values,
        _path: 'conn',
        ts: 1732670163.123456,
        uid: 'C1',
        id: { orig_h: '203.0.113.7', orig_p: 40123, resp_h: '192.0.2.10', resp_p: 443 },
      }),
    ],
    ['TSV of Zeek 4 to 7.0', tsv(...conn)],
    ['TSV of Zeek 7.1', tsv(...conn, 6)],
    ['TSV with a community id', tsv(...conn, '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=')],
    ['TSV behind syslog', `Nov 27 08:16:03 sensor1 zeek[7]: ${tsv(...conn)}`],
  ])('%s', (_, line) => {
    expect(read(line)).toMatchObject(expected)
    expect(read(line, 'zeek')).toMatchObject(expected)
  })

  test.each([
    ['S0', 'failure'],
    ['REJ', 'failure'],
    ['SF', 'success'],
    ['RSTO', 'success'],
    ['OTH', undefined],
  ])('state %s is %s', (state, outcome) => {
    expect(read(json({ ...values, conn_state: state })).event_outcome).toBe(outcome)
  })

  test('a column that a site added has the name of its place', () => {
    expect(read(tsv(...conn, 6, 'vlan7', '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=')).fields).toMatchObject({
      'zeek.ip_proto': '6',
      'zeek.column_23': 'vlan7',
      'zeek.community_id': '1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=',
    })
  })
})

/** Lines of logs in the column order of Zeek, and what they say. */
const lines: [name: string, line: string, expected: Record<string, unknown>][] = [
  [
    'dns',
    tsv(
      ...head,
      'udp',
      4711,
      '0.02',
      'KPU.example',
      1,
      'C_INTERNET',
      28,
      'AAAA',
      3,
      'NXDOMAIN',
      'F',
      'F',
      'T',
      'T',
      0,
      '-',
      '-',
      'F',
    ),
    {
      dataset: 'zeek.dns',
      event_action: 'dns_answer',
      event_outcome: 'failure',
      dns_question_name: 'kpu.example',
      dns_question_type: 'AAAA',
      dns_response_code: 'NXDOMAIN',
    },
  ],
  [
    'http',
    tsv(
      ...head,
      1,
      'GET',
      'kpu.example',
      '/a?b=c',
      '-',
      '1.1',
      'curl/8',
      '-',
      0,
      120,
      404,
      'Not Found',
      '-',
      '-',
      '(empty)',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      'FwdUSz3tk4DlSLxQTf',
      '-',
      'text/html',
    ),
    {
      dataset: 'zeek.http',
      event_category: 'web',
      event_outcome: 'failure',
      http_method: 'GET',
      http_status_code: 404,
      http_response_bytes: 120,
      url_domain: 'kpu.example',
      url_path: '/a',
      user_agent_original: 'curl/8',
      http_version: '1.1',
    },
  ],
  [
    'ssl 4.0',
    tsv(
      ...head,
      'TLSv12',
      'TLS_ECDHE',
      'x25519',
      'KPU.example',
      'F',
      '-',
      'h2',
      'T',
      'FwdUSz3tk4DlSLxQTf',
      '(empty)',
      'CN=a',
      'CN=b',
      '-',
      '-',
      'ok',
    ),
    {
      dataset: 'zeek.ssl',
      tls_server_name: 'kpu.example',
      tls_version: '1.2',
      event_outcome: 'success',
      fields: expect.objectContaining({ 'zeek.validation_status': 'ok', 'zeek.subject': 'CN=a' }),
    },
  ],
  [
    'ssl 4.1 and later, with JA3',
    tsv(
      ...head,
      'TLSv13',
      'TLS_AES',
      'x25519',
      'kpu.example',
      'F',
      '-',
      '-',
      'T',
      'CsiI',
      'ab',
      '-',
      'T',
      'ok',
      'd41d8cd98f00b204e9800998ecf8427e',
      'd41d8cd98f00b204e9800998ecf8427f',
    ),
    { dataset: 'zeek.ssl', tls_version: '1.3', tls_ja3: 'd41d8cd98f00b204e9800998ecf8427e' },
  ],
  [
    'ssh',
    tsv(
      ...head,
      2,
      'F',
      6,
      'INBOUND',
      'SSH-2.0-Go',
      'SSH-2.0-OpenSSH_9.2',
      'aes128-ctr',
      'hmac',
      'none',
      'curve',
      'ssh-ed25519',
      'ab:cd',
    ),
    { dataset: 'zeek.ssh', event_category: 'authentication', event_action: 'ssh_login', event_outcome: 'failure' },
  ],
  [
    'ssh, not told',
    tsv(...head, 2, '-', 0, 'INBOUND', 'SSH-2.0-Go', '-', '-', '-', '-', '-', '-', '-', '-', '-', '-', '-', '-'),
    { dataset: 'zeek.ssh', event_category: 'network', event_action: 'ssh_connection' },
  ],
  [
    'notice',
    tsv(
      '1732670163.123456',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      '-',
      'SSH::Password_Guessing',
      '203.0.113.7 appears to be guessing',
      'Sampled',
      '203.0.113.7',
      '-',
      '-',
      '-',
      '-',
      'Notice::ACTION_LOG',
      '(empty)',
      '3600.000000',
      '-',
      '-',
      '-',
      '-',
      '-',
    ),
    {
      dataset: 'zeek.notice',
      event_category: 'intrusion_detection',
      event_action: 'ids_alert',
      event_severity: 50,
      rule_name: 'SSH::Password_Guessing',
      source_ip: '203.0.113.7',
    },
  ],
  [
    'files 4.0',
    tsv(
      '1732670163.123456',
      'FwdUSz3tk4DlSLxQTf',
      '203.0.113.7',
      '192.0.2.10',
      'CHhAvVGS1DHFjwGM9',
      'HTTP',
      0,
      'SHA1,MD5',
      'application/zip',
      'surat.zip',
      '0.1',
      'F',
      'F',
      100,
      100,
      0,
      0,
      'F',
      '-',
      '-',
      'ab'.repeat(20),
      '-',
      '-',
      '-',
      '-',
    ),
    {
      dataset: 'zeek.files',
      event_category: 'file',
      file_name: 'surat.zip',
      file_hash: 'ab'.repeat(20),
      source_ip: '203.0.113.7',
    },
  ],
  [
    'files 5.1 and later',
    tsv(
      '1732670163.123456',
      'FwdUSz3tk4DlSLxQTf',
      'CHhAvVGS1DHFjwGM9',
      '2001:db8::7',
      40123,
      '2001:db8::1',
      80,
      'HTTP',
      0,
      '-',
      'application/zip',
      'surat.zip',
      '0.1',
      'F',
      'F',
      100,
      100,
      0,
      0,
      'F',
      '-',
      'cd'.repeat(16),
      '-',
      '-',
      '-',
      '-',
      '-',
    ),
    { dataset: 'zeek.files', source_ip: '2001:db8::7', file_hash: 'cd'.repeat(16), network_protocol: 'http' },
  ],
  [
    'weird',
    tsv(...head, 'bad_HTTP_request', '-', 'F', 'zeek', 'HTTP'),
    {
      dataset: 'zeek.weird',
      event_action: 'protocol_anomaly',
      fields: expect.objectContaining({ 'zeek.name': 'bad_HTTP_request' }),
    },
  ],
  [
    'kerberos',
    tsv(
      ...head,
      'AS',
      'siti/KPU.EXAMPLE',
      'krbtgt/KPU.EXAMPLE',
      'F',
      'KDC_ERR_PREAUTH_FAILED',
      '-',
      '-',
      '-',
      'T',
      'T',
      '-',
      '-',
      '-',
      '-',
    ),
    { dataset: 'zeek.kerberos', event_category: 'authentication', event_outcome: 'failure', user_name: 'siti' },
  ],
  [
    'ntlm',
    tsv(...head, 'budi', 'LAPTOP-7', 'KPU', '-', '-', '-', 'T'),
    { dataset: 'zeek.ntlm', event_action: 'ntlm_login', event_outcome: 'success', user_name: 'budi' },
  ],
  [
    'dce_rpc',
    tsv(...head, '0.0004', '135', 'epmapper', 'ept_map'),
    { dataset: 'zeek.dce_rpc', fields: expect.objectContaining({ 'zeek.operation': 'ept_map' }) },
  ],
  ['smb_mapping', tsv(...head, '\\\\192.0.2.10\\IPC$', '-', '-', 'PIPE'), { dataset: 'zeek.smb_mapping' }],
  [
    'smb_files',
    tsv(
      ...head,
      '-',
      'SMB::FILE_OPEN',
      '\\\\192.0.2.10\\data',
      'dpt.xlsx',
      100,
      '-',
      '1732670163.1',
      '1732670163.1',
      '1732670163.1',
      '1732670163.1',
    ),
    { dataset: 'zeek.smb_files', event_category: 'file', event_action: 'file_open', file_name: 'dpt.xlsx' },
  ],
  [
    'mysql',
    tsv(...head, 'login', 'siti', 'F', '-', "Access denied for user 'siti'"),
    { dataset: 'zeek.mysql', event_category: 'authentication', event_outcome: 'failure', user_name: 'siti' },
  ],
  [
    'radius',
    tsv(...head, 'siti', '00:11:22:33:44:55', '-', '-', '-', '-', 'failed', '0.1'),
    { dataset: 'zeek.radius', event_action: 'radius_login', event_outcome: 'failure', user_name: 'siti' },
  ],
  [
    'ftp',
    tsv(...head, 'siti', '<hidden>', 'PASS', '-', '-', '-', 530, 'Login incorrect', '-', '-', '-', '-', '-'),
    { dataset: 'zeek.ftp', event_action: 'ftp_login', event_outcome: 'failure', user_name: 'siti' },
  ],
  [
    'dhcp',
    tsv(
      '1732670163.123456',
      'C1abcdef',
      '192.0.2.50',
      '192.0.2.1',
      '52:54:00:12:34:56',
      'laptop',
      '-',
      '-',
      '-',
      '192.0.2.50',
      '3600.0',
      '-',
      '-',
      'DISCOVER,ACK',
      '0.1',
    ),
    { dataset: 'zeek.dhcp', event_action: 'dhcp_lease', source_ip: '192.0.2.50' },
  ],
  [
    'intel',
    tsv(...head, 'judol.example', 'Intel::DOMAIN', 'DNS::IN_REQUEST', 'zeek', 'Intel::DOMAIN', 'daftar', '-', '-', '-'),
    {
      dataset: 'zeek.intel',
      event_category: 'intrusion_detection',
      rule_name: 'Intel: judol.example',
      event_severity: 50,
    },
  ],
  ['syslog', tsv(...head, 'udp', 'AUTH', 'INFO', 'halo'), { dataset: 'zeek.syslog' }],
  ['known_hosts', tsv('1732670163.123456', '192.0.2.50'), { dataset: 'zeek.known_hosts', source_ip: '192.0.2.50' }],
]

describe('TSV', () => {
  test.each(lines)('%s', (_, line, expected) => {
    expect(read(line)).toMatchObject({ timestamp: '2024-11-27T01:16:03.123Z', ...expected })
    expect(read(line, 'zeek')).toMatchObject(expected)
  })

  test('names of the source’s columns go before any guess', () => {
    const columns = ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p', 'kabupaten', 'conn_state']
    const line = tsv(...head, '31.71', 'S0')
    expect(parseOne(line, 'zeek', { ...context, columns }).event).toMatchObject({
      dataset: 'zeek.conn',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      fields: new Map([
        ['zeek.uid', 'CHhAvVGS1DHFjwGM9'],
        ['zeek.kabupaten', '31.71'],
        ['zeek.conn_state', 'S0'],
      ]),
    })
  })

  test('headers are no events', () => {
    for (const line of ['#separator \\x09', '#fields\tts\tuid', '#close\t2024-11-27-08-16-03']) {
      expect(parseOne(line, 'zeek').outcome).toEqual({ kind: 'drop', reason: 'format_header' })
    }
  })

  test('a log that nobody knows keeps its connection', () => {
    expect(read(tsv(...head, 'x', 'y', 'z', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'))).toMatchObject({
      dataset: 'zeek.other',
      source_ip: '203.0.113.7',
      destination_port: 443,
      fields: expect.objectContaining({ 'zeek.column_7': 'x', 'zeek.column_20': 'k' }),
    })
    const stats = tsv('1732670163.123456', 'zeek', 'x', 'y')
    expect(read(stats, 'zeek')).toMatchObject({ dataset: 'zeek.other', timestamp: '2024-11-27T01:16:03.123Z' })
    expect(read(stats).dataset).toBe('plain')
  })

  test('what a client wrote stays in its column: tabs in it are escaped', () => {
    const agent = 'x\\x09192.0.2.66\\x09GET'
    const columns = (lines[1]?.[1] ?? '').split('\t').map((column) => (column === 'curl/8' ? agent : column))
    expect(read(tsv(...columns))).toMatchObject({
      dataset: 'zeek.http',
      user_agent_original: agent,
      source_ip: '203.0.113.7',
    })
  })

  test('cut in the middle', () => {
    expect(read(tsv(...conn).slice(0, 80))).toMatchObject({ source_ip: '203.0.113.7' })
    expect(parseOne('1732670163.12', 'zeek').outcome.kind).toBe('dlq')
  })
})

describe('JSON without the name of its log', () => {
  test.each<[string, object]>([
    ['dns', { query: 'kpu.example', qtype: 1, trans_id: 7 }],
    ['http', { trans_depth: 1, method: 'GET', request_body_len: 0, response_body_len: 0 }],
    ['sip', { trans_depth: 0, call_id: 'a', request_body_len: 0 }],
    ['ssl', { established: false, resumed: false }],
    ['ssh', { auth_attempts: 3, direction: 'INBOUND' }],
    ['notice', { note: 'Scan::Port_Scan', suppress_for: 3600, actions: ['Notice::ACTION_LOG'] }],
    ['files', { fuid: 'F1', seen_bytes: 7, source: 'HTTP' }],
    ['weird', { name: 'x', notice: false, peer: 'zeek' }],
    ['kerberos', { request_type: 'AS' }],
    ['dce_rpc', { operation: 'x' }],
    ['x509', { fingerprint: 'ab', 'certificate.serial': '01' }],
    ['other', { lainnya: 1 }],
  ])('%s', (log, more) => {
    expect(read(json(more)).dataset).toBe(`zeek.${log}`)
  })

  test('any other log by its name', () => {
    expect(read('{"_path":"capture_loss","ts":1732670163.1,"percent_lost":0.1}')).toMatchObject({
      dataset: 'zeek.other',
      event_action: 'other',
      fields: { 'zeek.log': 'capture_loss', 'zeek.percent_lost': '0.1' },
    })
  })

  test('lists are divided by commas, as in TSV', () => {
    expect(read(json({ answers: ['a', 'b'], trans_id: 1 }, 'dns')).fields).toMatchObject({ 'dns.answers.data': 'a,b' })
  })

  test('a password is in no field', () => {
    const event = read(json({ username: 'siti', password: 'rahasia', method: 'GET' }, 'http'))
    expect(event.user_name).toBe('siti')
    expect(JSON.stringify(event)).not.toContain('rahasia')
  })

  test('other JSON is not Zeek’s', () => {
    expect(read('{"ts":1732670163,"msg":"x"}').dataset).toBe('json')
    expect(parseOne('{"a":1}', 'zeek').outcome.kind).toBe('dlq')
  })

  test('a notice on the health of the network weighs little', () => {
    expect(read(json({ note: 'CaptureLoss::Too_Much_Loss' }, 'notice')).event_severity).toBe(10)
  })
})
