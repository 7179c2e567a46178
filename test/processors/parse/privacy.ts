// Can a reader bring back what the collector took out? Citizens' numbers are planted in every place of every format and taken the whole way.
import { holds, type Planted, planted } from '../identifiers.ts'
import { createWorkerPath, type Passed } from '../worker-path.ts'
import { parseOne } from './read.ts'
import { lines, samples } from './samples.ts'
import { formatOf, type Seed } from './seeds.ts'

/** The whole way of a line, shared by the tests of a file. */
export const pass = createWorkerPath()

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

/** Takes every place of every format the whole way with every `share`-th writing in it, other ones in the next place and the next line. */
export function plantEverywhere(share: number): { readonly count: number; readonly found: readonly string[] } {
  let count = 0
  const found: string[] = []
  for (const [line, { text, format }] of seeds.entries()) {
    for (const [n, number] of planted(count).entries()) {
      for (const [at, place] of [...places(text, number.text)].entries()) {
        if ((line + n + at) % share !== 0) continue
        count += 1
        found.push(...leaks(place, format, number))
      }
    }
  }
  process.stdout.write(`privacy of formats: ${count} lines with a number planted\n`)
  return { count, found }
}
