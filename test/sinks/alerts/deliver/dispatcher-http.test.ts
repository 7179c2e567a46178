// Does a receiver that is down, slow, hangs or asks for a pause delay only itself? Real HTTP servers; the order of events is compared, not time.
import { expect, test } from 'vitest'
import { createRig, notificationOf, startReceiver, status } from './rig.ts'

const HOUR = 3_600_000
const ids = Array.from({ length: 60 }, (_, n) => `n${n}`)
const to = (channel: string) => ids.map((id) => notificationOf(`${channel}-${id}`, { channel }))

test('beside a channel that answers 500, one that hangs and one that says 429, a healthy one gets everything as if it were alone', async () => {
  const well = await startReceiver(status(200))
  const alone = createRig({ well: well.sender })
  alone.offer(...to('well'))
  await alone.dispatcher.idle()
  const expected = [...well.taken].sort()
  expect(expected.length).toBe(ids.length)
  well.taken.length = 0

  const down = await startReceiver(status(500))
  const hangs = await startReceiver(() => undefined)
  const busy = await startReceiver(status(429, { 'retry-after': '30' }))
  const rig = createRig({ well: well.sender, down: down.sender, hangs: hangs.sender, busy: busy.sender })
  const mixed = ids.flatMap((id) =>
    ['hangs', 'down', 'busy', 'well'].map((channel) => notificationOf(`${channel}-${id}`, { channel })),
  )
  rig.offer(...mixed)
  // The clock stands still: no timeout, no backoff, no pause comes to its end before the healthy one has everything.
  await expect.poll(() => well.taken.length, { timeout: 20_000 }).toBe(ids.length)
  expect([...well.taken].sort()).toEqual(expected)
  expect([down.taken, hangs.taken, busy.taken].flat()).toEqual([])
  expect(hangs.asked.length).toBe(4)
  await expect.poll(() => rig.counts.get('well delivered')).toBe(ids.length)

  // All of them come to their senses: everything reaches everybody.
  for (const receiver of [down, hangs, busy]) receiver.answer = status(200)
  for (let n = 0; rig.dispatcher.waiting > 0 && n < 5_000; n += 1) {
    rig.clock.step(rig.clock.now() + 10_000)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  for (const receiver of [down, hangs, busy]) expect(new Set(receiver.taken).size).toBe(ids.length)
  expect([...rig.keeper.ended.values()].every((states) => states.join() === 'delivered')).toBe(true)
}, 60_000)

test('429 with Retry-After: the whole channel pauses for so long, then goes on', async () => {
  let asks = 0
  const receiver = await startReceiver((id, response) => {
    asks += 1
    if (asks === 3) status(429, { 'retry-after': '30' })(id, response)
    else status(200)(id, response)
  })
  const rig = createRig({ webhook: receiver.sender }, { concurrency: 1 })
  rig.offer(...ids.map((id) => notificationOf(id)))
  await rig.pass(29_999)
  expect(receiver.asked).toEqual(['n0', 'n1', 'n2'])
  expect(rig.keeper.pending.get('n2')).toMatchObject({ attempts: 1, due_at: rig.clock.now() + 1 })
  await rig.pass(1)
  expect(receiver.taken.length).toBe(ids.length)
  // It is not taken for dead.
  expect(rig.logged).toEqual([])
})

test('a dead server: one request at a time, and everything once it is back', async () => {
  let underWay = 0
  let most = 0
  const receiver = await startReceiver((_id, response) => {
    underWay += 1
    most = Math.max(most, underWay)
    setImmediate(() => {
      underWay -= 1
      response.writeHead(503).end()
    })
  })
  const rig = createRig({ webhook: receiver.sender })
  const notifications = Array.from({ length: 500 }, (_, n) => notificationOf(`n${n}`))
  rig.offer(...notifications)
  await rig.dispatcher.idle()
  const first = receiver.asked.length
  most = 0
  await rig.pass(HOUR / 4)
  expect(most).toBe(1)
  expect(receiver.asked.length - first).toBeLessThan(30)
  receiver.answer = status(200)
  await rig.pass(60_000)
  expect(new Set(receiver.taken).size).toBe(500)
  expect(receiver.taken.length).toBe(500)
})

test('a slow server gets everything, its neighbour before', async () => {
  const order: string[] = []
  const slow = await startReceiver((_id, response) => {
    setTimeout(() => {
      order.push('slow')
      response.writeHead(200).end()
    }, 20)
  })
  const fast = await startReceiver((_id, response) => {
    order.push('fast')
    response.writeHead(200).end()
  })
  const rig = createRig({ slow: slow.sender, fast: fast.sender }, { concurrency: 1 })
  rig.offer(...to('slow'), ...to('fast'))
  await rig.dispatcher.idle()
  expect([slow.taken.length, fast.taken.length]).toEqual([ids.length, ids.length])
  expect(order.lastIndexOf('fast')).toBeLessThan(order.lastIndexOf('slow'))
})
