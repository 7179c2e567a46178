// Do messages reach people, in order, again after a failure and never twice at once? With scripted channels and a clock that moves when told.
import { expect, test } from 'vitest'
import { backoffMs, pauseMs } from '../../../../sinks/alerts/deliver/backoff.ts'
import { FAILURES_TO_OPEN } from '../../../../sinks/alerts/deliver/breaker.ts'
import { createRig, delivered, failed, notificationOf, scripted, T0, untilAborted } from './rig.ts'

const HOUR = 3_600_000
const many = (count: number) => Array.from({ length: count }, (_, n) => notificationOf(`n${n}`))

test('backoff: 5 s doubling to 15 min, with full jitter; pauses: a second to an hour', () => {
  expect([1, 2, 3, 8, 9, 100].map((attempts) => backoffMs(attempts, 1))).toEqual([
    5_000, 10_000, 20_000, 640_000, 900_000, 900_000,
  ])
  expect([backoffMs(3, 0.5), backoffMs(3, 0)]).toEqual([10_000, 1_000])
  expect([pauseMs(0), pauseMs(30_000), pauseMs(1e9)]).toEqual([1_000, 30_000, HOUR])
})

test('delivered at once; what was offered twice is sent once', async () => {
  const channel = scripted(() => delivered)
  const { dispatcher, offer, keeper, counts } = createRig({ webhook: channel.sender })
  offer(notificationOf('a'), notificationOf('a'), notificationOf('b'))
  expect(dispatcher.waiting).toBe(2)
  await dispatcher.idle()
  expect(channel.asked).toEqual(['a', 'b'])
  expect([...keeper.ended]).toEqual([
    ['a', ['delivered']],
    ['b', ['delivered']],
  ])
  expect(keeper.attempts[0]).toMatchObject({ attempt: 1, outcome: 'delivered', detail: 'ok', at: T0 })
  expect([dispatcher.waiting, counts.get('webhook delivered')]).toEqual([0, 2])
})

test('what is not pending is not sent', async () => {
  const channel = scripted(() => delivered)
  const { dispatcher } = createRig({ webhook: channel.sender })
  dispatcher.offer({ ...notificationOf('a'), status: 'delivered' })
  await dispatcher.idle()
  expect(channel.asked).toEqual([])
})

test('a failure comes again later each time, and is kept before it does', async () => {
  const channel = scripted((_id, nth) => (nth < 4 ? failed : delivered))
  const { dispatcher, offer, pass, keeper, clock } = createRig({ webhook: channel.sender })
  offer(notificationOf('a'))
  await dispatcher.idle()
  expect(keeper.pending.get('a')).toMatchObject({ attempts: 1, due_at: T0 + 5_000, last_error: 'HTTP 500' })
  await pass(4_999)
  expect(channel.asked.length).toBe(1)
  await pass(HOUR)
  expect(keeper.attempts.map(({ attempt, at, outcome }) => [attempt, at - T0, outcome])).toEqual([
    [1, 0, 'retry'],
    [2, 5_000, 'retry'],
    [3, 15_000, 'retry'],
    [4, 35_000, 'delivered'],
  ])
  expect(clock.now()).toBe(T0 + 4_999 + HOUR)
})

test('refused: not again, and it is logged', async () => {
  const channel = scripted(() => ({ kind: 'refused', detail: 'no such address' }))
  const { offer, pass, keeper, logged } = createRig({ webhook: channel.sender })
  offer(notificationOf('a'))
  await pass(100 * HOUR)
  expect(channel.asked).toEqual(['a'])
  expect(keeper.ended.get('a')).toEqual(['refused'])
  expect(logged).toMatchObject([{ level: 50, channel: 'webhook', outcome: 'refused', detail: 'no such address' }])
})

test('given up when its time is over', async () => {
  const channel = scripted(() => failed)
  const { offer, pass, keeper, logged, counts, dispatcher } = createRig(
    { webhook: channel.sender },
    { give_up_hours: 1 },
  )
  offer(notificationOf('a'))
  await pass(2 * HOUR)
  expect([keeper.ended.get('a'), keeper.lastError.get('a')]).toEqual([['given_up'], 'HTTP 500'])
  expect(keeper.attempts.at(-1)).toMatchObject({ outcome: 'given_up', at: T0 + HOUR })
  expect(keeper.attempts.at(-1)?.detail).toBe('not tried again: older than 1 h')
  expect(keeper.attempts.map(({ attempt }) => attempt)).toEqual(keeper.attempts.map((_, n) => n + 1))
  expect(logged.at(-1)).toMatchObject({ level: 50, outcome: 'given_up' })
  expect([dispatcher.waiting, counts.get('webhook given_up')]).toEqual([0, 1])
})

test('older than its time: tried once if it never was, not again if it was', async () => {
  const channel = scripted(() => failed)
  const { offer, pass, keeper } = createRig({ webhook: channel.sender })
  const created = T0 - 100 * HOUR
  offer(notificationOf('never', { created }), notificationOf('twice', { created, attempts: 2 }))
  await pass(1_000)
  expect(channel.asked).toEqual(['never'])
  expect(keeper.attempts).toMatchObject([
    { notification_id: 'twice', attempt: 3, outcome: 'given_up', detail: 'not tried again: older than 72 h' },
    { notification_id: 'never', attempt: 1, outcome: 'given_up', detail: 'HTTP 500' },
  ])
})

test('the most severe first, the oldest first within', async () => {
  const channel = scripted(() => delivered)
  const { dispatcher, offer } = createRig({ webhook: channel.sender }, { concurrency: 1 })
  offer(
    notificationOf('low', { severity: 'low', created: T0 - 9 }),
    notificationOf('high-young', { severity: 'high', created: T0 - 1 }),
    notificationOf('high-old', { severity: 'high', created: T0 - 5 }),
    notificationOf('critical', { severity: 'critical' }),
    notificationOf('informational', { severity: 'informational', created: T0 - 99 }),
  )
  await dispatcher.idle()
  expect(channel.asked).toEqual(['critical', 'high-old', 'high-young', 'low', 'informational'])
})

test('of one alert to one recipient in order, without holding up other alerts or recipients', async () => {
  const channel = scripted((id, nth) => (id === 'opened' && nth < 3 ? failed : delivered))
  const { offer, pass } = createRig({ webhook: channel.sender }, { concurrency: 1 })
  const alert = 'one'
  offer(
    notificationOf('opened', { alert }),
    notificationOf('closed', { alert, reason: 'closed', created: T0 + 1, due: T0 }),
    notificationOf('of-another-person', { alert, recipient: 'other', reason: 'closed', created: T0 + 1, due: T0 }),
    notificationOf('other', { created: T0 + 2, due: T0 }),
  )
  await pass(HOUR)
  expect(channel.asked).toEqual(['opened', 'of-another-person', 'other', 'opened', 'opened', 'closed'])
})

test('of one alert, offered in any order as after a restart: in the order in which they were made', async () => {
  const channel = scripted(() => delivered)
  const { offer, dispatcher } = createRig({ webhook: channel.sender })
  offer(
    notificationOf('closed', { alert: 'one', created: T0 - 1 }),
    notificationOf('opened', { alert: 'one', created: T0 - 3 }),
    notificationOf('escalated', { alert: 'one', created: T0 - 2 }),
  )
  await dispatcher.idle()
  expect(channel.asked).toEqual(['opened', 'escalated', 'closed'])
})

test('what waits for the end of quiet hours holds up nothing of its alert', async () => {
  const channel = scripted(() => delivered)
  const { dispatcher, offer, pass, gauges } = createRig({ webhook: channel.sender })
  offer(
    notificationOf('low', { alert: 'one', severity: 'low', due: T0 + 6 * HOUR }),
    notificationOf('critical', { alert: 'one', severity: 'critical', created: T0 + 1, due: T0 }),
  )
  await dispatcher.idle()
  expect([channel.asked, dispatcher.waiting]).toEqual([['critical'], 1])
  await pass(HOUR)
  // It is not late: its time has not come.
  expect(gauges.get('webhook')).toEqual([1, 0])
  await pass(5 * HOUR)
  expect(channel.asked).toEqual(['critical', 'low'])
})

test('what is urgent pulls what must go before it', async () => {
  const channel = scripted(() => delivered)
  const { dispatcher, offer } = createRig({ webhook: channel.sender }, { concurrency: 1 })
  offer(
    notificationOf('running', { severity: 'critical' }),
    notificationOf('high', { severity: 'high' }),
    notificationOf('opened', { alert: 'one', severity: 'low', created: T0 + 1, due: T0 }),
    notificationOf('worse', { alert: 'one', severity: 'critical', created: T0 + 2, due: T0 }),
  )
  await dispatcher.idle()
  expect(channel.asked).toEqual(['running', 'opened', 'worse', 'high'])
})

test('withdrawn: not sent, unless it is under way', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const channel = scripted(async () => {
    await promise
    return delivered
  })
  const { dispatcher, offer } = createRig({ webhook: channel.sender }, { concurrency: 1 })
  offer(notificationOf('a'), notificationOf('b'), notificationOf('c'))
  await new Promise((done) => setImmediate(done))
  expect(['a', 'b', 'nobody'].map((id) => dispatcher.withdraw(id))).toEqual([false, true, false])
  resolve()
  await dispatcher.idle()
  expect(channel.asked).toEqual(['a', 'c'])
})

test('no more under way than its channel allows', async () => {
  const channel = scripted(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return delivered
  })
  const { dispatcher, offer } = createRig({ webhook: channel.sender }, { concurrency: 3 })
  offer(...many(50))
  await dispatcher.idle()
  expect([channel.most, channel.asked.length]).toEqual([3, 50])
})

test('a hanging send is broken off, and comes again', async () => {
  const channel = scripted(async (_id, nth, signal) => {
    if (nth > 1) return delivered
    await untilAborted(signal)
    return failed
  })
  const { offer, keeper, until } = createRig({ webhook: channel.sender }, { timeout_seconds: 7 })
  offer(notificationOf('a'))
  await until(() => keeper.attempts.length === 1)
  expect(keeper.attempts).toMatchObject([{ outcome: 'retry', detail: 'no answer within 7 s', took_ms: 7_000 }])
  await until(() => keeper.ended.has('a'))
  expect(keeper.ended.get('a')).toEqual(['delivered'])
})

test('a dead channel is asked by one message at a time, less often; when it answers all that waits goes', async () => {
  let dead = true
  const channel = scripted(() => (dead ? failed : delivered))
  const { offer, pass, keeper, logged, counts, gauges, dispatcher } = createRig({ webhook: channel.sender })
  offer(...many(10_000))
  await pass(HOUR)
  // As many as were under way when it was noticed, then one each minute.
  expect(channel.asked.length).toBeLessThan(FAILURES_TO_OPEN + 4 + 70)
  expect(channel.asked.length).toBeGreaterThan(60)
  expect(logged.map(({ msg }) => msg)).toEqual(['a channel takes no messages; they wait'])
  expect(gauges.get('webhook')?.[0]).toBe(10_000)
  expect(gauges.get('webhook')?.[1]).toBeGreaterThan(3_500)
  dead = false
  await pass(60_000)
  expect([dispatcher.waiting, keeper.ended.size, counts.get('webhook delivered')]).toEqual([0, 10_000, 10_000])
  expect(logged.map(({ msg }) => msg)).toEqual([
    'a channel takes no messages; they wait',
    'a channel takes messages again',
  ])
  expect(gauges.get('webhook')).toEqual([0, 0])
})

test('behind a channel that stays dead messages are given up in their time, tried or not', async () => {
  const channel = scripted(() => failed)
  const { offer, pass, keeper, dispatcher } = createRig({ webhook: channel.sender }, { give_up_hours: 1 })
  offer(...many(200))
  await pass(2 * HOUR)
  expect(dispatcher.waiting).toBe(0)
  expect([...keeper.ended.values()].flat()).toEqual(Array.from({ length: 200 }, () => 'given_up'))
})

test('a message that its channel never takes does not shut out others', async () => {
  const channel = scripted((id) => (id.startsWith('poison') ? failed : delivered))
  const { offer, pass, keeper } = createRig({ webhook: channel.sender }, { concurrency: 1 })
  const poison = Array.from({ length: 8 }, (_, n) => notificationOf(`poison${n}`, { severity: 'critical' }))
  offer(...poison, ...many(20))
  await pass(HOUR)
  expect(keeper.ended.size).toBe(20)
})

test('what cannot be kept stops its channel until it can; the send is not made again', async () => {
  const channel = scripted(() => delivered)
  const { offer, until, keeper, clock, logged, dispatcher } = createRig({ webhook: channel.sender }, { concurrency: 2 })
  keeper.failing = true
  offer(...many(10))
  await until(() => clock.now() > T0 + HOUR / 6)
  expect(channel.asked).toEqual(['n0', 'n1'])
  expect(logged.map(({ msg }) => msg)).toEqual(
    Array(2).fill('what came of messages cannot be kept; no others are sent'),
  )
  keeper.failing = false
  await until(() => dispatcher.waiting === 0)
  expect([channel.asked.length, keeper.ended.size]).toEqual([10, 10])
})

test('across a restart: numbers and times go on; what was sent and not kept is sent again under the same id', async () => {
  const channel = scripted((id) => (id === 'fails' ? failed : delivered))
  const before = createRig({ webhook: channel.sender })
  before.offer(notificationOf('fails'))
  await before.pass(6_000)
  const { keeper } = before
  keeper.failing = true
  before.offer(notificationOf('lost'))
  await new Promise((resolve) => setImmediate(resolve))
  await before.dispatcher.close()
  keeper.failing = false
  expect(keeper.pending.get('fails')).toMatchObject({ attempts: 2, due_at: T0 + 15_000 })
  const after = createRig({ webhook: channel.sender }, {}, { keeper, clock: before.clock })
  for (const notification of keeper.pending.values()) after.dispatcher.offer(notification)
  await after.dispatcher.idle()
  expect(channel.asked).toEqual(['fails', 'fails', 'lost', 'lost'])
  expect(keeper.ended.get('lost')).toEqual(['delivered'])
  await after.pass(9_000)
  expect(
    keeper.attempts
      .filter(({ notification_id }) => notification_id === 'fails')
      .map(({ attempt, at }) => [attempt, at - T0]),
  ).toEqual([
    [1, 0],
    [2, 5_000],
    [3, 15_000],
  ])
})

test('closed: what is under way may end, what hangs is broken off and counts as not tried', async () => {
  const answers = Promise.withResolvers<void>()
  const channel = scripted(async (id, _nth, signal) => {
    await (id === 'hangs' ? untilAborted(signal) : answers.promise)
    return id === 'hangs' ? failed : delivered
  })
  const { offer, dispatcher, keeper, clock } = createRig({ webhook: channel.sender }, { concurrency: 2 })
  offer(notificationOf('slow'), notificationOf('hangs'), notificationOf('waits'))
  await new Promise((resolve) => setImmediate(resolve))
  const closed = dispatcher.close()
  answers.resolve()
  while (keeper.ended.size === 0) await new Promise((resolve) => setImmediate(resolve))
  clock.step(T0 + 3_000)
  await closed
  dispatcher.offer(notificationOf('late'))
  expect(channel.asked).toEqual(['slow', 'hangs'])
  expect([[...keeper.ended.keys()], [...keeper.pending.keys()], keeper.attempts.length]).toEqual([
    ['slow'],
    ['hangs', 'waits'],
    1,
  ])
})

test('a channel that is no longer in the settings: its messages wait', async () => {
  const { offer, pass, keeper, dispatcher, logged } = createRig({})
  offer(notificationOf('a', { channel: 'gone' }))
  await pass(HOUR)
  expect([dispatcher.waiting, keeper.pending.get('a')?.last_error]).toEqual([
    1,
    'there is no channel gone in the settings',
  ])
  expect(logged).toMatchObject([{ level: 50, channel: 'gone' }])
})

test('a sender that rejects against its contract loses nothing', async () => {
  const channel = scripted((_id, nth) => {
    if (nth === 1) throw new Error('a mistake')
    return delivered
  })
  const { offer, pass, keeper, logged } = createRig({ webhook: channel.sender })
  offer(notificationOf('a'))
  await pass(HOUR)
  expect(keeper.ended.get('a')).toEqual(['delivered'])
  expect(logged).toMatchObject([{ level: 50, error: 'a mistake' }])
})

test('a clock that is set back delays nothing for good and tries nothing too early', async () => {
  const channel = scripted((id, nth) => (id === 'a' && nth === 1 ? failed : delivered))
  const { offer, pass, clock, dispatcher } = createRig({ webhook: channel.sender })
  offer(notificationOf('a'))
  await dispatcher.idle()
  clock.setBack(HOUR)
  await pass(60_000)
  offer(notificationOf('b', { created: clock.now() }))
  await pass(1_000)
  expect(channel.asked).toEqual(['a', 'b'])
  await pass(HOUR)
  expect(channel.asked).toEqual(['a', 'b', 'a'])
})

test('a clock that was a month ahead keeps neither messages nor their channel waiting once it is right', async () => {
  let works = false
  const channel = scripted(() => (works ? delivered : failed))
  const MONTH = 30 * 24 * HOUR
  const { offer, pass, clock, keeper } = createRig({ webhook: channel.sender }, { give_up_hours: 720 })
  clock.setBack(-MONTH)
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  offer(...ids.map((id) => notificationOf(id, { created: clock.now() })))
  await pass(20_000)
  clock.setBack(MONTH)
  works = true
  await pass(60_000)
  expect([...keeper.ended.keys()].sort()).toEqual(ids)
})

test('a message that was put off by a clock that was ahead goes when its process begins anew', async () => {
  const channel = scripted(() => delivered)
  const { offer, pass, keeper } = createRig({ webhook: channel.sender })
  offer(notificationOf('a', { attempts: 1, due: T0 + 1_000 * HOUR }))
  await pass(60_000)
  expect(keeper.ended.get('a')).toEqual(['delivered'])
})
