// Which indicators of a feed did people decide to leave out for good? Those of an update that would do harm, so that the rest may come.
import { setImmediate as breathe } from 'node:timers/promises'
import { z } from 'zod'
import { type Indicator, IndicatorType } from '../../schemas/indicator.ts'
import { isMissing, readCopy, readLines, writeLines } from './copy.ts'
import { feedFiles } from './folders.ts'
import { type HeldUpdate, heldCopy } from './held.ts'
import type { Judge } from './hold.ts'

const Line = z.tuple([IndicatorType, z.string()])
/** Most that are left out of one feed. */
const MOST = 200_000
const PIECE = 5000

/** True for an indicator that is left out. */
export type LeftOut = (indicator: Pick<Indicator, 'type' | 'value'>) => boolean

/** What is left out of a feed. A file that cannot be read leaves out nothing: what it held is held back again then. */
export async function readLeftOut(dataDir: string, feed: string): Promise<LeftOut> {
  const keys = await keysOf(dataDir, feed)
  return ({ type, value }) => keys.size > 0 && keys.has(`${type} ${value}`)
}

async function keysOf(dataDir: string, feed: string): Promise<Set<string>> {
  const keys = new Set<string>()
  try {
    for await (const line of readLines(feedFiles(dataDir, feed).leftOut)) keys.add(Line.parse(line).join(' '))
  } catch (error) {
    if (!isMissing(error)) return new Set()
  }
  return keys
}

/** Leaves out, from now on, what is protected or a carrier's among the new indicators of an update. Answers how many there are now. */
export async function leaveOut(dataDir: string, update: HeldUpdate, judge: Judge): Promise<number> {
  const copy = await readCopy(heldCopy(dataDir, update.feed, update.id))
  const keys = await keysOf(dataDir, update.feed)
  const added = copy?.indicators.slice(0, copy.meta.added) ?? []
  for (const [at, indicator] of added.entries()) {
    if (at % PIECE === PIECE - 1) await breathe()
    if (keys.size < MOST && judge(indicator).length > 0) keys.add(`${indicator.type} ${indicator.value}`)
  }
  await writeLines(
    feedFiles(dataDir, update.feed).leftOut,
    [...keys].map((key) => [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)]),
  )
  return keys.size
}
