import { describe, expect, test } from 'vitest'
import { Batcher, type Lane } from '../../../ingest/syslog/batcher.ts'
import { type TestDependencies, testDependencies, until } from './support.ts'

class RecordingLane implements Lane {
  acks: number[] = []
  given = 0
  acknowledged(events: number): void {
    this.acks.push(events)
  }
  abandoned(events: number): void {
    this.given += events
  }
}

function batcherOf(dependencies: TestDependencies, giveUpAfterMs?: number): Batcher {
  return new Batcher(dependencies, {
    name: 'test',
    ...(giveUpAfterMs === undefined ? {} : { giveUpAfterMs }),
    dropped: (reason, events) => dependencies.metrics.lost(reason, events),
  })
}

let number = 0
function event(text = `e${number++}`, source = 's') {
  return { source, format: '', receivedAt: 1, peer: '', id: text, key: 'k', payload: Buffer.from(text) }
}

describe('batcher', () => {
  test('groups events of many lanes into few writes and tells each lane how many arrived', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies)
    const lanes = [new RecordingLane(), new RecordingLane()]
    for (let n = 0; n < 600; n++) batcher.add(event(), lanes[n % 2] ?? new RecordingLane())
    expect(batcher.cost).toBeGreaterThan(600 * 256)
    await until(() => dependencies.counts.accepted === 600)
    expect(dependencies.writer.attempts).toBe(1)
    expect(lanes.map((lane) => lane.acks.reduce((sum, n) => sum + n, 0))).toEqual([300, 300])
    expect(batcher.cost).toBe(0)
  })

  test('order survives failures, and nothing is acknowledged before it is written', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies)
    const lane = new RecordingLane()
    dependencies.writer.failing = true
    const texts = Array.from({ length: 9_000 }, (_, n) => `n${n}`)
    for (const text of texts) batcher.add(event(text), lane)
    await until(() => dependencies.writer.attempts >= 2)
    expect(lane.acks).toEqual([])
    expect(dependencies.counts.accepted).toBe(0)
    dependencies.writer.failing = false
    await until(() => dependencies.counts.accepted === 9_000)
    expect(dependencies.writer.texts).toEqual(texts)
    expect(lane.acks.reduce((sum, n) => sum + n, 0)).toBe(9_000)
  })

  test('events added by a lane that hears of its acknowledgement keep their order', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies)
    let next = 0
    const lane: Lane = {
      acknowledged: () => {
        for (let n = 0; n < 1_500 && next < 6_000; n++) batcher.add(event(`n${next++}`), lane)
      },
      abandoned: () => {},
    }
    lane.acknowledged(0, 0)
    await until(() => dependencies.counts.accepted === 6_000)
    expect(dependencies.writer.texts).toEqual(Array.from({ length: 6_000 }, (_, n) => `n${n}`))
  })

  test('gives up after its time, counts, and tells the lanes', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies, 300)
    const lane = new RecordingLane()
    dependencies.writer.failing = true
    for (let n = 0; n < 5_000; n++) batcher.add(event(), lane)
    await until(() => lane.given === 5_000)
    expect(dependencies.counts.lost).toEqual({ kafka_unavailable: 5_000 })
    expect(batcher.cost).toBe(0)
    dependencies.writer.failing = false
    batcher.add(event('after'), lane)
    await until(() => dependencies.counts.accepted === 1)
    expect(dependencies.writer.texts).toEqual(['after'])
  })

  test('forgets what a lane has not handed over, and nothing of others', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies)
    const lane = new RecordingLane()
    const other = new RecordingLane()
    batcher.add(event('a'), lane)
    batcher.add(event('b'), other)
    batcher.add(event('c'), lane)
    expect(batcher.forget(lane)).toBe(2)
    await batcher.drain(1_000)
    expect(dependencies.writer.texts).toEqual(['b'])
    expect(batcher.cost).toBe(0)
  })

  test('stop counts what is left', async () => {
    const dependencies = testDependencies()
    const batcher = batcherOf(dependencies)
    const lane = new RecordingLane()
    dependencies.writer.failing = true
    for (let n = 0; n < 10; n++) batcher.add(event(), lane)
    await batcher.drain(100)
    batcher.stop()
    expect(dependencies.counts.lost).toEqual({ stopped: 10 })
    expect(lane.given).toBe(10)
  })
})
