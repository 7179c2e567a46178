// Do voters let people sleep, and are floods inside a crowd found? On hours that the weights have never seen; the table is printed.
import { expect, test } from 'vitest'
import { isTold, judgeRush } from '../../../processors/web-flood/verdict.ts'
import { type Hour, heldBackHours, windowsOf } from './hours.ts'
import { minuteOf } from './reference.ts'

interface Tally {
  windows: number
  told: number
  hours: number
  toldHours: number
}

/** How many windows, and of how many hours at least one, are told as a flood. */
function judge(hours: Iterable<Hour>, step: number): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const hour of hours) {
    const name = `${hour.flood === '' ? 'crowd' : 'flood'}|${hour.flood === '' ? hour.crowd : hour.flood}`
    const tally = tallies.get(name) ?? { windows: 0, told: 0, hours: 0, toldHours: 0 }
    tallies.set(name, tally)
    let before = false
    let toldHour = false
    for (const { at, attacked, parts } of windowsOf(hour, step)) {
      const verdict = judgeRush(
        minuteOf([], at),
        parts.map(({ part }) => part),
        hour.usual,
        hour.moment,
        undefined,
      )
      const told = isTold(verdict, before)
      before = verdict.suspicious.length > 0
      // Of an hour with a flood only the minutes of the flood count as found.
      if (hour.flood !== '' && !attacked) continue
      tally.windows += 1
      if (told) tally.told += 1
      toldHour ||= told
    }
    tally.hours += 1
    if (toldHour) tally.toldHours += 1
  }
  return tallies
}

function table(tallies: ReadonlyMap<string, Tally>): { crowd: Tally; flood: Tally; text: string } {
  const sums = {
    crowd: { windows: 0, told: 0, hours: 0, toldHours: 0 },
    flood: { windows: 0, told: 0, hours: 0, toldHours: 0 },
  }
  const line = (name: string, { windows, told, hours, toldHours }: Tally) =>
    `| ${name} | ${told} of ${windows} (${((100 * told) / windows).toFixed(1)} %) | ${toldHours} of ${hours} |`
  const lines = ['| held-back hours | minutes told as a flood | hours with one |', '|---|---|---|']
  for (const [name, tally] of tallies) {
    const [kind, what = ''] = name.split('|')
    const sum = kind === 'crowd' ? sums.crowd : sums.flood
    for (const key of ['windows', 'told', 'hours', 'toldHours'] as const) sum[key] += tally[key]
    lines.push(line(`${kind}: ${what}`, tally))
  }
  lines.push(line('**crowds together**', sums.crowd), line('**floods of 5–30 % inside crowds**', sums.flood))
  return { ...sums, text: lines.join('\n') }
}

const STEP = 3

test('voters behind carrier NAT hardly ever page as an attack; floods inside a crowd are found', {
  timeout: 300_000,
}, () => {
  const { crowd, flood, text } = table(judge(heldBackHours(), STEP))
  const blind = table(judge(heldBackHours('blind sites'), STEP))
  const beyond = table(judge(heldBackHours('beyond sight'), STEP))
  const last = (lines: string, n: number) => lines.split('\n').slice(-n)
  process.stdout.write(
    `${[
      text,
      ...last(blind.text, 2).map((line) => line.replaceAll('**', '').replace('| ', '| logs that show less: ')),
      ...beyond.text
        .split('\n')
        .slice(2, -2)
        .map((line) => line.replace('flood: ', 'like people: ')),
    ].join('\n')}\n`,
  )
  expect(crowd.hours).toBeGreaterThanOrEqual(20)
  expect(crowd.told / crowd.windows).toBeLessThanOrEqual(0.05)
  expect(crowd.toldHours / crowd.hours).toBeLessThanOrEqual(0.05)
  // Of the minutes of floods fewer, since the smallest are told in some of their minutes only.
  expect(flood.told / flood.windows).toBeGreaterThanOrEqual(0.8)
  expect(flood.toldHours / flood.hours).toBeGreaterThanOrEqual(0.9)
})
