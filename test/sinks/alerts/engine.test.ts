// Does the whole engine go on from its records as if it had never stopped, say nothing twice, and make the same alerts in whatever order findings come?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadReference } from '../../../runtime/reference.ts'
import type { AlertRequest, AlertVerb, Attempt, Suppression } from '../../../schemas/alert.ts'
import { AlertLogEntry, entryId } from '../../../schemas/alert-log.ts'
import { Config } from '../../../schemas/config.ts'
import type { Finding, Severity } from '../../../schemas/detection.ts'
import { createEngine, type Engine } from '../../../sinks/alerts/engine.ts'
import { AlertRecord, StateRecord } from '../../../sinks/alerts/records.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/** 2026-11-27 00:00 UTC; no election is near. */
const START = 1_795_737_600_000

const config = Config.parse({
  rooms: [
    { id: 'pusat', region: '00', roster: [{ recipients: ['piket'] }] },
    { id: 'jabar', region: '32', roster: [{ hours: '08:00-20:00', recipients: ['citra'] }] },
    { id: 'bandung', region: '32.73', roster: [{ hours: '08:00-16:00', recipients: ['dewi', 'eko'] }] },
    { id: 'bali', region: '51', roster: [{ recipients: ['fajar'] }] },
  ],
  alerts: {
    window_hours: 3,
    storm: { matters: 2, region_matters: 3 },
    campaign_regions: 2,
    repeats: 2,
    thresholds: [{ score: 2, severity: 'high' }],
    channels: [
      { id: 'berkas', kind: 'file', path: 'a' },
      { id: 'mesin', kind: 'file', path: 'b' },
    ],
    recipients: ['piket', 'citra', 'dewi', 'eko', 'fajar'].map((id) => ({ id, channel: 'berkas' })),
    forward: [{ channel: 'mesin', severity: 'low' }],
  },
})
const assets = [
  {
    id: 'web-1',
    name: '',
    criticality: 'high',
    region: '32.73',
    owner: '',
    addresses: [],
    hosts: [],
    url: '',
    kind: 'web',
  },
  {
    id: 'web-2',
    name: '',
    criticality: 'low',
    region: '51',
    owner: '',
    addresses: [],
    hosts: [],
    url: '',
    kind: 'web',
  },
] as const
const reference = loadReference({ calendars: [] }, '.')
const shared = { address: () => false, domain: () => false, agent: () => false }

function newEngine(): Engine {
  return createEngine({
    config,
    assets: assets.map((asset) => ({ ...asset, addresses: [], hosts: [] })),
    reference,
    shared,
  })
}

/** Few values, so that things meet; what is the same in everything is the same finding. */
const someFinding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.constantFrom('web_sqli', 'web_sqli', 'web_scan'),
    entity: fc.constantFrom('', 'source_ip:192.0.2.1', 'source_ip:192.0.2.2', 'source_ip:192.0.2.3', 'user:budi'),
    asset: fc.constantFrom('', 'web-1', 'web-2'),
    region: fc.constantFrom('32.73', '32.73', '32.73', '51', '51', '32', '00', ''),
    severity: fc.constantFrom<Severity>('low', 'high', 'high', 'critical'),
    score: fc.integer({ min: 0, max: 3 }),
    attack: fc.subarray(['T1190', 'T1110']),
    at: fc.constantFrom(-1, 0, 0, 0, 0, 0, 4).map((n) => START + n * HOUR),
  })
  .map(({ rule, entity, asset, region, severity, score, attack, at }) => ({
    finding_id: JSON.stringify([rule, entity, asset, region, severity, score, attack, at]),
    rule_id: rule,
    title: `Title of ${rule}`,
    severity,
    attack,
    event_id: `event-${at}`,
    source_id: 'nginx',
    region_code: region,
    owner: '',
    asset_id: asset,
    entity,
    evidence: [{ field: 'url_query', value: 'x' }],
    window_start: at,
    window_end: at,
    score,
    dedup_key: `${rule}|${entity}|${asset}`,
    factors: [],
  }))

type Step = { readonly after: number; readonly restart: boolean } & (
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'act'
      readonly verb: AlertVerb
      readonly which: number
      readonly other: number
      readonly room: number
    }
  | { readonly kind: 'suppress'; readonly room: number; readonly asset: string; readonly severity: Severity }
  | { readonly kind: 'suppression'; readonly room: number; readonly which: number; readonly what: 'approve' | 'end' }
  | { readonly kind: 'deliver' }
  | { readonly kind: 'tick' }
)

const verbs: readonly AlertVerb[] = [
  ...(['acknowledge', 'assign', 'start', 'resolve', 'false_positive'] as const),
  ...(['accept', 'reopen', 'comment', 'link', 'merge'] as const),
]
const small = fc.nat({ max: 5 })
const someStep: fc.Arbitrary<Step> = fc
  .tuple(
    fc.record({ after: fc.integer({ min: 0, max: 50 }).map((n) => n * MINUTE), restart: fc.boolean() }),
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('findings' as const),
          findings: fc.array(someFinding, { minLength: 1, maxLength: 10 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('act' as const),
          verb: fc.constantFrom(...verbs),
          which: small,
          other: small,
          room: small,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('suppress' as const),
          room: small,
          asset: fc.constantFrom('web-1', 'web-2'),
          severity: fc.constantFrom<Severity>('low', 'critical'),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('suppression' as const),
          room: small,
          which: small,
          what: fc.constantFrom('approve' as const, 'end' as const),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const) }) },
    ),
  )
  .map(([common, step]) => ({ ...common, ...step }))

const actors = [
  { name: 'Ani', key: 'k1', room: 'pusat', region: '00', from: '' },
  { name: 'Budi', key: 'k2', room: 'pusat', region: '00', from: '' },
  { name: 'Dewi', key: 'k3', room: 'bandung', region: '32.73', from: '' },
  { name: 'Citra', key: 'k4', room: 'jabar', region: '32', from: '' },
  { name: 'Fajar', key: 'k5', room: 'bali', region: '51', from: '' },
  { name: 'siaga', room: '', region: '00', from: '' },
]

/** What a store of its records, a log and a post office see of an engine. `restarts`: whether it is made anew where a step says so. */
function play(steps: readonly Step[], restarts: boolean) {
  /** As JSON, as Kafka keeps it. */
  const store = new Map<string, string>()
  const logged = new Map<string, string>()
  const offered: string[] = []
  const records = () => new Map(Array.from(store, ([key, text]): [string, unknown] => [key, JSON.parse(text)]))
  let engine = newEngine()
  // Some hours before the centre gets its summary.
  let now = START - 4 * HOUR
  let [findings, requests] = [0, 0]
  engine.restore(new Map(), now)

  const keep = (): void => {
    const changes = engine.take()
    for (const [key, record] of changes.records)
      if (record === null) store.delete(key)
      else store.set(key, JSON.stringify(record))
    for (const entry of changes.log) {
      const text = JSON.stringify(entry)
      const parsed = AlertLogEntry.parse(JSON.parse(text))
      expect(parsed).toEqual(JSON.parse(text))
      const id = entryId(parsed)
      // A later version has an id of its own: nothing that was landed is overwritten by something else.
      expect(logged.get(id) ?? text, id).toBe(text)
      logged.set(id, text)
    }
    for (const { notification_id } of changes.offers) offered.push(notification_id)
  }
  const ids = (kind: string): string[] =>
    [...store.keys()]
      .filter((key) => key.startsWith(`${kind}/`))
      .map((key) => key.slice(kind.length + 1))
      .sort()
  const pick = (all: readonly string[], n: number): string => all[n % Math.max(1, all.length)] ?? 'none'
  const ask = (request: AlertRequest): void => {
    requests += 1
    engine.requests([request], requests, now)
  }
  const work = (step: Step, n: number): void => {
    const request_id = `request-${n}`
    switch (step.kind) {
      case 'findings':
        findings += step.findings.length
        engine.findings(step.findings, findings, now)
        break
      case 'act': {
        const actor = actors[step.room] ?? actors[0]
        const common = { kind: 'act', request_id, at: now, verb: step.verb, dedup_key: '' } as const
        const [alert_id, other] = [pick(ids('alert'), step.which), pick(ids('alert'), step.other)]
        if (actor !== undefined) ask({ ...common, actor, alert_id, other, reason: 'why', assignee: 'Hadi' })
        break
      }
      case 'suppress': {
        const actor = actors[step.room] ?? actors[0]
        if (actor === undefined) break
        const suppression: Suppression = {
          suppression_id: `S-${n}`,
          kind: 'suppression',
          owner: 'tim web',
          reason: 'uji',
          from: START - 8 * HOUR,
          until: START + 48 * HOUR,
          room: actor.room,
          region: actor.region,
          match: { rules: [], assets: [step.asset], entities: [], regions: [], sources: [] },
          max_severity: step.severity,
          made_at: now,
          made_by: actor,
          findings: 0,
          version: 0,
        }
        ask({ kind: 'suppress', request_id, at: now, actor, suppression })
        break
      }
      case 'suppression': {
        const actor = actors[step.room] ?? actors[0]
        const suppression_id = pick(ids('suppression'), step.which)
        const common = { kind: 'suppression', request_id, at: now, what: step.what, reason: '' } as const
        if (actor !== undefined) ask({ ...common, actor, suppression_id })
        break
      }
      case 'deliver':
        for (const one of engine.pending().sort((a, b) => (a.notification_id < b.notification_id ? -1 : 1))) {
          const { notification_id, alert_id, channel, recipient, room, reason } = one
          const attempts = one.attempts + 1
          const fate = (['delivered', 'retry', 'refused'] as const)[(notification_id.charCodeAt(5) + attempts) % 3]
          const attempt: Attempt = {
            ...{ notification_id, alert_id, channel, recipient, room, reason, attempt: attempts, at: now, took_ms: 1 },
            outcome: fate ?? 'delivered',
            detail: '',
          }
          const status = fate === 'retry' ? 'pending' : (fate ?? 'delivered')
          engine.attempted(attempt, { status, due_at: now, attempts, last_error: '' })
        }
        break
      case 'tick':
        break
    }
  }
  steps.forEach((step, n) => {
    now += step.after
    if (step.restart && restarts) {
      engine = newEngine()
      engine.restore(records(), now)
      expect(engine.progress).toMatchObject({ findings: findings || -1, requests: requests || -1 })
    }
    // The clock of a running engine comes twice a second.
    engine.tick(now)
    keep()
    work(step, n)
    keep()
    engine.tick(now)
    keep()
  })
  for (const text of store.values()) expect(StateRecord.safeParse(JSON.parse(text)).error).toBeUndefined()
  return { records: records(), offered, logged: [...logged.keys()].sort(), engine, now }
}

/** What people and other parts of Siaga see. What grouping remembers is its own business, and answers are forgotten by the hour since the beginning. */
function seen({ records }: ReturnType<typeof play>): [string, unknown][] {
  return [...records].filter(([key]) => !/^(?:group|answer)\//.test(key)).sort(([a], [b]) => (a < b ? -1 : 1))
}

test('an engine that begins anew from its records is the one that never stopped: alerts, told pages, messages, actions, counts', () => {
  fc.assert(
    fc.property(fc.array(someStep, { minLength: 1, maxLength: 25 }), (steps) => {
      const [one, other] = [play(steps, false), play(steps, true)]
      expect(seen(other)).toEqual(seen(one))
      expect([...other.offered].sort()).toEqual([...one.offered].sort())
      expect(other.logged).toEqual(one.logged)
      expect(other.engine.unrouted()).toBe(one.engine.unrouted())
    }),
    { numRuns: 150 },
  )
})

test('no message is made twice, however often its alert changes, climbs, closes and opens again', () => {
  fc.assert(
    fc.property(fc.array(someStep, { minLength: 1, maxLength: 40 }), (steps) => {
      const { offered } = play(steps, true)
      expect(offered).toHaveLength(new Set(offered).size)
    }),
    { numRuns: 100 },
  )
})

/** Of what is not part of another one, everything that findings say. */
function contents(engine: Engine): unknown[] {
  return [...engine.alerts()]
    .filter(({ status }) => status !== 'merged')
    .map(({ dedup_key, kind, region_code, owner, asset_id, entity, first_seen, last_seen, ...alert }) => {
      const { findings, matters, severity, score, rule_id, title, attack, rules, worst } = alert
      const what = { dedup_key, kind, region_code, owner, asset_id, entity, first_seen, last_seen }
      return { ...what, findings, matters, severity, score, rule_id, title, attack, rules, worst }
    })
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

test('the set of alerts hangs on the set of findings: not on their order, on repeats, or on how they come in pages', () => {
  const orders = fc.array(someFinding, { minLength: 1, maxLength: 25 }).chain((findings) =>
    fc.record({
      findings: fc.constant(findings),
      shuffled: fc
        .tuple(fc.shuffledSubarray(findings, { minLength: findings.length }), fc.subarray(findings))
        .map(([all, again]) => [...all, ...again]),
      pages: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 40, maxLength: 40 }),
      restart: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(orders, ({ findings, shuffled, pages, restart }) => {
      const once = play([{ kind: 'findings', findings, after: 0, restart: false }], false)
      const steps: Step[] = []
      for (let at = 0; at < shuffled.length; ) {
        const size = pages[steps.length] ?? 1
        steps.push({ kind: 'findings', findings: shuffled.slice(at, at + size), after: MINUTE, restart })
        at += size
      }
      expect(contents(play(steps, true).engine)).toEqual(contents(once.engine))
    }),
    { numRuns: 200 },
  )
})

test('more of the same is written once in three seconds, and is not lost when the engine begins anew before that', () => {
  const [finding] = fc.sample(someFinding, { seed: 1, numRuns: 40 }).filter(({ severity }) => severity === 'high')
  if (finding === undefined) throw new Error('no finding of high severity in the sample')
  const store = new Map<string, unknown>()
  let written = 0
  const keep = (engine: Engine): void => {
    const { records, log } = engine.take()
    for (const [key, record] of records) store.set(key, JSON.parse(JSON.stringify(record)))
    written += log.filter(({ kind }) => kind === 'alert').length
  }
  const kept = () => [...store.values()].flatMap((record) => AlertRecord.safeParse(record).data?.alert.findings ?? [])
  const engine = newEngine()
  engine.restore(new Map(), START)
  for (let n = 1; n <= 50; n += 1) {
    const now = START + n * 20
    engine.findings([{ ...finding, finding_id: `f-${n}` }], n, now)
    keep(engine)
    engine.tick(now)
    keep(engine)
  }
  expect([written, kept()]).toEqual([1, [1]])
  const other = newEngine()
  other.restore(new Map(store), START + 1_100)
  expect([...other.alerts()].map(({ findings }) => findings)).toEqual([50])
  for (const now of [START + 2_900, START + 3_100]) {
    other.tick(now)
    keep(other)
  }
  expect([written, kept()]).toEqual([2, [50]])
  // What asks for people does not wait.
  other.findings([{ ...finding, finding_id: 'worse', severity: 'critical' }], 51, START + 3_200)
  keep(other)
  expect([written, kept()]).toEqual([3, [51]])
})

test('a case is written with its alerts, not with every page of findings of a flood', () => {
  const [finding] = fc.sample(someFinding, { seed: 1, numRuns: 40 }).filter(({ severity }) => severity === 'high')
  if (finding === undefined) throw new Error('no finding of high severity in the sample')
  const engine = newEngine()
  engine.restore(new Map(), START)
  let cases = 0
  const keep = (): void => {
    cases += engine.take().log.filter(({ kind }) => kind === 'case').length
  }
  const last = 200
  for (let n = 1; n <= last; n += 1) {
    const now = START + n * 50
    const pair = ['32.73', '51'].map((region_code) => ({
      ...finding,
      ...{ finding_id: `f-${n}-${region_code}`, dedup_key: region_code, region_code, entity: 'source_ip:192.0.2.77' },
      window_end: now,
    }))
    engine.findings(pair, n, now)
    keep()
    engine.tick(now)
    keep()
  }
  expect([...engine.alerts()].map(({ case_id }) => case_id !== '')).toEqual([true, true])
  // Ten seconds: when it begins, and every three.
  expect(cases).toBeLessThan(8)
  expect(cases).toBeGreaterThan(2)
})

test('a request that comes twice is answered once, also across a beginning anew', () => {
  const found: Step = {
    kind: 'findings',
    after: 0,
    restart: false,
    findings: fc.sample(someFinding, { seed: 1, numRuns: 40 }).filter(({ severity }) => severity === 'high'),
  }
  const { records, now } = play([found], false)
  const engine = newEngine()
  engine.restore(records, now)
  const [alert] = engine.alerts()
  const request: AlertRequest = {
    ...{ kind: 'act', request_id: 'r', at: now, verb: 'comment', alert_id: alert?.alert_id ?? '', dedup_key: '' },
    ...{ reason: 'satu', assignee: '', other: '' },
    actor: { name: 'Ani', key: 'k1', room: 'pusat', region: '00', from: '' },
  }
  engine.requests([request, request], 2, now)
  const kept = new Map(Array.from(engine.take().records, ([key, value]): [string, unknown] => [key, value]))
  const again = newEngine()
  again.restore(new Map([...records, ...kept]), now)
  again.requests([request], 3, now)
  expect([...again.take().records.keys()]).toEqual(['progress'])
  const after = [...again.alerts()].find(({ alert_id }) => alert_id === alert?.alert_id)
  expect(after?.actions.map(({ reason }) => reason)).toEqual(['satu'])
})
