// Records of one event in a followed file become one event, once, through restarts, kills, rotation and what never ends.
import { appendFile, copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startFiles } from '../../../ingest/file/files.ts'
import type { SourceFormat } from '../../../schemas/config.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { audit, auditLines } from '../join/fixtures.ts'
import { dataDir, log, running, useFolder } from './folder.ts'

useFolder()

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')

async function follow({
  format = 'auto',
  joinMs = 300,
  pattern = '*.log',
}: {
  format?: SourceFormat
  joinMs?: number
  pattern?: string
} = {}) {
  const { deps, writer, metrics } = fakeDependencies()
  const start = async () => {
    const collector = await startFiles([{ id: 'host', format, files: [log(pattern)] }], deps, {
      dataDir,
      pollMs: 20,
      scanMs: 40,
      idleMs: 200,
      joinMs,
    })
    running.push(collector)
    return collector
  }
  return { writer, metrics, start, collector: await start() }
}

async function until(check: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !check() && Date.now() < end; ) await sleep(5)
  expect(check()).toBe(true)
}

test('interleaved records are joined, ordinary lines between them stay; all is counted', async () => {
  const [a, b] = [audit(1), audit(2)]
  await writeFile(
    log('a.log'),
    text('one', a.syscall, b.syscall, 'two', a.cwd, b.cwd, a.path, a.title, b.path, b.title, 'three'),
  )
  const { writer, metrics } = await follow()
  await until(() => writer.count === 5)
  expect(writer.texts).toEqual(['one', auditLines(1).join('\n'), auditLines(2).join('\n'), 'two', 'three'])
  expect(new Set(writer.events.map(({ id }) => id)).size).toBe(5)
  expect(metrics.counts).toEqual({ received: 5, accepted: 5, refused: 0, lost: 0 })
  expect(metrics.joinedLines).toBe(6)
})

test('an event at the end of the file waits for the rest of it, and is sent when that stays away', async () => {
  const a = audit(1)
  const { writer } = await follow({ joinMs: 400 })
  await writeFile(log('a.log'), text('one', a.syscall, a.cwd))
  await until(() => writer.count === 1)
  await sleep(100)
  await appendFile(log('a.log'), text(a.path))
  await until(() => writer.count === 2)
  expect(writer.texts[1]).toBe([a.syscall, a.cwd, a.path].join('\n'))
})

test('what ends with its title does not wait', async () => {
  const { writer } = await follow({ joinMs: 60_000 })
  await writeFile(log('a.log'), text(...auditLines(1)))
  await until(() => writer.count === 1)
})

test('a stop in the middle of an event: the next start sends it whole, once', async () => {
  const [first, second, ...rest] = auditLines(2)
  const { writer, collector, start } = await follow({ joinMs: 60_000 })
  await writeFile(log('a.log'), text(...auditLines(1), first ?? '', second ?? ''))
  await until(() => writer.count === 1)
  await collector.stop()
  await appendFile(log('a.log'), text(...rest, ...auditLines(3)))
  await start()
  await until(() => writer.count === 3)
  expect(writer.texts).toEqual([1, 2, 3].map((serial) => auditLines(serial).join('\n')))
})

test('after a kill the same events carry the same ids, one that was sent without its end too', async () => {
  const [a, b] = [audit(1), audit(2)]
  const { writer, collector, start } = await follow({ joinMs: 100 })
  await writeFile(log('a.log'), text(...auditLines(7), a.syscall, b.syscall, a.cwd, b.cwd))
  await until(() => writer.count === 3)
  await collector.stop()
  const ids = writer.events.map(({ id }) => id)
  // As if killed before the position was saved.
  await rm(join(dataDir, 'positions'), { recursive: true })
  await appendFile(log('a.log'), text(a.path, a.title, b.path, b.title))
  await start()
  await until(() => writer.count === 6)
  expect(writer.events.slice(3).map(({ id }) => id)).toEqual(ids)
  expect(writer.texts[4]).toBe(auditLines(1).join('\n'))
})

test('while Kafka fails nothing is lost or repeated', async () => {
  const { writer } = await follow()
  writer.failures = 1
  await writeFile(log('a.log'), text(...[1, 2, 3].flatMap((serial) => auditLines(serial))))
  await until(() => writer.count === 3)
  expect(writer.texts).toEqual([1, 2, 3].map((serial) => auditLines(serial).join('\n')))
})

test.each(['rename', 'copytruncate'])('rotation by %s in the middle of an event', async (kind) => {
  const [first, second, ...rest] = auditLines(2)
  const { writer } = await follow({ joinMs: 1000, pattern: '*.log*' })
  await writeFile(log('a.log'), text(...auditLines(1), first ?? '', second ?? ''))
  await until(() => writer.count === 1)
  if (kind === 'rename') {
    await rename(log('a.log'), log('a.log.1'))
    await writeFile(log('a.log'), text(...auditLines(3)))
    // The writer still holds the old file.
    await appendFile(log('a.log.1'), text(...rest))
  } else {
    await copyFile(log('a.log'), log('a.log.1'))
    await truncate(log('a.log'))
    await appendFile(log('a.log'), text(...rest, ...auditLines(3)))
  }
  await until(() => writer.texts.join('\n').split('\n').length >= 12)
  await sleep(300)
  expect(writer.texts.join('\n').split('\n').sort()).toEqual([1, 2, 3].flatMap((serial) => auditLines(serial)).sort())
  expect(writer.count).toBe(kind === 'rename' ? 3 : 4)
})

test('a .gz ends all events', async () => {
  const lines = [...auditLines(1), ...auditLines(2).slice(0, 2)]
  await writeFile(log('old.log.gz'), gzipSync(text(...lines)))
  const { writer } = await follow({ pattern: '*.gz', joinMs: 60_000 })
  await until(() => writer.count === 2)
  expect(writer.texts.join('\n')).toBe(lines.join('\n'))
})

test('ids that never end: read on, in bounded pieces, each line once', async () => {
  const lines = Array.from({ length: 30_000 }, (_, serial) => audit(serial).path)
  await writeFile(log('a.log'), text(...lines))
  const { writer } = await follow()
  await until(() => writer.count === lines.length)
  expect(writer.texts).toEqual(lines)
})

test('an entry over the bounds comes in parts, marked', async () => {
  const { writer } = await follow({ format: 'laravel', joinMs: 100 })
  const trace = Array.from({ length: 1500 }, (_, n) => `#${n} ${'x'.repeat(990)}`)
  await writeFile(log('a.log'), text('[2024-11-27 08:16:03] a.ERROR: x', ...trace, '[2024-11-27 08:16:04] a.INFO: y'))
  await until(() => writer.texts.at(-1)?.includes('a.INFO') === true)
  expect(writer.events.map(({ marks }) => marks)).toEqual([['partial'], ['partial'], ['partial'], []])
  expect(writer.events.every(({ value }) => value.length <= MAX_PAYLOAD_BYTES)).toBe(true)
  expect(`${writer.texts.join('\n')}\n`).toBe(await readFile(log('a.log'), 'utf8'))
})
