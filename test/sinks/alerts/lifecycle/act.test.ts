import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlertErrorCode, alertRefusal } from '../../../../runtime/alert-errors.ts'
import { type Alert, AlertStatus, AlertVerb } from '../../../../schemas/alert.ts'
import { type ActContext, type ActRequest, act, mayAct } from '../../../../sinks/alerts/lifecycle/act.ts'
import { unanswered } from '../../../../sinks/alerts/lifecycle/asks.ts'
import { derive } from '../../../../sinks/alerts/lifecycle/verbs.ts'
import { sampleAlert } from './sample.ts'

const room = (id: string, region: string, owner = '', sees: string[] = []) => ({ id, region, owner, sees })
const rooms = [
  room('bandung', '32.73', 'Pemkot Bandung'),
  room('jabar', '32', 'Pemprov Jabar', ['KPU']),
  room('jateng', '33'),
  room('pusat', '00', 'BSSN'),
]
const others = new Map(
  [
    sampleAlert({ alert_id: 'b', status: 'in_work' }),
    sampleAlert({ alert_id: 'shut', status: 'resolved' }),
    sampleAlert({ alert_id: 'part', status: 'merged', merged_into: 'b' }),
    sampleAlert({ alert_id: 'bogor', region_code: '32.01' }),
    sampleAlert({ alert_id: 'kpu', owner: 'KPU' }),
  ].map((alert) => [alert.alert_id, alert]),
)
const context: ActContext = { rooms, find: (id) => others.get(id) }
const by = (name: string) => ({ name: `petugas ${name}`, room: name, region: '', from: '192.0.2.9' })
let count = 0
const ask = (verb: AlertVerb, changed: Partial<ActRequest> = {}): ActRequest => {
  count += 1
  return {
    request_id: `r${count}`,
    actor: by('bandung'),
    verb,
    reason: 'sudah diperiksa',
    assignee: 'Ani',
    other: 'b',
    ...changed,
  }
}
const codeOf = (alert: Alert, request: ActRequest): string => {
  const outcome = act(alert, request, 9_000, context)
  return outcome.kind === 'ok' ? outcome.alert.status : outcome.code
}

/** Status after each verb, by status before; - is refused. */
const table = `
                 acknowledge  assign        start    resolve   false_positive  accept    reopen  comment         link            merge
open             acknowledged open          in_work  resolved  false_positive  accepted  -       open            open            merged
acknowledged     acknowledged acknowledged  in_work  resolved  false_positive  accepted  -       acknowledged    acknowledged    merged
in_work          in_work      in_work       -        resolved  false_positive  accepted  -       in_work         in_work         merged
resolved         -            -             -        -         false_positive  accepted  open    resolved        resolved        merged
false_positive   -            -             -        resolved  -               accepted  open    false_positive  false_positive  merged
accepted         -            -             -        resolved  false_positive  -         open    accepted        accepted        merged
merged           -            -             -        -         -               -         open    merged          -               -
`
const [head = [], ...lines] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const cells = lines.flatMap(([from = '', ...to]) => head.map((verb, at) => [from, verb, to[at] ?? ''] as const))

describe('what is possible in which status', () => {
  test('the table has every status and every verb', () => {
    expect([...head].sort()).toEqual([...AlertVerb.options].sort())
    expect(lines.map(([from]) => from)).toEqual(AlertStatus.options)
  })

  test.each(cells)('%s, %s: %s', (from, verb, to) => {
    const alert = sampleAlert({ status: AlertStatus.parse(from), merged_into: from === 'merged' ? 'b' : '' })
    const refusal = from === 'merged' ? 'ALERT_MERGED' : 'ALERT_STATUS'
    expect(codeOf(alert, ask(AlertVerb.parse(verb)))).toBe(to === '-' ? refusal : to)
  })

  test.each([
    ['resolve', { reason: ' \n' }, 'ALERT_REASON_MISSING'],
    ['false_positive', { reason: '' }, 'ALERT_REASON_MISSING'],
    ['accept', { reason: '' }, 'ALERT_REASON_MISSING'],
    ['comment', { reason: '' }, 'ALERT_REASON_MISSING'],
    ['assign', { assignee: ' ' }, 'ALERT_ASSIGNEE_MISSING'],
    ['link', { other: '' }, 'ALERT_OTHER_MISSING'],
    ['merge', { other: 'a1' }, 'ALERT_OTHER_MISSING'],
    ['link', { other: 'nowhere' }, 'ALERT_UNKNOWN'],
    ['link', { other: 'kpu' }, 'ALERT_UNKNOWN'],
    ['merge', { other: 'shut' }, 'ALERT_MERGE_REFUSED'],
    ['merge', { other: 'part' }, 'ALERT_MERGE_REFUSED'],
    ['merge', { other: 'bogor', actor: by('jabar') }, 'ALERT_MERGE_REFUSED'],
    ['link', { other: 'bogor', actor: by('jabar') }, 'open'],
    ['acknowledge', { reason: '', assignee: '', other: '' }, 'acknowledged'],
    ['start', { reason: '' }, 'in_work'],
  ] as const)('%s with %j: %s', (verb, changed, expected) => {
    expect(codeOf(sampleAlert(), ask(verb, changed))).toBe(expected)
  })

  test('reopening needs a reason, and takes an alert out of the one that it was merged into', () => {
    const merged = sampleAlert({ status: 'merged', merged_into: 'b' })
    expect(codeOf(merged, ask('reopen', { reason: '' }))).toBe('ALERT_REASON_MISSING')
    const outcome = act(merged, ask('reopen'), 9_000, context)
    expect(outcome).toMatchObject({ kind: 'ok', alert: { status: 'open', merged_into: '' } })
  })
})

describe('an action', () => {
  test('says who, when, from where, why, and what it changed', () => {
    const outcome = act(sampleAlert(), ask('resolve', { request_id: 'x', reason: ' akun dikunci ' }), 9_000, context)
    expect(outcome).toMatchObject({
      kind: 'ok',
      repeated: false,
      action: {
        action_id: 'x',
        at: 9_000,
        actor: { name: 'petugas bandung', room: 'bandung', from: '192.0.2.9' },
        verb: 'resolve',
        reason: 'akun dikunci',
        from_status: 'open',
        to_status: 'resolved',
      },
      alert: {
        changed_at: 9_000,
        version: 2,
        acknowledged_at: 9_000,
        acknowledged_by: 'petugas bandung',
        seen: { at: 9_000, severity: 'high', attack: ['T1110'] },
      },
    })
  })

  test('is carried out once, however often it is asked for', () => {
    const request = ask('start')
    const first = act(sampleAlert(), request, 9_000, context)
    if (first.kind !== 'ok') throw new Error(first.code)
    const again = act(first.alert, request, 10_000, context)
    expect(again).toEqual({ ...first, repeated: true })
  })

  test('keeps the newest hundred', () => {
    let alert = sampleAlert()
    for (let n = 0; n < 130; n += 1) {
      const outcome = act(alert, ask('comment', { request_id: `c${n}` }), n, context)
      if (outcome.kind === 'ok') alert = outcome.alert
    }
    expect(alert.actions.length).toBe(100)
    expect([alert.actions[0]?.action_id, alert.actions.at(-1)?.action_id]).toEqual(['c30', 'c129'])
    expect(alert.version).toBe(131)
  })

  test('acknowledges whatever was asked, even if the clock of another machine was ahead; reopening asks anew', () => {
    const ahead = sampleAlert({ asks: [{ at: 50_000, reason: 'opened', severity: 'high' }] })
    const acknowledged = act(ahead, ask('acknowledge'), 9_000, context)
    if (acknowledged.kind !== 'ok') throw new Error(acknowledged.code)
    expect(unanswered(acknowledged.alert)).toEqual([])
    const closed = act(acknowledged.alert, ask('resolve'), 9_500, context)
    if (closed.kind !== 'ok') throw new Error(closed.code)
    const reopened = act(closed.alert, ask('reopen'), 10_000, context)
    if (reopened.kind !== 'ok') throw new Error(reopened.code)
    expect(unanswered(reopened.alert)).toEqual([{ at: 50_001, reason: 'reopened', severity: 'high' }])
  })
})

test.each([
  ['bandung', '32.73', '', true],
  ['bandung', '32.73', 'Pemkot Bandung', true],
  ['bandung', '32.73', 'KPU', false],
  ['bandung', '32', '', false],
  ['bandung', '32.01', '', false],
  ['jabar', '32.73', '', true],
  ['jabar', '32.73', 'KPU', true],
  ['jabar', '32.73', 'Pemkot Bandung', false],
  ['jabar', '', '', false],
  ['jabar', '00', '', false],
  ['jateng', '32.73', '', false],
  ['pusat', '32.73', 'KPU', true],
  ['pusat', '', '', true],
  ['pusat', '00', 'KPU', true],
  ['nowhere', '32.73', '', false],
  ['', '32.73', 'KPU', true],
])('room %j on an alert of region %j, owner %j: %s', (name, region_code, owner, expected) => {
  // What the request says of the region counts only where no room is named: Siaga itself.
  expect(mayAct({ region_code, owner }, { room: name, region: '00' }, rooms)).toBe(expected)
})

test('without a room nobody acts for a region, and who may not read an alert hears that there is none', () => {
  expect(mayAct(sampleAlert(), { room: '', region: '32' }, rooms)).toBe(false)
  expect(codeOf(sampleAlert(), ask('acknowledge', { actor: by('jateng') }))).toBe('ALERT_UNKNOWN')
})

test('a refusal speaks Indonesian and English, with nothing left open', () => {
  const params = {
    alert: 'a1',
    other: 'b',
    into: 'b',
    verb: 'start',
    status: 'in_work',
    detail: 'that one is closed',
    sebab: 'itu sudah ditutup',
  }
  const codes: AlertErrorCode[] = [
    'ALERT_UNKNOWN',
    'ALERT_STATUS',
    'ALERT_MERGED',
    'ALERT_REASON_MISSING',
    'ALERT_ASSIGNEE_MISSING',
    'ALERT_OTHER_MISSING',
    'ALERT_MERGE_REFUSED',
  ]
  for (const code of codes) {
    const { status, body } = alertRefusal(code, params)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body.error).toBe(code)
    expect(Object.values(body).filter((text) => /[{}]/.test(text) || text === '')).toEqual([])
  }
  expect(alertRefusal('ALERT_STATUS', params).body).toMatchObject({
    message: 'The alert a1 is in work; start is not possible.',
    pesan: 'Peringatan a1 berstatus sedang ditangani; start tidak dapat dilakukan.',
  })
})

test('folding the actions gives the state, whatever is asked for in whatever order', () => {
  const requests = fc.array(
    fc.record({
      request_id: fc.integer({ min: 0, max: 20 }).map((n) => `r${n}`),
      actor: fc.constantFrom(by('bandung'), by('jabar'), by('pusat'), by('jateng')),
      verb: fc.constantFrom(...AlertVerb.options),
      reason: fc.constantFrom('', 'sebab'),
      assignee: fc.constantFrom('', 'Ani', 'Budi'),
      other: fc.constantFrom('', 'a1', 'b', 'shut', 'part', 'bogor'),
      at: fc.integer({ min: 0, max: 100_000 }),
    }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(requests, (all) => {
      let alert = sampleAlert()
      for (const { at, ...request } of all) {
        const outcome = act(alert, request, at, context)
        if (outcome.kind === 'refused') continue
        expect(outcome.repeated).toBe(outcome.alert === alert)
        if (!outcome.repeated) {
          expect([outcome.action.from_status, outcome.action.to_status]).toEqual([alert.status, outcome.alert.status])
          expect(outcome.alert.version).toBe(alert.version + 1)
        }
        alert = outcome.alert
      }
      const { status, assignee, merged_into, acknowledged_at, acknowledged_by } = alert
      expect(derive(alert.actions)).toEqual({ status, assignee, merged_into, acknowledged_at, acknowledged_by })
      expect(new Set(alert.actions.map(({ action_id }) => action_id)).size).toBe(alert.actions.length)
    }),
    { numRuns: 500 },
  )
})
