import { describe, expect, test } from 'vitest'
import { context, parseOne, read } from '../read.ts'

describe('syslog headers', () => {
  const cases: [name: string, line: string, expected: Record<string, unknown>][] = [
    [
      'RFC 3164 with PRI',
      '<34>Oct 11 22:14:15 mymachine su: x',
      {
        timestamp: '2025-10-11T15:14:15.000Z',
        host_name: 'mymachine',
        process_name: 'su',
        log_level: 'critical',
        fields: { 'log.syslog.facility.name': 'auth' },
      },
    ],
    [
      'RFC 3164 with two spaces',
      'Oct  1 22:14:15 h app[7]: x',
      { timestamp: '2025-10-01T15:14:15.000Z', process_name: 'app', process_pid: 7 },
    ],
    ['RFC 3164 with one space and one digit', 'Oct 1 22:14:15 h app: x', { timestamp: '2025-10-01T15:14:15.000Z' }],
    ['RFC 3164 with a fraction', 'Oct 11 22:14:15.250 h app: x', { timestamp: '2025-10-11T15:14:15.250Z' }],
    ['RFC 3164 with a year', '<190>Oct 11 2024 22:14:15 h app: x', { timestamp: '2024-10-11T15:14:15.000Z' }],
    [
      'RFC 3164 with a year behind the time',
      'Oct 11 22:14:15 2024 h app: x',
      { timestamp: '2024-10-11T15:14:15.000Z', host_name: 'h' },
    ],
    ['RFC 3164 without a host', 'Oct 11 22:14:15 app[7]: x', { process_name: 'app', process_pid: 7 }],
    ['RFC 3164 without a tag', 'Oct 11 22:14:15 h last message repeated 2 times', { host_name: 'h' }],
    [
      'Cisco',
      '<190>Oct 11 2024 22:14:15: %ASA-6-302013: Built',
      { timestamp: '2024-10-11T15:14:15.000Z', process_name: '%ASA-6-302013', log_level: 'info' },
    ],
    [
      'ISO time of rsyslog',
      '2024-11-27T08:16:03.123456+07:00 h app[7]: x',
      { timestamp: '2024-11-27T01:16:03.123Z', host_name: 'h', process_name: 'app' },
    ],
    [
      'ISO time with PRI and Z',
      '<13>2024-11-27T08:16:03Z h app: x',
      { timestamp: '2024-11-27T08:16:03.000Z', log_level: 'notice' },
    ],
    [
      'RFC 5424',
      '<165>1 2024-11-27T08:16:03.003Z h app 8710 ID47 - x',
      {
        timestamp: '2024-11-27T08:16:03.003Z',
        host_name: 'h',
        process_name: 'app',
        process_pid: 8710,
        fields: { 'log.syslog.facility.name': 'local4', 'log.syslog.msgid': 'ID47' },
      },
    ],
    [
      'RFC 5424 without PRI',
      '1 2024-11-27T08:16:03.003Z h app - - - x',
      { timestamp: '2024-11-27T08:16:03.003Z', host_name: 'h' },
    ],
    [
      'RFC 5424 with a byte order mark',
      '<165>1 2024-11-27T08:16:03.003Z h sudo - - - \ufeffsiti : TTY=a ; PWD=/ ; USER=root ; COMMAND=b',
      { dataset: 'sudo' },
    ],
    ['RFC 5424, all nil', '<165>1 - - - - - -', { log_level: 'notice' }],
    [
      'RFC 5424 with structured data',
      '<165>1 2024-11-27T08:16:03Z h app - - [a@1 x="1" y="q\\"\\]\\\\"][b@1] x',
      { fields: { 'log.syslog.structured_data.a@1.x': '1', 'log.syslog.structured_data.a@1.y': 'q"]\\' } },
    ],
    [
      'RFC 5424 with broken structured data',
      '<165>1 2024-11-27T08:16:03Z h app - - [a@1 x="1',
      { host_name: 'h', process_name: 'app' },
    ],
    ['PRI alone', '<13>app[7]: x', { process_name: 'app', process_pid: 7, log_level: 'notice' }],
    ['a URL is no tag', 'Oct 11 22:14:15 h http://kpu.example/ x', { host_name: 'h' }],
  ]
  test.each(cases)('%s', (_, line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'syslog', ...expected })
    expect(read(line, 'syslog')).toMatchObject({ dataset: 'syslog', ...expected })
  })

  test('lines without header from a syslog source are recognised, else plain', () => {
    expect(read('halo', 'syslog')).toEqual({ dataset: 'plain' })
    expect(read('{"msg":"a"}', 'syslog')).toMatchObject({ dataset: 'json' })
  })

  test.each([
    ['<999>x', 'plain'],
    ['<Event xmlns="x">', 'plain'],
    ['2024-11-27T08:16:03.8Z 344 [Note] Access denied for user', 'mysql.error'],
    ['2024-11-27T08:16:03.8Z        14 Connect', 'mysql.general'],
    ['2024-11-27 08:16:03.536 UTC [147] FATAL:  password', 'postgresql'],
    ['Sat Mar 14 09:26:53 2026 [pid 7] CONNECT', 'plain'],
  ])('%s is %s', (line, dataset) => {
    expect(read(line)).toMatchObject({ dataset })
  })

  test('a plain line that begins with a time has it', () => {
    expect(read('2024-11-27T08:16:03.8Z 344 [Note] x').timestamp).toBe('2024-11-27T08:16:03.800Z')
    expect(read('2024-11-27 08:16:03,357 WARN x').timestamp).toBe('2024-11-27T01:16:03.357Z')
    expect(read('Wed Nov 27 08:16:03 2024 [pid 7] x').timestamp).toBe('2024-11-27T01:16:03.000Z')
    expect(read('27-Nov-2024 08:16:03.425 client').timestamp).toBe('2024-11-27T01:16:03.425Z')
  })
})

describe('the missing year', () => {
  const at = (iso: string) => ({ ...context, receivedAt: Date.parse(iso) })
  test.each([
    ['Dec 31 23:59:59', '2027-01-01T00:00:10Z', '2026-12-31T16:59:59.000Z'],
    ['Jan  1 00:00:05', '2026-12-31T23:59:59Z', '2026-12-31T17:00:05.000Z'],
    ['Jul 10 10:00:00', '2026-07-10T00:00:00Z', '2026-07-10T03:00:00.000Z'],
    ['Jul 11 06:59:59', '2026-07-10T00:00:00Z', '2026-07-10T23:59:59.000Z'],
    ['Jul 11 07:00:01', '2026-07-10T00:00:00Z', '2025-07-11T00:00:01.000Z'],
    ['Feb 29 12:00:00', '2026-07-10T00:00:00Z', '2024-02-29T05:00:00.000Z'],
    ['Feb 29 12:00:00', '2024-03-01T00:00:00Z', '2024-02-29T05:00:00.000Z'],
  ])('%s received %s is %s', (time, received, expected) => {
    const event = read(`${time} h app: x`, '', at(received))
    expect(event.timestamp).toBe(expected)
    expect(event.tags).toEqual(['year_guessed'])
  })

  test.each(['Feb 30 12:00:00', 'Jan  1 24:00:00', 'Jan  0 12:00:00', 'Jan  1 12:60:00'])('%s is no time', (time) => {
    const { event } = parseOne(`${time} h app: x`)
    expect(event).toMatchObject({ timestamp: 0, host_name: 'h', tags: [] })
  })

  test('the zone of the source counts', () => {
    const wit = { ...context, zoneMinutes: 540 }
    expect(read('Jul  9 09:00:00 h app: x', '', wit).timestamp).toBe('2026-07-09T00:00:00.000Z')
  })
})

describe('what syslog carries', () => {
  test('JSON, with the header kept where the JSON says nothing', () => {
    expect(
      read('<14>Nov 27 08:16:03 h app[7]: {"time":"2024-11-27T01:16:03Z","level":"warn","msg":"a","user":"siti"}'),
    ).toEqual({
      dataset: 'json',
      timestamp: '2024-11-27T01:16:03.000Z',
      host_name: 'h',
      process_name: 'app',
      process_pid: 7,
      log_level: 'warn',
      user_name: 'siti',
      fields: { 'log.syslog.facility.name': 'user', message: 'a' },
    })
  })
  test.each([
    [
      'CEF',
      '<14>Nov 27 08:16:03 fw CEF:0|V|P|1|7|Blocked|5|src=203.0.113.7',
      { dataset: 'cef', host_name: 'fw', source_ip: '203.0.113.7' },
    ],
    [
      'CEF with a space',
      'Nov 27 08:16:03 fw CEF: 0|V|P|1|7|Blocked|5|src=203.0.113.7',
      { dataset: 'cef', host_name: 'fw', source_ip: '203.0.113.7' },
    ],
    [
      'EVE',
      'Nov 27 08:16:03 ids suricata[7]: {"timestamp":"2024-11-27T08:16:03.000000+0700","event_type":"flow","src_ip":"203.0.113.7"}',
      { dataset: 'suricata.eve', timestamp: '2024-11-27T01:16:03.000Z', host_name: 'ids' },
    ],
    ['fast.log', 'Nov 27 08:16:03 ids suricata[7]: [1:2:3] no', { dataset: 'syslog' }],
    ['cee', 'Nov 27 08:16:03 h app: @cee: {"user":"siti"}', { dataset: 'json', user_name: 'siti' }],
    [
      'an access line of any program',
      'Nov 27 08:16:03 h docker[7]: 203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1',
      { dataset: 'web.access', source_ip: '203.0.113.7' },
    ],
  ])('%s', (_, line, expected) => {
    expect(read(line)).toMatchObject(expected)
  })
  test('program and pid without time or host', () => {
    expect(read('sshd[7]: Failed password for root from 203.0.113.7 port 4711 ssh2')).toMatchObject({
      dataset: 'sshd',
      process_pid: 7,
    })
  })
})
