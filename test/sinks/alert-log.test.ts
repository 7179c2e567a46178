// Does what happens to alerts reach the readers of ClickHouse, each once and with all that it says? Real Kafka, a ClickHouse of our own; kills, repeats, poison.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka, type KafkaAdmin, type KafkaClient, type OutgoingMessage } from '../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { AlertLogEntry, entryId } from '../../schemas/alert-log.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { startAlertLogSink } from '../../sinks/clickhouse/alert-log.ts'
import { rowOf } from '../../sinks/clickhouse/alert-rows.ts'
import { appendVerdict } from '../../sinks/clickhouse/verdicts.ts'
import { arbitraryOf } from '../schemas/arbitrary.ts'
import { getServices, type OwnServices, startOwnServices, type TestServices } from '../services.ts'

let services: TestServices
let own: OwnServices
let kafka: KafkaClient
let admin: KafkaAdmin
let producer: BatchingProducer
let schema: ClickHouse
let pipeline: ClickHouse
const running: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  services = await getServices()
  own = await startOwnServices({ kafka: false, migrated: true })
  kafka = createKafka({ brokers: services.brokers, clientId: 'alert-log-test', log: silentLog })
  admin = await kafka.connectAdmin()
  producer = createBatchingProducer(kafka, silentLog)
  schema = createClickHouse({ url: own.clickhouse.url, ...own.clickhouse.users.admin })
  pipeline = createClickHouse({ url: own.clickhouse.url, ...own.clickhouse.users.pipeline })
})
afterEach(async () => {
  for (const part of running.splice(0)) await part.stop()
})
afterAll(async () => {
  await producer?.close()
  await admin?.disconnect()
  await schema?.close()
  await pipeline?.close()
  await own?.stop()
})

const wait = { timeout: 60_000, interval: 50 }
/** Times that no TTL takes away. */
const T0 = Date.parse('2026-01-01T00:00:00Z')
const T9 = Date.parse('2090-01-01T00:00:00Z')
const HOUR = 3_600_000

const time = fc.integer({ min: T0, max: T9 })
const id = fc.stringMatching(/^[a-z0-9]{16}$/)
const named = <T>(names: readonly string[], value: T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, value]))
const times = [
  'at',
  'opened_at',
  'changed_at',
  'first_seen',
  'last_seen',
  'acknowledged_at',
  'from',
  'until',
  'made_at',
  'ended_at',
  'sent_at',
  'received_at',
  'answered_at',
  'fixed_at',
  'checked_at',
  'answer_by',
]
const ids = ['alert_id', 'action_id', 'notification_id', 'case_id', 'suppression_id', 'request_id', 'notice_id']
const ranges = {
  numbers: {
    ...named(times, time),
    hour: fc.integer({ min: T0 / HOUR, max: T9 / HOUR }).map((hours) => hours * HOUR),
    score: fc.integer({ min: 0, max: 100 }),
  },
  texts: named(ids, id),
}
const kinds = AlertLogEntry.options.map(({ shape }) => shape.kind.value)

/** Entries of a kind with every field, each another one. */
function sample(count: number, seed: number, kind: AlertLogEntry['kind']): AlertLogEntry[] {
  const schema_ = AlertLogEntry.options.find(({ shape }) => shape.kind.value === kind)
  const entry = arbitraryOf(schema_, ranges).map((value) => AlertLogEntry.parse(value))
  // An hour of counts stands once, whatever it counts.
  const idOf = (one: AlertLogEntry): string => (one.kind === 'held' ? String(one.held.hour) : entryId(one))
  return [...new Map(fc.sample(entry, { numRuns: count, seed }).map((one) => [idOf(one), one])).values()]
}
const message = (one: AlertLogEntry): OutgoingMessage => ({
  key: entryId(one),
  value: Buffer.from(JSON.stringify(one)),
  headers: {},
})

/** Topics of one test and a sink that reads them. */
async function setUp() {
  const name = randomBytes(5).toString('hex')
  const topic = `alert-log-${name}`
  const deadLetters = `alert-log-dead-${name}`
  const groupId = `alert-log-${name}`
  const settings = topicSettings(Config.parse({})).find((one) => one.topic === topics.alertLog)
  if (settings === undefined) throw new Error('no settings')
  await admin.ensureTopics([topic, deadLetters].map((one) => ({ ...settings, topic: one })))
  const counts = { landed: 0, repeats: 0, dead: 0 }
  return {
    topic,
    deadLetters,
    groupId,
    counts,
    send: (messages: OutgoingMessage[]) => producer.send(topic, messages),
    start() {
      const sink = startAlertLogSink({
        kafka,
        clickhouse: pipeline,
        producer,
        log: silentLog,
        metrics: {
          done({ landed, repeats, dead }) {
            counts.landed += landed
            counts.repeats += repeats
            counts.dead += dead
          },
          retried: () => undefined,
          lag: () => undefined,
        },
        onVerdict: (act, target) => appendVerdict(pipeline, act, target),
        topic,
        deadLetters,
        groupId,
      })
      running.push(sink)
      return sink
    },
  }
}

const Row = z.record(z.string(), z.unknown())
/** What a view says, with times in milliseconds. */
const read = (view: string, times: readonly string[], where = '1'): Promise<Record<string, unknown>[]> => {
  const ms = times.map((column) => `toUnixTimestamp64Milli(${column}) AS ${column}`).join(', ')
  const replaced = times.length === 0 ? '' : ` REPLACE (${ms})`
  return schema.rows(
    Row,
    `SELECT *${replaced} FROM siaga.${view} WHERE ${where}`,
    {},
    { output_format_json_quote_64bit_integers: 0 },
  )
}
const sorted = (rows: readonly Record<string, unknown>[]): unknown[] => {
  const ordered = rows.map((row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
  return ordered.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
const parsed = (row: Record<string, unknown>, column: string) => ({ ...row, [column]: JSON.parse(String(row[column])) })

/** What readers are to see of an entry: view, its times, the column that is JSON, and rows. */
function seen(one: AlertLogEntry): { view: string; times: string[]; json?: string; rows: Record<string, unknown>[] } {
  switch (one.kind) {
    case 'alert': {
      const { asks: _a, actions: _b, seen: _c, ...rest } = one.alert
      const row = {
        ...rest,
        findings_exact: rest.findings_exact ? 1 : 0,
        acknowledged_at: rest.acknowledged_at || null,
      }
      return {
        view: 'alerts',
        times: ['first_seen', 'last_seen', 'opened_at', 'changed_at', 'acknowledged_at'],
        json: 'worst',
        rows: [row],
      }
    }
    case 'action': {
      const { actor, ...rest } = one.action
      const { alert_id, region_code, owner } = one
      const who = { actor: actor.name, room: actor.room, actor_region: actor.region, from_address: actor.from }
      return { view: 'alert_actions', times: ['at'], rows: [{ ...rest, ...who, alert_id, region_code, owner }] }
    }
    case 'attempt': {
      const { region_code, owner, attempt } = one
      return { view: 'alert_deliveries', times: ['at'], rows: [{ ...attempt, region_code, owner }] }
    }
    case 'held': {
      const hour = new Date(one.held.hour).toISOString().slice(0, 19).replace('T', ' ')
      return { view: 'alert_held', times: [], rows: one.held.counts.map((count) => ({ hour, ...count })) }
    }
    case 'case': {
      const { warned: _w, ...rest } = one.case
      return { view: 'alert_cases', times: ['first_seen', 'last_seen'], rows: [rest] }
    }
    case 'suppression': {
      const { from, until, made_by, approved_by, owner, region, ...rest } = one.suppression
      const row = {
        ...rest,
        owner_name: owner,
        region_code: region,
        valid_from: from,
        valid_until: until,
        made_by: made_by.name,
        approved_by: approved_by?.name ?? '',
        ended_at: rest.ended_at ?? null,
      }
      return {
        view: 'alert_suppressions',
        times: ['valid_from', 'valid_until', 'made_at', 'ended_at'],
        json: 'match',
        rows: [row],
      }
    }
    case 'notice': {
      const { waiting_since: _s, made_by, contacts, answers, ...rest } = one.notice
      const { what, by, text } = one.step
      const row = {
        ...rest,
        by_probe: rest.by_probe ? 1 : 0,
        made_by: made_by.name,
        room: made_by.room,
        contacts: contacts.map(({ name, channel }) => ({ name, channel })),
        answers: answers.map(({ contact: _c, ...answer }) => answer),
        step: what,
        step_by: by.name,
        step_room: by.room,
        step_from: by.from,
        step_text: text,
      }
      const asked = ['first_seen', 'last_seen', 'sent_at', 'received_at', 'answered_at', 'fixed_at', 'checked_at']
      return {
        view: 'notice_steps',
        times: [...asked, 'ended_at', 'answer_by', 'changed_at'],
        json: 'answers',
        rows: [row],
      }
    }
    case 'refused': {
      const { request, code, at } = one
      const { name, room, region, from } = request.actor
      const row = {
        request_id: request.request_id,
        at,
        code,
        actor: name,
        room,
        region_code: region,
        from_address: from,
        request,
      }
      return { view: 'alert_refusals_rows', times: ['at'], json: 'request', rows: [row] }
    }
  }
}

async function expectSeen(entries: readonly AlertLogEntry[]): Promise<void> {
  for (const [view, group] of Map.groupBy(entries.map(seen), (one) => one.view)) {
    const { times = [], json } = group[0] ?? {}
    const rows = await read(view, times)
    const expected = group.flatMap((one) => one.rows)
    expect(sorted(json === undefined ? rows : rows.map((row) => parsed(row, json))), view).toEqual(sorted(expected))
  }
}

test('every kind of entry, with every field, is read back from the views as it was said; a restart repeats nothing', async () => {
  const { send, start, counts } = await setUp()
  const entries = kinds.flatMap((kind, n) => sample(25, 41 + n, kind))
  expect(new Set(entries.map(({ kind }) => kind)).size).toBe(kinds.length)
  await send(entries.map(message))
  const first = start()
  await expect.poll(() => counts.landed, wait).toBe(entries.length)
  await expectSeen(entries)
  await first.stop()
  // All of them once more: a repeat is the same row.
  await send(entries.map(message))
  start()
  await expect.poll(() => counts.landed, wait).toBe(entries.length * 2)
  await expectSeen(entries.filter(({ kind }) => kind !== 'refused'))
  expect(counts.dead).toBe(0)
})

test('the fields of a row are the columns of its table', async () => {
  const Column = z.object({ table: z.string(), name: z.string() })
  const columns = await schema.rows(
    Column,
    "SELECT table, name FROM system.columns WHERE database = 'siaga' AND (table LIKE 'alert%_rows' OR table = 'notices_rows')",
  )
  const tables = Map.groupBy(columns, ({ table }) => table)
  const written = new Map(
    kinds
      .flatMap((kind) => sample(3, 7, kind))
      .map((one) => {
        const { table, row } = rowOf(one)
        return [table, Object.keys(row).sort()]
      }),
  )
  expect(written).toEqual(new Map(Array.from(tables, ([table, list]) => [table, list.map(({ name }) => name).sort()])))
})

test('of several versions the newest is read, in whatever order they land', async () => {
  const { send, start, counts } = await setUp()
  const versioned = (['alert', 'case', 'suppression'] as const).flatMap((kind) => sample(1, 99, kind))
  const at = (one: AlertLogEntry, version: number): AlertLogEntry => {
    const text = { title: `v${version}`, reason: `v${version}` }
    if (one.kind === 'alert') return { ...one, alert: { ...one.alert, title: text.title, version } }
    if (one.kind === 'case') return { ...one, case: { ...one.case, title: text.title, version } }
    return one.kind === 'suppression'
      ? { ...one, suppression: { ...one.suppression, reason: text.reason, version } }
      : one
  }
  start()
  for (const [n, version] of [2, 3, 1].entries()) {
    await send(versioned.map((one) => message(at(one, version))))
    await expect.poll(() => counts.landed, wait).toBe(3 * (n + 1))
  }
  for (const one of versioned.map((entry_) => at(entry_, 3))) {
    const { view, times, rows } = seen(one)
    const key = one.kind === 'alert' ? 'alert_id' : one.kind === 'case' ? 'case_id' : 'suppression_id'
    const [row, ...more] = await read(view, times, `${key} = '${String(rows[0]?.[key])}'`)
    expect(more).toEqual([])
    expect([row?.version, row?.[one.kind === 'suppression' ? 'reason' : 'title']]).toEqual([3, 'v3'])
  }
})

test('killed between insert and commit: read again, there once for readers', async () => {
  const { send, start, topic, groupId, deadLetters, counts } = await setUp()
  const actions = sample(1_200, 5, 'action')
  const ids = actions.map((one) => (one.kind === 'action' ? one.action.action_id : ''))
  const there = async () => {
    const list = ids.map((one) => `'${one}'`).join()
    return (await read('alert_actions', ['at'], `action_id IN (${list})`)).length
  }
  await send(actions.map(message))
  const access = { url: own.clickhouse.url, ...own.clickhouse.users.pipeline }
  const child = fork(
    join(import.meta.dirname, 'alert-log-process.ts'),
    [services.brokers[0] ?? '', JSON.stringify(access), topic, groupId, deadLetters],
    { stdio: 'inherit' },
  )
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  expect(await there()).toBeGreaterThanOrEqual(1_000)
  expect(await admin.committed(groupId, topic)).toMatchObject([{ offset: -1 }])
  start()
  await expect.poll(() => counts.landed, { timeout: 60_000 }).toBe(actions.length)
  expect(await there()).toBe(actions.length)
}, 120_000)

test('what is no entry and what the server cannot read go to the dead letters and hold up nothing', async () => {
  const { send, start, counts, deadLetters, topic } = await setUp()
  const [first, last] = sample(2, 23, 'alert')
  const [attempt] = sample(1, 23, 'attempt')
  if (first === undefined || last === undefined || attempt?.kind !== 'attempt') throw new Error('no samples')
  // A number that its column cannot hold; the schema lets it pass.
  const unreadable = { ...attempt, attempt: { ...attempt.attempt, attempt: -1 } }
  const poison = [Buffer.from('{"kind":"alert"'), null, Buffer.from('{"kind":"else"}')]
  await send([
    message(first),
    ...poison.map((value, n) => ({ key: `poison-${n}`, value, headers: {} })),
    { ...message(attempt), value: Buffer.from(JSON.stringify(unreadable)) },
    message(last),
  ])
  start()
  await expect.poll(() => counts.landed + counts.dead, wait).toBe(6)
  const letters: { reason: string; topic: string; value: string | null }[] = []
  await kafka.readAll(deadLetters, ({ value, headers }) => {
    letters.push({
      reason: String(headers['dlq-reason'] ?? ''),
      topic: String(headers['dlq-topic'] ?? ''),
      value: value?.toString() ?? null,
    })
  })
  expect(letters.map(({ reason, value }) => [reason, value])).toEqual([
    ...poison.map((value) => ['bad_alert_entry', value?.toString() ?? null]),
    ['row_refused', JSON.stringify(unreadable)],
  ])
  expect(new Set(letters.map((letter) => letter.topic))).toEqual(new Set([topic]))
  for (const one of [first, last]) {
    const { view, times, rows } = seen(one)
    expect((await read(view, times, `alert_id = '${String(rows[0]?.alert_id)}'`)).length).toBe(1)
  }
})

describe('what people say of an alert', () => {
  test('is a verdict on its events once, however often it comes, and is withdrawn when the alert is opened again', async () => {
    const { send, start, counts } = await setUp()
    const run = randomBytes(5).toString('hex')
    const events = [`${run}-1`, `${run}-2`]
    for (const event of events)
      await schema.command(
        `INSERT INTO siaga.events (event_id, timestamp, source_ip, score, ingested_at, retain_until) VALUES ('${event}', now(), '192.0.2.9', 70, now(), now() + INTERVAL 30 DAY)`,
        {},
        { async_insert: 0 },
      )
    const [base] = sample(1, 3, 'action')
    if (base?.kind !== 'action') throw new Error('no sample')
    const act = (action_id: string, from: 'open' | 'false_positive', to: 'open' | 'false_positive'): AlertLogEntry => ({
      ...base,
      subject: { ...base.subject, events },
      action: {
        ...base.action,
        action_id: `${run}-${action_id}`,
        at: Date.now() + (to === 'open' ? 1_000 : 0),
        verb: to === 'open' ? 'reopen' : 'false_positive',
        actor: { name: 'Budi', room: 'bandung', region: '32.73', from: '' },
        reason: `because ${action_id}`,
        from_status: from,
        to_status: to,
      },
    })
    const verdicts = () =>
      schema.rows(
        z.object({
          event_id: z.string(),
          verdict: z.string(),
          marked_by: z.string(),
          reason: z.string(),
          subject: z.string(),
        }),
        `SELECT event_id, verdict, marked_by, reason, subject FROM siaga.verdicts WHERE event_id LIKE '${run}%' ORDER BY marked_at, event_id`,
      )
    const said = { marked_by: 'bandung/Budi', subject: `alert:${base.alert_id}` }
    const closed = events.map((event_id) => ({ ...said, event_id, verdict: 'false', reason: 'because close' }))
    const wrong = act('close', 'open', 'false_positive')
    await send([message(wrong)])
    const first = start()
    await expect.poll(() => counts.landed, wait).toBe(1)
    expect(await verdicts()).toEqual(closed)
    await first.stop()
    // Read again, as after a kill.
    await send([message(wrong), message(act('again', 'false_positive', 'open'))])
    start()
    await expect.poll(() => counts.landed, wait).toBe(3)
    expect(await verdicts()).toEqual([
      ...closed,
      ...events.map((event_id) => ({ ...said, event_id, verdict: 'withdrawn', reason: 'because again' })),
    ])
  })
})
