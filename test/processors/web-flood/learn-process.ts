// Where do the weights of processors/web-flood/weights.ts come from? `node test/processors/web-flood/learn-process.ts` fits them on the training hours and prints them.

import { fitWeights } from '../../../processors/score/fit.ts'
import { signNames, signsOf } from '../../../processors/web-flood/features.ts'
import { trainingHours, windowsOf } from './hours.ts'

interface Row {
  readonly values: Readonly<Record<string, number>>
  readonly attack: boolean
  readonly part: string
  readonly share: number
}
interface Judged {
  readonly hour: number
  readonly crowd: string
  readonly flood: string
  readonly attacked: boolean
  readonly rows: readonly Row[]
}

/** Signs that speak for people. */
const forPeople: ReadonlySet<string> = new Set(['carrier', 'demand', 'familiar'])

const say = (text: string): boolean => process.stdout.write(`${text}\n`)

const judged: Judged[] = []
let hour = 0
for (const one of trainingHours()) {
  hour += 1
  for (const { attacked, requests, parts } of windowsOf(one, 4)) {
    const all = parts.find(({ part }) => part.part === 'all:')?.part
    if (all === undefined) continue
    const rows = parts.map(({ part, attack }) => ({
      part: part.part,
      values: Object.fromEntries(signsOf(part, all, one.usual, one.moment).map(({ name, value }) => [name, value])),
      attack: attack / part.requests,
      share: part.requests / requests,
    }))
    judged.push({
      hour,
      crowd: one.crowd,
      flood: one.flood,
      attacked,
      // What is half a flood's teaches nothing.
      rows: rows.flatMap((row) =>
        row.attack > 0.02 && row.attack < 0.6 ? [] : [{ ...row, attack: row.attack >= 0.6 }],
      ),
    })
  }
}
const examples = judged.flatMap(({ rows }, n) =>
  rows.map(({ values, attack }, m) => ({ id: `${n}-${m}`, features: values, verdict: attack })),
)
const terms = [
  { name: 'prior', points: -60, sign: 0 as const },
  ...signNames.map((name) => ({
    name,
    points: forPeople.has(name) ? -5 : 15,
    sign: forPeople.has(name) ? (-1 as const) : (1 as const),
  })),
]
const learned = fitWeights(examples, terms, Number(process.argv[2] ?? 60))
const points = new Map(learned.map(({ name, learned: value }) => [name, value]))
say(`${examples.length} examples, ${examples.filter(({ verdict }) => verdict).length} of floods`)
say(learned.map(({ name, learned: value }) => `  ${name}: ${value},`).join('\n'))

const scoreOf = (values: Readonly<Record<string, number>>): number =>
  Object.entries(values).reduce(
    (sum, [name, value]) => sum + Math.round((points.get(name) ?? 0) * value),
    points.get('prior') ?? 0,
  )
for (const threshold of [0, 10, 20, 30]) {
  const paged = (one: Judged): boolean =>
    one.rows.some(({ values, share }) => share >= 0.03 && scoreOf(values) >= threshold)
  const calm = judged.filter(({ flood }) => flood === '')
  const attacked = judged.filter((one) => one.attacked)
  const hours = new Set(calm.map((one) => one.hour))
  const pagedHours = new Set(calm.filter(paged).map((one) => one.hour))
  say(
    `from ${threshold} points: crowd windows ${calm.filter(paged).length}/${calm.length}, hours ${pagedHours.size}/${hours.size}; attack windows ${attacked.filter(paged).length}/${attacked.length}`,
  )
  if (threshold !== 20) continue
  for (const [flood, list] of Map.groupBy(attacked, (one) => one.flood))
    say(`  ${flood}: ${list.filter(paged).length}/${list.length}`)
  const wrong = calm
    .filter(paged)
    .flatMap((one) =>
      one.rows
        .filter(({ values, share }) => share >= 0.03 && scoreOf(values) >= threshold)
        .map(({ part }) => `${one.crowd} ${part}`),
    )
  say(
    [...Map.groupBy(wrong, (text) => text)]
      .map(([text, list]) => `  wrong: ${list.length} ${text}`)
      .sort()
      .join('\n'),
  )
}
