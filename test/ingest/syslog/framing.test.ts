import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutAt, SyslogFramer } from '../../../ingest/syslog/framing.ts'

const LIMIT = 64

/** All frames of a stream that arrives in these chunks; a `~` marks a truncated one. */
function frames(chunks: (string | Buffer)[], limit = LIMIT): string[] {
  const out: string[] = []
  const framer = new SyslogFramer(limit, (payload, truncated) => {
    out.push(payload.toString('latin1') + (truncated ? '~' : ''))
  })
  for (const chunk of chunks) framer.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)
  framer.end()
  expect(framer.buffered).toBe(0)
  return out
}

function bytewise(stream: string): string[] {
  return [...stream]
}

const cases: { name: string; stream: string; want: string[] }[] = [
  { name: 'lines that end with LF', stream: '<1>a\n<2>b\n', want: ['<1>a', '<2>b'] },
  { name: 'lines that end with CR LF', stream: '<1>a\r\n<2>b\r\n', want: ['<1>a', '<2>b'] },
  { name: 'lines that end with NUL', stream: '<1>a\0<2>b\0', want: ['<1>a', '<2>b'] },
  { name: 'NUL within lines once a line ended with LF', stream: '<1>a\n<2>b\0c\n', want: ['<1>a', '<2>b\0c'] },
  { name: 'only one CR goes', stream: 'a\r\r\nb\rc\n', want: ['a\r', 'b\rc'] },
  { name: 'a last line without trailer', stream: '<1>a\n<2>b', want: ['<1>a', '<2>b'] },
  { name: 'empty lines', stream: '\0\n\r\n<1>a\n\n\r\n\n', want: ['<1>a'] },
  { name: 'counted frames', stream: '4 <1>a6 <2>b\nc', want: ['<1>a', '<2>b\nc'] },
  { name: 'counted payloads keep their line ends', stream: '5 <1>a\n6 <2>b\r\n', want: ['<1>a\n', '<2>b\r\n'] },
  { name: 'stray line ends after counted frames', stream: '4 <1>a\n4 <2>b\r\n', want: ['<1>a', '<2>b'] },
  {
    name: 'both framings on one connection',
    stream: '<1>a\n4 <2>b<3>c\r\n4 <4>d',
    want: ['<1>a', '<2>b', '<3>c', '<4>d'],
  },
  { name: 'a counted frame without PRI at first', stream: '2 {}2 {}', want: ['{}', '{}'] },
  { name: 'a line that begins with a number, after a line', stream: 'x\n12 monkeys\n', want: ['x', '12 monkeys'] },
  { name: 'a line that begins with a date', stream: '2024-11-27 08:00 a\n', want: ['2024-11-27 08:00 a'] },
  { name: 'a line of digits', stream: '1234\n123456789012\n', want: ['1234', '123456789012'] },
  { name: 'a count that nobody believes', stream: '99999999999 <1>a\n<2>b\n', want: ['99999999999 <1>a', '<2>b'] },
  { name: 'a count over the bound', stream: '67108865 <1>a\n', want: ['67108865 <1>a'] },
  { name: 'a negative count', stream: '-5 <1>a\n', want: ['-5 <1>a'] },
  { name: 'a count with leading zeros', stream: '004 <1>a\n', want: ['004 <1>a'] },
  { name: 'a count of zero', stream: '0 <1>a\n', want: ['0 <1>a'] },
  { name: 'a count and two spaces', stream: '5  <1>a\n', want: [' <1>a'] },
  { name: 'a stream that ends within a count', stream: '<1>a\n12', want: ['<1>a', '12'] },
  { name: 'a stream that ends after a count', stream: '12 ', want: ['12 '] },
  { name: 'a counted frame that lacks bytes', stream: '9 <1>a', want: ['<1>a~'] },
  { name: 'a line of exactly the limit', stream: `${'x'.repeat(64)}\r\nb\n`, want: ['x'.repeat(64), 'b'] },
  { name: 'a line over the limit', stream: `${'x'.repeat(65)}\r\nb\n`, want: [`${'x'.repeat(64)}~`, 'b'] },
  { name: 'a line far over the limit', stream: `${'x'.repeat(500)}\nb\n`, want: [`${'x'.repeat(64)}~`, 'b'] },
  { name: 'a counted frame of the limit', stream: `64 <${'x'.repeat(63)}3 <1>`, want: [`<${'x'.repeat(63)}`, '<1>'] },
  {
    name: 'a counted frame over the limit',
    stream: `65 <${'x'.repeat(64)}3 <1>`,
    want: [`<${'x'.repeat(63)}~`, '<1>'],
  },
  {
    name: 'a counted frame far over it',
    stream: `500 <${'\n'.repeat(499)}3 <1>`,
    want: [`<${'\n'.repeat(63)}~`, '<1>'],
  },
  { name: 'an over-long line that the end cuts', stream: 'x'.repeat(99), want: [`${'x'.repeat(64)}~`] },
  { name: 'garbage', stream: '\xff\xfe\x01\x02\n', want: ['\xff\xfe\x01\x02'] },
  { name: 'nothing', stream: '', want: [] },
]

describe('syslog framing (RFC 6587)', () => {
  test.each(cases)('$name', ({ stream, want }) => {
    expect(frames([stream])).toEqual(want)
  })

  test.each(cases)('$name, byte by byte', ({ stream, want }) => {
    expect(frames(bytewise(stream))).toEqual(want)
  })

  test.each(cases)('$name, split in two at every place', ({ stream, want }) => {
    for (let at = 0; at <= stream.length; at++) expect(frames([stream.slice(0, at), stream.slice(at)])).toEqual(want)
  })

  test('any chunks of any stream give the same frames', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\0',
        ' ',
        '<',
        '0',
        '1',
        '4 <1>a',
        '12 ',
        '70 <',
        '500 <x',
        '99999999999 ',
        '<13>x\n',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 90 }),
    )
    const stream = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), (text, sizes) => {
        const chunks: string[] = []
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 0
          chunks.push(text.slice(at, at + size + 1))
          at += size + 1
        }
        expect(frames(chunks)).toEqual(frames([text]))
      }),
      { numRuns: 2_000 },
    )
  })

  test('whatever is framed comes out as it went in', () => {
    const message = fc
      .uint8Array({ minLength: 1, maxLength: LIMIT })
      .map((bytes) => `<${Buffer.from(bytes).toString('latin1').slice(1)}`)
    const framed = fc.array(fc.tuple(message, fc.boolean()), { maxLength: 30 })
    fc.assert(
      fc.property(framed, (messages) => {
        const want = messages.map(([text, counted]) => (counted ? text : text.replaceAll(/[\n\r\0]/g, '.')))
        const stream = messages.map(([text, counted], index) =>
          counted ? `${text.length} ${text}` : `${want[index]}\n`,
        )
        expect(frames(stream)).toEqual(want)
      }),
    )
  })

  test('memory grows with what came, not with what was announced', () => {
    const framer = new SyslogFramer(512 * 1024, () => {})
    framer.push(Buffer.from('60000000 <1>'))
    expect(framer.buffered).toBeLessThanOrEqual(1024)
    for (let sent = 0; sent < 2_000; sent++) framer.push(Buffer.alloc(1024, 'x'))
    expect(framer.buffered).toBe(0)
  })

  test('a frame cut short to save memory is truncated, and those behind it survive', () => {
    const out: string[] = []
    const framer = new SyslogFramer(LIMIT, (payload, truncated) => out.push(`${payload}${truncated ? '~' : ''}`))
    framer.push(Buffer.from('<1>abc'))
    framer.cutShort()
    framer.push(Buffer.from('def\n20 <2>'))
    framer.cutShort()
    framer.push(Buffer.from(`${'x'.repeat(17)}<3>z\n`))
    expect(out).toEqual(['<1>abc~', '<2>~', '<3>z'])
  })

  test('a cut does not split a UTF-8 character', () => {
    expect(cutAt(Buffer.from('aaé'), 3).toString()).toBe('aa')
    expect(cutAt(Buffer.from('aé€'), 5).toString()).toBe('aé')
    expect(cutAt(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80]), 5)).toHaveLength(5)
  })

  test('300,000 lines a second and more', () => {
    const line = `<134>Nov 27 08:00:00 kpu nginx: ${'x'.repeat(170)}\n`
    const chunk = Buffer.from(line.repeat(320))
    let seen = 0
    const framer = new SyslogFramer(512 * 1024, () => {
      seen += 1
    })
    const begin = performance.now()
    for (let turn = 0; turn < 1_000; turn++) framer.push(chunk)
    const perSecond = seen / ((performance.now() - begin) / 1000)
    expect(seen).toBe(320_000)
    expect(perSecond).toBeGreaterThan(300_000)
  })
})
