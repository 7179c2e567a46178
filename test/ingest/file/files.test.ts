// Followed files: every line once, through rotation, restarts, outages and damage.
import { appendFile, chmod, copyFile, mkdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isRotatedName } from '../../../ingest/file/content.ts'
import { startFiles } from '../../../ingest/file/files.ts'
import { cutLines, LONGEST_KEPT } from '../../../ingest/file/lines.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { dataDir, log, running, useFolder } from './folder.ts'

useFolder()

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `2024-11-27 line ${from + i} ${'.'.repeat(40)}\n`).join('')

async function follow(pattern = '*.log*', idleMs = 200) {
  const { deps, writer, metrics } = fakeDependencies()
  const start = () =>
    startFiles([{ id: 'web', format: 'nginx', files: [log(pattern)] }], deps, {
      dataDir,
      pollMs: 20,
      scanMs: 40,
      idleMs,
    })
  const collector = await start()
  running.push(collector)
  const numbers = (): number[] => writer.texts.map((text) => Number(/line (\d+)/.exec(text)?.[1] ?? -1))
  return { writer, metrics, collector, numbers, start }
}

async function until(check: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !check() && Date.now() < end; ) await sleep(5)
  expect(check()).toBe(true)
}

/** All numbers up to `count`, each once, whatever the order of files. */
function expectEach(numbers: number[], count: number): void {
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
}

describe('following', () => {
  it('reads what is there and what comes, each line once, in order', async () => {
    await writeFile(log('a.log'), lines(0, 100))
    const { writer, metrics, numbers } = await follow()
    await until(() => writer.count === 100)
    for (let i = 100; i < 200; i += 10) {
      await appendFile(log('a.log'), lines(i, i + 10))
      await sleep(10)
    }
    await until(() => writer.count === 200)
    expect(numbers()).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(writer.events[0]).toMatchObject({ source: 'web', format: 'nginx', peer: '' })
    expect(new Set(writer.events.map(({ key }) => key)).size).toBe(1)
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(200)
    expect(JSON.stringify(writer.events.map(({ key, id }) => key + id))).not.toContain('a.log')
    expect(metrics.counts).toEqual({ received: 200, accepted: 200, refused: 0, lost: 0 })
  })

  it('finds new files', async () => {
    const { writer } = await follow()
    await writeFile(log('later.log'), lines(0, 5))
    await until(() => writer.count === 5)
    await mkdir(log('folder.log'))
    await writeFile(log('other.txt'), 'x\n')
    await sleep(100)
    expect(writer.count).toBe(5)
  })

  it('a partial line waits for its newline; blank lines are no events', async () => {
    const { writer } = await follow()
    await writeFile(log('a.log'), 'one\r\n\n  \ntw')
    await until(() => writer.count === 1)
    await sleep(300)
    expect(writer.texts).toEqual(['one'])
    await appendFile(log('a.log'), 'o\nthree')
    await until(() => writer.count === 2)
    expect(writer.texts).toEqual(['one', 'two'])
  })

  it('a line over 512 KiB is cut and marked, and the next one comes whole', async () => {
    await writeFile(log('a.log'), `before\n${'x'.repeat(10 * 1024 * 1024)}\nafter\n`)
    const { writer } = await follow()
    await until(() => writer.count === 3)
    expect(writer.events.map(({ value }) => value.length)).toEqual([6, MAX_PAYLOAD_BYTES, 5])
    expect(writer.events[1]?.marks).toEqual(['truncated'])
  })

  it('thousands of files', async () => {
    await Promise.all(
      Array.from({ length: 2000 }, (_, i) => writeFile(log(`${i}.log`), `same first line\nline ${i}\n`)),
    )
    const { writer } = await follow()
    await until(() => writer.count === 4000)
    await appendFile(log('77.log'), 'line 2000\n')
    await until(() => writer.count === 4001)
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(4001)
  })

  it('an unreadable file does not hold up others', async () => {
    await writeFile(log('a.log'), lines(0, 3))
    await chmod(log('a.log'), 0)
    await writeFile(log('b.log.xz'), 'compressed')
    await writeFile(log('c.log'), lines(3, 6))
    const { writer } = await follow()
    await until(() => writer.count >= 3)
    await chmod(log('a.log'), 0o644)
    await until(() => writer.count === 6)
  })
})

describe('rotation', () => {
  it.each(['*.log', '*.log*'])('by rename, the new file written at once (%s)', async (pattern) => {
    const { writer, numbers } = await follow(pattern)
    await writeFile(log('a.log'), lines(0, 10))
    await until(() => writer.count === 10)
    await appendFile(log('a.log'), lines(10, 20))
    await rename(log('a.log'), log('a.log.1'))
    await writeFile(log('a.log'), lines(20, 30))
    await until(() => writer.count === 30)
    // The writer still holds the renamed file for a moment.
    await appendFile(log('a.log.1'), lines(30, 35))
    await until(() => writer.count === 35)
    await sleep(300)
    expectEach(numbers(), 35)
  })

  it('the last line of a file rotated away needs no newline', async () => {
    const { writer, numbers } = await follow('*.log')
    await writeFile(log('a.log'), `${lines(0, 2)}line 2`)
    await until(() => writer.count === 2)
    await rename(log('a.log'), log('a.log.1'))
    await until(() => writer.count === 3)
    expectEach(numbers(), 3)
  })

  it.each(['*.log', '*.log*'])('by copytruncate, with lines not read yet in the copy (%s)', async (pattern) => {
    const { writer, numbers } = await follow(pattern)
    await writeFile(log('a.log'), lines(0, 50))
    await until(() => writer.count === 50)
    await appendFile(log('a.log'), lines(50, 60))
    await copyFile(log('a.log'), log('a.log.1'))
    await truncate(log('a.log'))
    await appendFile(log('a.log'), lines(60, 70))
    await until(() => writer.count >= 70)
    await sleep(300)
    expectEach(numbers(), 70)
  })

  it('by copytruncate, when the new content is longer than the old', async () => {
    const { writer, numbers } = await follow('*.log')
    await writeFile(log('a.log'), lines(0, 5))
    await until(() => writer.count === 5)
    await copyFile(log('a.log'), log('a.log.1'))
    await truncate(log('a.log'))
    await appendFile(log('a.log'), lines(5, 50))
    await until(() => writer.count === 50)
    expectEach(numbers(), 50)
  })

  it.each([0, 40])('by copytruncate, while lines behind the first %d are on their way to Kafka', async (before) => {
    const { writer, numbers } = await follow('*.log*')
    await writeFile(log('a.log'), lines(0, before))
    await until(() => writer.count === before)
    writer.closeGate()
    const { writes } = writer
    await appendFile(log('a.log'), lines(before, 50))
    await until(() => writer.writes > writes)
    await copyFile(log('a.log'), log('a.log.1'))
    await truncate(log('a.log'))
    await sleep(200)
    writer.openGate()
    await appendFile(log('a.log'), lines(50, 60))
    await until(() => writer.count >= 60)
    await sleep(300)
    expectEach(numbers(), 60)
  })

  it('by a copy that takes its time', async () => {
    const { writer, numbers } = await follow('*.log*')
    await writeFile(log('a.log'), lines(0, 100))
    await until(() => writer.count === 100)
    const content = await readFile(log('a.log'))
    await writeFile(log('a.log.1'), '')
    for (let at = 0; at < content.length; at += 2000) {
      await sleep(60)
      await appendFile(log('a.log.1'), content.subarray(at, at + 2000))
    }
    await truncate(log('a.log'))
    await appendFile(log('a.log'), lines(100, 110))
    await until(() => writer.count >= 110)
    await sleep(300)
    expectEach(numbers(), 110)
  })

  it('by copytruncate, when lines were written and read in between', async () => {
    const { writer, numbers } = await follow('*.log*')
    await writeFile(log('a.log'), lines(0, 50))
    await until(() => writer.count === 50)
    await copyFile(log('a.log'), log('a.log.1'))
    await appendFile(log('a.log'), lines(50, 55))
    await until(() => writer.count === 55)
    await truncate(log('a.log'))
    await appendFile(log('a.log'), lines(55, 60))
    await until(() => writer.count >= 60)
    await sleep(300)
    expectEach(numbers(), 60)
  })

  it('by copytruncate, when file and copy are seen for the first time together', async () => {
    await writeFile(log('a.log'), lines(0, 50))
    await copyFile(log('a.log'), log('a.log.1'))
    const { writer, numbers } = await follow('*.log*')
    await until(() => writer.count >= 50)
    await truncate(log('a.log'))
    await appendFile(log('a.log'), lines(50, 60))
    await until(() => writer.count >= 60)
    await sleep(300)
    expectEach(numbers(), 60)
  })

  it('a copy that stays beside its original is not read a second time', async () => {
    const { writer, numbers } = await follow('*.log*')
    await writeFile(log('a.log'), lines(0, 50))
    await copyFile(log('a.log'), log('a.log.bak'))
    await until(() => writer.count >= 50)
    await appendFile(log('a.log'), lines(50, 60))
    await until(() => writer.count >= 60)
    await sleep(300)
    expectEach(numbers(), 60)
  })

  it('by copy, compressed later: what was read is not read again', async () => {
    const { writer, numbers } = await follow('*.log*')
    await writeFile(log('a.log'), lines(0, 200))
    await until(() => writer.count === 200)
    await rename(log('a.log'), log('a.log.1'))
    await writeFile(log('a.log'), lines(200, 210))
    await until(() => writer.count === 210)
    await writeFile(log('a.log.2.gz'), gzipSync(await readFile(log('a.log.1'))))
    await rm(log('a.log.1'))
    await sleep(500)
    expectEach(numbers(), 210)
  })

  it('a deleted file is read to its end, a new one of the same name from its beginning', async () => {
    const { writer, numbers } = await follow('*.log')
    await writeFile(log('a.log'), lines(0, 10))
    await until(() => writer.count === 10)
    await rm(log('a.log'))
    await writeFile(log('a.log'), lines(10, 20))
    await until(() => writer.count === 20)
    expectEach(numbers(), 20)
  })

  it('knows the names that rotation gives', () => {
    for (const name of [
      'app.log.1',
      'app.log-20241127',
      'app-20241127.log',
      'app.log.2.gz',
      'app.log.1.gz',
      'app.log.old',
      'app-20241127-10.log.gz',
    ]) {
      expect(isRotatedName('/l/app.log', `/l/${name}`), name).toBe(true)
    }
    for (const name of ['/l/web.log.1', '/m/app.log.1', '/l/app2.log', '/l/app.log'])
      expect(isRotatedName('/l/app.log', name)).toBe(false)
  })
})

describe('restart', () => {
  it('after a clean stop goes on where it stopped: no loss, no repeat', async () => {
    await writeFile(log('a.log'), lines(0, 100))
    const { writer, collector, numbers, start } = await follow()
    await until(() => writer.count === 100)
    await appendFile(log('a.log'), 'half of ')
    await collector.stop()
    await appendFile(log('a.log'), `line 100\n${lines(101, 150)}`)
    running.push(await start())
    await until(() => writer.count === 150)
    await sleep(100)
    expectEach(numbers(), 150)
  })

  it('in the middle of a large file', async () => {
    await writeFile(log('a.log'), lines(0, 60_000))
    const { writer, collector, numbers, start } = await follow()
    await until(() => writer.count > 0)
    await collector.stop()
    const before = writer.count
    expect(before).toBeLessThan(60_000)
    running.push(await start())
    await until(() => writer.count === 60_000)
    expectEach(numbers(), 60_000)
  })

  it('rotated by rename or copytruncate while we were down', async () => {
    await writeFile(log('a.log'), lines(0, 30))
    await writeFile(log('b.log'), lines(30, 60))
    const { writer, collector, numbers, start } = await follow('*.log')
    await until(() => writer.count === 60)
    await collector.stop()
    await appendFile(log('a.log'), lines(60, 70))
    await rename(log('a.log'), log('a.log.1'))
    await writeFile(log('a.log'), lines(70, 80))
    await appendFile(log('b.log'), lines(80, 90))
    await copyFile(log('b.log'), log('b.log.1'))
    await writeFile(log('b.log'), lines(90, 95))
    running.push(await start())
    await until(() => writer.count === 95)
    await sleep(100)
    expectEach(numbers(), 95)
  })

  it('after a kill repeats carry the same ids', async () => {
    await writeFile(log('a.log'), lines(0, 50))
    const { writer, collector, start } = await follow()
    await until(() => writer.count === 50)
    await collector.stop()
    const ids = writer.events.map(({ id }) => id)
    await rm(join(dataDir, 'positions'), { recursive: true })
    await appendFile(log('a.log'), lines(50, 60))
    running.push(await start())
    await until(() => writer.count === 110)
    expect(writer.events.slice(50, 100).map(({ id }) => id)).toEqual(ids)
  })

  it('damaged positions are set aside', async () => {
    await mkdir(join(dataDir, 'positions'), { recursive: true })
    await writeFile(join(dataDir, 'positions', 'files.json'), '{"version":1,"fi')
    await writeFile(log('a.log'), lines(0, 5))
    const { writer } = await follow()
    await until(() => writer.count === 5)
    expect(await readFile(join(dataDir, 'positions', 'files.json.damaged'), 'utf8')).toContain('version')
  })

  it('another file with a known inode is read from its beginning', async () => {
    await writeFile(log('a.log'), lines(0, 10))
    const { writer, collector, numbers, start } = await follow('*.log')
    await until(() => writer.count === 10)
    await collector.stop()
    // Same inode, other content, longer than before.
    await writeFile(log('a.log'), lines(10, 40))
    running.push(await start())
    await until(() => writer.count === 40)
    expectEach(numbers(), 40)
  })
})

describe('Kafka away', () => {
  it('holds still, then goes on with nothing lost or repeated', async () => {
    await writeFile(log('a.log'), lines(0, 20))
    const { writer, metrics, numbers } = await follow()
    await until(() => writer.count === 20)
    writer.failures = 1
    await appendFile(log('a.log'), lines(20, 40))
    await sleep(100)
    expect(writer.count).toBe(20)
    await until(() => writer.count === 40)
    expectEach(numbers(), 40)
    expect(metrics.counts).toEqual({ received: 40, accepted: 40, refused: 0, lost: 0 })
  })

  it('a stop while waiting saves only what was acknowledged', async () => {
    await writeFile(log('a.log'), lines(0, 20))
    const { writer, collector, numbers, start } = await follow()
    await until(() => writer.count === 20)
    writer.closeGate()
    await appendFile(log('a.log'), lines(20, 40))
    await sleep(100)
    await collector.stop()
    expect(writer.count).toBe(20)
    writer.keep = false
    writer.openGate()
    await sleep(50)
    writer.keep = true
    running.push(await start())
    await until(() => numbers().length === 40)
    expectEach(numbers(), 40)
  }, 10_000)
})

describe('gz', () => {
  it('is read once whole, its last line too', async () => {
    await writeFile(log('old.log.gz'), gzipSync(`${lines(0, 30_000)}line 30000`))
    const { writer, collector, numbers, start } = await follow()
    await until(() => writer.count === 30_001)
    expectEach(numbers(), 30_001)
    await collector.stop()
    running.push(await start())
    await sleep(150)
    expect(writer.count).toBe(30_001)
  })

  it('one that is still being written is read on when it grows', async () => {
    const whole = gzipSync(lines(0, 5000))
    await writeFile(log('old.log.gz'), whole.subarray(0, whole.length / 2))
    const { writer, numbers } = await follow()
    await sleep(150)
    expect(writer.count).toBeLessThan(5000)
    await writeFile(log('old.log.gz'), whole)
    await until(() => writer.count === 5000)
    expectEach(numbers(), 5000)
  })

  it('a damaged one gives what can be read, and does not hold up others', async () => {
    const whole = gzipSync(lines(0, 5000))
    await writeFile(log('bad.log.gz'), whole.subarray(0, whole.length - 200))
    await utimes(log('bad.log.gz'), 1, 1)
    await writeFile(log('none.log.gz'), 'this is no gzip')
    await writeFile(log('a.log'), lines(5000, 5010))
    const { writer } = await follow()
    await until(() => writer.count > 1000)
  })
})

describe('cutting lines', () => {
  it('an over-long line in many pieces is given once', () => {
    const piece = Buffer.alloc(LONGEST_KEPT + 5, 'x')
    const first = cutLines(piece, 0, false, false)
    expect(first.lines).toHaveLength(1)
    expect(first).toMatchObject({ used: piece.length, skipping: true })
    expect(cutLines(piece, 0, true, false)).toEqual({ lines: [], used: piece.length, skipping: true })
    const last = cutLines(Buffer.from('xx\nnext\nrest'), 100, true, false)
    expect(last.lines.map(({ at, payload }) => [at, payload.toString()])).toEqual([[103, 'next']])
    expect(last).toMatchObject({ used: 8, skipping: false })
  })
})
