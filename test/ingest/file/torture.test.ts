// Whatever a file goes through (rotations of both kinds, restarts, Kafka failing), each line comes once, those that are joined too. Seeded.
import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startFiles } from '../../../ingest/file/files.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { random } from '../join/fixtures.ts'

/** `SIAGA_TORTURE_SEEDS=100` tries so many more. */
const seeds = Array.from({ length: Number(process.env.SIAGA_TORTURE_SEEDS ?? 6) }, (_, i) => i + 1)

type Write = (n: number, next: () => number) => string

const ordinary: Write = (n) => `2024-11-27 line ${n} ${'.'.repeat(40)}`

/** Records of events that lie over each other, some without an end, and lines of others between them. */
const records: Write = (n, next) => {
  if (next() < 0.1) return ordinary(n, next)
  const serial = Math.floor(n / 5) + (next() < 0.2 ? 1 : 0)
  const type = n % 5 === 4 && next() < 0.7 ? 'PROCTITLE' : 'PATH'
  return `type=${type} msg=audit(${(1732670163 + serial / 50).toFixed(3)}:${serial}): line ${n}`
}

const runs = seeds.flatMap((seed) => [
  { seed, what: 'ordinary lines', write: ordinary },
  { seed, what: 'records of audit', write: records },
])

it.concurrent.each(runs)('$what, seed $seed', { timeout: 60_000 }, async ({ seed, write }) => {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-torture-'))
  await mkdir(join(folder, 'logs'))
  const log = (name: string): string => join(folder, 'logs', name)
  const { deps, writer } = fakeDependencies()
  const start = () =>
    startFiles([{ id: 'web', format: 'auto', files: [log('*.log*')] }], deps, {
      dataDir: join(folder, 'data'),
      pollMs: 20,
      scanMs: 40,
      idleMs: 300,
      joinMs: 60,
    })
  let collector = await start()
  const next = random(seed)
  const done: string[] = []
  let count = 0

  async function append(name: string, lines: number): Promise<void> {
    let text = ''
    for (let i = 0; i < lines; i++) text += `${write(count++, next)}\n`
    await appendFile(log(name), text)
  }
  async function shift(): Promise<void> {
    for (let i = 30; i >= 1; i--) await rename(log(`a.log.${i}`), log(`a.log.${i + 1}`)).catch(() => {})
  }

  await append('a.log', 10)
  for (let step = 0; step < 30; step++) {
    const choice = next()
    if (choice < 0.55) {
      await append('a.log', 1 + Math.floor(next() * 200))
      done.push('append')
    } else if (choice < 0.67) {
      await shift()
      await rename(log('a.log'), log('a.log.1'))
      // The writer has not noticed yet.
      if (next() < 0.5) await append('a.log.1', 5)
      await append('a.log', 3)
      done.push('rename')
    } else if (choice < 0.79) {
      await shift()
      await copyFile(log('a.log'), log('a.log.1'))
      await truncate(log('a.log'))
      done.push('copytruncate')
    } else if (choice < 0.85) {
      await collector.stop()
      if (next() < 0.5) await append('a.log', 7)
      collector = await start()
      done.push('restart')
    } else if (choice < 0.9) {
      writer.failures = 1
      done.push('failure')
    } else if (choice < 0.95) {
      // What is being written is held up while files go on changing.
      writer.closeGate()
      setTimeout(() => writer.openGate(), next() * 200)
      done.push('slow')
    }
    await sleep(next() * 80)
  }
  const lines = (): string[] => writer.texts.flatMap((text) => text.split('\n'))
  for (const end = Date.now() + 30_000; lines().length < count && Date.now() < end; ) await sleep(20)
  await sleep(200)
  await collector.stop()
  const numbers = lines().map((text) => Number(/line (\d+)/.exec(text)?.[1]))
  const times = new Map<number, number>()
  for (const n of numbers) times.set(n, (times.get(n) ?? 0) + 1)
  const wrong = Array.from({ length: count }, (_, n) => [n, times.get(n) ?? 0]).filter(([, n]) => n !== 1)
  expect(wrong, done.join(' ')).toEqual([])
  expect(numbers.length).toBe(count)
  expect(new Set(writer.events.map(({ id }) => id)).size).toBe(writer.count)
  await rm(folder, { recursive: true })
})
