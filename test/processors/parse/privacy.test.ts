// Can a reader bring back what the collector took out? Citizens' numbers are planted in every place of every format, in every writing, and
// taken the whole way: no column, field, finding or dead letter may hold them.
import { expect, test } from 'vitest'
import { holds, type Planted, planted } from '../identifiers.ts'
import { createWorkerPath, type Passed } from '../worker-path.ts'
import { parseOne } from './read.ts'
import { lines, samples } from './samples.ts'
import { formatOf, type Seed } from './seeds.ts'

const pass = createWorkerPath()

const seeds: Seed[] = [
  ...Object.entries(samples).map(([dataset, text]) => ({ text, format: formatOf(dataset) })),
  ...lines.map((text) => ({ text, format: formatOf(parseOne(text).event.dataset) })),
]

/** A text in which each word in turn has made way for the number. Digits with a time behind them are taken for a time. */
function* places(text: string, number: string): Generator<string> {
  // A backslash before an escape makes it another one.
  for (const { 0: word, index } of text.matchAll(/[A-Za-z0-9_.]+(?![A-Za-z0-9_.]|:\d)/g))
    if (!(number.startsWith('\\') && text[index - 1] === '\\'))
      yield text.slice(0, index) + number + text.slice(index + word.length)
}

/** Everything that leaves for a table or a topic. */
function* textsOf({ event, messages, sealed }: Passed): Generator<[where: string, text: string]> {
  yield ['payload', sealed.toString('latin1')]
  for (const [column, value] of Object.entries(event)) {
    if (typeof value === 'string') yield [column, value]
    else if (value instanceof Map) for (const [name, one] of value) yield [`fields.${name}`, `${name}\0${one}`]
    else if (Array.isArray(value)) yield [column, JSON.stringify(value)]
  }
  for (const { key, value, headers } of messages)
    yield ['message', `${key}\0${value?.toString('latin1')}\0${JSON.stringify(headers)}`]
}

function leaks(text: string, format: Seed['format'], { digits, name }: Planted): string[] {
  const passed = pass(Buffer.from(text), format)
  return [...textsOf(passed)].flatMap(([where, one]) =>
    holds(one, digits) ? [`${name} in ${where} of ${passed.event.dataset} (${format}): ${text.slice(0, 200)}`] : [],
  )
}

/** Every place gets each fourth writing, other ones in the next place and the next line. */
const SHARE = 4

test('nothing planted in any place of any format comes out', () => {
  let count = 0
  const found: string[] = []
  for (const [line, { text, format }] of seeds.entries()) {
    for (const [n, number] of planted(count).entries()) {
      for (const [at, place] of [...places(text, number.text)].entries()) {
        if ((line + n + at) % SHARE !== 0) continue
        count += 1
        found.push(...leaks(place, format, number))
      }
    }
  }
  process.stdout.write(`privacy of formats: ${count} lines with a number planted\n`)
  expect(count).toBeGreaterThan(10_000)
  expect(found.slice(0, 40)).toEqual([])
}, 120_000)

test('a command that the audit system wrote as hex holds the token when it has been decoded', () => {
  const hex = Buffer.from('php cek.php\0--nik\x003174066107600001\0--hp\x00081234567890').toString('hex').toUpperCase()
  const { event, sealed } = pass(
    Buffer.from(`type=PROCTITLE msg=audit(1732670163.123:456): proctitle=${hex}`),
    'auditd',
  )
  expect(event.process_command_line).toMatch(/^php cek\.php --nik nik-[0-9a-f]{16} --hp tel-[0-9a-f]{16}$/)
  expect(sealed.toString()).toMatch(/proctitle=[0-9A-F]+$/)
})

test('the user behind a domain of Windows is no escape', () => {
  const { event } = pass(
    Buffer.from('2024-11-27 01:16:03 192.0.2.1 GET / - 443 KPU\\3174066107600001 203.0.113.7 u - 200 0 0 15'),
    'iis',
  )
  expect(event.user_name).toMatch(/nik-[0-9a-f]{16}$/)
})
