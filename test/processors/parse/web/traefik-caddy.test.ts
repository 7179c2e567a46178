// Traefik and Caddy: requests as lines and as JSON, and what Caddy's modules say.
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const line = (referrer: string, agent: string, user = '-') =>
  `203.0.113.7 - ${user} [27/Nov/2024:08:16:03 +0700] "POST /masuk?a=1 HTTP/2.0" 401 17 "${referrer}" "${agent}" 72 "web@docker" "http://192.0.2.3:80" 12ms`

describe('Traefik', () => {
  test('common format with what it adds', () => {
    expect(read(line('https://kpu.example/', 'curl/8.5', 'siti'))).toEqual({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'traefik.access',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'failure',
      network_protocol: 'http',
      source_ip: '203.0.113.7',
      user_name: 'siti',
      http_method: 'POST',
      http_version: '2.0',
      url_original: '/masuk?a=1',
      url_path: '/masuk',
      http_status_code: 401,
      http_response_bytes: 17,
      http_referrer: 'https://kpu.example/',
      user_agent_original: 'curl/8.5',
      fields: {
        'traefik.router_name': 'web@docker',
        'traefik.service_url': 'http://192.0.2.3:80',
        'event.duration': '12000000',
      },
    })
  })

  test('quotes of a client, which Traefik does not escape, forge neither router nor status nor agent', () => {
    const forged = read(line('-', 'a" 1 "evil@docker" "http://198.51.100.9:1" 0ms" "GET / HTTP/1.1" 200 1'))
    expect(forged).toMatchObject({
      http_status_code: 401,
      event_outcome: 'failure',
      user_agent_original: 'a" 1 "evil@docker" "http://198.51.100.9:1" 0ms" "GET / HTTP/1.1" 200 1',
      fields: { 'traefik.router_name': 'web@docker', 'traefik.service_url': 'http://192.0.2.3:80' },
    })
    expect(forged).not.toHaveProperty('http_referrer')
    expect(read(line('-', 'ends with \\')).user_agent_original).toBe('ends with \\')
  })

  test('no router, no answer; IPv6', () => {
    const text = '2001:db8::7 - - [27/Nov/2024:08:16:03 +0700] "GET /a HTTP/1.1" - - "-" "-" 45640 "-" "-" 0ms'
    expect(read(text)).toMatchObject({ dataset: 'traefik.access', source_ip: '2001:db8::7', url_path: '/a' })
    expect(read(text)).not.toHaveProperty('event_outcome')
  })

  test('without what it adds, or cut in it, a line is an access line, of Traefik if the format is set', () => {
    for (const text of [
      line('-', 'u').slice(0, -5),
      '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1',
    ]) {
      expect(read(text).dataset).toBe('web.access')
      expect(read(text, 'traefik')).toMatchObject({ dataset: 'traefik.access', source_ip: '203.0.113.7' })
    }
  })

  test('JSON', () => {
    const values = {
      ClientAddr: '203.0.113.7:51234',
      ClientHost: '203.0.113.7',
      ClientPort: '51234',
      ClientUsername: '-',
      DownstreamContentSize: 19,
      DownstreamStatus: 404,
      Duration: 123456,
      RequestCount: 7,
      RequestHost: 'Pemilu.example',
      RequestMethod: 'GET',
      RequestPath: '/.git/config',
      RequestProtocol: 'HTTP/1.1',
      RouterName: 'web@docker',
      StartUTC: '2024-11-27T01:16:03.123456789Z',
      level: 'info',
      msg: '',
      'request_User-Agent': 'curl/8.5',
      time: '2024-11-27T08:16:04+07:00',
    }
    expect(read(JSON.stringify(values))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'traefik.access',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      source_port: 51234,
      url_domain: 'pemilu.example',
      url_path: '/.git/config',
      http_status_code: 404,
      user_agent_original: 'curl/8.5',
      fields: { 'event.duration': '123456', RequestCount: '7' },
    })
    // Behind a proxy that is trusted, the host is the client and the port is the proxy's.
    const behind = read(JSON.stringify({ ...values, ClientAddr: '192.0.2.9:4711', ClientHost: '2001:db8::7' }))
    expect(behind).toMatchObject({ source_ip: '2001:db8::7' })
    expect(behind).not.toHaveProperty('source_port')
  })
})

describe('Caddy', () => {
  const request = {
    remote_ip: '203.0.113.7',
    remote_port: '44790',
    client_ip: '203.0.113.7',
    proto: 'HTTP/2.0',
    method: 'GET',
    host: 'pemilu.example:8443',
    uri: '/wp-login.php?a=b',
    headers: { 'User-Agent': ['curl/8.5'], Referer: ['https://lain.example/'] },
    tls: { version: 772, server_name: 'pemilu.example' },
  }
  const access = {
    level: 'info',
    ts: 1732670163.1234,
    logger: 'http.log.access.log0',
    msg: 'handled request',
    request,
    user_id: 'budi',
    duration: 0.0125,
    size: 18630,
    status: 200,
  }

  test('a request', () => {
    expect(read(JSON.stringify(access))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.123Z',
      dataset: 'caddy.access',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'success',
      source_ip: '203.0.113.7',
      source_port: 44790,
      user_name: 'budi',
      url_domain: 'pemilu.example',
      destination_port: 8443,
      url_path: '/wp-login.php',
      http_version: '2.0',
      http_status_code: 200,
      http_response_bytes: 18630,
      http_referrer: 'https://lain.example/',
      user_agent_original: 'curl/8.5',
      tls_version: '1.3',
      tls_server_name: 'pemilu.example',
      fields: { 'event.duration': '12500000' },
    })
  })

  test('behind a trusted proxy, of an old version, with ISO times', () => {
    const behind = { ...access, request: { ...request, client_ip: '2001:db8::7' } }
    expect(read(JSON.stringify(behind))).toMatchObject({
      source_ip: '2001:db8::7',
      fields: { 'caddy.remote_ip': '203.0.113.7' },
    })
    const old = {
      ...access,
      ts: '2024-11-27T08:16:03.000+0700',
      request: { remote_addr: '203.0.113.7:44790', method: 'GET', uri: '/' },
    }
    expect(read(JSON.stringify(old))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.000Z',
      source_ip: '203.0.113.7',
      source_port: 44790,
    })
  })

  test('headers of a client, whatever they are called, set nothing else', () => {
    const forged = {
      ...access,
      request: { ...request, headers: { Status: ['200'], Remote_ip: ['1.1.1.1'], client_ip: ['1.1.1.1'] } },
    }
    expect(read(JSON.stringify({ ...forged, status: 403 }))).toMatchObject({
      source_ip: '203.0.113.7',
      http_status_code: 403,
    })
  })

  test('errors, modules, Coraza', () => {
    const error = {
      level: 'error',
      ts: 1732670163,
      logger: 'http.log.error',
      msg: 'dial tcp: refused',
      request,
      status: 502,
    }
    expect(read(JSON.stringify(error))).toMatchObject({
      dataset: 'caddy.log',
      event_action: 'web_error',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      http_status_code: 502,
      fields: { 'error.message': 'dial tcp: refused' },
    })
    const waf = {
      level: 'error',
      ts: 1732670163,
      logger: 'http.handlers.waf',
      msg: '[client "203.0.113.7"] Coraza: Access denied (phase 2). Matched. [file "a.conf"] [line "1"] [id "942100"] [rev ""] [msg "SQL Injection"] [data "x"] [severity "critical"] [tag "attack-sqli"] [hostname "192.0.2.1"] [uri "/a?id=1"] [unique_id "q"]',
    }
    expect(read(JSON.stringify(waf))).toMatchObject({
      dataset: 'caddy.log',
      event_category: 'intrusion_detection',
      event_action: 'waf_block',
      event_code: '942100',
      rule_name: 'SQL Injection',
      event_severity: 90,
      source_ip: '203.0.113.7',
      url_path: '/a',
      observer_product: 'Coraza',
    })
    expect(read('{"level":"info","ts":1732670163,"logger":"tls.obtain","msg":"lock acquired"}')).toMatchObject({
      dataset: 'caddy.log',
      event_action: 'web_log',
    })
    // Others log with the same library.
    expect(read('{"level":"info","ts":1732670163,"logger":"etcd-client","msg":"x"}').dataset).toBe('json')
  })
})
