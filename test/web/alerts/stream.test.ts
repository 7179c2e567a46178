// Do live changes reach whoever may see them, once and in their newest form, also after a break, and does a slow viewer cost nobody anything?
import { connect } from 'node:net'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { readEvents, type StreamEvent } from '../../../cli/alerts/watch.ts'
import { revokeKey } from '../../../runtime/keys.ts'
import { AlertItem, AlertPage } from '../../../schemas/alert-api.ts'
import { createLive, type StreamLimits } from '../../../web/alerts/stream.ts'
import { finding, type Person, type Stack, startStack } from './stack.ts'

const wait = { timeout: 30_000, interval: 20 }
let stack: Stack

beforeAll(async () => {
  stack = await startStack({ streams: { ofAKey: 3, beatMs: 50 } })
  stack.hold()
})
afterAll(async () => {
  await stack?.stop()
})

interface Viewer {
  readonly events: StreamEvent[]
  readonly lastId: () => string
  readonly ended: Promise<void>
  leave(): void
}

async function view(url: string, headers: Record<string, string>): Promise<Viewer> {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const answer = await fetch(url, { headers, signal: leaving.signal })
  if (answer.body === null || answer.status !== 200) throw new Error(`HTTP ${answer.status} ${await answer.text()}`)
  const { body } = answer
  const events: StreamEvent[] = []
  let last = ''
  const ended = (async () => {
    try {
      for await (const event of readEvents(body)) {
        last = event.id
        if (event.data !== '') events.push(event)
      }
    } catch (error) {
      if (!leaving.signal.aborted) events.push({ id: '', event: 'broken', data: String(error) })
    }
  })()
  return { events, lastId: () => last, ended, leave: () => leaving.abort() }
}

const watch = (who: Person, after?: string): Promise<Viewer> =>
  view(`${stack.url}/v1/alerts/stream`, {
    authorization: `Bearer ${stack.keys[who]}`,
    ...(after === undefined ? {} : { 'last-event-id': after }),
  })

function alertsIn({ events }: Viewer): AlertItem[] {
  return events.filter(({ event }) => event === 'alert').map(({ data }) => AlertItem.parse(JSON.parse(data)))
}

async function idOf(asset: string): Promise<string> {
  return vi.waitFor(async () => {
    const { alerts } = AlertPage.parse((await stack.ask('pusat', `/v1/alerts?asset=${asset}`)).json)
    if (alerts[0] === undefined) throw new Error('no alert yet')
    return alerts[0].id
  }, wait)
}

test('each viewer is told what its room may see, and nothing of others', async () => {
  const [centre, bandung, bali] = await Promise.all([watch('pusat'), watch('bandung'), watch('bali')])
  const here = finding()
  const there = finding({ region_code: '51' })
  await stack.send(here, there)
  await vi.waitFor(() => {
    expect(alertsIn(centre).map(({ asset }) => asset)).toEqual(expect.arrayContaining([here.asset_id, there.asset_id]))
    expect(alertsIn(bandung).map(({ asset }) => asset)).toContain(here.asset_id)
    expect(alertsIn(bali).map(({ asset }) => asset)).toContain(there.asset_id)
  }, wait)
  expect(JSON.stringify(bandung.events)).not.toContain(there.asset_id)
  expect(JSON.stringify(bali.events)).not.toContain(here.asset_id)
  const ids = centre.events.map(({ id }) => Number(id))
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  // What is not for them moves their place on as well.
  await vi.waitFor(() => expect(Number(bali.lastId())).toBeGreaterThanOrEqual(Number(ids.at(-1))), wait)
})

test('who comes back is told what it missed, each in its newest form and nothing of other regions', async () => {
  const first = await watch('bandung')
  const known = finding()
  await stack.send(known)
  await vi.waitFor(() => expect(alertsIn(first).map(({ asset }) => asset)).toContain(known.asset_id), wait)
  first.leave()
  const last = first.lastId()

  const id = await idOf(known.asset_id)
  for (const reason of ['satu', 'dua', 'tiga']) {
    expect((await stack.ask('bandung', `/v1/alerts/${id}/comment`, { reason })).status).toBe(200)
  }
  expect((await stack.ask('bandung', `/v1/alerts/${id}/start`, {})).status).toBe(200)
  const missed = finding()
  const elsewhere = finding({ region_code: '51' })
  await stack.send(missed, elsewhere)
  await idOf(missed.asset_id)
  await idOf(elsewhere.asset_id)

  const again = await watch('bandung', last)
  await vi.waitFor(() => expect(alertsIn(again).map(({ asset }) => asset)).toContain(missed.asset_id), wait)
  const told = alertsIn(again).filter((alert) => alert.id === id)
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({ status: 'in_work' })
  expect(JSON.stringify(again.events)).not.toContain(elsewhere.asset_id)
  // And goes on live.
  await stack.ask('bandung', `/v1/alerts/${id}/resolve`, { reason: 'selesai' })
  await vi.waitFor(() => expect(alertsIn(again).at(-1)).toMatchObject({ id, status: 'resolved' }), wait)
})

test('who has seen nothing yet knows its place too', async () => {
  const quiet = await watch('pusat')
  await vi.waitFor(() => expect(quiet.lastId()).toMatch(/^\d+$/), wait)
  quiet.leave()
  const missed = finding()
  await stack.send(missed)
  await idOf(missed.asset_id)
  const again = await watch('pusat', quiet.lastId())
  await vi.waitFor(() => expect(alertsIn(again).map(({ asset }) => asset)).toContain(missed.asset_id), wait)
})

test('a key has so many streams; a stream that ends makes room', async () => {
  await vi.waitFor(() => expect(stack.open()).toBe(0), wait)
  const three = await Promise.all([watch('kpu'), watch('kpu'), watch('kpu')])
  const refused = await stack.ask('kpu', '/v1/alerts/stream')
  expect(refused).toMatchObject({ status: 429, json: { error: 'STREAMS_LIMITED' } })
  expect(refused.headers.get('retry-after')).toBe('10')
  const other = await watch('bali')
  expect(stack.open()).toBe(4)
  three[0]?.leave()
  await vi.waitFor(() => expect(stack.open()).toBe(3), wait)
  const fourth = await watch('kpu')
  for (const viewer of [...three, other, fourth]) viewer.leave()
  await vi.waitFor(() => expect(stack.open()).toBe(0), wait)
})

test('a key that is revoked ends its streams', async () => {
  const viewer = await watch('jabar')
  const id = /^siaga_(\w{10})_/.exec(stack.keys.jabar)?.[1] ?? ''
  await revokeKey(stack.dataDir, id)
  await viewer.ended
  expect(await stack.ask('jabar', '/v1/alerts')).toMatchObject({ status: 401 })
})

interface Change {
  readonly id: number
  readonly name: string
  readonly text: string
}

/** A server that tells whatever `tell` is called with, from `history` on for who comes back. */
async function teller(limits: StreamLimits, history: readonly Change[] = []) {
  const followers = new Set<(change: Change) => void>()
  let open = 0
  const live = createLive<Change>({
    ...limits,
    onStreams: (streams) => {
      open = streams
    },
  })
  const app = fastify({ forceCloseConnections: true })
  app.get('/', (request, reply) =>
    live(request, reply, {
      keyId: 'key',
      last: () => history.at(-1)?.id ?? -1,
      nameOf: ({ name }) => name,
      show: ({ id, name, text }) => (name === 'secret' ? undefined : { event: 'change', data: { id, name, text } }),
      allowed: () => true,
      follow(after, onChange) {
        if (after !== undefined) for (const change of history) if (change.id > after) onChange(change)
        followers.add(onChange)
        return () => followers.delete(onChange)
      },
    }),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  const port = Number(new URL(app.listeningOrigin).port)
  return {
    port,
    open: () => open,
    followers: () => followers.size,
    tell(change: Change) {
      for (const follower of followers) follower(change)
    },
  }
}

const big = 'x'.repeat(10_000)

test('who comes back after long gets everything, however much it is', async () => {
  const history = Array.from({ length: 3_000 }, (_, id) => ({ id, name: `alert ${id}`, text: big }))
  const { port } = await teller({ beatMs: 20, stallMs: 10_000 }, history)
  const viewer = await view(`http://127.0.0.1:${port}/`, { 'last-event-id': '9' })
  await vi.waitFor(() => expect(viewer.events).toHaveLength(2_990), wait)
  expect(viewer.events.map(({ id }) => Number(id))).toEqual(history.slice(10).map(({ id }) => id))
})

test('a viewer who takes nothing is cut off; until then each thing waits for it once', async () => {
  const server = await teller({ beatMs: 20, stallMs: 300 })
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  await vi.waitFor(() => expect(server.followers()).toBe(1), wait)
  const reader = await view(`http://127.0.0.1:${server.port}/`, {})
  let id = 0
  // More than sockets hold.
  for (let round = 0; round < 200; round += 1) {
    for (let n = 0; n < 10; n += 1) server.tell({ id: id++, name: `alert ${n}`, text: big })
    await new Promise((resolve) => setImmediate(resolve))
  }
  await vi.waitFor(() => expect(server.open()).toBe(1), wait)
  await vi.waitFor(() => expect(reader.lastId()).toBe(String(id - 1)), wait)
})

test('a viewer for whom too much waits is cut off', async () => {
  const server = await teller({ beatMs: 10_000, waiting: 50 })
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  await vi.waitFor(() => expect(server.followers()).toBe(1), wait)
  for (let id = 0; server.followers() > 0 && id < 100_000; id += 1) {
    server.tell({ id, name: `alert ${id}`, text: big })
    if (id % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await vi.waitFor(() => expect(server.open()).toBe(0), wait)
})

test('what a viewer may not see moves its place on, without a word of it', async () => {
  const server = await teller({ beatMs: 10_000 })
  const viewer = await view(`http://127.0.0.1:${server.port}/`, {})
  server.tell({ id: 4, name: 'secret', text: 'rahasia' })
  await vi.waitFor(() => expect(viewer.lastId()).toBe('4'), wait)
  server.tell({ id: 5, name: 'alert', text: 'a\nb\r\nid: 9\n\nevent: x' })
  await vi.waitFor(() => expect(viewer.events).toHaveLength(1), wait)
  expect(JSON.parse(viewer.events[0]?.data ?? '')).toEqual({ id: 5, name: 'alert', text: 'a\nb\r\nid: 9\n\nevent: x' })
})
