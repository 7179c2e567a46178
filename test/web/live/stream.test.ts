// Does the page's stream tell each viewer what is theirs, go on after a break, end with the session, and ask nothing while nobody looks?
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { readEvents, type StreamEvent } from '../../../cli/alerts/watch.ts'
import { SituationNow } from '../../../schemas/situation-api.ts'
import { type LivePage, openLivePage } from './page.ts'
import { fill, type LiveRig, startLiveRig } from './rig.ts'

const wait = { timeout: 50_000, interval: 20 }
let rig: LiveRig
let page: LivePage
let url = ''

beforeAll(async () => {
  rig = await startLiveRig()
  await fill(rig.admin, 5, Date.now())
  page = await openLivePage(rig, { tickMs: 50, streams: { ofAKey: 2, beatMs: 50 } })
  url = await page.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await page?.stop()
  await rig?.stop()
})

interface Viewer {
  readonly events: StreamEvent[]
  readonly ended: Promise<void>
  leave(): void
}

async function view(cookie: string, after?: string): Promise<Viewer> {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const headers = { cookie, ...(after === undefined ? {} : { 'last-event-id': after }) }
  const answer = await fetch(`${url}/api/live`, { headers, signal: leaving.signal })
  if (answer.status !== 200 || answer.body === null) throw new Error(`HTTP ${answer.status}`)
  const { body } = answer
  const events: StreamEvent[] = []
  const ended = (async () => {
    try {
      for await (const event of readEvents(body)) events.push(event)
    } catch (error) {
      if (!leaving.signal.aborted) throw error
    }
  })()
  return { events, ended, leave: () => leaving.abort() }
}

const situations = ({ events }: Viewer): SituationNow[] =>
  events.filter(({ event }) => event === 'situation').map(({ data }) => SituationNow.parse(JSON.parse(data)))

const texts = (viewer: Viewer): string[] => situations(viewer).flatMap(({ feed }) => feed.map(({ text }) => text))

let offset = 0
/** One event worth a look lands now. */
async function land(region: string, owner: string, text: string): Promise<void> {
  offset += 1
  await rig.admin.command(
    `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, event_id, source_id, message, region_code, owner, score, _stream, _partition, _offset)
     SELECT now64(3), now64(3), now64(3), now() + INTERVAL 1 DAY, 'e', 's', {text:String}, {region:String}, {owner:String}, 95, 'now', 0, {offset:UInt32}`,
    { region, owner, text, offset },
  )
}

test('begins with everything, goes on with what is new, and tells nobody of what is not theirs', async () => {
  const [jabar, papua] = await Promise.all([view(page.login('jabar').cookie), view(page.login('papua').cookie)])
  await vi.waitFor(
    () => expect([situations(jabar).length, situations(papua).length].every((n) => n > 1)).toBe(true),
    wait,
  )
  expect(situations(jabar)[0]?.full).toBe(true)
  expect(situations(jabar)[1]?.full).toBe(false)
  await land('32.73', 'kpu', 'of Bandung, KPU')
  await land('32.73', 'bawaslu', 'of Bandung, Bawaslu')
  await land('91.03', 'pemda', 'of Papua')
  await vi.waitFor(() => {
    expect(texts(jabar)).toContain('of Bandung, KPU')
    expect(texts(papua)).toContain('of Papua')
  }, wait)
  expect(texts(jabar).filter((text) => text.startsWith('of '))).toEqual(['of Bandung, KPU'])
  expect(texts(papua).filter((text) => text.startsWith('of '))).toEqual(['of Papua'])
  expect(
    situations(jabar)
      .flatMap(({ regions }) => Object.keys(regions))
      .every((code) => /^32(?:$|\.)/.test(code)),
  ).toBe(true)
})

test('ids grow, and are of this time: a server that starts again goes on behind them', async () => {
  const began = Date.now()
  const viewer = await view(page.login('pusat', 'pusat').cookie)
  await vi.waitFor(() => expect(situations(viewer).length).toBeGreaterThan(3), wait)
  const ids = viewer.events.filter(({ id }) => id !== '').map(({ id }) => Number(id))
  expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  expect(ids.at(-1)).toBeGreaterThanOrEqual(began)
})

test('what parts publish reaches who may read it and enter its area, also after a break', async () => {
  const [bandung, officer, dki] = [page.login('bandung'), page.login('bandung', 'petugas'), page.login('dki')]
  const first = await view(bandung.cookie)
  await vi.waitFor(() => expect(situations(first).length).toBeGreaterThan(1), wait)
  const last = first.events.at(-1)?.id ?? ''
  first.leave()
  await first.ended
  const row = { region_code: '32.73', owner: 'pemda' }
  page.live.publish({ event: 'catatan', about: 'a', area: 'alerts', data: 'first', ...row })
  page.live.publish({ event: 'catatan', about: 'b', area: 'alerts', data: 'second', ...row })
  const [again, reports, foreign] = await Promise.all([
    view(bandung.cookie, last),
    view(officer.cookie, last),
    view(dki.cookie, last),
  ])
  const notes = ({ events }: Viewer) =>
    events.filter(({ event }) => event === 'catatan').map(({ data }) => JSON.parse(data))
  await vi.waitFor(() => expect(notes(again)).toEqual(['first', 'second']), wait)
  await vi.waitFor(() => expect(situations(again)[0]?.full).toBe(true), wait)
  await vi.waitFor(() => expect(situations(foreign).length).toBeGreaterThan(2), wait)
  expect([notes(reports), situations(reports), notes(foreign)]).toEqual([[], [], []])
})

test('ends when the session ends, and refuses one stream too many of a session', async () => {
  const person = page.login('jabar')
  const [one, two] = await Promise.all([view(person.cookie), view(person.cookie)])
  await expect(view(person.cookie)).rejects.toThrow('HTTP 429')
  person.end()
  await Promise.all([one.ended, two.ended])
  await expect(view(person.cookie)).rejects.toThrow('HTTP 401')
})

test('a wall sees the situation', async () => {
  const wall = await view(page.login('jabar', 'daerah', 'wall').cookie)
  await vi.waitFor(() => expect(situations(wall).length).toBeGreaterThan(0), wait)
})

test('nothing is asked while nobody looks, and all who look share what is asked', async () => {
  const alone = await openLivePage(rig, { tickMs: 100 })
  onTestFinished(() => alone.stop())
  const at = await alone.app.listen({ host: '127.0.0.1', port: 0 })
  await sleep(300)
  expect(alone.asked()).toBe(0)
  const leaving = new AbortController()
  const streams = await Promise.all(
    ['jabar', 'papua', 'pusat', 'jabar'].map((room) =>
      fetch(`${at}/api/live`, { headers: { cookie: alone.login(room).cookie }, signal: leaving.signal }),
    ),
  )
  await vi.waitFor(() => expect(alone.asked()).toBeGreaterThan(6), wait)
  leaving.abort()
  await Promise.all(streams.map(({ body }) => body?.cancel().catch(() => undefined)))
  // Whoever left is noticed, and the round that was under way ends.
  await vi.waitFor(async () => {
    const before = alone.asked()
    await sleep(500)
    expect(alone.asked()).toBe(before)
  }, wait)
})
