// Can somebody hide an alert, or break what keeps them? Attacks on the fold as a whole.
import { expect, test } from 'vitest'
import type { Alert, AlertRequest, Notification } from '../../../schemas/alert.ts'
import { Config } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { createEngine, type Engine } from '../../../sinks/alerts/engine.ts'
import { shared } from './cases/made.ts'

const T0 = Date.parse('2026-11-20T03:00:00Z')
const MINUTE = 60_000
const room = { id: 'ruang-32.04', region: '32.04', roster: [{ recipients: ['budi'] }] }
const config = Config.parse({
  rooms: [room],
  alerts: {
    channels: [
      { id: 'berkas', kind: 'file', path: 'alerts.jsonl' },
      { id: 'mesin', kind: 'file', path: 'machines.jsonl' },
    ],
    forward: [{ channel: 'mesin', severity: 'critical' }],
    recipients: [{ id: 'budi', channel: 'berkas', to: '' }],
  },
})

const asset = { name: '', kind: 'web', owner: '', criticality: 'low', addresses: [], hosts: [], url: '' } as const
const assets = ['11.01', '12.01', '13.01', '32.04'].map((region) => ({
  ...asset,
  ...{ id: `portal-${region}`, region, addresses: [], hosts: [] },
}))

function made(): Engine {
  const engine = createEngine({
    config,
    assets,
    reference: { regions: new Map(), phases: new Map() },
    shared,
  })
  engine.restore(new Map(), T0)
  return engine
}

let count = 0
function finding(changed: Partial<Finding> = {}): Finding {
  count += 1
  return {
    ...{ finding_id: `f-${count}`, rule_id: 'sqli', title: 'x', severity: 'high', attack: ['T1190'], source_id: 's' },
    ...{ event_id: `e-${count}`, region_code: '32.04', owner: '', asset_id: 'portal', entity: 'source_ip:203.0.113.9' },
    ...{ evidence: [], window_start: T0, window_end: T0, score: 90, dedup_key: 'sqli|portal' },
    ...changed,
  }
}

const actor = { name: 'Budi', room: room.id, region: room.region, from: '192.0.2.1', key: 'k1' }
type Act = Partial<Extract<AlertRequest, { kind: 'act' }>> & Pick<Extract<AlertRequest, { kind: 'act' }>, 'verb'>
function act(changed: Act): AlertRequest {
  count += 1
  const blank = { alert_id: '', dedup_key: '', reason: 'sebab', assignee: '', other: '' }
  return { kind: 'act', request_id: `q-${count}`, at: T0, actor, ...blank, ...changed }
}

/** What people are told of by the last step. */
function told(engine: Engine): { reason: Notification['reason']; rule: string }[] {
  const people = engine.take().offers.filter(({ recipient }) => recipient !== '')
  return people.map(({ reason, alert }) => ({ reason, rule: alert.rule_id }))
}
function alertOf(engine: Engine, rule: string): Alert {
  const found = [...engine.alerts()].find(({ rule_id }) => rule_id === rule)
  if (found === undefined) throw new Error(`no alert of ${rule}`)
  return found
}

const shell = { rule_id: 'webshell', dedup_key: 'webshell|portal', attack: ['T1505.003'] }

test('whoever acknowledges a loud attempt is told what came of it', () => {
  const engine = made()
  engine.findings([finding()], 1, T0)
  expect(told(engine)).toEqual([{ reason: 'opened', rule: 'sqli' }])
  engine.findings([finding(shell)], 2, T0 + MINUTE)
  // The attempt still waits for somebody: one message at a time.
  expect(told(engine)).toEqual([])
  engine.requests([act({ verb: 'acknowledge', alert_id: alertOf(engine, 'sqli').alert_id })], 1, T0 + 2 * MINUTE)
  expect(told(engine)).toEqual([{ reason: 'opened', rule: 'webshell' }])
})

test('an alert that was merged into another one comes back when it grows worse', () => {
  const engine = made()
  const trifle = { rule_id: 'trifle', dedup_key: 'trifle|portal', entity: 'source_ip:203.0.113.10' }
  engine.findings([finding(trifle), finding({ severity: 'high' })], 1, T0)
  told(engine)
  const [trifleId, id] = [alertOf(engine, 'trifle').alert_id, alertOf(engine, 'sqli').alert_id]
  engine.requests([act({ verb: 'merge', alert_id: id, other: trifleId })], 1, T0 + MINUTE)
  expect(told(engine)).toEqual([])
  engine.findings([finding({ window_end: T0 + MINUTE })], 2, T0 + MINUTE)
  expect(told(engine)).toEqual([])
  engine.findings([finding({ severity: 'critical', window_end: T0 + 2 * MINUTE })], 3, T0 + 2 * MINUTE)
  expect(told(engine)).toEqual([{ reason: 'reopened', rule: 'sqli' }])
  expect(alertOf(engine, 'sqli')).toMatchObject({ status: 'open', merged_into: '', severity: 'critical' })
})

test('what is merged into a lesser alert would stop climbing unseen: it is refused', () => {
  const engine = made()
  const trifle = { rule_id: 'trifle', dedup_key: 'trifle|portal', entity: 'source_ip:203.0.113.10' }
  engine.findings([finding({ ...trifle, severity: 'low' }), finding({ severity: 'critical' })], 1, T0)
  const [trifleId, id] = [alertOf(engine, 'trifle').alert_id, alertOf(engine, 'sqli').alert_id]
  engine.requests([act({ verb: 'merge', alert_id: id, other: trifleId })], 1, T0 + MINUTE)
  expect(alertOf(engine, 'sqli')).toMatchObject({ status: 'open', merged_into: '' })
  engine.requests([act({ verb: 'merge', alert_id: trifleId, other: id })], 2, T0 + MINUTE)
  expect(alertOf(engine, 'trifle')).toMatchObject({ status: 'merged', merged_into: id })
})

test('what was merged opens again when it happens again after the other one was resolved, and not while that is open or was nothing', () => {
  const states = ['open', 'resolve', 'false_positive'] as const
  const after = states.map((end) => {
    const engine = made()
    const other = { rule_id: 'other', dedup_key: 'other|portal', entity: 'source_ip:203.0.113.10' }
    engine.findings([finding(other), finding()], 1, T0)
    const [otherId, id] = [alertOf(engine, 'other').alert_id, alertOf(engine, 'sqli').alert_id]
    engine.requests([act({ verb: 'merge', alert_id: id, other: otherId })], 1, T0 + MINUTE)
    if (end !== 'open') engine.requests([act({ verb: end, alert_id: otherId })], 2, T0 + 2 * MINUTE)
    told(engine)
    engine.findings([finding({ window_end: T0 + MINUTE })], 2, T0 + 3 * MINUTE)
    expect(told(engine)).toEqual([])
    engine.findings([finding({ window_end: T0 + 4 * MINUTE })], 3, T0 + 4 * MINUTE)
    return [end, told(engine), alertOf(engine, 'sqli').status]
  })
  expect(after).toEqual([
    ['open', [], 'merged'],
    ['resolve', [{ reason: 'reopened', rule: 'sqli' }], 'open'],
    ['false_positive', [], 'merged'],
  ])
})

test('a room has so many suppressions and no more', () => {
  const engine = made()
  const wish = (n: number): AlertRequest => ({
    ...{ kind: 'suppress', request_id: `s-${n}`, at: T0, actor },
    suppression: {
      ...{
        suppression_id: `S-${n}`,
        kind: 'suppression',
        owner: 'Budi',
        reason: 'uji',
        from: T0,
        until: T0 + 60 * MINUTE,
      },
      match: { rules: [], assets: ['portal'], entities: [], regions: [], sources: [] },
      ...{
        room: room.id,
        region: room.region,
        max_severity: 'low',
        made_at: T0,
        made_by: actor,
        findings: 0,
        version: 0,
      },
    },
  })
  engine.requests(
    Array.from({ length: 201 }, (_, n) => wish(n)),
    1,
    T0,
  )
  const { records } = engine.take()
  const answers = [...records.values()].flatMap((record) => (record?.kind === 'answer' ? record.answer : []))
  expect(answers.filter(({ ok }) => ok)).toHaveLength(200)
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ code: 'SUPPRESSION_INVALID' })
  // An hour later they are over.
  engine.requests(
    [wish(300)].map((one) => ({ ...one, request_id: 'later' })),
    2,
    T0 + 61 * MINUTE,
  )
  expect(engine.take().records.get('answer/later')).toMatchObject({ answer: { code: 'SUPPRESSION_INVALID' } })
})

test('a record of grouping that cannot be read keeps nobody from holding alerts', () => {
  const first = made()
  first.findings([finding()], 1, T0)
  const kept = new Map<string, unknown>(first.take().records)
  for (const [key, record] of kept)
    if (key.startsWith('group/')) kept.set(key, { ...Object(record), value: { kind: '?' } })
  const next = createEngine({
    config,
    assets,
    reference: { regions: new Map(), phases: new Map() },
    shared,
  })
  next.restore(kept, T0)
  next.findings([finding({ window_end: T0 + MINUTE })], 2, T0 + MINUTE)
  expect([...next.alerts()].map(({ dedup_key }) => dedup_key)).toEqual(['sqli|portal'])
})

test('an alert that asks a thousand times remembers no more pages than it can plan', () => {
  const engine = made()
  let size = 0
  for (let n = 0; n < 300; n += 1) {
    const at = T0 + n * 2 * MINUTE
    engine.findings([finding({ window_end: at })], n + 1, at)
    const id = alertOf(engine, 'sqli').alert_id
    engine.requests([act({ verb: 'resolve', alert_id: id })], n + 1, at + MINUTE)
    const record = engine.take().records.get(`alert/${id}`)
    size = record?.kind === 'alert' ? record.told.length : 0
  }
  expect(alertOf(engine, 'sqli').version).toBeGreaterThan(250)
  expect(size).toBeLessThanOrEqual(220)
})

test('a hundred campaigns are no hundred warnings to every room', () => {
  const engine = made()
  const warnings: string[] = []
  for (let n = 0; n < 10; n += 1) {
    const entity = `source_ip:198.51.${n}.7`
    const hits = ['11.01', '12.01', '13.01'].map((region_code) =>
      finding({ entity, region_code, asset_id: `portal-${region_code}`, dedup_key: `sqli|${entity}|${region_code}` }),
    )
    engine.findings(hits, n + 1, T0 + n * MINUTE)
    for (const { reason, room: told } of engine.take().offers) if (reason === 'warning') warnings.push(told)
  }
  expect(warnings).toEqual(['ruang-32.04', 'ruang-32.04', 'ruang-32.04'])
})

test('long comments do not make every change of an alert large', () => {
  const engine = made()
  engine.findings([finding()], 1, T0)
  const { alert_id } = alertOf(engine, 'sqli')
  const comments = Array.from({ length: 60 }, () => act({ verb: 'comment', alert_id, reason: 'x'.repeat(4_000) }))
  engine.requests(comments, 1, T0)
  expect(JSON.stringify(alertOf(engine, 'sqli')).length).toBeLessThan(60_000)
  expect(engine.take().log.filter(({ kind }) => kind === 'action')).toHaveLength(60)
})

test('machines hear each time that an alert asks, also after the twentieth', () => {
  const engine = made()
  const heard: number[] = []
  for (let n = 0; n < 30; n += 1) {
    const at = T0 + n * 2 * MINUTE
    engine.findings([finding({ severity: 'critical', attack: [`T${1000 + n}`], window_end: at })], n + 1, at)
    for (const { channel } of engine.take().offers) if (channel === 'mesin') heard.push(n)
    engine.requests([act({ verb: 'acknowledge', alert_id: alertOf(engine, 'sqli').alert_id })], n + 1, at + MINUTE)
  }
  expect(heard).toEqual(Array.from({ length: 30 }, (_, n) => n))
})

test('a verdict on the alert that speaks for others leaves alone what somebody has said of one of them', () => {
  const engine = made()
  const event = { event_id: 'same' }
  const weaker = { ...event, rule_id: 'scan', dedup_key: 'scan|portal', severity: 'medium' } as const
  const third = { ...event, rule_id: 'probe', dedup_key: 'probe|portal', severity: 'low' } as const
  engine.findings([finding(event), finding(weaker), finding(third)], 3, T0)
  told(engine)
  const one = alertOf(engine, 'scan').alert_id
  engine.requests([act({ verb: 'accept', alert_id: one })], 1, T0 + MINUTE)
  engine.requests([act({ verb: 'false_positive', alert_id: alertOf(engine, 'sqli').alert_id })], 2, T0 + 2 * MINUTE)
  const status = (rule: string) => alertOf(engine, rule).status
  expect([status('sqli'), status('scan'), status('probe')]).toEqual(['false_positive', 'accepted', 'false_positive'])
})

test('a message that waits goes by the channel that its recipient has when Siaga begins anew, under the same id', () => {
  const first = made()
  first.findings([finding({ severity: 'critical' })], 1, T0)
  const [page] = first.pending().filter(({ recipient }) => recipient === 'budi')
  if (page === undefined) throw new Error('nobody is told')
  first.attempted(
    { ...page, attempt: 1, at: T0, took_ms: 1, outcome: 'retry', detail: 'it does not work' },
    { status: 'pending', due_at: T0 + 15 * MINUTE, attempts: 1, last_error: 'it does not work' },
  )
  const kept = new Map<string, unknown>(first.take().records)
  const next = createEngine({
    config: Config.parse({
      rooms: [room],
      alerts: {
        channels: [{ id: 'baru', kind: 'file', path: 'new.jsonl' }],
        recipients: [{ id: 'budi', channel: 'baru', to: '' }],
      },
    }),
    ...{ assets, reference: { regions: new Map(), phases: new Map() }, shared },
  })
  next.restore(kept, T0 + MINUTE)
  const { notification_id } = page
  expect(next.pending().find((one) => one.notification_id === notification_id)).toMatchObject({
    ...{ channel: 'baru', due_at: T0, attempts: 1 },
  })
  // What machines wait for waits for their channel.
  expect(next.pending().find(({ recipient }) => recipient === '')).toMatchObject({ channel: 'mesin' })
  expect(next.take().records.get(`notification/${notification_id}`)).toMatchObject({
    notification: { channel: 'baru' },
  })
})
