// Which parser gets a text: configured formats, blank lines, headers, and the registry itself.
import { describe, expect, test } from 'vitest'
import { parsers } from '../../../processors/parse/index.ts'
import { logs } from '../../../processors/parse/network/palo-alto-fields.ts'
import { toAddress, toPort } from '../../../processors/parse/values/address.ts'
import { SourceFormat } from '../../../schemas/config.ts'
import { emptyEvent } from '../../../schemas/event.ts'
import { context, parseOne, read } from './read.ts'

const samples: Record<string, string> = {
  sshd: 'Failed password for root from 203.0.113.7 port 4711 ssh2',
  pam: 'pam_unix(sshd:session): session closed for user siti',
  sudo: 'siti : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
  syslog: 'Nov 27 08:16:03 h app: x',
  'nginx.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'nginx.error': '2024/11/27 08:16:03 [error] 31#31: *46 x, client: 203.0.113.7, server: s',
  'apache.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'apache.error': '[Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] x',
  'web.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'suricata.eve': '{"timestamp":"2024-11-27T08:16:03.0+0700","event_type":"flow","src_ip":"203.0.113.7"}',
  'suricata.fast': '11/27/2024-08:16:03.860293  [**] [1:1:1] x [**] [Priority: 2] {UDP} 203.0.113.7:1 -> 192.0.2.1:2',
  cef: 'CEF:0|V|P|1|7|n|1|src=203.0.113.7',
  postgresql: '2024-11-27 08:16:03.123 WIB [147] siti@dpt FATAL:  password authentication failed for user "siti"',
  ...Object.fromEntries(
    [...logs.keys()].map((type) => [
      `paloalto.${type.toLowerCase()}`,
      `1,2024/11/27 08:16:03,007951000012345,${type},start,2561,2024/11/27 08:16:03,203.0.113.7,192.0.2.1`,
    ]),
  ),
  'kubernetes.audit': '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","sourceIPs":["203.0.113.7"]}',
  ecs: '{"@timestamp":"2024-11-27T01:16:03Z","ecs":{"version":"8"}}',
  json: '{"a":1}',
  'siaga.report':
    '{"kind":"nihil","receipt":"NIL-32-K2M9Q-T7XW4-R","room":"r","region":"32","zone":"WIB","reported_at":"2024-11-27T01:16:03Z","due":"2024-11-27T02:00:00Z","late":false}',
  plain: 'halo',
}

describe('every parser of the registry', () => {
  test('has its own name and a sample here', () => {
    const names = parsers.map((parser) => parser.format)
    expect(new Set(names).size).toBe(names.length)
    expect(names.toSorted()).toEqual(Object.keys(samples).toSorted())
  })

  test.each(parsers)('$format sets its dataset', (parser) => {
    const event = emptyEvent()
    expect(parser.parse(samples[parser.format] ?? '', event, context).kind).toBe('ok')
    expect(event.dataset).toBe(parser.format)
  })

  test.each(parsers)('$format leaves the event untouched when it misses', (parser) => {
    for (const text of [
      '',
      'x',
      '{',
      '[',
      '<',
      ...Object.values(samples),
      'CEF:0|',
      'Invalid user',
      'pam_',
      '2024/11/27 08:16:03 [',
      '[Wed Nov 27 08:16:03 2024]',
    ]) {
      const event = emptyEvent()
      if (parser.parse(text, event, context).kind === 'miss') expect(event, text).toEqual(emptyEvent())
    }
  })
})

describe('configured formats', () => {
  const strict = SourceFormat.options.filter((format) => !['auto', 'plain', 'syslog'].includes(format))

  test.each(strict)(
    '%s: a text that does not fit is a dead letter with a cause, a blank line and a header are dropped',
    (format) => {
      expect(parseOne('bukan ini', format).outcome).toMatchObject({
        kind: 'dlq',
        reason: 'format_mismatch',
        cause: expect.stringContaining('bukan ini'),
      })
      for (const blank of ['', '   ', '\t\r\n', '\n'])
        expect(parseOne(blank, format).outcome).toEqual({ kind: 'drop', reason: 'blank_line' })
      expect(parseOne('#Fields: date time', format).outcome).toEqual({ kind: 'drop', reason: 'format_header' })
    },
  )

  test('a cause is short', () => {
    const { outcome } = parseOne('x'.repeat(500_000), 'cef')
    expect(outcome.kind === 'dlq' && outcome.cause.length).toBeLessThan(200)
  })

  test.each(strict)('%s is read bare and inside syslog', (format) => {
    for (const [dataset, text] of Object.entries(samples)) {
      if (!dataset.startsWith(format)) continue
      expect(read(text, format).dataset, text).toBe(dataset)
      expect(read(`<14>1 2024-11-27T08:16:03Z h app - - - ${text}`, format), text).toMatchObject({
        dataset,
        host_name: 'h',
      })
      expect(read(`Nov 27 08:16:03 h app[7]: ${text}`, format), text).toMatchObject({ dataset, host_name: 'h' })
    }
  })

  test('plain takes everything', () => {
    for (const text of Object.values(samples)) expect(read(text, 'plain').dataset).toBe('plain')
    expect(parseOne('', 'plain').outcome).toEqual({ kind: 'drop', reason: 'blank_line' })
  })

  test('recognised text is never a mismatch', () => {
    for (const text of [
      '#Fields: date time',
      '-- Reboot --',
      '\u0000\u0001',
      'CEF:',
      '0|',
      '<1>',
      '1 - - -',
      '{',
      '[',
      '"',
    ]) {
      expect(parseOne(text).outcome.kind, text).toBe('ok')
    }
  })

  test('line ends and a byte order mark do not matter', () => {
    expect(read(`\ufeff${samples['nginx.access']}\r\n`, 'nginx')).toEqual(read(samples['nginx.access'] ?? '', 'nginx'))
  })
})

describe('addresses', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['[203.0.113.7]', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, expected) => expect(toAddress(text)).toBe(expected))

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1..2.3',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1::2::3',
    '1:2:3:4:5:6:7:',
    '::1.2.3',
    '1.2.3.4::',
    'kpu.example',
    '::ffff:1.2.3.4.5',
    '[',
    '[]',
    '[::1',
    '1:2:3:4:5:6:7:8::',
  ])('%s is none', (text) => expect(toAddress(text)).toBe(''))

  test('ports', () => {
    expect(['0', '1', '65535', '65536', '', 'a', '1a', '-1', '100000'].map(toPort)).toEqual([
      0, 1, 65535, 0, 0, 0, 0, 0, 0,
    ])
  })
})
