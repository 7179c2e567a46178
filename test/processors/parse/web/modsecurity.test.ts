// ModSecurity and Coraza: native audit logs in one text and in parts, JSON of three schemas, rules in the error logs of web servers.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const sqli =
  'Warning. detected SQLi using libinjection with fingerprint \'s&1\' [file "/etc/crs/REQUEST-942.conf"] [line "45"] [id "942100"] [msg "SQL Injection Attack Detected via libinjection"] [data "Matched Data: s&1 found within ARGS:id: 1\' or 1=1"] [severity "CRITICAL"] [ver "OWASP_CRS/4.0.0"] [tag "attack-sqli"] [tag "paranoia-level/1"]'
const agent =
  'Warning. Matched phrase "nikto" at REQUEST_HEADERS:User-Agent. [file "/etc/crs/REQUEST-913.conf"] [line "38"] [id "913100"] [msg "Found User-Agent associated with security scanner"] [severity "NOTICE"]'
const denied =
  'Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/etc/crs/REQUEST-949.conf"] [line "93"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 8)"] [severity "CRITICAL"]'

const transaction = (h: string[], body = 'id=1') =>
  [
    '--a7c9c73c-A--',
    '[27/Nov/2024:08:16:03.123456 +0700] Z0Zx4n8AAQEAAGk 203.0.113.7 51234 192.0.2.1 443',
    '--a7c9c73c-B--',
    "POST /cari?id=1'+or+1=1 HTTP/1.1",
    'Host: Pemilu.example',
    'User-Agent: nikto/2.5',
    'Referer: https://lain.example/',
    'X-Forwarded-For: 198.51.100.1',
    '',
    '--a7c9c73c-C--',
    body,
    '--a7c9c73c-F--',
    'HTTP/1.1 403 Forbidden',
    'Content-Type: text/html',
    '',
    '--a7c9c73c-H--',
    ...h,
    '',
    '--a7c9c73c-Z--',
    '',
  ].join('\n')

const blocked = transaction([
  `Message: ${agent}`,
  `Message: ${sqli}`,
  `Message: ${denied}`,
  'Action: Intercepted (phase 2)',
  'Producer: ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/); OWASP_CRS/4.0.0.',
  'Engine-Mode: "ENABLED"',
])

describe('native', () => {
  test('a transaction in one text: the gravest rule that looked at the request, and all of them', () => {
    expect(read(blocked)).toEqual({
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'modsecurity.audit',
      event_category: 'intrusion_detection',
      event_action: 'waf_block',
      event_outcome: 'failure',
      event_code: '942100',
      rule_name: 'SQL Injection Attack Detected via libinjection',
      event_severity: 90,
      observer_product: 'ModSecurity',
      network_protocol: 'http',
      source_ip: '203.0.113.7',
      source_port: 51234,
      destination_ip: '192.0.2.1',
      destination_port: 443,
      http_method: 'POST',
      http_version: '1.1',
      http_status_code: 403,
      url_domain: 'pemilu.example',
      url_original: "/cari?id=1'+or+1=1",
      url_path: '/cari',
      http_referrer: 'https://lain.example/',
      user_agent_original: 'nikto/2.5',
      fields: {
        'modsecurity.unique_id': 'Z0Zx4n8AAQEAAGk',
        'modsecurity.data': "Matched Data: s&1 found within ARGS:id: 1' or 1=1",
        'modsecurity.tags': 'attack-sqli,paranoia-level/1',
        'modsecurity.rules': '913100,942100,949110',
        'modsecurity.producer': 'ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/); OWASP_CRS/4.0.0.',
        'modsecurity.engine_mode': 'ENABLED',
        'http.request.headers.x-forwarded-for': '198.51.100.1',
      },
    })
    expect(read(blocked.replaceAll('\n', '\r\n'), 'modsecurity')).toEqual(read(blocked))
  })

  test('a rule that only tells, and none at all', () => {
    expect(read(transaction([`Message: ${agent}`]).replace('403 Forbidden', '200 OK'))).toMatchObject({
      event_action: 'waf_alert',
      event_outcome: 'success',
      event_severity: 25,
      http_status_code: 200,
    })
    expect(
      read(transaction(['Stopwatch: 1 2 (- - -)']).replace('403 Forbidden', '500 Internal Server Error')),
    ).toMatchObject({
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'failure',
      http_status_code: 500,
    })
  })

  test('version 3 writes its messages without a name and severities as numbers; IPv6', () => {
    const text = transaction([
      `ModSecurity: ${denied.replace('"CRITICAL"', '"0"')}`,
      `ModSecurity: ${sqli.replace('"CRITICAL"', '"2"')} [hostname "192.0.2.1"] [uri "/cari"] [unique_id "17"]`,
    ]).replace('203.0.113.7', '2001:db8::7')
    expect(read(text)).toMatchObject({
      source_ip: '2001:db8::7',
      event_action: 'waf_block',
      event_code: '942100',
      event_severity: 90,
    })
    expect(read(text.replaceAll('--a7c9c73c-', '---aB3dE9x7---'))).toMatchObject({
      event_code: '942100',
      http_method: 'POST',
    })
  })

  test('a body that imitates the log adds no rule, no address and no answer', () => {
    const forged = transaction(
      [`Message: ${sqli}`],
      [
        '--a7c9c73d-A--',
        '[27/Nov/2024:00:00:00 +0700] x 1.1.1.1 1 192.0.2.1 443',
        '--a7c9c73d-F--',
        'HTTP/1.1 200 OK',
        '--a7c9c73d-H--',
        'Message: Warning. [file "x"] [id "1"] [msg "nothing"] [severity "DEBUG"]',
        'Message: Warning. [file "x"] [id "2"] [msg "nothing"] [severity "EMERGENCY"]',
      ].join('\n'),
    )
    expect(read(forged)).toMatchObject({
      source_ip: '203.0.113.7',
      http_status_code: 403,
      event_code: '942100',
      event_severity: 90,
    })
    expect(read(forged).fields).not.toHaveProperty('modsecurity.rules')
  })

  test('parts alone, lines alone, a boundary alone', () => {
    expect(read(`--a7c9c73c-H--\nMessage: ${denied}\nMessage: ${sqli}`, 'modsecurity')).toMatchObject({
      event_action: 'waf_block',
      event_code: '942100',
    })
    expect(read('--a7c9c73c-B--\nGET /.env HTTP/1.1\nHost: pemilu.example')).toMatchObject({
      dataset: 'modsecurity.audit',
      url_path: '/.env',
      url_domain: 'pemilu.example',
    })
    expect(read(`Message: ${sqli}`, 'modsecurity')).toMatchObject({ event_action: 'waf_alert', event_code: '942100' })
    expect(read('[27/Nov/2024:08:16:03 +0700] id 203.0.113.7 5 192.0.2.1 443', 'modsecurity')).toMatchObject({
      source_ip: '203.0.113.7',
      timestamp: '2024-11-27T01:16:03.000Z',
    })
    expect(parseOne('--a7c9c73c-Z--', 'modsecurity').outcome).toEqual({ kind: 'drop', reason: 'format_header' })
    expect(parseOne('Host: pemilu.example', 'modsecurity').outcome).toMatchObject({ kind: 'dlq' })
  })

  test('cut anywhere, it never says more than the whole', () => {
    for (let i = blocked.indexOf('\n--a7c9c73c-B') + 1; i < blocked.length; i += 7) {
      const { outcome, event } = parseOne(blocked.slice(0, i))
      expect(outcome.kind).toBe('ok')
      expect(event.source_ip).toBe('203.0.113.7')
    }
  })
})

describe('JSON', () => {
  const headers = { Host: 'pemilu.example', 'user-agent': 'curl/8' }
  const rule = (id: string, severity: string, message: string) => ({
    message,
    details: { ruleId: id, severity, data: 'd', tags: ['attack-lfi'], file: 'f', lineNumber: '1' },
  })
  const version3 = {
    transaction: {
      client_ip: '203.0.113.7',
      time_stamp: 'Wed Nov 27 08:16:03 2024',
      client_port: 51234,
      host_ip: '192.0.2.1',
      host_port: 443,
      unique_id: '173267016312.345',
      request: { method: 'GET', http_version: 1.1, uri: '/?f=../../etc/passwd', headers },
      response: { http_code: 403, headers: {} },
      producer: { modsecurity: 'ModSecurity v3.0.12 (Linux)', secrules_engine: 'Enabled' },
      messages: [rule('949110', '0', 'Inbound Anomaly Score Exceeded'), rule('930120', '2', 'OS File Access Attempt')],
    },
  }

  test('ModSecurity 3', () => {
    const expected = {
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'modsecurity.audit',
      event_category: 'intrusion_detection',
      event_action: 'waf_block',
      event_outcome: 'failure',
      event_code: '930120',
      rule_name: 'OS File Access Attempt',
      event_severity: 90,
      source_ip: '203.0.113.7',
      source_port: 51234,
      destination_port: 443,
      url_path: '/',
      url_domain: 'pemilu.example',
      user_agent_original: 'curl/8',
      http_status_code: 403,
      http_version: '1.1',
      observer_product: 'ModSecurity',
    }
    expect(read(JSON.stringify(version3))).toMatchObject(expected)
    expect(read(JSON.stringify(version3), 'modsecurity')).toMatchObject(expected)
  })

  test('an engine that only detects blocks nothing, whatever the answer', () => {
    const { transaction: t } = version3
    const text = JSON.stringify({
      transaction: { ...t, producer: { ...t.producer, secrules_engine: 'DetectionOnly' } },
    })
    expect(read(text)).toMatchObject({ event_action: 'waf_alert' })
  })

  test('Coraza: times of several kinds, headers as lists', () => {
    const coraza = {
      transaction: {
        timestamp: '2024/11/27 08:16:03',
        unix_timestamp: 1732670163123000000,
        id: 'KpQz',
        client_ip: '2001:db8::7',
        client_port: 51234,
        request: {
          method: 'GET',
          protocol: 'HTTP/1.1',
          uri: '/a',
          headers: { host: ['pemilu.example'], 'user-agent': ['curl/8'] },
        },
        response: { status: 0 },
        producer: { connector: '', rule_engine: 'On' },
        is_interrupted: true,
      },
      messages: [
        { message: '', data: { id: 930120, msg: 'OS File Access Attempt', severity: 2, tags: ['attack-lfi'] } },
      ],
    }
    const expected = {
      dataset: 'modsecurity.audit',
      event_action: 'waf_block',
      event_outcome: 'failure',
      event_code: '930120',
      event_severity: 90,
      source_ip: '2001:db8::7',
      url_domain: 'pemilu.example',
      user_agent_original: 'curl/8',
      observer_product: 'Coraza',
    }
    expect(read(JSON.stringify(coraza))).toMatchObject({ ...expected, timestamp: '2024-11-27T01:16:03.123Z' })
    const local = { ...coraza, transaction: { ...coraza.transaction, unix_timestamp: 0 } }
    expect(read(JSON.stringify(local))).toMatchObject({ ...expected, timestamp: '2024-11-27T01:16:03.000Z' })
  })

  test('ModSecurity 2', () => {
    const version2 = {
      transaction: {
        time: '27/Nov/2024:08:16:03.123456 +0700',
        transaction_id: 'Z0Zx',
        remote_address: '203.0.113.7',
        remote_port: 51234,
        local_address: '192.0.2.1',
        local_port: 443,
      },
      request: { request_line: 'GET /a?id=1 HTTP/1.1', headers },
      response: { status: 200 },
      audit_data: { messages: [sqli], engine_mode: 'DETECTION_ONLY', producer: ['ModSecurity', 'OWASP_CRS'] },
    }
    expect(read(JSON.stringify(version2))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.123Z',
      event_action: 'waf_alert',
      event_outcome: 'success',
      event_code: '942100',
      source_ip: '203.0.113.7',
      url_path: '/a',
      fields: { 'modsecurity.producer': 'ModSecurity; OWASP_CRS' },
    })
  })
})

describe('in error logs', () => {
  const apache = (message: string) =>
    `[Wed Nov 27 08:16:03.250001 2024] [:error] [pid 10:tid 14] [client 203.0.113.7:50229] [client 203.0.113.7] ModSecurity: ${message}`

  test('of Apache, if the format is ModSecurity', () => {
    expect(read(apache(sqli), 'modsecurity')).toMatchObject({
      dataset: 'apache.error',
      event_code: '942100',
      source_ip: '203.0.113.7',
    })
  })

  test('details that come first', () => {
    const text = apache(
      '[file "/etc/a.conf"] [line "6"] [id "340069"] [msg "Scanner"] [severity "CRITICAL"] Access denied with code 403 (phase 2). Pattern match "x" at ARGS:[file "y"] [id "1"].',
    )
    expect(read(text)).toMatchObject({
      event_action: 'waf_block',
      event_code: '340069',
      rule_name: 'Scanner',
      event_severity: 90,
    })
    expect(read(text)).not.toHaveProperty('tags')
  })

  test('a parameter that imitates a rule does not become it, and is marked', () => {
    const forged = apache(
      sqli.replace('[file', 'at ARGS:x [file "x"] [id "1"] [msg "harmless"] [severity "DEBUG"]. [file'),
    )
    expect(read(forged)).toMatchObject({ event_code: '942100', event_severity: 90, tags: ['rule_ambiguous'] })
    const quoted = apache(sqli.replace('1=1"]', '1=1\\"] [id \\"1\\"] [severity \\"DEBUG\\"]"]'))
    expect(read(quoted)).toMatchObject({ event_code: '942100', event_severity: 90 })
  })

  test('of nginx: version 3', () => {
    const text = `2024/11/27 08:16:03 [error] 31#31: *46 [client 203.0.113.7] ModSecurity: ${denied.replace('"CRITICAL"', '"2"')} [hostname "192.0.2.1"] [uri "/a"] [unique_id "17"], client: 203.0.113.7, server: pemilu.example, request: "GET /a?b=1 HTTP/1.1", host: "pemilu.example"`
    for (const format of ['', 'nginx', 'modsecurity'] as const) {
      expect(read(text, format)).toMatchObject({
        dataset: 'nginx.error',
        event_category: 'intrusion_detection',
        event_action: 'waf_block',
        event_code: '949110',
        source_ip: '203.0.113.7',
        url_original: '/a?b=1',
        url_domain: 'pemilu.example',
      })
    }
  })
})
