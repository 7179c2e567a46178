// Who may hold what back, and who must agree? Suppressions and the policy over the API; and what is said when nobody holds the alerts.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AlertPage, HeldPage, SuppressionItem } from '../../../schemas/alert-api.ts'
import { finding, type Person, START, type Stack, startStack } from './stack.ts'

const wait = { timeout: 30_000, interval: 50 }
const HOUR = 3_600_000
let stack: Stack

beforeAll(async () => {
  stack = await startStack({ answerMs: 5_000 })
  stack.hold()
  // Until the first policy is there, the alerts are not held yet.
  await vi.waitFor(async () => expect((await stack.ask('pusat', '/v1/alert-policy')).status).toBe(200), wait)
})
afterAll(async () => {
  await stack?.stop()
})

function wish(changed: Record<string, unknown> = {}) {
  return {
    owner: 'tim web',
    reason: 'uji beban',
    // As if it had been asked for a while ago.
    from: new Date(START - HOUR).toISOString(),
    until: new Date(START + 4 * HOUR).toISOString(),
    match: { assets: ['web-uji'] },
    ...changed,
  }
}

async function made(who: Person, changed: Record<string, unknown> = {}): Promise<SuppressionItem> {
  const { status, json } = await stack.ask(who, '/v1/suppressions', wish(changed))
  expect(status).toBe(201)
  return SuppressionItem.parse(json)
}

async function alertsOf(asset: string): Promise<number> {
  return AlertPage.parse((await stack.ask('pusat', `/v1/alerts?asset=${asset}`)).json).total
}

test('what the centre holds back makes no alert, is counted, and ends when it is ended', async () => {
  const asset = 'web-uji-1'
  const kept = await made('pusat', { match: { assets: [asset] } })
  expect(kept).toMatchObject({ made_by: 'Ani', room: 'pusat', region: '00', findings: 0, approved_by: '' })
  await stack.send(finding({ asset_id: asset, severity: 'medium' }), finding({ asset_id: asset, severity: 'medium' }))
  await vi.waitFor(async () => {
    const { json } = await stack.ask('pusat', '/v1/suppressions')
    const { suppressions } = json as { suppressions: SuppressionItem[] }
    expect(suppressions.find(({ id }) => id === kept.id)?.findings).toBe(2)
  }, wait)
  expect(await alertsOf(asset)).toBe(0)
  await vi.waitFor(async () => {
    const { held } = HeldPage.parse((await stack.ask('pusat', '/v1/alerts/held?hours=48')).json)
    expect(held.find(({ detail }) => detail === kept.id)).toMatchObject({ reason: 'suppressed', findings: 2 })
  }, wait)
  // A high one is more than it may hold back.
  await stack.send(finding({ asset_id: asset }))
  await vi.waitFor(async () => expect(await alertsOf(asset)).toBe(1), wait)
  const ended = await stack.ask('pusat2', `/v1/suppressions/${kept.id}/end`, {})
  expect(ended).toMatchObject({ status: 200, json: { ended_at: expect.any(String) } })
})

test('what a room holds back acts there alone, and hides nothing from the centre', async () => {
  const asset = 'web-uji-2'
  const kept = await made('bandung', { match: { assets: [asset] } })
  await stack.send(finding({ asset_id: asset, severity: 'medium' }))
  await vi.waitFor(async () => expect(await alertsOf(asset)).toBe(1), wait)
  const seen = async (who: Person) => {
    const { json } = await stack.ask(who, '/v1/suppressions')
    return (json as { suppressions: SuppressionItem[] }).suppressions.map(({ id }) => id)
  }
  expect(await seen('bandung')).toContain(kept.id)
  expect(await seen('pusat')).toContain(kept.id)
  for (const who of ['bali', 'kpu', 'jabar'] as const) {
    expect(await seen(who), who).not.toContain(kept.id)
    const answer = await stack.ask(who, `/v1/suppressions/${kept.id}/end`, {})
    expect(answer).toMatchObject({ status: 404, json: { error: 'SUPPRESSION_UNKNOWN' } })
  }
  const outside = await stack.ask('bandung', '/v1/suppressions', wish({ match: { regions: ['51'] } }))
  expect(outside).toMatchObject({ status: 422, json: { error: 'SUPPRESSION_INVALID' } })
  const nothing = await stack.ask('bandung', '/v1/suppressions', wish({ match: {} }))
  expect(nothing).toMatchObject({ status: 422, json: { error: 'SUPPRESSION_INVALID' } })
})

test('in quiet days, high severity is held back when two persons agree, one of them at the centre', async () => {
  const asset = 'web-uji-3'
  const kept = await made('bandung', { match: { assets: [asset] }, max_severity: 'high' })
  const approve = (who: Person) => stack.ask(who, `/v1/suppressions/${kept.id}/approve`, {})
  // The same person, and two persons without the centre.
  expect(await approve('bandung')).toMatchObject({ status: 409, json: { error: 'SECOND_PERSON_NEEDED' } })
  expect((await approve('bandung')).json).toMatchObject({ pesan: expect.stringContaining('orang kedua') })
  expect(await approve('pusat')).toMatchObject({ status: 200, json: { approved_by: 'Ani' } })
  // Of the centre's own: another person of the centre.
  const own = await made('pusat', { match: { assets: ['web-uji-4'] }, max_severity: 'critical' })
  await stack.send(finding({ asset_id: 'web-uji-4' }))
  await vi.waitFor(async () => expect(await alertsOf('web-uji-4')).toBe(1), wait)
  const both = (who: Person) => stack.ask(who, `/v1/suppressions/${own.id}/approve`, {})
  expect((await both('pusat')).status).toBe(409)
  expect(await both('pusat2')).toMatchObject({ status: 200, json: { approved_by: 'Budi' } })
  await stack.send(finding({ asset_id: 'web-uji-4', dedup_key: 'another|matter' }))
  await vi.waitFor(async () => {
    const { json } = await stack.ask('pusat', '/v1/suppressions')
    const { suppressions } = json as { suppressions: SuppressionItem[] }
    expect(suppressions.find(({ id }) => id === own.id)?.findings).toBe(1)
  }, wait)
  expect(await alertsOf('web-uji-4')).toBe(1)
})

test('a rule that is switched off in quiet days waits for two persons of the centre', async () => {
  const { json } = await stack.ask('pusat', '/v1/alert-policy')
  const { waiting, in_force } = json as { waiting: { id: string }; in_force: { disabled: string[] } }
  expect(in_force.disabled).toEqual([])
  expect(waiting).toMatchObject({
    relaxations: [{ what: 'disabled', detail: 'rule-switched-off' }],
    approvals: [],
  })
  for (const who of ['jabar', 'bandung'] as const) {
    expect(await stack.ask(who, '/v1/alert-policy')).toMatchObject({ status: 403, json: { error: 'CENTRE_ONLY' } })
    expect((await stack.ask(who, '/v1/alert-policy/approve', { id: waiting.id })).status).toBe(403)
  }
  const approve = (who: Person, id = waiting.id) => stack.ask(who, '/v1/alert-policy/approve', { id })
  expect(await approve('pusat', 'other')).toMatchObject({ status: 409, json: { error: 'POLICY_NOT_WAITING' } })
  expect(await approve('pusat')).toMatchObject({
    status: 200,
    json: { waiting: { approvals: [{ name: 'Ani', room: 'pusat' }] } },
  })
  expect(await approve('pusat')).toMatchObject({ status: 409, json: { error: 'SECOND_PERSON_NEEDED' } })
  const agreed = await approve('pusat2')
  expect(agreed).toMatchObject({ status: 200, json: { in_force: { disabled: ['rule-switched-off'] } } })
  expect(agreed.json).not.toHaveProperty('waiting')
  expect(stack.agreed).toEqual(
    ['Ani', 'Budi'].map((name) => expect.stringContaining(`${name} (pusat) agreed to policy ${waiting.id}`)),
  )
})

test('when nobody holds the alerts, a request is kept, and done when somebody does', async () => {
  const asset = 'web-uji-5'
  await stack.send(finding({ asset_id: asset }))
  const id = await vi.waitFor(async () => {
    const [alert] = AlertPage.parse((await stack.ask('pusat', `/v1/alerts?asset=${asset}`)).json).alerts
    if (alert === undefined) throw new Error('no alert yet')
    return alert.id
  }, wait)
  await stack.release()
  const acknowledge = () =>
    stack.ask('bandung', `/v1/alerts/${id}/acknowledge`, {}, { 'idempotency-key': 'nobody-there' })
  const kept = await acknowledge()
  expect(kept).toMatchObject({
    status: 202,
    json: { request_id: expect.any(String), pesan: expect.stringMatching(/^Tersimpan/) },
  })
  expect((await stack.ask('bandung', `/v1/alerts/${id}`)).json).toMatchObject({ status: 'open' })
  const suppression = await stack.ask('pusat', '/v1/suppressions', wish(), { 'idempotency-key': 'nobody' })
  expect(suppression.status).toBe(202)
  stack.hold()
  await vi.waitFor(async () => {
    expect((await stack.ask('bandung', `/v1/alerts/${id}`)).json).toMatchObject({ status: 'acknowledged' })
  }, wait)
  expect((await acknowledge()).status).toBe(200)
  const { json } = await stack.ask('bandung', `/v1/alerts/${id}`)
  expect((json as { actions: unknown[] }).actions).toHaveLength(1)
  expect((await stack.ask('pusat', '/v1/suppressions', wish(), { 'idempotency-key': 'nobody' })).status).toBe(201)
})
