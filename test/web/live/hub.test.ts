// Does a slow or a refused question hold up what has just landed? The real store, with one question kept from its answer.
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { silentLog } from '../../../runtime/log.ts'
import { SituationNow } from '../../../schemas/situation-api.ts'
import { createHub } from '../../../web/live/hub.ts'
import { fill, type LiveRig, rooms, startLiveRig } from './rig.ts'

const wait = { timeout: 30_000, interval: 20 }
let rig: LiveRig

beforeAll(async () => {
  rig = await startLiveRig()
  await fill(rig.admin, 9, Date.now())
})
afterAll(() => rig?.stop())

/** What somebody in the centre is shown by a hub whose question for open alerts waits for `gate`. */
function watch(gate: () => Promise<void>): SituationNow[] {
  const [pusat] = rooms
  if (pusat === undefined) throw new Error('no room')
  const clickhouse: Pick<ClickHouse, 'rows'> = {
    async rows(schema, query, ...rest) {
      if (query.includes('siaga.alerts')) await gate()
      return rig.pipeline.rows(schema, query, ...rest)
    },
  }
  const nameOf = (region: string): string => region
  const hub = createHub({ clickhouse, log: silentLog, now: Date.now, nameOf, build: '', tickMs: 50 })
  const show = hub.viewer({ id: 'a', name: 'a', role: 'pusat', room: pusat, session: 's', kind: 'session' })
  const shown: SituationNow[] = []
  const leave = hub.follow(undefined, (change) => {
    const told = show(change)
    if (told !== undefined && 'json' in told) shown.push(SituationNow.parse(JSON.parse(told.json)))
  })
  onTestFinished(async () => {
    leave()
    await hub.stop()
  })
  return shown
}

let offset = 0
/** `ago`: so many milliseconds before it is seen it was given its time of landing. */
async function land(text: string, ago = 0): Promise<void> {
  offset += 1
  await rig.admin.command(
    `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, event_id, source_id, message, region_code, owner, score, _stream, _partition, _offset)
     SELECT now64(3), now64(3), now64(3) - toIntervalMillisecond({ago:UInt32}), now() + INTERVAL 1 DAY, 'e', 's', {text:String}, '32', 'kpu', 95, 'hub', 0, {offset:UInt32}`,
    { text, offset, ago },
  )
}

const feed = (shown: readonly SituationNow[]): string[] => shown.flatMap((now) => now.feed.map(({ text }) => text))

test('what has landed is told while a slow question is on its way; its answer comes with a later moment', async () => {
  const gate = Promise.withResolvers<void>()
  let held = 0
  const shown = watch(async () => {
    held += 1
    // The first round is answered: figures that nobody knows yet are waited for.
    if (held > 1) await gate.promise
  })
  await vi.waitFor(() => expect(shown.length).toBeGreaterThan(1), wait)
  expect(shown[0]?.full).toBe(true)
  await vi.waitFor(() => expect(held).toBe(2), wait)
  await land('behind nobody')
  await vi.waitFor(() => expect(feed(shown)).toContain('behind nobody'), wait)
  expect(held).toBe(2)
  gate.resolve()
})

test('figures are called old while a question is refused, and new events are told all the same', async () => {
  let refused = true
  const shown = watch(async () => {
    if (refused) throw new Error('no')
  })
  await vi.waitFor(() => expect(shown.at(-1)?.stale).toBeGreaterThan(0), wait)
  await land('all the same')
  await vi.waitFor(() => expect(feed(shown)).toContain('all the same'), wait)
  refused = false
  await vi.waitFor(() => {
    expect(shown.at(-1)).toBeDefined()
    expect(shown.at(-1)?.stale).toBeUndefined()
  }, wait)
})

test('an insert that is seen later than others that landed after it is told, and each is told once', async () => {
  const shown = watch(async () => undefined)
  await vi.waitFor(() => expect(shown.length).toBeGreaterThan(1), wait)
  await land('in time')
  await vi.waitFor(() => expect(feed(shown)).toContain('in time'), wait)
  await land('late', 3_000)
  await vi.waitFor(() => expect(feed(shown)).toContain('late'), wait)
  await land('after both')
  await vi.waitFor(() => expect(feed(shown)).toContain('after both'), wait)
  for (const text of ['in time', 'late', 'after both'])
    expect(feed(shown).filter((one) => one === text)).toEqual([text])
})
