// Cloudflare Logpush: requests and firewall events, with times of every kind that a job can be set to.
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const request = {
  ClientIP: '203.0.113.7',
  ClientSrcPort: 51234,
  ClientCountry: 'id',
  ClientRequestHost: 'Pemilu.example',
  ClientRequestMethod: 'GET',
  ClientRequestProtocol: 'HTTP/2',
  ClientRequestReferer: 'https://lain.example/',
  ClientRequestURI: '/hasil?prov=31',
  ClientRequestUserAgent: 'curl/8',
  ClientSSLProtocol: 'TLSv1.3',
  EdgeEndTimestamp: '2024-11-27T01:16:04Z',
  EdgeResponseBytes: 5120,
  EdgeResponseStatus: 200,
  EdgeStartTimestamp: '2024-11-27T01:16:03Z',
  RayID: '8e8f0c',
  WAFAttackScore: 12,
}

describe('requests', () => {
  test('what becomes of them', () => {
    expect(read(JSON.stringify(request))).toEqual({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'cloudflare.http',
      event_category: 'web',
      event_action: 'http_request',
      event_outcome: 'success',
      network_protocol: 'http',
      observer_vendor: 'Cloudflare',
      observer_product: 'Cloudflare',
      source_ip: '203.0.113.7',
      source_port: 51234,
      http_method: 'GET',
      http_version: '2.0',
      http_status_code: 200,
      http_response_bytes: 5120,
      http_referrer: 'https://lain.example/',
      user_agent_original: 'curl/8',
      url_domain: 'pemilu.example',
      url_original: '/hasil?prov=31',
      url_path: '/hasil',
      tls_version: '1.3',
      fields: { ClientCountry: 'id', ClientSSLProtocol: 'TLSv1.3', RayID: '8e8f0c', WAFAttackScore: '12' },
    })
    expect(read(JSON.stringify(request), 'cloudflare')).toEqual(read(JSON.stringify(request)))
  })

  test.each([
    ['2024-11-27T01:16:03.123Z', '2024-11-27T01:16:03.123Z'],
    [1732670163, '2024-11-27T01:16:03.000Z'],
    [1732670163123, '2024-11-27T01:16:03.123Z'],
    ['1732670163', '2024-11-27T01:16:03.000Z'],
  ])('time %j', (time, expected) => {
    expect(read(JSON.stringify({ ...request, EdgeStartTimestamp: time })).timestamp).toBe(expected)
  })

  test('time in nanoseconds, which no number of JavaScript holds exactly', () => {
    const text = JSON.stringify(request).replace(
      '"EdgeStartTimestamp":"2024-11-27T01:16:03Z"',
      '"EdgeStartTimestamp":1732670163123456789',
    )
    expect(read(text).timestamp).toBe('2024-11-27T01:16:03.123Z')
  })

  test('a refused one; IPv6; a job with few fields', () => {
    const few = {
      ClientIP: '2001:db8::7',
      ClientRequestMethod: 'POST',
      ClientRequestPath: '/masuk',
      EdgeResponseStatus: 403,
    }
    expect(read(JSON.stringify(few))).toMatchObject({
      source_ip: '2001:db8::7',
      event_outcome: 'failure',
      url_path: '/masuk',
    })
  })
})

describe('firewall events', () => {
  const hit = {
    Action: 'block',
    ClientIP: '203.0.113.7',
    ClientRequestHost: 'pemilu.example',
    ClientRequestMethod: 'GET',
    ClientRequestPath: '/cari',
    ClientRequestQuery: "?id=1'",
    ClientRequestUserAgent: 'sqlmap/1.8',
    Datetime: '2024-11-27T01:16:03Z',
    Description: 'SQLi - String Function',
    EdgeResponseStatus: 403,
    Kind: 'firewall',
    RuleID: '5de7edfa648c4d6891dc3e7f84534ffa',
    Source: 'firewallManaged',
  }

  test('a rule that blocked', () => {
    expect(read(JSON.stringify(hit))).toMatchObject({
      timestamp: '2024-11-27T01:16:03.000Z',
      dataset: 'cloudflare.firewall',
      event_category: 'intrusion_detection',
      event_action: 'waf_block',
      event_outcome: 'failure',
      event_code: '5de7edfa648c4d6891dc3e7f84534ffa',
      rule_name: 'SQLi - String Function',
      event_severity: 70,
      source_ip: '203.0.113.7',
      url_original: "/cari?id=1'",
      url_path: '/cari',
      url_domain: 'pemilu.example',
      user_agent_original: 'sqlmap/1.8',
      fields: { Action: 'block', Source: 'firewallManaged' },
    })
  })

  test.each([
    [
      'log',
      'firewallManaged',
      200,
      { event_category: 'intrusion_detection', event_action: 'waf_alert', event_outcome: 'success' },
    ],
    ['managed_challenge', 'botManagement', 403, { event_action: 'waf_block', event_severity: 25 }],
    ['challengeSolved', 'firewallCustom', 200, { event_category: 'web', event_action: 'waf_allow' }],
    ['skip', 'firewallCustom', 200, { event_category: 'web', event_action: 'waf_allow' }],
    ['block', 'firewallCustom', 403, { event_action: 'waf_block', event_severity: 10 }],
  ])('%s by %s', (Action, Source, EdgeResponseStatus, expected) => {
    expect(read(JSON.stringify({ ...hit, Action, Source, EdgeResponseStatus }))).toMatchObject(expected)
  })

  test('what a client can write stands in its own field', () => {
    const forged = { ...hit, ClientRequestUserAgent: '","Action":"allow","ClientIP":"1.1.1.1' }
    expect(read(JSON.stringify(forged))).toMatchObject({ source_ip: '203.0.113.7', event_action: 'waf_block' })
  })
})
