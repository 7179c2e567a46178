// Does the API of alerts do what rooms ask, show each its own, and refuse in words that help? On real Kafka and ClickHouse, with the engine that runs.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AlertDetail, type AlertItem, AlertPage, Refusal } from '../../../schemas/alert-api.ts'
import { finding, type Person, type Stack, startStack } from './stack.ts'

const wait = { timeout: 30_000, interval: 50 }
let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  stack.hold()
})
afterAll(async () => {
  await stack?.stop()
})

/** Alerts that somebody sees of an asset. */
async function seenBy(who: Person, asset: string): Promise<AlertItem[]> {
  const { status, json } = await stack.ask(who, `/v1/alerts?status=active&status=merged&status=resolved&asset=${asset}`)
  expect(status).toBe(200)
  return AlertPage.parse(json).alerts
}

/** Makes an alert; answers its id. */
async function alertOf(changed: Parameters<typeof finding>[0] = {}): Promise<string> {
  const one = finding(changed)
  await stack.send(one)
  return vi.waitFor(async () => {
    const [alert] = await seenBy('pusat', one.asset_id)
    if (alert === undefined) throw new Error('no alert yet')
    return alert.id
  }, wait)
}

async function act(who: Person, id: string, verb: string, body: object = {}) {
  return stack.ask(who, `/v1/alerts/${id}/${verb}`, body)
}

async function detail(who: Person, id: string): Promise<AlertDetail> {
  const { status, json } = await stack.ask(who, `/v1/alerts/${id}`)
  expect(status).toBe(200)
  return AlertDetail.parse(json)
}

test('every verb: the state it leads to, and who did what, from where and why', async () => {
  const id = await alertOf()
  const other = await alertOf()
  const status = async (verb: string, body?: object) => {
    const { status, json } = await act('bandung', id, verb, body)
    return [status, (json as { alert?: AlertItem }).alert?.status]
  }
  expect(await status('acknowledge')).toEqual([200, 'acknowledged'])
  expect(await status('assign', { assignee: 'Hadi' })).toEqual([200, 'acknowledged'])
  expect(await status('start')).toEqual([200, 'in_work'])
  expect(await status('comment', { reason: 'menunggu penyedia' })).toEqual([200, 'in_work'])
  expect(await status('link', { other })).toEqual([200, 'in_work'])
  expect(await status('resolve', { reason: 'ditambal' })).toEqual([200, 'resolved'])
  expect(await status('reopen', { reason: 'terjadi lagi' })).toEqual([200, 'open'])
  expect(await status('false-positive', { reason: 'uji beban' })).toEqual([200, 'false_positive'])
  expect(await status('accept', { reason: 'diketahui' })).toEqual([200, 'accepted'])
  expect(await status('reopen', { reason: 'ternyata belum' })).toEqual([200, 'open'])
  expect(await status('merge', { other })).toEqual([200, 'merged'])

  const shown = await detail('pusat', id)
  expect(shown).toMatchObject({ status: 'merged', merged_into: other, assignee: 'Hadi', acknowledged_by: 'Dewi' })
  expect(shown.case).not.toBe('')
  expect(shown.actions.map(({ actor, room, verb }) => `${actor} (${room}) ${verb}`)).toEqual([
    'Dewi (bandung) acknowledge',
    'Dewi (bandung) assign',
    'Dewi (bandung) start',
    'Dewi (bandung) comment',
    'Dewi (bandung) link',
    'Dewi (bandung) resolve',
    'Dewi (bandung) reopen',
    'Dewi (bandung) false_positive',
    'Dewi (bandung) accept',
    'Dewi (bandung) reopen',
    'Dewi (bandung) merge',
  ])
  expect(shown.actions[5]).toMatchObject({ reason: 'ditambal', from_status: 'in_work', to_status: 'resolved' })
  // Addresses of people are for the centre.
  expect(shown.actions.every(({ from }) => from === '127.0.0.1')).toBe(true)
  expect((await detail('bandung', id)).actions.every(({ from }) => from === '')).toBe(true)
})

test('one alert: score explained, evidence, what to do in both languages, who was told', async () => {
  const id = await alertOf()
  const shown = await vi.waitFor(async () => {
    const found = await detail('bandung', id)
    expect(found.deliveries.map(({ outcome }) => outcome)).toContain('delivered')
    return found
  }, wait)
  expect(shown).toMatchObject({ region: '32.73', severity: 'high', score: 80, unacknowledged: true })
  expect(shown.local_time).toBe('2024-11-25 11:59:00 WIB')
  expect(shown.worst[0]?.evidence).toEqual([{ field: 'url_query', value: "id=1' OR 1=1" }])
  expect(shown.guidance.id.why.join('\n')).toMatch(/^Skor 80: .*\n−30 sebelum ada bukti apa pun\n\+44 aturan/)
  expect(shown.guidance.en.why[0]).toMatch(/^Score 80: /)
  expect(shown.guidance.id.steps.length).toBeGreaterThan(2)
  expect(shown.guidance.en.steps).toHaveLength(shown.guidance.id.steps.length)
  expect(shown.deliveries_known).toBe(true)
  expect(shown.deliveries[0]).toMatchObject({ recipient: 'dewi', room: 'bandung', channel: 'berkas', reason: 'opened' })
})

test('a refusal says in both languages what is wrong and what to do', async () => {
  const id = await alertOf()
  const refusal = async (verb: string, body?: object, who: Person = 'bandung') => {
    const { status, json } = await act(who, id, verb, body)
    const { error, message, action, pesan, tindakan } = Refusal.parse(json)
    for (const text of [message, action, pesan, tindakan]) expect(text).not.toMatch(/^$|\{/)
    expect(pesan).not.toBe(message)
    return `${status} ${error}`
  }
  expect(await refusal('resolve')).toBe('422 ALERT_REASON_MISSING')
  expect(await refusal('assign')).toBe('422 ALERT_ASSIGNEE_MISSING')
  expect(await refusal('link', { other: '' })).toBe('422 ALERT_OTHER_MISSING')
  expect(await refusal('merge', { other: 'A-NONE' })).toBe('404 ALERT_UNKNOWN')
  expect(await refusal('reopen', { reason: 'x' })).toBe('409 ALERT_STATUS')
  const elsewhere = await alertOf({ region_code: '32.04' })
  expect(await refusal('merge', { other: elsewhere }, 'jabar')).toBe('409 ALERT_MERGE_REFUSED')
  const { json } = await act('bandung', id, 'reopen', { reason: 'x' })
  expect(json).toMatchObject({
    message: expect.stringContaining('is open'),
    pesan: `Peringatan ${id} berstatus terbuka; reopen tidak dapat dilakukan.`,
  })
  expect(await refusal('assign', { assignee: 'x'.repeat(201) })).toBe('400 REQUEST_INVALID')
  expect((await stack.ask('pusat', '/v1/alerts?severity=bad')).status).toBe(400)
  expect((await stack.ask('pusat', '/v1/alerts?limit=0')).status).toBe(400)
  // A misspelt filter that is passed over shows everything, and looks as if it had been heeded.
  for (const path of ['/v1/alerts?regoin=32', '/v1/alerts/held?days=2', '/v1/notices?status=sent']) {
    const answer = await stack.ask('pusat', path)
    expect(answer, path).toMatchObject({ status: 400, json: { error: 'REQUEST_INVALID' } })
    expect(JSON.stringify(answer.json)).toContain(/\?(\w+)=/.exec(path)?.[1])
  }
})

test('who has no key of a room is let in nowhere', async () => {
  const paths = ['/v1/alerts', '/v1/alerts/stream', '/v1/alerts/A-1', '/v1/suppressions', '/v1/alert-policy']
  for (const path of paths) {
    expect(await stack.ask('', path)).toMatchObject({ status: 401, json: { error: 'KEY_MISSING' } })
    expect(await stack.ask('source', path)).toMatchObject({ status: 403, json: { error: 'KEY_NOT_OF_A_ROOM' } })
    expect(await stack.ask('gone', path)).toMatchObject({ status: 403, json: { error: 'ROOM_UNKNOWN' } })
    const wrong = await stack.ask('', path, undefined, { authorization: `Bearer ${stack.keys.pusat.slice(0, -1)}` })
    expect(wrong).toMatchObject({ status: 401, json: { error: 'KEY_REFUSED' } })
  }
  expect(stack.refused).toContain('API key refused for alerts')
  expect(stack.refused.join()).not.toContain(stack.keys.pusat.slice(0, -1))
})

test('a room sees its region and what lies beneath, of its own owner and of nobody; of others it hears that there is none', async () => {
  const asset = `web-${Math.random().toString(36).slice(2)}`
  const about = (region_code: string, owner: string) =>
    finding({ region_code, owner, asset_id: asset, entity: '', dedup_key: `${asset}|${region_code}|${owner}` })
  await stack.send(
    about('32.73', 'pemda'),
    about('32', ''),
    about('32.73', 'kpu'),
    about('51', 'pemda'),
    about('00', ''),
    about('', ''),
  )
  await vi.waitFor(async () => expect(await seenBy('pusat', asset)).toHaveLength(6), wait)
  const places = async (who: Person) => (await seenBy(who, asset)).map((one) => `${one.region}/${one.owner}`).sort()
  expect(await places('jabar')).toEqual(['32.73/pemda', '32/'])
  expect(await places('bandung')).toEqual(['32.73/pemda'])
  expect(await places('kpu')).toEqual(['32.73/kpu', '32/'])
  expect(await places('bali')).toEqual(['51/pemda'])

  const all = await seenBy('pusat', asset)
  for (const { id, region, owner } of all) {
    const own = region === '51'
    expect((await stack.ask('bali', `/v1/alerts/${id}`)).status, `${region}/${owner}`).toBe(own ? 200 : 404)
    if (own) continue
    const answer = await act('bali', id, 'acknowledge')
    expect(answer).toMatchObject({ status: 404, json: { error: 'ALERT_UNKNOWN' } })
    // The words are those for an alert that does not exist.
    const none = await act('bali', 'A-NONE', 'acknowledge')
    expect(JSON.stringify(answer.json).replaceAll(id, '')).toBe(JSON.stringify(none.json).replaceAll('A-NONE', ''))
  }
  expect((await stack.ask('jabar', '/v1/alerts/held')).json).toMatchObject({ error: 'CENTRE_ONLY' })
})

test('a case of several regions: each room sees its own alerts, and which regions they are only the centre', async () => {
  const entity = `source_ip:198.51.100.${Math.floor(Math.random() * 250)}`
  const own = [finding({ entity }), finding({ entity, region_code: '51' })]
  await stack.send(...own)
  const caseId = await vi.waitFor(async () => {
    const alerts = (await Promise.all(own.map(({ asset_id }) => seenBy('pusat', asset_id)))).flat()
    const ids = new Set(alerts.map((alert) => alert.case))
    expect(alerts).toHaveLength(2)
    expect(ids.size).toBe(1)
    expect(ids).not.toContain('')
    return [...ids].join()
  }, wait)
  const sight = async (who: Person) => (await stack.ask(who, `/v1/cases/${caseId}`)).json
  expect(await sight('pusat')).toMatchObject({ regions: 2, region_codes: ['32.73', '51'], alerts: [{}, {}] })
  expect(await sight('bali')).toMatchObject({ regions: 2, region_codes: ['51'], alerts: [{ region: '51' }] })
  expect(JSON.stringify(await sight('bali'))).not.toContain('32.73')
  expect(await stack.ask('kpu', `/v1/cases/${caseId}`)).toMatchObject({ status: 404, json: { error: 'CASE_UNKNOWN' } })
})

test('the same idempotency key acts once, for its own key alone', async () => {
  const id = await alertOf()
  const comment = (who: Person, key: string) =>
    stack.ask(who, `/v1/alerts/${id}/comment`, { reason: `dari ${who}` }, { 'idempotency-key': key })
  expect((await comment('bandung', 'k')).status).toBe(200)
  expect((await comment('bandung', 'k')).status).toBe(200)
  expect((await comment('jabar', 'k')).status).toBe(200)
  const comments = (await detail('pusat', id)).actions.map(({ reason }) => reason)
  expect(comments).toEqual(['dari bandung', 'dari jabar'])
  // A refusal is remembered as well.
  const resolve = () => stack.ask('bandung', `/v1/alerts/${id}/resolve`, {}, { 'idempotency-key': 'r' })
  expect((await resolve()).status).toBe(422)
  expect((await resolve()).status).toBe(422)
})

test('pages: newest change first, each once', async () => {
  const entity = `user:${Math.random().toString(36).slice(2)}`
  const all = Array.from({ length: 7 }, () => finding({ entity }))
  await stack.send(...all)
  await vi.waitFor(async () => {
    const { json } = await stack.ask('pusat', `/v1/alerts?entity=${entity}&limit=1`)
    expect(AlertPage.parse(json).total).toBe(7)
  }, wait)
  const found: AlertItem[] = []
  let before = ''
  for (;;) {
    const { json } = await stack.ask('pusat', `/v1/alerts?entity=${entity}&limit=3${before}`)
    const page = AlertPage.parse(json)
    found.push(...page.alerts)
    if (page.next === undefined) break
    before = `&before=${page.next}`
  }
  expect(new Set(found.map((alert) => alert.id)).size).toBe(7)
  expect(found).toHaveLength(7)
  expect(found.map((alert) => alert.changed_at)).toEqual(
    found
      .map((alert) => alert.changed_at)
      .sort()
      .reverse(),
  )
})

test('one key may not ask without end; others may meanwhile', async () => {
  const answers: Awaited<ReturnType<Stack['ask']>>[] = []
  for (let n = 0; n < 400 && !answers.some(({ status }) => status === 429); n += 25)
    answers.push(...(await Promise.all(Array.from({ length: 25 }, () => stack.ask('bali', '/v1/alerts?limit=1')))))
  const limited = answers.find(({ status }) => status === 429)
  expect(limited?.json).toMatchObject({ error: 'RATE_LIMITED' })
  expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await stack.ask('kpu', '/v1/alerts?limit=1')).status).toBe(200)
})
