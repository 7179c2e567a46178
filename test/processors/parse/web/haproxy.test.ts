// HAProxy: requests, TCP sessions, errors and what it says of its servers.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const time = '[27/Nov/2024:08:16:03.655]'

describe('requests', () => {
  const line = `203.0.113.7:33317 ${time} https-in~ web/srv1 10/0/30/69/109 200 2750 - - --VN 1/1/1/1/0 0/0 {pemilu.example|curl/8} {text/html} "GET /hasil?prov=31 HTTP/1.1"`

  test('option httplog', () => {
    expect(read(line)).toEqual({
      timestamp: '2024-11-27T01:16:03.655Z',
      dataset: 'haproxy.http',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'success',
      network_protocol: 'http',
      source_ip: '203.0.113.7',
      source_port: 33317,
      http_method: 'GET',
      http_version: '1.1',
      url_original: '/hasil?prov=31',
      url_path: '/hasil',
      http_status_code: 200,
      http_response_bytes: 2750,
      fields: {
        'haproxy.frontend_name': 'https-in',
        'haproxy.tls': 'true',
        'haproxy.backend_name': 'web',
        'haproxy.server_name': 'srv1',
        'haproxy.termination_state': '--VN',
        'haproxy.connections': '1/1/1/1/0',
        'haproxy.captured_headers': '{pemilu.example|curl/8} {text/html}',
        'event.duration': '109000000',
      },
    })
  })

  test('behind a syslog header', () => {
    const event = read(`<134>Nov 27 08:16:03 lb1 haproxy[14389]: ${line}`)
    expect(event).toMatchObject({
      dataset: 'haproxy.http',
      host_name: 'lb1',
      process_name: 'haproxy',
      process_pid: 14389,
      timestamp: '2024-11-27T01:16:03.655Z',
      source_ip: '203.0.113.7',
    })
    expect(event).not.toHaveProperty('tags')
    expect(read(`<134>1 2024-11-27T08:16:03+07:00 lb1 haproxy 14389 - - ${line}`)).toMatchObject({
      dataset: 'haproxy.http',
    })
  })

  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'IPv6, no server, no answer',
      `2001:db8::7:40001 ${time} in in/<NOSRV> -1/-1/-1/-1/5001 -1 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
      { source_ip: '2001:db8::7', source_port: 40001, event_outcome: 'failure', url_original: '<BADREQ>' },
    ],
    [
      'IPv4 mapped into IPv6, refused by a rule',
      `::ffff:203.0.113.7:40001 ${time} in in/<NOSRV> -1/-1/-1/-1/0 403 192 - - PR-- 1/1/0/0/0 0/0 "GET /.env HTTP/2.0"`,
      { source_ip: '203.0.113.7', http_status_code: 403, event_outcome: 'failure', http_version: '2.0' },
    ],
    [
      'option logasap',
      `203.0.113.7:1 ${time} in web/s 9/10/7/14/+30 200 +243 - - ---- 1/1/1/1/0 0/0 "GET /image.iso HTTP/1.0"`,
      { http_response_bytes: 243, http_status_code: 200 },
    ],
    [
      'absolute target of HTTP/2',
      `203.0.113.7:1 ${time} in web/s 0/0/0/1/1 200 2 - - ---- 1/1/1/1/0 0/0 "GET https://Pemilu.example/a HTTP/2.0"`,
      { url_domain: 'pemilu.example', url_path: '/a' },
    ],
    [
      'option httpslog',
      `203.0.113.7:1 ${time} in~ web/s 0/0/0/1/1 200 2 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1" 0/0/0/0/0 Pemilu.example/TLSv1.3/TLS_AES_256_GCM_SHA384`,
      { url_domain: 'pemilu.example', tls_server_name: 'pemilu.example', tls_version: '1.3' },
    ],
    [
      'cut in the request',
      `203.0.113.7:1 ${time} in web/s 0/0/0/1/1 200 2 - - ---- 1/1/1/1/0 0/0 "GET /a/very/long`,
      { http_method: 'GET', url_path: '/a/very/long', http_status_code: 200 },
    ],
  ]
  test.each(cases)('%s', (_, text, expected) => {
    expect(read(text)).toMatchObject({ dataset: 'haproxy.http', ...expected })
    expect(read(text, 'haproxy')).toMatchObject({ dataset: 'haproxy.http', ...expected })
  })

  test('option httplog clf, if the format is set', () => {
    const clf = '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET /a HTTP/1.1" 200 1 "" "" 33317 109 "in" "web" "s"'
    expect(read(clf, 'haproxy')).toMatchObject({ dataset: 'haproxy.http', source_ip: '203.0.113.7' })
  })

  test('what a client writes is no header of the proxy: quotes and braces come escaped, the rest stays in its place', () => {
    const forged = `203.0.113.7:1 ${time} in web/s 0/0/0/1/1 403 2 - - PR-- 1/1/1/1/0 0/0 {x#22 200 1.1.1.1:5 [27/Nov/2024:00:00:00.000] in web/s 0/0/0/0/0 200 1} "GET /a#22 HTTP/1.1"`
    expect(read(forged)).toMatchObject({
      source_ip: '203.0.113.7',
      http_status_code: 403,
      event_outcome: 'failure',
      url_original: '/a#22',
      timestamp: '2024-11-27T01:16:03.655Z',
    })
  })
})

describe('sessions, errors, servers', () => {
  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'option tcplog',
      `203.0.113.7:33313 ${time} db pg/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0`,
      {
        dataset: 'haproxy.tcp',
        event_category: 'network',
        event_outcome: 'success',
        network_bytes: 212,
        network_transport: 'tcp',
        source_port: 33313,
      },
    ],
    [
      'a server that refused',
      `203.0.113.7:1 ${time} db pg/srv1 0/-1/3 0 SC 1/1/0/0/3 0/0`,
      { event_outcome: 'failure' },
    ],
    [
      'a client that left',
      `[2001:db8::7]:1 ${time} db pg/srv1 0/0/3 5 CD 1/1/0/0/3 0/0`,
      { event_outcome: 'unknown', source_ip: '2001:db8::7' },
    ],
    [
      'TLS that failed',
      `203.0.113.7:33314 ${time} https-in/1: SSL handshake failure`,
      {
        dataset: 'haproxy.log',
        event_category: 'network',
        event_action: 'connection_error',
        event_outcome: 'failure',
        source_ip: '203.0.113.7',
        fields: {
          'haproxy.frontend_name': 'https-in',
          'haproxy.bind_name': '1',
          'event.reason': 'SSL handshake failure',
        },
      },
    ],
    [
      'an attack stopped',
      `203.0.113.7:33314 ${time} https-in/1: Stopped a TLSv1.2 heartbeat attack (CVE-2014-0160)`,
      { event_category: 'intrusion_detection', event_severity: 80 },
    ],
  ]
  test.each(cases)('%s', (_, text, expected) => {
    expect(read(text)).toMatchObject(expected)
    expect(read(text, 'haproxy')).toMatchObject(expected)
    expect(read(`Nov 27 08:16:03 lb1 haproxy[7]: ${text}`, 'syslog')).toMatchObject({ ...expected, host_name: 'lb1' })
  })

  test.each([
    [
      'Connect from 203.0.113.7:33312 to 192.0.2.1:8012 (www/HTTP)',
      { event_action: 'connection', source_ip: '203.0.113.7', destination_ip: '192.0.2.1', destination_port: 8012 },
    ],
    [
      'Server web/srv1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 0 active and 0 backup servers left.',
      { event_action: 'server_down', event_outcome: 'failure', event_category: 'host' },
    ],
    [
      'Backup Server web/srv9 is UP, reason: Layer4 check passed.',
      { event_action: 'server_up', event_outcome: 'success' },
    ],
    ['backend web has no server available!', { event_action: 'no_server', event_outcome: 'failure' }],
    ['Proxy www started.', { event_action: 'proxy_started' }],
  ])('%s', (text, expected) => {
    for (const event of [read(text, 'haproxy'), read(`Nov 27 08:16:03 lb1 haproxy[7]: ${text}`)]) {
      expect(event).toMatchObject({ dataset: 'haproxy.log', ...expected })
    }
  })

  test('lines of HAProxy that say nothing of interest are its log all the same', () => {
    expect(read('Nov 27 08:16:03 lb1 haproxy[7]: A bogus STREAM [0x1] is spinning')).toMatchObject({
      dataset: 'haproxy.log',
      process_name: 'haproxy',
    })
  })

  test.each([
    '203.0.113.7:33317 [27/Nov/2024:08:16:03.655] in',
    '203.0.113.7:33317 [27/Nov/2024:08:16:03.655] in web/srv1 10/0/30/69/109 200',
    'abc [27/Nov/2024:08:16:03.655] in web/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"',
  ])('%s is none of them', (text) => {
    expect(parseOne(text, 'haproxy').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
    expect(read(text).dataset).toBe('plain')
  })
})
