import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RelpFramer } from '../../../ingest/relp/framing.ts'

const LIMIT = 64

/** Frames as `txnr command data`, a `~` behind truncated ones, and what is wrong at the end if anything. */
function frames(chunks: string[]): string[] {
  const out: string[] = []
  const framer = new RelpFramer(LIMIT, ({ txnr, command, data, truncated }) => {
    out.push(`${txnr} ${command} ${data.toString('latin1')}${truncated ? '~' : ''}`)
  })
  for (const chunk of chunks) {
    const wrong = framer.push(Buffer.from(chunk, 'latin1'))
    if (wrong !== undefined) {
      out.push(`! ${wrong}`)
      break
    }
  }
  return out
}

const cases: { name: string; stream: string; want: string[] }[] = [
  {
    name: 'frames',
    stream: '1 open 3 a=b\n2 syslog 4 <1>a\n3 close 0\n',
    want: ['1 open a=b', '2 syslog <1>a', '3 close '],
  },
  { name: 'no data, with a space', stream: '3 close 0 \n4 a 0\n', want: ['3 close ', '4 a '] },
  { name: 'data with line ends', stream: '1 syslog 3 \n\n\n\n', want: ['1 syslog \n\n\n'] },
  { name: 'data of the limit', stream: `1 syslog 64 ${'x'.repeat(64)}\n`, want: [`1 syslog ${'x'.repeat(64)}`] },
  {
    name: 'data over the limit',
    stream: `1 syslog 65 ${'x'.repeat(65)}\n2 a 0\n`,
    want: [`1 syslog ${'x'.repeat(64)}~`, '2 a '],
  },
  {
    name: 'data far over it',
    stream: `1 syslog 500 ${'x'.repeat(500)}\n2 a 0\n`,
    want: [`1 syslog ${'x'.repeat(64)}~`, '2 a '],
  },
  { name: 'the largest numbers', stream: '999999999 a 0\n', want: ['999999999 a '] },
  { name: 'a TXNR that is none', stream: 'x syslog 1 a\n', want: ['! TXNR is not a number of 1 to 9 digits'] },
  { name: 'a TXNR without end', stream: '12345678901', want: ['! TXNR is not a number of 1 to 9 digits'] },
  { name: 'a negative TXNR', stream: '-1 syslog 1 a\n', want: ['! TXNR is not a number of 1 to 9 digits'] },
  { name: 'no command', stream: '1  1 a\n', want: ['! COMMAND is not letters and a space'] },
  { name: 'a command with digits', stream: '1 sys1 1 a\n', want: ['! COMMAND is not letters and a space'] },
  { name: 'a command without end', stream: `1 ${'x'.repeat(33)}`, want: ['! COMMAND is longer than 32 letters'] },
  { name: 'a DATALEN that is none', stream: '1 syslog x a\n', want: ['! DATALEN is not a number'] },
  { name: 'a negative DATALEN', stream: '1 syslog -1 a\n', want: ['! DATALEN is not a number'] },
  { name: 'a DATALEN over the bound', stream: '1 syslog 67108865 a\n', want: ['! DATALEN is too large'] },
  { name: 'a DATALEN without end', stream: '1 syslog 99999999999', want: ['! DATALEN is too large'] },
  { name: 'a DATALEN that is too small', stream: '1 syslog 1 ab\n', want: ['! no LF after DATA'] },
  { name: 'a DATALEN and no data', stream: '1 syslog 1\n', want: ['! no space after DATALEN'] },
  { name: 'syslog without RELP', stream: '<34>1 hello\n', want: ['! TXNR is not a number of 1 to 9 digits'] },
  { name: 'half a frame', stream: '1 syslog 10 abc', want: [] },
]

describe('RELP framing', () => {
  test.each(cases)('$name', ({ stream, want }) => {
    expect(frames([stream])).toEqual(want)
  })

  test.each(cases)('$name, byte by byte', ({ stream, want }) => {
    expect(frames([...stream])).toEqual(want)
  })

  test.each(cases)('$name, split in two at every place', ({ stream, want }) => {
    for (let at = 0; at <= stream.length; at++) expect(frames([stream.slice(0, at), stream.slice(at)])).toEqual(want)
  })

  test('any chunks of any stream give the same frames', () => {
    const good = fc
      .tuple(
        fc.nat(999),
        fc.constantFrom('open', 'syslog', 'close'),
        fc.string({ unit: 'binary-ascii', maxLength: 90 }),
      )
      .map(([txnr, command, data]) => `${txnr} ${command} ${data.length}${data === '' ? '' : ` ${data}`}\n`)
    const piece = fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: fc.string({ maxLength: 5 }) })
    const stream = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), (text, sizes) => {
        const chunks: string[] = []
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const size = (sizes[turn % sizes.length] ?? 0) + 1
          chunks.push(text.slice(at, at + size))
          at += size
        }
        // What is wrong may show a byte earlier or later, the frames before it are the same.
        const sound = (all: string[]) => all.filter((frame) => !frame.startsWith('!'))
        expect(sound(frames(chunks))).toEqual(sound(frames([text])))
      }),
      { numRuns: 1_000 },
    )
  })

  test('memory grows with what came, and can be had back', () => {
    const seen: [number, boolean][] = []
    const framer = new RelpFramer(512 * 1024, ({ data, truncated }) => seen.push([data.length, truncated]))
    framer.push(Buffer.from('1 syslog 400000 x'))
    expect(framer.buffered).toBeLessThanOrEqual(1_024)
    framer.push(Buffer.alloc(300_000, 'x'))
    expect(framer.buffered).toBeGreaterThanOrEqual(300_000)
    framer.cutShort()
    expect(framer.buffered).toBeLessThanOrEqual(1_024)
    framer.push(Buffer.concat([Buffer.alloc(99_999, 'x'), Buffer.from('\n2 syslog 1 a\n')]))
    expect(seen).toEqual([
      [1_024, true],
      [1, false],
    ])
  })
})
