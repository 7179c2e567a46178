// Are flat Sigma records and ECS documents read under Sigma's field names, and which rules may see them?
import { describe, expect, test } from 'vitest'
import { anySource } from '../../../../processors/detect/sigma/engine.ts'
import { parseLogSource, readJsonEvent } from '../../../../processors/detect/sigma/json-event.ts'
import { recordAccessor } from '../../../../processors/detect/sigma/record.ts'

function read(document: unknown) {
  const event = readJsonEvent(document)
  if (event === undefined) throw new Error('not an event')
  return { fields: Object.fromEntries(event.record.fields), texts: event.record.texts, source: event.source }
}

describe('a flat record', () => {
  test('keeps its names, and every rule is tried on it', () => {
    const { fields, source, texts } = read({ CommandLine: 'whoami', ProcessId: 7, Signed: false, User: null })
    expect(fields).toEqual({ CommandLine: 'whoami', ProcessId: 7, Signed: false, User: null })
    expect(texts).toEqual(['whoami', 7, false])
    expect(source).toBe(anySource)
  })

  test('is of the log source that the caller names', () => {
    const source = parseLogSource('process_creation/windows')
    expect(source).toEqual({ categories: ['process_creation'], products: ['windows'], services: [] })
    expect(readJsonEvent({ Image: 'x' }, source)?.source).toBe(source)
  })

  test.each([
    ['/zeek/http', { categories: [], products: ['zeek'], services: ['http'] }],
    ['//SSHD', { categories: [], products: [], services: ['sshd'] }],
    ['webserver', { categories: ['webserver'], products: [], services: [] }],
    ['', undefined],
    ['//', undefined],
    ['a/b/c/d', undefined],
  ])('log source %s', (text, source) => expect(parseLogSource(text)).toEqual(source))

  test('with objects inside has names with dots, and the objects as text', () => {
    const { fields, texts } = read({
      userIdentity: { type: 'Root', sessionContext: { mfa: 'false' } },
      targetResources: [{ type: 'User', tags: ['a', 'b'] }, { type: 'Group' }],
      ips: ['10.0.0.1', null, 5],
      none: [],
    })
    expect(fields).toMatchObject({
      'userIdentity.type': 'Root',
      'userIdentity.sessionContext.mfa': 'false',
      userIdentity: '{"type":"Root","sessionContext":{"mfa":"false"}}',
      'targetResources.type': ['User', 'Group'],
      'targetResources.tags': ['a', 'b'],
      targetResources: ['{"type":"User","tags":["a","b"]}', '{"type":"Group"}'],
      ips: ['10.0.0.1', null, 5],
      none: [],
    })
    expect(texts).toEqual(['Root', 'false', 'User', 'a', 'b', 'Group', '10.0.0.1', 5])
  })

  test('nested deeper than anybody writes is cut, not followed', () => {
    let deep: unknown = 'x'
    for (let i = 0; i < 50_000; i += 1) deep = { a: deep }
    expect(Object.keys(read(deep).fields).length).toBeLessThan(100)
  })

  test('with the names of every object is a record like any other', () => {
    const { record } = readJsonEvent(JSON.parse('{"__proto__": "a", "constructor": "b"}')) ?? {}
    expect(record?.fields.get('__proto__')).toBe('a')
    expect(record?.fields.get('toString')).toBeUndefined()
  })

  test.each([null, 'text', 5, ['a']])('%j is no event', (value) => expect(readJsonEvent(value)).toBeUndefined())
})

describe('an ECS document', () => {
  test('of a process has the names of Sysmon, nested or with dots', () => {
    const nested = {
      process: {
        executable: '/usr/bin/curl',
        command_line: 'curl -O x',
        parent: { executable: '/bin/sh' },
        hash: { md5: 'ab', sha256: 'cd' },
      },
      user: { name: 'budi', domain: 'KPU' },
      host: { os: { type: 'linux' } },
      event: { category: ['process'], type: ['start'] },
    }
    const dotted = {
      'process.executable': '/usr/bin/curl',
      'process.command_line': 'curl -O x',
      'process.parent.executable': '/bin/sh',
      'process.hash.md5': 'ab',
      'process.hash.sha256': 'cd',
      'user.name': 'budi',
      'user.domain': 'KPU',
      'host.os.type': 'linux',
      'event.category': 'process',
      'event.type': 'start',
    }
    for (const document of [nested, dotted]) {
      const { fields, source } = read(document)
      expect(fields).toMatchObject({
        Image: '/usr/bin/curl',
        CommandLine: 'curl -O x',
        ParentImage: '/bin/sh',
        Hashes: 'MD5=AB,SHA256=CD',
        User: 'KPU\\budi',
        'process.executable': '/usr/bin/curl',
      })
      expect(source).toEqual({ categories: ['process_creation'], products: ['linux'], services: [] })
    }
  })

  test('of a request has the names of the W3C log', () => {
    const { fields, source } = read({
      url: { original: '/a.php?x=1', path: '/a.php', query: 'x=1' },
      http: { request: { method: 'GET' }, response: { status_code: 404 } },
      user_agent: { original: 'sqlmap' },
      source: { ip: '203.0.113.9' },
      event: { category: 'web', type: ['access'] },
    })
    expect(fields).toMatchObject({
      'c-uri': '/a.php?x=1',
      'cs-uri-stem': '/a.php',
      'cs-uri-query': 'x=1',
      'cs-method': 'GET',
      'sc-status': 404,
      'cs-user-agent': 'sqlmap',
      'c-ip': '203.0.113.9',
    })
    expect(source.categories).toEqual(['webserver'])
  })

  test('of Winlogbeat is a Windows event', () => {
    const { fields, source } = read({
      event: { code: '4104', provider: 'Microsoft-Windows-PowerShell' },
      host: { name: 'pc1' },
      winlog: {
        channel: 'Microsoft-Windows-PowerShell/Operational',
        computer_name: 'pc1.kpu.example',
        event_data: { ScriptBlockText: 'iex', Path: '' },
      },
    })
    expect(fields).toMatchObject({ ScriptBlockText: 'iex', EventID: '4104', Computer: 'pc1.kpu.example' })
    expect(source).toEqual({ categories: ['ps_script'], products: ['windows'], services: ['powershell'] })
  })

  test("keeps Sigma's name where it has both", () => {
    expect(read({ Image: 'a', 'process.executable': 'b' }).fields.Image).toBe('a')
  })
})

test('times without a zone are UTC', () => {
  const at = Date.UTC(2026, 1, 3, 4, 5, 6, 7)
  expect(recordAccessor.time('2026-02-03 04:05:06.007')).toBe(at)
  expect(recordAccessor.time('2026-02-03T04:05:06.007')).toBe(at)
  expect(recordAccessor.time('2026-02-03T11:05:06.007+07:00')).toBe(at)
  expect(recordAccessor.time(at)).toBe(at)
  expect(recordAccessor.time('2026-02-03')).toBe(Date.UTC(2026, 1, 3))
  for (const other of ['yesterday', '50', '', '2026-13-01 00:00']) expect(recordAccessor.time(other)).toBeUndefined()
})
