// What do BIND and dnsmasq log? Lines of the shapes that named 9.18 and dnsmasq 2.90 write, hostile names among them.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const client = 'client @0x7f65100ee4d8 203.0.113.7#3076 (kpu.example)'
const full = (category: string, level: string, message: string): string =>
  `27-Nov-2024 08:16:03.425 ${category}: ${level}: ${client}: ${message}`

describe('BIND', () => {
  test('a query', () => {
    expect(read(full('queries', 'info', 'query: KPU.example IN AAAA +E(0)K (192.0.2.1)'))).toEqual({
      dataset: 'bind',
      timestamp: '2024-11-27T01:16:03.425Z',
      event_category: 'network',
      event_action: 'dns_query',
      log_level: 'info',
      source_ip: '203.0.113.7',
      source_port: 3076,
      destination_ip: '192.0.2.1',
      network_transport: 'udp',
      network_protocol: 'dns',
      dns_question_name: 'kpu.example',
      dns_question_type: 'AAAA',
      fields: { 'bind.category': 'queries', 'bind.flags': '+E(0)K', 'dns.question.class': 'IN' },
    })
  })

  const query = 'query: kpu.example IN A -T (192.0.2.1)'
  test.each([
    ['time, category, severity', full('queries', 'info', query)],
    ['time alone', `27-Nov-2024 08:16:03.425 ${client}: ${query}`],
    ['time as ISO 8601', `2024-11-27T01:16:03.425Z ${client}: ${query}`],
    ['time as ISO 8601, category', `2024-11-27T08:16:03.425 queries: info: ${client}: ${query}`],
    ['category', `queries: ${client}: ${query}`],
    ['severity', `info: ${client}: ${query}`],
    ['nothing', `${client}: ${query}`],
    ['syslog', `Nov 27 08:16:03 ns1 named[4711]: ${client}: ${query}`],
    ['syslog and category', `2024-11-27T08:16:03+07:00 ns1 named[4711]: queries: info: ${client}: ${query}`],
    ['no id, a view', `client 203.0.113.7#3076 (kpu.example): view luar: ${query}`],
  ])('before the client: %s', (_, line) => {
    expect(read(line)).toMatchObject({
      dataset: 'bind',
      event_action: 'dns_query',
      source_ip: '203.0.113.7',
      dns_question_name: 'kpu.example',
      network_transport: 'tcp',
    })
    expect(read(line, 'bind').source_ip).toBe('203.0.113.7')
  })

  test.each<[string, string, Record<string, unknown>]>([
    [
      'security',
      "query (cache) 'kpu.example/ANY/IN' denied (allow-query-cache did not match)",
      {
        event_action: 'dns_query',
        dns_question_type: 'ANY',
        dns_response_code: 'REFUSED',
        fields: { 'bind.category': 'security', 'event.reason': 'allow-query-cache did not match' },
      },
    ],
    ['security', "query 'kpu.example/A/IN' denied", { dns_question_type: 'A', dns_response_code: 'REFUSED' }],
    [
      'security',
      "zone transfer 'kpu.example/AXFR/IN' denied",
      { event_action: 'zone_transfer', dns_question_type: 'AXFR' },
    ],
    [
      'xfer-out',
      "bad zone transfer request: 'kpu.example/IN': non-authoritative zone (NOTAUTH)",
      { event_action: 'zone_transfer', dns_question_name: 'kpu.example' },
    ],
    [
      'update-security',
      "update 'kpu.example/IN' denied",
      { event_action: 'dns_update', dns_question_name: 'kpu.example' },
    ],
    [
      'query-errors',
      'query failed (SERVFAIL) for kpu.example/IN/A at query.c:5708',
      { event_action: 'dns_answer', dns_response_code: 'SERVFAIL' },
    ],
    [
      'rate-limit',
      'rate limit drop NXDOMAIN response to 203.0.113.0/24 for kpu.example  (d916638b)',
      { event_action: 'dns_rate_limit', dns_response_code: 'NXDOMAIN' },
    ],
    [
      'rpz',
      'rpz QNAME NXDOMAIN rewrite judol.example/A/IN via judol.example.rpz.kpu.example',
      { event_action: 'dns_block', dns_question_name: 'judol.example', rule_name: 'judol.example.rpz.kpu.example' },
    ],
    [
      'security',
      'request has invalid signature: TSIG x: tsig verify failure (BADKEY)',
      { fields: { 'bind.category': 'security', 'event.reason': 'TSIG x: tsig verify failure (BADKEY)' } },
    ],
  ])('%s: %s', (category, message, expected) => {
    expect(read(full(category, 'error', message))).toMatchObject({
      dataset: 'bind',
      event_category: 'network',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      ...expected,
    })
  })

  test('a transfer that went through', () => {
    expect(read(full('xfer-out', 'info', "transfer of 'kpu.example/IN': AXFR started (serial 7)"))).toMatchObject({
      event_action: 'zone_transfer',
      event_outcome: 'success',
    })
  })

  test('IPv6, a key, no name', () => {
    const line = "client @0x7f 2001:db8::7#53551/key rndc-key: update 'kpu.example/IN' denied"
    expect(read(line)).toMatchObject({
      source_ip: '2001:db8::7',
      source_port: 53551,
      fields: { 'bind.key': 'rndc-key' },
    })
  })

  test('what the server says of itself', () => {
    expect(read('27-Nov-2024 08:16:03.425 general: info: zone kpu.example/IN: loaded serial 7')).toMatchObject({
      dataset: 'bind',
      event_category: 'host',
      log_level: 'info',
    })
    expect(read('Nov 27 08:16:03 ns1 named[4711]: all zones loaded')).toMatchObject({ dataset: 'bind' })
    expect(parseOne('27-Nov-2024 08:16:03.425 halo', 'bind').outcome.kind).toBe('dlq')
  })

  test('a name cannot forge another: blanks and brackets in it are escaped, quotes are not', () => {
    const name = "a\\032b\\032from\\0321\\.2\\.3\\.4.x\\):\\032query:\\032\\(.o'k/A/IN'\\032denied.example"
    const line = `client @0x7f 203.0.113.7#3076 (${name}): query (cache) '${name}/TXT/IN' denied`
    expect(read(line)).toMatchObject({
      source_ip: '203.0.113.7',
      dns_question_name: name.toLowerCase(),
      dns_question_type: 'TXT',
      event_outcome: 'failure',
    })
  })

  test('cut in the middle', () => {
    expect(read(`${client}: query: kpu.exa`)).toMatchObject({ dataset: 'bind', dns_question_name: 'kpu.example' })
    expect(read('client @0x7f65100ee4d8 203.0.').dataset).toBe('plain')
  })
})

const dnsmasq = (message: string): string => `Nov 27 08:16:03 gw dnsmasq[14030]: ${message}`

describe('dnsmasq', () => {
  test.each<[string, Record<string, unknown>]>([
    [
      'query[A] KPU.example from 203.0.113.7',
      { event_action: 'dns_query', dns_question_name: 'kpu.example', dns_question_type: 'A', source_ip: '203.0.113.7' },
    ],
    ['query[type=65399] kpu.example from 2001:db8::7', { dns_question_type: 'TYPE65399', source_ip: '2001:db8::7' }],
    [
      '132 203.0.113.7/56106 query[HTTPS] kpu.example from 203.0.113.7',
      { source_ip: '203.0.113.7', source_port: 56106, dns_question_type: 'HTTPS' },
    ],
    [
      'forwarded kpu.example to 192.0.2.53#5311',
      { event_action: 'dns_forward', destination_ip: '192.0.2.53', destination_port: 5311 },
    ],
    [
      'reply kpu.example is 192.0.2.10',
      {
        event_action: 'dns_answer',
        event_outcome: 'success',
        dns_response_code: 'NOERROR',
        fields: { 'dns.answers.data': '192.0.2.10', 'dnsmasq.source': 'reply' },
      },
    ],
    [
      '132 203.0.113.7/56106 cached x.example is NXDOMAIN',
      { event_outcome: 'failure', dns_response_code: 'NXDOMAIN', source_ip: '203.0.113.7' },
    ],
    ['reply error is REFUSED', { event_outcome: 'failure', dns_response_code: 'REFUSED' }],
    ['/etc/hosts kpu.example is 192.0.2.10', { event_action: 'dns_answer', dns_question_name: 'kpu.example' }],
    [
      'gravity blocked judol.example is 0.0.0.0',
      { event_action: 'dns_block', event_outcome: 'failure', rule_name: 'gravity blocked' },
    ],
    ['possible DNS-rebind attack detected: x.example', { event_category: 'intrusion_detection', event_severity: 50 }],
  ])('%s', (message, expected) => {
    expect(read(dnsmasq(message))).toMatchObject({
      dataset: 'dnsmasq',
      host_name: 'gw',
      process_pid: 14030,
      network_protocol: 'dns',
      ...expected,
    })
    expect(read(message, 'dnsmasq')).toMatchObject({ dataset: 'dnsmasq', ...expected })
  })

  test('leases', () => {
    const lease = (message: string): Record<string, unknown> => read(`Nov 27 08:16:03 gw dnsmasq-dhcp[7]: ${message}`)
    expect(lease('DHCPACK(br-lan) 192.0.2.50 52:54:00:12:34:56 laptop siti')).toMatchObject({
      dataset: 'dnsmasq',
      event_action: 'dhcpack',
      event_outcome: 'success',
      network_protocol: 'dhcp',
      source_ip: '192.0.2.50',
      fields: {
        'source.mac': '52:54:00:12:34:56',
        'source.domain': 'laptop siti',
        'observer.ingress.interface.name': 'br-lan',
      },
    })
    expect(lease('3723 DHCPDISCOVER(br-lan) 52:54:00:12:34:56')).toMatchObject({ event_action: 'dhcpdiscover' })
    expect(lease('DHCPNAK(br-lan) 192.0.2.50 52:54:00:12:34:56 wrong network')).toMatchObject({
      event_outcome: 'failure',
    })
  })

  test('a name cannot forge who asked', () => {
    expect(read(dnsmasq('query[A] x from 192.0.2.66 from 203.0.113.7'))).toMatchObject({
      source_ip: '203.0.113.7',
      dns_question_name: 'x from 192.0.2.66',
    })
    expect(read(dnsmasq('reply x is 192.0.2.66 is 192.0.2.10')).fields).toMatchObject({
      'dns.answers.data': '192.0.2.10',
    })
  })

  test('without a host, what says nothing of a name, cut in the middle', () => {
    expect(read('Nov 27 08:16:03 dnsmasq[14030]: query[A] kpu.example from 203.0.113.7').source_ip).toBe('203.0.113.7')
    expect(read(dnsmasq('started, version 2.90 cachesize 150'))).toMatchObject({ dataset: 'dnsmasq' })
    expect(read(dnsmasq('query[A] kpu.example from 203.'))).not.toHaveProperty('source_ip')
    expect(read(dnsmasq('query[A] <name unprintable> from 203.0.113.7'))).not.toHaveProperty('dns_question_name')
  })
})
