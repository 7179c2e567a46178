import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const eve = (type: string, more: object) =>
  JSON.stringify({
    timestamp: '2024-11-27T08:16:03.602489+0700',
    flow_id: 1684596746908921,
    in_iface: 'eth0',
    event_type: type,
    src_ip: '203.0.113.7',
    src_port: 36288,
    dest_ip: '2001:0db8:0000:0000:0000:0000:0000:0001',
    dest_port: 443,
    proto: 'TCP',
    ...more,
  })

describe('Suricata EVE', () => {
  const common = {
    dataset: 'suricata.eve',
    timestamp: '2024-11-27T01:16:03.602Z',
    source_ip: '203.0.113.7',
    source_port: 36288,
    destination_ip: '2001:db8::1',
    destination_port: 443,
    network_transport: 'tcp',
    observer_vendor: 'OISF',
    observer_product: 'Suricata',
  }
  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'alert',
      eve('alert', {
        alert: {
          action: 'allowed',
          gid: 1,
          signature_id: 2034125,
          rev: 4,
          signature: 'ET EXPLOIT x',
          category: 'c',
          severity: 1,
        },
        http: {
          hostname: 'kpu.example',
          url: '/a?b=1',
          http_method: 'POST',
          protocol: 'HTTP/1.1',
          status: 400,
          length: 166,
          http_user_agent: 'u',
          http_refer: 'r',
        },
        app_proto: 'http',
      }),
      {
        event_category: 'intrusion_detection',
        event_action: 'ids_alert',
        event_code: '2034125',
        rule_name: 'ET EXPLOIT x',
        event_severity: 80,
        http_method: 'POST',
        url_original: '/a?b=1',
        url_path: '/a',
        url_domain: 'kpu.example',
        http_status_code: 400,
        http_version: '1.1',
        http_response_bytes: 166,
        user_agent_original: 'u',
        http_referrer: 'r',
        network_protocol: 'http',
        fields: {
          'suricata.alert.category': 'c',
          'suricata.alert.action': 'allowed',
          'suricata.in_iface': 'eth0',
          'suricata.flow_id': '1684596746908921',
        },
      },
    ],
    [
      'blocked alert',
      eve('alert', { alert: { action: 'blocked', signature: 's', severity: 3 } }),
      { event_action: 'ids_block', event_severity: 25 },
    ],
    [
      'http',
      eve('http', { http: { hostname: 'kpu.example', url: '/', http_method: 'GET', status: 200 } }),
      { event_category: 'web', event_action: 'http_request', event_outcome: 'success' },
    ],
    [
      'dns query, version 1',
      eve('dns', { dns: { type: 'query', id: 1, rrname: 'a.example', rrtype: 'AAAA' } }),
      { event_action: 'dns_query', dns_question_name: 'a.example', dns_question_type: 'AAAA' },
    ],
    [
      'dns answer, version 2',
      eve('dns', { dns: { version: 2, type: 'answer', rrname: 'a.example', rrtype: 'A', rcode: 'NXDOMAIN' } }),
      { event_action: 'dns_answer', event_outcome: 'failure', dns_response_code: 'NXDOMAIN' },
    ],
    [
      'dns response, version 3',
      eve('dns', {
        dns: {
          version: 3,
          type: 'response',
          rcode: 'NOERROR',
          queries: [{ rrname: 'a.example', rrtype: 'A' }],
          answers: [{ rrname: 'b.example', rrtype: 'A', rdata: '192.0.2.1' }],
        },
      }),
      { event_outcome: 'success', dns_question_name: 'a.example', dns_question_type: 'A' },
    ],
    [
      'tls',
      eve('tls', { tls: { subject: 'CN=a', sni: 'A.example', version: 'TLS 1.3', ja3: { hash: 'abc' } } }),
      {
        event_action: 'tls_handshake',
        tls_server_name: 'a.example',
        tls_version: '1.3',
        tls_ja3: 'abc',
        fields: { 'suricata.tls.subject': 'CN=a' },
      },
    ],
    [
      'flow',
      eve('flow', { flow: { bytes_toserver: 108, bytes_toclient: 54, state: 'closed' }, app_proto: 'failed' }),
      { event_action: 'network_flow', network_bytes: 162, fields: { 'suricata.flow.state': 'closed' } },
    ],
    [
      'fileinfo',
      eve('fileinfo', { fileinfo: { filename: '/a.exe', sha256: 'ff', size: 3 } }),
      { event_category: 'file', file_name: '/a.exe', file_hash: 'ff' },
    ],
    [
      'ssh',
      eve('ssh', { ssh: { client: { software_version: 'Go' } } }),
      {
        event_action: 'ssh_connection',
        network_protocol: 'ssh',
        fields: { 'suricata.ssh.client.software_version': 'Go' },
      },
    ],
    [
      'anomaly',
      eve('anomaly', { anomaly: { type: 'stream', event: 'x' } }),
      { event_action: 'protocol_anomaly', fields: { 'suricata.anomaly.event': 'x' } },
    ],
    [
      'another type',
      eve('smb', { smb: { command: 'SMB2' } }),
      { event_action: 'smb', event_category: 'network', fields: { 'suricata.smb.command': 'SMB2' } },
    ],
  ]
  test.each(cases)('%s', (_, line, expected) => {
    expect(read(line)).toMatchObject({ ...common, ...expected })
    expect(read(line, 'suricata')).toMatchObject({ ...common, ...expected })
  })

  test('values of the wrong type are left out', () => {
    const { outcome, event } = parseOne(
      '{"timestamp":"x","event_type":"alert","src_ip":7,"src_port":"a","alert":"x","http":[],"proto":{}}',
      'suricata',
    )
    expect(outcome.kind).toBe('ok')
    expect(event).toMatchObject({ timestamp: 0, source_ip: '', source_port: 0, event_severity: 0 })
  })
})

describe('Suricata fast.log', () => {
  test.each([
    [
      '11/27/2024-08:16:03.860293  [**] [1:2008578:4] ET SCAN x (y) [**] [Classification: Attempted Information Leak] [Priority: 2] {UDP} 203.0.113.7:5116 -> 192.0.2.1:5060',
      {
        timestamp: '2024-11-27T01:16:03.860Z',
        event_action: 'ids_alert',
        event_code: '2008578',
        rule_name: 'ET SCAN x (y)',
        event_severity: 50,
        network_transport: 'udp',
        source_ip: '203.0.113.7',
        source_port: 5116,
        destination_ip: '192.0.2.1',
        destination_port: 5060,
      },
    ],
    [
      '11/27/2024-08:16:03.860293  [Drop] [**] [1:1:1] x [**] [Classification: (null)] [Priority: 1] {ICMP} 2001:db8::1:8 -> 2001:db8::2:0',
      { event_action: 'ids_block', event_severity: 80, source_ip: '2001:db8::1' },
    ],
  ])('%s', (line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'suricata.fast', ...expected })
    expect(read(line, 'suricata')).toMatchObject({ dataset: 'suricata.fast', ...expected })
  })
})

describe('CEF', () => {
  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'the common keys',
      'CEF:0|Vendor|Product|1.2|100|Malware found|8|rt=1732670163000 src=203.0.113.7 spt=4711 dst=192.0.2.1 dpt=443 proto=TCP suser=siti duser=root act=blocked msg=two words outcome=failure fname=a.exe',
      {
        timestamp: '2024-11-27T01:16:03.000Z',
        source_ip: '203.0.113.7',
        source_port: 4711,
        destination_ip: '192.0.2.1',
        destination_port: 443,
        network_transport: 'tcp',
        user_name: 'siti',
        user_target_name: 'root',
        event_action: 'blocked',
        event_outcome: 'failure',
        event_severity: 80,
        event_code: '100',
        rule_name: 'Malware found',
        observer_vendor: 'Vendor',
        observer_product: 'Product',
        file_name: 'a.exe',
        event_category: 'intrusion_detection',
        fields: { message: 'two words', 'observer.version': '1.2' },
      },
    ],
    [
      'escapes',
      'CEF:0|Ven\\|dor|P|1|7|a\\\\b|Very-High|request=https://kpu.example/a?b\\=1 msg=x\\=y\\nz cs1Label=Policy cs1=Web 1',
      {
        observer_vendor: 'Ven|dor',
        rule_name: 'a\\b',
        event_severity: 100,
        url_original: 'https://kpu.example/a?b=1',
        url_path: '/a',
        url_domain: 'kpu.example',
        fields: { message: 'x=y\nz', 'cef.Policy': 'Web 1' },
      },
    ],
    [
      'time in words',
      'CEF:0|V|P|1|7|n|Low|rt=Nov 27 2024 08:16:03 dvchost=fw1',
      { timestamp: '2024-11-27T01:16:03.000Z', host_name: 'fw1', event_severity: 20 },
    ],
    [
      'time in words with a zone',
      'CEF:0|V|P|1|7|n|Low|rt=Nov 27 2024 08:16:03.250 UTC',
      { timestamp: '2024-11-27T08:16:03.250Z' },
    ],
    ['no prefix', '0|V|P|1|7|n|3|src=2001:DB8::1', { source_ip: '2001:db8::1', event_severity: 30 }],
    ['space behind the colon', 'CEF: 0|V|P|1|7|n|3|src=203.0.113.7', { source_ip: '203.0.113.7' }],
    ['no extension', 'CEF:0|V|P|1|7|n|10', { event_severity: 100 }],
    [
      'equals sign in a value',
      'CEF:0|V|P|1|7|n|1|msg=a = b src=203.0.113.7',
      { source_ip: '203.0.113.7', fields: { message: 'a = b' } },
    ],
    [
      'only a target user',
      'CEF:0|V|P|1|7|Login failed|1|duser=siti',
      { user_name: 'siti', event_category: 'authentication' },
    ],
    ['a source that is no address', 'CEF:0|V|P|1|7|n|1|src=klien', { fields: { 'source.domain': 'klien' } }],
  ]
  test.each(cases)('%s', (_, line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'cef', ...expected })
    expect(read(line, 'cef')).toMatchObject({ dataset: 'cef', ...expected })
  })
})
