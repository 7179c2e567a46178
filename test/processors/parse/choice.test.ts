// Which parser gets a text: configured formats, blank lines, headers, and the registry itself.
import { describe, expect, test } from 'vitest'
import { parsers } from '../../../processors/parse/index.ts'
import { toAddress, toPort } from '../../../processors/parse/values/address.ts'
import { SourceFormat } from '../../../schemas/config.ts'
import { emptyEvent } from '../../../schemas/event.ts'
import { context, parseOne, read } from './read.ts'
import { samples } from './samples.ts'

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
      'type=SYSCALL msg=audit(',
      '<Event><System>',
      '<Event><System><Channel>Security',
      'NOQUEUE: ',
      'NOQUEUE: reject: RCPT from unknown[',
      '(?@203.0.113.7) [',
      '192.0.2.1 (203.0.113.7[203.0.113.7]) - USER siti',
      'Wed Nov 27 08:16:03 2024 [pid 7] ',
      '2024-11-27T01:16:03.861934Z 344 [',
      '20241127 08:16:03,db1,siti',
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
