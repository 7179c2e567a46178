import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

describe('ECS', () => {
  test('nested', () => {
    expect(
      read(
        JSON.stringify({
          '@timestamp': '2024-11-27T01:16:03.123Z',
          ecs: { version: '8.11.0' },
          event: {
            category: ['authentication'],
            action: 'login',
            outcome: 'failure',
            severity: 300,
            code: 4625,
            dataset: 'x.y',
          },
          source: { ip: '::ffff:203.0.113.7', port: 4711, geo: { country_iso_code: 'XX' } },
          user: { name: 'siti', target: { name: 'root' } },
          host: { name: 'h' },
          http: { request: { method: 'post' }, response: { status_code: 401, body: { bytes: 5 } } },
          url: { original: 'https://kpu.example/a?b=1', domain: 'kpu.example' },
          file: { hash: { sha256: 'ff' } },
          tags: ['clock_future'],
          message: 'm',
        }),
      ),
    ).toEqual({
      dataset: 'ecs',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'authentication',
      event_action: 'login',
      event_outcome: 'failure',
      event_severity: 100,
      event_code: '4625',
      source_ip: '203.0.113.7',
      source_port: 4711,
      user_name: 'siti',
      user_target_name: 'root',
      host_name: 'h',
      http_method: 'POST',
      http_status_code: 401,
      http_response_bytes: 5,
      url_original: 'https://kpu.example/a?b=1',
      url_path: '/a',
      url_domain: 'kpu.example',
      file_hash: 'ff',
      fields: {
        'ecs.version': '8.11.0',
        'event.dataset': 'x.y',
        'source.geo.country_iso_code': 'XX',
        tags: 'clock_future',
        message: 'm',
      },
    })
  })
  test('dotted', () => {
    expect(
      read(
        '{"@timestamp":1732670163000,"event.action":"a","source.ip":"203.0.113.7","user.name":"siti","log.level":"WARN","x.y":1}',
      ),
    ).toEqual({
      dataset: 'ecs',
      timestamp: '2024-11-27T01:16:03.000Z',
      event_action: 'a',
      source_ip: '203.0.113.7',
      user_name: 'siti',
      log_level: 'warn',
      fields: { 'x.y': '1' },
    })
  })
  test("marks and enrichment are not the sender's to set", () => {
    const { event } = parseOne(
      '{"@timestamp":"2024-11-27T01:16:03Z","ecs":{"version":"8"},"tags":["truncated"],"event":{"risk_score":99,"id":"x"},"rule":{"id":"r"}}',
    )
    expect(event).toMatchObject({ tags: [], score: 0, event_id: '', rule_ids: [] })
    expect(event.fields.get('event.risk_score')).toBe('99')
  })
  test('configured, but something else', () => {
    expect(parseOne('{"a":1}', 'ecs').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })
})

describe('any JSON', () => {
  const cases: [line: string, expected: Record<string, unknown>][] = [
    [
      '{"time":"2024-11-27T08:16:03","level":"ERROR","msg":"a b","host":"h","user":"siti","ip":"203.0.113.7","x":{"y":[1,2],"z":null}}',
      {
        timestamp: '2024-11-27T01:16:03.000Z',
        log_level: 'error',
        host_name: 'h',
        user_name: 'siti',
        source_ip: '203.0.113.7',
        fields: { message: 'a b', 'x.y': '[1,2]' },
      },
    ],
    ['{"ts":1732670163.25}', { timestamp: '2024-11-27T01:16:03.250Z' }],
    ['{"ts":"1732670163250"}', { timestamp: '2024-11-27T01:16:03.250Z' }],
    ['{"timestamp":1732670163250000000}', { timestamp: '2024-11-27T01:16:03.250Z' }],
    [
      '{"timestamp":"nonsense","time":"27/Nov/2024:08:16:03 +0700"}',
      { timestamp: '2024-11-27T01:16:03.000Z', fields: { timestamp: 'nonsense' } },
    ],
    [
      '{"@timestamp":"2024-11-27T01:16:03Z","message":"m","level":"info"}',
      { log_level: 'info', fields: { message: 'm' } },
    ],
    ['{"level":30,"pid":7,"hostname":"h","msg":"pino"}', { log_level: 'info', process_pid: 7, host_name: 'h' }],
    [
      '{"request":{"remote_ip":"203.0.113.7","remote_port":"4711","method":"get","host":"kpu.example:8443","uri":"/a?b","proto":"HTTP/2.0","headers":{"User-Agent":["u"]}},"status":404,"size":9}',
      {
        event_category: 'web',
        event_action: 'http_request',
        event_outcome: 'failure',
        http_method: 'GET',
        url_original: '/a?b',
        url_path: '/a',
        url_domain: 'kpu.example',
        destination_port: 8443,
        source_ip: '203.0.113.7',
        source_port: 4711,
        http_status_code: 404,
        http_response_bytes: 9,
        http_version: '2.0',
        user_agent_original: 'u',
      },
    ],
    [
      '{"remote_addr":"203.0.113.7","request_method":"GET","request_uri":"/","status":"200","body_bytes_sent":"5","http_user_agent":"u"}',
      { http_status_code: 200, http_response_bytes: 5, event_outcome: 'success' },
    ],
    [
      '{"ip":"not an address","src_ip":"203.0.113.7","path":"/etc/passwd","status":"ok"}',
      { source_ip: '203.0.113.7', fields: { ip: 'not an address', path: '/etc/passwd', status: 'ok' } },
    ],
    [
      '  {"user":{"username":"siti"},"sourceIPs":["203.0.113.7"],"verb":"create"}',
      { user_name: 'siti', source_ip: '203.0.113.7', event_action: 'create' },
    ],
    ['{"outcome":"success"}', { event_outcome: 'success' }],
    ['{}', {}],
  ]
  test.each(cases)('%s', (line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'json', ...expected })
    expect(read(line, 'json')).toMatchObject({ dataset: 'json', ...expected })
  })

  test('hostile names are harmless', () => {
    const { event, outcome } = parseOne(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}},"level":"__proto__","outcome":"constructor","toString":"a","user":{"__proto__":"b"}}',
    )
    expect(outcome.kind).toBe('ok')
    expect(event.log_level).toBe('__proto__')
    expect(event.event_outcome).toBe('')
    expect(event.fields.get('__proto__.polluted')).toBe('1')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('an array configured as JSON is kept as one field', () => {
    expect(read('[1,{"a":2}]', 'json')).toEqual({ dataset: 'json', fields: { json: '[1,{"a":2}]' } })
    expect(parseOne('[1,', 'json').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
    expect(parseOne('"a"', 'json').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })

  test('broken JSON is plain when recognised and a dead letter when configured', () => {
    expect(read('{"a":1')).toEqual({ dataset: 'plain' })
    expect(read('{not json}')).toEqual({ dataset: 'plain' })
    expect(parseOne('{"a":1', 'json').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })
})

describe('limits', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`
  const keys = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`

  test('64 levels are read, 65 are a dead letter, whatever the format', () => {
    expect(parseOne(nested(64)).outcome.kind).toBe('ok')
    for (const format of ['', 'json', 'ecs', 'suricata'] as const) {
      expect(parseOne(nested(65), format).outcome).toMatchObject({ kind: 'dlq', reason: 'json_too_deep' })
    }
  })
  test('half a million levels do not touch the stack', () => {
    expect(parseOne('{"a":'.repeat(100_000)).outcome).toMatchObject({ kind: 'dlq', reason: 'json_too_deep' })
    expect(parseOne(`{"a":${'['.repeat(500_000)}`, 'json').outcome).toMatchObject({
      kind: 'dlq',
      reason: 'json_too_deep',
    })
    expect(parseOne('['.repeat(500_000), 'json').outcome).toMatchObject({ kind: 'dlq', reason: 'json_too_deep' })
    expect(parseOne('['.repeat(500_000)).outcome.kind).toBe('ok')
    expect(parseOne('{'.repeat(500_000)).event.dataset).toBe('plain')
    expect(parseOne(`Nov 27 08:16:03 h app: ${'{"a":'.repeat(1000)}`).outcome).toMatchObject({
      kind: 'dlq',
      reason: 'json_too_deep',
    })
  })
  test('brackets inside strings do not count', () => {
    expect(read(`{"a":"${'[{'.repeat(500)}\\"${'['.repeat(500)}"}`).dataset).toBe('json')
  })
  test('4,096 keys are read, 4,097 are a dead letter', () => {
    const { outcome, event } = parseOne(keys(4096))
    expect(outcome.kind).toBe('ok')
    expect(event.fields.size).toBe(256)
    expect(event.tags).toEqual(['fields_cut'])
    expect(parseOne(keys(4097)).outcome).toMatchObject({ kind: 'dlq', reason: 'json_too_many_keys' })
    expect(parseOne(`[${Array.from({ length: 4097 }, () => '{"":0}').join(',')}]`, 'json').outcome).toMatchObject({
      reason: 'json_too_many_keys',
    })
  })
  test('long values are cut at 8 KiB of UTF-8, never inside a character', () => {
    for (const unit of ['a', 'é', '漢', '😀']) {
      const { event } = parseOne(JSON.stringify({ x: `b${unit.repeat(20_000)}` }))
      const value = event.fields.get('x') ?? ''
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(8192)
      expect(Buffer.byteLength(value)).toBeGreaterThan(8180)
      expect(value.isWellFormed()).toBe(true)
      expect(event.tags).toEqual(['fields_cut'])
    }
    expect(parseOne(JSON.stringify({ x: 'a'.repeat(8192) })).event.tags).toEqual([])
  })
  test('long names are cut', () => {
    const { event } = parseOne(JSON.stringify({ ['n'.repeat(5000)]: 'x' }))
    expect([...event.fields.keys()].map((name) => name.length)).toEqual([256])
  })
})
