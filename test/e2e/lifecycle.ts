// How is `siaga start` interrupted and killed, and how is it seen that nothing is left running, lost or doubled?
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { commandOf, descendants, lives, usersOf } from './processes.ts'
import { type Home, report, type Siaga, spawnStart, startSiaga } from './siaga.ts'

/** What is said besides progress: the error line and what to do. */
export function errorLines(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !/^[…✓]/.test(line))
}

/** Numbered lines, so that each can be found again. */
export function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `nomor ${from + index} tiba`).join('\n')
}

/** Numbers that have landed, and how many rows they are in. */
export async function numbers(siaga: Siaga): Promise<{ rows: number; distinct: number }> {
  const [row] = await siaga.sql(
    "SELECT count() AS rows, uniqExact(extract(message, 'nomor (\\\\d+) tiba')) AS distinct FROM events WHERE startsWith(message, 'nomor ')",
  )
  return { rows: Number(row?.rows), distinct: Number(row?.distinct) }
}

/** Ctrl-C so many ms after a start; it ends at once, without a word, and leaves nothing running. */
export async function interruptStart(where: Home, after: number): Promise<void> {
  const starting = spawnStart(where)
  await sleep(after)
  const before = performance.now()
  starting.child.kill('SIGINT')
  const { code, signal } = await starting.ended
  const ms = Math.round(performance.now() - before)
  report(`lifecycle: Ctrl-C after ${after} ms: ${code ?? signal} in ${ms} ms`)
  expect(ms).toBeLessThan(5_000)
  expect(errorLines(starting.stderr())).toEqual([])
  expect(usersOf(where.folder)).toEqual([])
}

/** A Siaga and how many numbered lines it has accepted. */
export interface Life {
  siaga: Siaga
  accepted: number
}

/** Kills a Siaga that has just accepted 5,000 lines and starts it again: no orphan lives, and each line is there once. */
export async function killAndStart(life: Life, where: Home): Promise<void> {
  const orphans = descendants(life.siaga.pid)
  expect(orphans.length).toBeGreaterThanOrEqual(4)
  for (let i = 0; i < 5; i += 1) {
    expect(await life.siaga.post(lines(life.accepted, 1_000))).toMatchObject({ status: 202 })
    life.accepted += 1_000
  }
  await life.siaga.crash()
  life.siaga = await startSiaga({ home: where })
  expect(orphans.filter(lives).map((pid) => `${pid} ${commandOf(pid)}`)).toEqual([])
  await life.siaga.landed(life.accepted, "startsWith(message, 'nomor ')")
  expect(await numbers(life.siaga)).toEqual({ rows: life.accepted, distinct: life.accepted })
}
