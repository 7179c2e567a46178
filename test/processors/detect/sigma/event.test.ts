// Do rules see our events under Sigma's names, and only the events of their log source?
import { describe, expect, test } from 'vitest'
import { createDetect } from '../../../../processors/detect/index.ts'
import { createEventAccessor } from '../../../../processors/detect/sigma/fields.ts'
import { createEventSource } from '../../../../processors/detect/sigma/logsource.ts'
import { parseRules } from '../../../../processors/detect/sigma/parse.ts'
import type { SigmaRule } from '../../../../processors/detect/sigma/rule.ts'
import { createParse } from '../../../../processors/parse/index.ts'
import type { SourceFormat } from '../../../../schemas/config.ts'
import { type Event, emptyEvent } from '../../../../schemas/event.ts'

const parse = createParse()

function eventOf(line: string, format: SourceFormat | '' = ''): Event {
  const event = emptyEvent()
  event.message = line
  expect(parse(line, format, event, { receivedAt: Date.UTC(2024, 10, 27), zoneMinutes: 420, columns: [] }).kind).toBe(
    'ok',
  )
  return event
}

const nginx = (target: string, status = 200): string =>
  `192.0.2.7 - budi [27/Nov/2024:08:00:00 +0700] "GET ${target} HTTP/1.1" ${status} 512 "https://kpu.example/a?b=%27" "curl/8.5 (x)"`
const sshd = 'Nov 27 08:00:00 web1 sshd[12]: Failed password for invalid user siti from 192.0.2.9 port 22 ssh2'
const sysmon = JSON.stringify({
  '@timestamp': '2024-11-27T01:00:00Z',
  ecs: { version: '8' },
  event: { code: '1' },
  process: { executable: 'C:\\Windows\\System32\\cmd.exe', command_line: 'cmd /c whoami' },
  winlog: {
    channel: 'Microsoft-Windows-Sysmon/Operational',
    event_id: 1,
    event_data: { ParentImage: 'C:\\Windows\\explorer.exe', OriginalFileName: 'Cmd.Exe' },
  },
})

describe('fields', () => {
  const accessor = createEventAccessor()
  const read = (event: Event, field: string) => accessor.reader(accessor.canonical(field))(event)

  test.each([
    ['c-uri', '/a/B.php?x=1'],
    ['url.original', '/a/B.php?x=1'],
    ['url_original', '/a/B.php?x=1'],
    ['cs-uri-stem', '/a/B.php'],
    ['cs-uri-query', 'x=1'],
    ['c-uri-extension', 'php'],
    ['cs-method', 'GET'],
    ['sc-status', 404],
    ['c-ip', '192.0.2.7'],
    ['src_ip', '192.0.2.7'],
    ['cs-username', 'budi'],
    ['cs-user-agent', 'curl/8.5 (x)'],
    ['c-useragent', 'curl/8.5 (x)'],
    ['cs-referer', 'https://kpu.example/a?b=%27'],
    ['http.request.referrer.decoded', "https://kpu.example/a?b='"],
    ['sc-bytes', 512],
    ['nothing.here', undefined],
    ['phase', undefined],
  ])('%s of a web request', (field, expected) => {
    expect(read(eventOf(nginx('/a/B.php?x=1', 404)), field)).toBe(expected)
  })

  test('one column under several names is searched once', () => {
    expect(new Set(['c-uri', 'cs-uri', 'url.original', 'url_original'].map(accessor.canonical)).size).toBe(1)
  })

  test('the decoded request: percent, nginx escapes, plus, comments; ampersands as ÿ', () => {
    expect(read(eventOf(nginx('/a?x=%2527%20OR+1/**/=1&y=\\x3Cb>')), 'url.decoded')).toBe("/a?x=' or 1 =1ÿy=<b>")
    expect(read(eventOf(nginx('/a/b')), 'url.decoded')).toBe('/a/b')
    expect(read(eventOf(nginx('/%252e%252e/b')), 'url.disguised')).toBe(true)
    expect(read(eventOf(nginx('/a%20b')), 'url.disguised')).toBe(false)
  })

  test('Windows names in the documents of a shipper', () => {
    const event = eventOf(sysmon)
    expect(read(event, 'Image')).toBe('C:\\Windows\\System32\\cmd.exe')
    expect(read(event, 'ParentImage')).toBe('C:\\Windows\\explorer.exe')
    expect(read(event, 'CommandLine')).toBe('cmd /c whoami')
    expect(read(event, 'EventID')).toBe('1')
  })
})

describe('log sources', () => {
  const sourceOf = createEventSource()

  test.each<[string, string, SourceFormat | '', { categories: string[]; products: string[]; services: string[] }]>([
    ['nginx', nginx('/'), 'nginx', { categories: ['webserver'], products: ['nginx'], services: ['nginx'] }],
    ['sshd', sshd, '', { categories: ['authentication'], products: ['linux'], services: ['sshd', 'auth', 'syslog'] }],
    [
      'cron',
      'Nov 27 08:00:00 web1 CRON[12]: (root) CMD (run-parts)',
      '',
      { categories: ['process_creation'], products: ['linux'], services: ['syslog', 'cron'] },
    ],
    ['plain', 'just words', '', { categories: [], products: [], services: [] }],
  ])('%s', (_, line, format, expected) => {
    expect(sourceOf(eventOf(line, format))).toMatchObject(expected)
  })

  test('Sysmon through a shipper', () => {
    expect(sourceOf(eventOf(sysmon))).toMatchObject({
      categories: ['process_creation'],
      products: ['windows'],
      services: ['sysmon'],
    })
  })

  test('the same source is the same object, and names that senders invent make no new ones', () => {
    expect(sourceOf(eventOf(nginx('/a')))).toBe(sourceOf(eventOf(nginx('/b'))))
    const made = new Set(
      Array.from({ length: 500 }, (_, i) =>
        sourceOf(
          eventOf(
            JSON.stringify({ '@timestamp': '2024-11-27T01:00:00Z', event: { module: `m${i}`, dataset: `d${i}` } }),
          ),
        ),
      ),
    )
    expect(made.size).toBe(1)
    const syslog = new Set(
      Array.from({ length: 500 }, (_, i) => sourceOf(eventOf(`Nov 27 08:00:00 web1 prog${i}[12]: hello`))),
    )
    expect(syslog.size).toBe(1)
  })
})

describe('detections', () => {
  const rules = (text: string): SigmaRule[] => {
    const { rules: read, problems } = parseRules(text, 'r.yml')
    expect(problems).toEqual([])
    return read
  }
  const webshell = `title: Web shell\nid: w\nlevel: high\ntags: [attack.t1505.003, attack.t1190]
logsource: {category: webserver}
detection: {s: {c-uri|contains: shell.php, sc-status: 200}, condition: s}`
  const windows = `title: Windows\nid: x\nlevel: high\nlogsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains: whoami}, k: [shell.php], condition: s or k}`

  test('a detection says which parts matched', () => {
    const detect = createDetect({ rules: rules(`${webshell}\n---\n${windows}`), silent: new Set() })
    expect(detect(eventOf(nginx('/up/SHELL.php?x=1')))).toEqual([
      {
        ruleId: 'w',
        title: 'Web shell',
        severity: 'high',
        technique: 'T1505.003',
        attack: ['T1505.003', 'T1190'],
        field: 'url_original',
        value: '/up/SHELL.php?x=1',
        evidence: [
          { field: 'url_original', value: '/up/SHELL.php?x=1' },
          { field: 'http_status_code', value: '200' },
        ],
        generate: true,
      },
    ])
    expect(detect(eventOf(nginx('/up/shell.php', 404)))).toEqual([])
  })

  test('a rule for Windows fires on Windows, never on a web request', () => {
    const detect = createDetect({ rules: rules(windows), silent: new Set() })
    expect(detect(eventOf(nginx('/shell.php?whoami')))).toEqual([])
    expect(detect(eventOf(sysmon)).map(({ ruleId }) => ruleId)).toContain('x')
  })

  test('a rule that only feeds a correlation raises nothing itself', () => {
    const detect = createDetect({ rules: rules(webshell), silent: new Set(['w']) })
    expect(detect(eventOf(nginx('/shell.php')))[0]).toMatchObject({ ruleId: 'w', generate: false })
  })
})
