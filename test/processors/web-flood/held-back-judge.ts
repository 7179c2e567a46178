// How often is a flood told in hours that the weights have never seen? Counts, and a table of them.
import { isTold, judgeRush } from '../../../processors/web-flood/verdict.ts'
import { type Hour, windowsOf } from './hours.ts'
import { minuteOf } from './reference.ts'

const STEP = 3

interface Tally {
  windows: number
  told: number
  hours: number
  toldHours: number
}

/** How many windows (every third), and of how many hours at least one, are told as a flood. */
export function judge(hours: Iterable<Hour>): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const hour of hours) {
    const name = `${hour.flood === '' ? 'crowd' : 'flood'}|${hour.flood === '' ? hour.crowd : hour.flood}`
    const tally = tallies.get(name) ?? { windows: 0, told: 0, hours: 0, toldHours: 0 }
    tallies.set(name, tally)
    let before = false
    let toldHour = false
    for (const { at, attacked, parts } of windowsOf(hour, STEP)) {
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

/** Lines of a table, and the sums of all crowds and all floods. */
export function table(tallies: ReadonlyMap<string, Tally>): { crowd: Tally; flood: Tally; text: string } {
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
