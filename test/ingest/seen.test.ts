// Ids of events that were written: remembered long enough, forgotten in bounded memory, and never while their fate is open.
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createSeenIds } from '../../ingest/seen.ts'

const MINUTE = 60_000
const done = Promise.resolve()

describe('an id', () => {
  it('is known while it is on its way, then as written, for ten minutes at least and twenty at most', async () => {
    let time = 1_000_000
    const seen = createSeenIds(() => time)
    expect(seen.look('a')).toBeUndefined()
    const { promise, resolve } = Promise.withResolvers<void>()
    seen.begin(['a'], promise)
    expect(seen.look('a')).toBe(promise)
    time += 60 * MINUTE
    expect(seen.look('a')).toBe(promise)
    resolve()
    await turn()
    expect(seen.look('a')).toBe(true)
    time += 10 * MINUTE - 1
    expect(seen.look('a')).toBe(true)
    time += 10 * MINUTE + 1
    expect(seen.look('a')).toBeUndefined()
  })

  it('of a write that failed is new', async () => {
    const seen = createSeenIds(() => 0)
    seen.begin(['a'], Promise.reject(new Error('x')))
    await turn()
    expect(seen.look('a')).toBeUndefined()
  })

  it('is one of many: the newest are known, whatever their number', async () => {
    const seen = createSeenIds(() => 0, 50_000)
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `id-${from + n}`)
    for (let n = 0; n < 300_000; n += 10_000) {
      seen.begin(names(n, n + 10_000), done)
      await turn()
    }
    expect(names(250_000, 300_000).every((id) => seen.look(id) === true)).toBe(true)
    expect(names(0, 150_000).some((id) => seen.look(id) === true)).toBe(false)
    expect(names(300_000, 400_000).some((id) => seen.look(id) === true)).toBe(false)
  })
})
