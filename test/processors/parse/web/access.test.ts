import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0'

describe('access logs', () => {
  test('combined', () => {
    expect(
      read(
        `203.0.113.7 - budi [27/Nov/2024:08:16:03 +0700] "GET /hasil/pilkada?prov=31 HTTP/1.1" 200 5120 "https://kpu.example/" "${agent}"`,
      ),
    ).toEqual({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'web.access',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'success',
      network_protocol: 'http',
      source_ip: '203.0.113.7',
      user_name: 'budi',
      http_method: 'GET',
      url_original: '/hasil/pilkada?prov=31',
      url_path: '/hasil/pilkada',
      http_version: '1.1',
      http_status_code: 200,
      http_response_bytes: 5120,
      http_referrer: 'https://kpu.example/',
      user_agent_original: agent,
    })
  })

  const time = '[27/Nov/2024:08:16:03 -0330]'
  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'common',
      `203.0.113.7 - - ${time} "POST /login HTTP/1.0" 403 12`,
      {
        timestamp: '2024-11-27T11:46:03.000Z',
        http_method: 'POST',
        http_status_code: 403,
        event_outcome: 'failure',
        http_response_bytes: 12,
      },
    ],
    ['no bytes', `203.0.113.7 - - ${time} "GET / HTTP/1.1" 304 -`, { http_status_code: 304, event_outcome: 'success' }],
    [
      'no status (a proxy that got no answer)',
      `203.0.113.7 - - ${time} "GET /a HTTP/1.1" - - "-" "x"`,
      { url_path: '/a', user_agent_original: 'x' },
    ],
    [
      'user missing',
      `203.0.113.7 - ${time} "GET /a HTTP/1.1" 200 1 "-" "-"`,
      { source_ip: '203.0.113.7', http_status_code: 200 },
    ],
    ['user with a space', `203.0.113.7 - Siti Aminah ${time} "GET / HTTP/1.1" 401 1`, { user_name: 'Siti Aminah' }],
    ['user with a bracket', `203.0.113.7 - a [b] ${time} "GET / HTTP/1.1" 401 1`, { user_name: 'a [b]' }],
    ['ident', `203.0.113.7 ident - ${time} "GET / HTTP/1.1" 200 1`, { fields: { 'client.ident': 'ident' } }],
    [
      'vhost',
      `situs.kpu.example 203.0.113.7 - - ${time} "GET / HTTP/2.0" 200 1`,
      { url_domain: 'situs.kpu.example', source_ip: '203.0.113.7', http_version: '2.0' },
    ],
    [
      'vhost with port',
      `Situs.KPU.example:8443 203.0.113.7 - - ${time} "GET / HTTP/2" 500 1`,
      { url_domain: 'situs.kpu.example', destination_port: 8443, http_version: '2.0', event_outcome: 'failure' },
    ],
    [
      'vhost that is an address',
      `198.51.100.9:443 203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 1`,
      { url_domain: '198.51.100.9', destination_port: 443, source_ip: '203.0.113.7' },
    ],
    [
      'vhost that is an IPv6 address',
      `[2001:DB8::9]:443 2001:DB8:0::7 - - ${time} "GET / HTTP/1.1" 200 1`,
      { url_domain: '2001:db8::9', destination_port: 443, source_ip: '2001:db8::7' },
    ],
    ['IPv6', `2001:DB8::A - - ${time} "GET / HTTP/1.1" 200 1`, { source_ip: '2001:db8::a' }],
    ['IPv4 mapped into IPv6', `::ffff:203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 1`, { source_ip: '203.0.113.7' }],
    [
      'host name instead of an address',
      `klien.example - - ${time} "GET / HTTP/1.1" 200 1`,
      { fields: { 'source.domain': 'klien.example' } },
    ],
    [
      'vhost and host name',
      `kpu.example:80 klien.example - - ${time} "GET / HTTP/1.1" 200 1`,
      { url_domain: 'kpu.example', destination_port: 80, fields: { 'source.domain': 'klien.example' } },
    ],
    [
      'forwarded-for chain instead of an address',
      `198.51.100.1, 10.0.0.1 - - ${time} "GET / HTTP/1.1" 200 1`,
      { fields: { 'http.request.headers.x-forwarded-for': '198.51.100.1, 10.0.0.1' } },
    ],
    [
      'escaped quotes',
      `203.0.113.7 - - ${time} "GET /?q=\\"a\\" HTTP/1.1" 200 1 "\\"r" "a \\"b\\" c"`,
      { url_original: '/?q=\\"a\\"', http_referrer: '\\"r', user_agent_original: 'a \\"b\\" c' },
    ],
    [
      'backslash before the closing quote',
      `203.0.113.7 - - ${time} "GET /a\\\\ HTTP/1.1" 200 1 "\\\\" "u"`,
      { url_original: '/a\\\\', http_referrer: '\\\\', user_agent_original: 'u' },
    ],
    [
      'unescaped quotes in the request',
      `203.0.113.7 - - ${time} "GET /a"b HTTP/1.1" 404 1 "-" "u"`,
      { url_original: '/a"b', http_status_code: 404 },
    ],
    [
      'TLS bytes',
      `203.0.113.7 - - ${time} "\\x16\\x03\\x01\\x02\\x00\\x01" 400 157 "-" "-"`,
      { url_original: '\\x16\\x03\\x01\\x02\\x00\\x01', http_status_code: 400, event_outcome: 'failure' },
    ],
    ['another protocol', `203.0.113.7 - - ${time} "SSH-2.0-Go" 400 157`, { url_original: 'SSH-2.0-Go' }],
    [
      'proxy request',
      `203.0.113.7 - - ${time} "GET http://Lain.example:8080/a?b HTTP/1.1" 404 1`,
      {
        url_original: 'http://Lain.example:8080/a?b',
        url_path: '/a',
        url_domain: 'lain.example',
        destination_port: 8080,
      },
    ],
    [
      'CONNECT',
      `203.0.113.7 - - ${time} "CONNECT lain.example:443 HTTP/1.1" 405 1`,
      { http_method: 'CONNECT', url_original: 'lain.example:443' },
    ],
    [
      'target with spaces',
      `203.0.113.7 - - ${time} "GET /a b c HTTP/1.1" 400 1`,
      { http_method: 'GET', url_original: '/a b c' },
    ],
    ['HTTP/0.9', `203.0.113.7 - - ${time} "GET /a" 200 1`, { http_method: 'GET', url_original: '/a' }],
    [
      'extra fields',
      `203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 1 "-" "u" 0.012 "198.51.100.1, 10.0.0.1" rt=0.1`,
      {
        source_ip: '203.0.113.7',
        user_agent_original: 'u',
        fields: {
          'web.extra': '0.012 "198.51.100.1, 10.0.0.1" rt=0.1',
          'http.request.headers.x-forwarded-for': '198.51.100.1, 10.0.0.1',
        },
      },
    ],
    [
      'cut inside the agent',
      `203.0.113.7 - - ${time} "GET / HTTP/1.1" 200 1 "-" "Mozilla/5.0 (X`,
      { user_agent_original: 'Mozilla/5.0 (X' },
    ],
    [
      'impossible date',
      '203.0.113.7 - - [31/Feb/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1',
      { http_status_code: 200 },
    ],
  ]
  test.each(cases)('%s', (_, line, expected) => {
    expect(read(line, 'nginx')).toMatchObject({ dataset: 'nginx.access', event_action: 'http_request', ...expected })
    expect(read(line, 'apache')).toMatchObject({ dataset: 'apache.access', ...expected })
    expect(read(line)).toMatchObject({ dataset: 'web.access', ...expected })
  })

  test('a time without a zone is one of the source', () => {
    expect(read('203.0.113.7 - - [27/Nov/2024:08:16:03] "GET / HTTP/1.1" 200 1').timestamp).toBe(
      '2024-11-27T01:16:03.000Z',
    )
  })

  test('what a malformed request leaves empty', () => {
    const { event } = parseOne(`203.0.113.7 - - ${time} "-" 408 - "-" "-"`)
    expect(event).toMatchObject({
      http_method: '',
      url_original: '',
      url_path: '',
      http_version: '',
      http_status_code: 408,
      event_outcome: 'failure',
    })
    const bytes = parseOne(`203.0.113.7 - - ${time} "\\x16\\x03" 400 0`).event
    expect(bytes).toMatchObject({ http_method: '', url_path: '', http_version: '' })
    const late = parseOne('203.0.113.7 - - [27/Nov/2024:25:16:03 +0700] "GET / HTTP/1.1" 200 1').event
    expect(late.timestamp).toBe(0)
  })

  test('a forwarded-for header never becomes the source', () => {
    const { event } = parseOne(`10.0.0.1 - - ${time} "GET / HTTP/1.1" 200 1 "-" "-" "203.0.113.7"`)
    expect(event.source_ip).toBe('10.0.0.1')
    expect(event.fields.get('http.request.headers.x-forwarded-for')).toBe('203.0.113.7')
  })
})

describe('error logs', () => {
  test('nginx', () => {
    expect(
      read(
        '2024/11/27 08:16:03 [error] 31#32: *46 open() "/usr/share/nginx/x" failed (2: No such file or directory), client: 203.0.113.7, server: localhost, request: "GET /x?a=1 HTTP/1.1", upstream: "http://10.0.0.9:80/x", host: "kpu.example:8080", referrer: "https://lain.example/"',
      ),
    ).toEqual({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'nginx.error',
      event_category: 'web',
      event_action: 'web_error',
      event_outcome: 'failure',
      log_level: 'error',
      process_name: 'nginx',
      process_pid: 31,
      network_protocol: 'http',
      source_ip: '203.0.113.7',
      http_method: 'GET',
      url_original: '/x?a=1',
      url_path: '/x',
      url_domain: 'kpu.example',
      destination_port: 8080,
      http_version: '1.1',
      http_referrer: 'https://lain.example/',
      fields: {
        'nginx.connection_id': '46',
        'error.message': 'open() "/usr/share/nginx/x" failed (2: No such file or directory)',
        'nginx.upstream': 'http://10.0.0.9:80/x',
      },
    })
  })

  test('nginx without a client', () => {
    expect(read('2024/11/27 08:16:03 [notice] 1#1: signal process started', 'nginx')).toMatchObject({
      log_level: 'notice',
      fields: { 'error.message': 'signal process started' },
    })
  })

  test('nginx: the client that a referrer imitates is not taken, and the line is marked', () => {
    const { event } = parseOne(
      '2024/11/27 08:16:03 [error] 1#1: *1 x, client: 203.0.113.7, server: _, request: "GET / HTTP/1.1", host: "a", referrer: "b, client: 198.51.100.66, server: c"',
    )
    expect(event.source_ip).toBe('203.0.113.7')
    expect(event.tags).toContain('client_ambiguous')
  })

  const apache: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      '2.2 notice',
      '[Wed Nov 27 08:16:03 2024] [notice] caught SIGTERM, shutting down',
      {
        timestamp: '2024-11-27T01:16:03.000Z',
        log_level: 'notice',
        fields: { 'error.message': 'caught SIGTERM, shutting down' },
      },
    ],
    [
      '2.2 client and referer',
      '[Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] File does not exist: /var/www/a, referer: http://kpu.example/',
      {
        source_ip: '203.0.113.7',
        event_outcome: 'failure',
        http_referrer: 'http://kpu.example/',
        fields: { 'error.message': 'File does not exist: /var/www/a' },
      },
    ],
    [
      '2.4',
      '[Wed Nov 27 08:16:03.250001 2024] [core:error] [pid 10:tid 14012] [client 203.0.113.7:50229] AH00126: Invalid URI in request GET /../.. HTTP/1.1',
      {
        timestamp: '2024-11-27T01:16:03.250Z',
        process_pid: 10,
        source_ip: '203.0.113.7',
        source_port: 50229,
        event_code: 'AH00126',
        fields: { 'apache.module': 'core', 'process.thread.id': '14012' },
      },
    ],
    [
      '2.4 with IPv6',
      '[Wed Nov 27 08:16:03.250001 2024] [core:error] [pid 10] [client 2001:db8::1:5022] AH00126: x',
      { source_ip: '2001:db8::1', source_port: 5022 },
    ],
    [
      '2.4 with an error of the system',
      '[Wed Nov 27 08:16:03.250001 2024] [ssl:info] [pid 10:tid 14] (70014)End of file found: [client 203.0.113.7:17036] AH02006: SSL handshake stopped',
      {
        source_ip: '203.0.113.7',
        event_code: 'AH02006',
        fields: { 'error.message': '(70014)End of file found: SSL handshake stopped' },
      },
    ],
    [
      'unknown user',
      '[Wed Nov 27 08:16:03.250001 2024] [auth_basic:error] [pid 10:tid 14] [client 203.0.113.7:50229] AH01618: user budi not found: /admin',
      {
        event_category: 'authentication',
        event_action: 'http_auth',
        event_outcome: 'failure',
        user_name: 'budi',
        url_path: '/admin',
      },
    ],
    [
      'wrong password',
      '[Wed Nov 27 08:16:03.250001 2024] [auth_basic:error] [pid 10:tid 14] [client 203.0.113.7:50229] AH01617: user budi: authentication failure for "/admin": Password Mismatch',
      { event_category: 'authentication', user_name: 'budi', url_path: '/admin' },
    ],
    [
      'ModSecurity',
      '[Wed Nov 27 08:16:03.250001 2024] [:error] [pid 10:tid 14] [client 203.0.113.7:50229] [client 203.0.113.7] ModSecurity: Warning. Matched phrase "x" at ARGS:a. [id "930120"] [msg "OS File Access Attempt"] [data "Matched"] [severity "CRITICAL"] [hostname "kpu.example"] [uri "/a"] [unique_id "abc"]',
      {
        event_category: 'intrusion_detection',
        event_action: 'waf_alert',
        event_code: '930120',
        rule_name: 'OS File Access Attempt',
        event_severity: 90,
        url_original: '/a',
        url_domain: 'kpu.example',
        source_ip: '203.0.113.7',
      },
    ],
  ]
  test.each(apache)('Apache %s', (_, line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'apache.error', ...expected })
    expect(read(line, 'apache')).toMatchObject({ dataset: 'apache.error', ...expected })
  })

  test('Apache 2.4 with a bracketed IPv6 client', () => {
    expect(
      read('[Wed Nov 27 08:16:03.25 2024] [core:error] [pid 1] [client [2001:db8::7]:4711] AH00126: x'),
    ).toMatchObject({ source_ip: '2001:db8::7', source_port: 4711, event_code: 'AH00126' })
  })

  test.each(['httpd[7]', 'httpd/situs[7]', 'apache2[7]'])(
    'Apache by syslog as %s, which leaves its own time out',
    (program) => {
      const line = `Nov 27 08:16:03 web1 ${program}: [authz_core:error] [pid 9] [client 203.0.113.7:4711] AH01630: client denied by server configuration: /var/www`
      const expected = {
        dataset: 'apache.error',
        host_name: 'web1',
        source_ip: '203.0.113.7',
        event_code: 'AH01630',
        event_outcome: 'failure',
        timestamp: '2025-11-27T01:16:03.000Z',
      }
      expect(read(line)).toMatchObject(expected)
      expect(read(line, 'apache')).toMatchObject(expected)
    },
  )

  test('a level alone does not make a plain line one of Apache', () => {
    expect(read('[error] something broke')).toEqual({ dataset: 'plain' })
  })

  test('inside syslog, with the zone of the syslog time kept', () => {
    expect(
      read(
        '<187>1 2024-11-27T08:16:03.5+09:00 web1 nginx 31 - - 2024/11/27 08:16:03 [error] 31#31: *1 x, client: 203.0.113.7, server: s, request: "GET /a HTTP/1.1"',
        'nginx',
      ),
    ).toMatchObject({
      dataset: 'nginx.error',
      timestamp: '2024-11-26T23:16:03.500Z',
      host_name: 'web1',
      url_domain: 's',
      source_ip: '203.0.113.7',
    })
    expect(
      read('Nov 27 08:16:05 web1 httpd[9]: [Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] x', 'apache'),
    ).toMatchObject({
      dataset: 'apache.error',
      timestamp: '2024-11-27T01:16:03.000Z',
      host_name: 'web1',
    })
    expect(
      read('Nov 27 08:16:05 web1 nginx: 203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET /a HTTP/1.1" 200 1 "-" "u"'),
    ).toEqual(expect.not.objectContaining({ tags: expect.anything() }))
    expect(
      read('Nov 27 08:16:05 web1 nginx: 203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET /a HTTP/1.1" 200 1 "-" "u"'),
    ).toMatchObject({
      dataset: 'nginx.access',
      timestamp: '2024-11-27T01:16:03.000Z',
    })
  })
})
