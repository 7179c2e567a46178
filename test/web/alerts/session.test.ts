// Is whoever is logged in let into the API of alerts with the room, role and name of the account, and nobody else? Behind the page's own door.
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { readEvents, type StreamEvent } from '../../../cli/alerts/watch.ts'
import { AlertDetail, type AlertItem, AlertPage } from '../../../schemas/alert-api.ts'
import { AlertCounts, BulkAnswer } from '../../../schemas/alert-page-api.ts'
import { finding, type LoggedIn, START, type Stack, startStack } from './stack.ts'

const wait = { timeout: 60_000, interval: 50 }
let stack: Stack
let pusat: LoggedIn
let bandung: LoggedIn
let bali: LoggedIn
let analis: LoggedIn

beforeAll(async () => {
  stack = await startStack({ streams: { beatMs: 50 } })
  stack.hold()
  pusat = stack.logIn('pusat', 'pusat')
  bandung = stack.logIn('daerah', 'bandung')
  bali = stack.logIn('daerah', 'bali')
  analis = stack.logIn('analis', 'pusat')
})
afterAll(async () => {
  await stack?.stop()
})

const get = (who: Pick<LoggedIn, 'cookie'>, path: string) => stack.ask('', path, undefined, { cookie: who.cookie })
const post = (who: LoggedIn, path: string, body: object = {}, headers: Record<string, string> = {}) =>
  stack.ask('', path, body, { ...who.headers, ...headers })

async function listed(who: Pick<LoggedIn, 'cookie'>, query: string): Promise<AlertItem[]> {
  const { status, json } = await get(who, `/v1/alerts?${query}`)
  expect(status, JSON.stringify(json)).toBe(200)
  return AlertPage.parse(json).alerts
}

async function alertOf(changed: Parameters<typeof finding>[0] = {}): Promise<AlertItem> {
  const one = finding(changed)
  await stack.send(one)
  return vi.waitFor(async () => {
    const [alert] = await listed(pusat, `asset=${one.asset_id}`)
    if (alert === undefined) throw new Error('no alert yet')
    return alert
  }, wait)
}

async function detail(who: Pick<LoggedIn, 'cookie'>, id: string): Promise<AlertDetail> {
  const { status, json } = await get(who, `/v1/alerts/${id}`)
  expect(status).toBe(200)
  return AlertDetail.parse(json)
}

test('a session sees its own room, and its name stands under what it does', async () => {
  const { id, asset } = await alertOf()
  expect((await listed(bandung, `asset=${asset}`)).map((alert) => alert.id)).toEqual([id])
  expect(await listed(bali, `asset=${asset}`)).toEqual([])
  expect((await get(bali, `/v1/alerts/${id}`)).status).toBe(404)
  for (const path of ['evidence', 'timeline'])
    expect((await get(bali, `/v1/alerts/${id}/${path}`)).status, path).toBe(404)
  expect(await post(bali, `/v1/alerts/${id}/acknowledge`)).toMatchObject({ status: 404 })

  expect((await post(bandung, `/v1/alerts/${id}/acknowledge`)).status).toBe(200)
  const shown = await detail(pusat, id)
  expect(shown.acknowledged_by).toBe(bandung.account.name)
  expect(shown.actions[0]).toMatchObject({ actor: bandung.account.name, room: 'bandung', verb: 'acknowledge' })
})

test('without the token of its page a session changes nothing', async () => {
  const { id } = await alertOf()
  for (const headers of [{ cookie: bandung.cookie }, { cookie: bandung.cookie, 'x-siaga-csrf': bali.csrf }])
    for (const [path, body] of [
      [`/v1/alerts/${id}/acknowledge`, {}],
      ['/v1/alerts/bulk', { verb: 'acknowledge', ids: [id] }],
      ['/v1/suppressions', {}],
    ] as const)
      expect(await stack.ask('', path, body, headers)).toMatchObject({ status: 403, json: { error: 'CSRF' } })
  expect((await detail(pusat, id)).status).toBe('open')
  expect(stack.refused.join()).toContain('without the token of its page')
})

test('roles: analis reads and does nothing, petugas and a screen on the wall have no part in it', async () => {
  const { id } = await alertOf()
  const shown = await detail(analis, id)
  expect(shown.verbs).toEqual([])
  expect((await detail(bandung, id)).verbs).toContain('acknowledge')
  const changes = [
    [`/v1/alerts/${id}/acknowledge`, {}],
    ['/v1/alerts/bulk', { verb: 'acknowledge', ids: [id] }],
    ['/v1/suppressions', {}],
    ['/v1/alert-policy/approve', { id: 'x' }],
    [`/v1/alerts/${id}/notice`, {}],
  ] as const
  for (const [path, body] of changes)
    expect(await post(analis, path, body), path).toMatchObject({ status: 403, json: { error: 'FORBIDDEN' } })
  const reads = ['', '/counts', '/held', '/stream', `/${id}`, `/${id}/evidence`, `/${id}/timeline`]
  const paths = [...reads.map((path) => `/v1/alerts${path}`), '/v1/suppressions', '/v1/notices', '/v1/alert-policy']
  for (const who of [stack.logIn('petugas', 'bandung'), stack.logIn('pusat', 'pusat', 'wall')]) {
    for (const path of paths)
      expect(await get(who, path), path).toMatchObject({ status: 403, json: { error: 'FORBIDDEN' } })
    for (const [path, body] of changes) expect((await post(who, path, body)).status, path).toBe(403)
  }
  expect((await detail(pusat, id)).actions).toEqual([])
})

test('a token of an account does what its role does, without a header of a page; a wrong one nothing', async () => {
  const { id, asset } = await alertOf()
  const headers = { authorization: `Bearer ${stack.token(bandung)}` }
  expect(AlertPage.parse((await stack.ask('', `/v1/alerts?asset=${asset}`, undefined, headers)).json).total).toBe(1)
  expect((await stack.ask('', `/v1/alerts/${id}/acknowledge`, {}, headers)).status).toBe(200)
  const reader = { authorization: `Bearer ${stack.token(analis)}` }
  expect((await stack.ask('', `/v1/alerts/${id}/start`, {}, reader)).status).toBe(403)
  const wrong = { authorization: 'Bearer tok_none', cookie: bandung.cookie, 'x-siaga-csrf': bandung.csrf }
  expect(await stack.ask('', `/v1/alerts/${id}`, undefined, wrong)).toMatchObject({ status: 401 })
  expect(await get({ cookie: 'siaga=none' }, `/v1/alerts/${id}`)).toMatchObject({ status: 401 })
})

test('several at once: each answered by itself, and a repeat does nothing more', async () => {
  const [one, two, foreign] = await Promise.all([alertOf(), alertOf(), alertOf({ region_code: '51' })])
  expect((await post(bandung, `/v1/alerts/${two.id}/resolve`, { reason: 'sudah' })).status).toBe(200)
  const ids = [one.id, two.id, foreign.id, 'A-NONE', one.id]
  const bulk = async (key: string, verb = 'acknowledge', reason = '') => {
    const answer = await post(bandung, '/v1/alerts/bulk', { verb, ids, reason }, { 'idempotency-key': key })
    expect(answer.status).toBe(200)
    return BulkAnswer.parse(answer.json).answers.map(({ id, outcome, refusal }) => [id, outcome, refusal?.error])
  }
  const done = [
    [one.id, 'done', undefined],
    [two.id, 'refused', 'ALERT_STATUS'],
    [foreign.id, 'refused', 'ALERT_UNKNOWN'],
    ['A-NONE', 'refused', 'ALERT_UNKNOWN'],
  ]
  expect(await bulk('k')).toEqual(done)
  expect(await bulk('k')).toEqual(done)
  expect((await detail(pusat, one.id)).actions.map(({ verb }) => verb)).toEqual(['acknowledge'])
  expect((await detail(pusat, foreign.id)).actions).toEqual([])
  // The same key for another verb is another request.
  expect((await bulk('k', 'comment', 'lihat'))[0]).toEqual([one.id, 'done', undefined])
  expect((await bulk('k2'))[0]).toEqual([one.id, 'done', undefined])
  expect((await detail(pusat, one.id)).actions.map(({ verb }) => verb)).toEqual([
    'acknowledge',
    'comment',
    'acknowledge',
  ])
  const many = Array.from({ length: 101 }, (_, n) => `A-${n}`)
  expect(await post(bandung, '/v1/alerts/bulk', { verb: 'acknowledge', ids: many })).toMatchObject({ status: 400 })
})

test('orders, deadlines, counts: what is asked for, of what the room sees', async () => {
  const entity = `user:${Math.random().toString(36).slice(2)}`
  const made = [
    await alertOf({ entity, severity: 'medium', score: 95 }),
    await alertOf({ entity, severity: 'critical', score: 95 }),
    await alertOf({ entity, severity: 'high', score: 97, rule_id: 'web_rce', title: 'RCE' }),
    await alertOf({ entity, severity: 'high', score: 90, region_code: '51' }),
  ]
  const [medium, critical, high] = made.map(({ id }) => id)
  const order = async (sort: string) => (await listed(bandung, `entity=${entity}&sort=${sort}`)).map(({ id }) => id)
  expect(await order('score')).toEqual([high, critical, medium])
  expect(await order('opened')).toEqual([high, critical, medium])
  expect(await order('deadline')).toEqual([critical, high, medium])
  // Minutes of the shipped settings after it was opened.
  const minutes = (alert: AlertItem | undefined) =>
    (Date.parse(alert?.deadline ?? '') - Date.parse(alert?.opened_at ?? '')) / 60_000
  const shown = await listed(bandung, `entity=${entity}&sort=deadline`)
  expect(shown.map(minutes)).toEqual([...shown.map(minutes)].sort((a, b) => a - b))
  expect(shown.every((alert) => alert.unacknowledged && minutes(alert) > 0)).toBe(true)

  const paged: string[] = []
  for (let before = ''; ; ) {
    const { json } = await get(bandung, `/v1/alerts?entity=${entity}&sort=deadline&limit=1${before}`)
    const page = AlertPage.parse(json)
    paged.push(...page.alerts.map(({ id }) => id))
    if (page.next === undefined) break
    before = `&before=${page.next}`
  }
  expect(paged).toEqual([critical, high, medium])

  expect((await post(bandung, `/v1/alerts/${critical}/acknowledge`)).status).toBe(200)
  expect(await order('deadline')).toEqual([high, medium, critical])
  expect((await detail(bandung, critical ?? '')).deadline).toBeUndefined()
  const count = async (who: LoggedIn, query: string) =>
    AlertCounts.parse((await get(who, `/v1/alerts/counts?entity=${entity}${query}`)).json)
  expect(await count(bandung, '')).toMatchObject({
    total: 3,
    severity: { critical: 1, high: 1, medium: 1, low: 0, informational: 0 },
    unacknowledged: 2,
    overdue: 0,
  })
  expect(await count(pusat, '')).toMatchObject({ total: 4 })
  expect(await count(bandung, '&rule=web_rce')).toMatchObject({ total: 1 })
  expect(await count(bandung, '&older_hours=1')).toMatchObject({ total: 0 })
  expect(await count(bandung, '&newer_hours=1')).toMatchObject({ total: 3 })
  expect(await count(bandung, '&overdue=true')).toMatchObject({ total: 0 })
  expect(await count(bandung, '&assignee=')).toMatchObject({ total: 3 })
  const { regions, rules } = await count(bandung, '')
  expect(regions.map(({ code }) => code)).not.toContain('51')
  expect(rules.map(({ id }) => id)).toContain('web_rce')
})

async function view(who: Pick<LoggedIn, 'cookie'>, query = '') {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const answer = await fetch(`${stack.url}/v1/alerts/stream${query}`, {
    headers: { cookie: who.cookie },
    signal: leaving.signal,
  })
  if (answer.body === null || answer.status !== 200) throw new Error(`HTTP ${answer.status}`)
  const { body } = answer
  const events: StreamEvent[] = []
  const ended = (async () => {
    for await (const event of readEvents(body)) if (event.data !== '') events.push(event)
  })().catch(() => undefined)
  return { events, ended }
}

test('live: its own room by the cookie, what fits apart from the rest, until the session ends', async () => {
  const who = stack.logIn('daerah', 'bandung')
  const [all, severe] = await Promise.all([view(who), view(who, '?severity=critical')])
  const [here, there] = await Promise.all([alertOf(), alertOf({ region_code: '51' })])
  const worse = await alertOf({ severity: 'critical', score: 96 })
  await vi.waitFor(() => {
    expect(all.events.map(({ event, data }) => `${event} ${JSON.parse(data).id}`)).toEqual(
      expect.arrayContaining([`alert ${here.id}`, `alert ${worse.id}`]),
    )
    expect(severe.events.map(({ event, data }) => `${event} ${JSON.parse(data).id}`)).toEqual(
      expect.arrayContaining([`other ${here.id}`, `alert ${worse.id}`]),
    )
  }, wait)
  expect(JSON.stringify([all.events, severe.events])).not.toContain(there.id)

  const one = await view(who, `?id=${here.id}`)
  await post(bandung, `/v1/alerts/${worse.id}/comment`, { reason: 'bukan ini' })
  await post(bandung, `/v1/alerts/${here.id}/comment`, { reason: 'ini' })
  await vi.waitFor(() => expect(one.events).not.toEqual([]), wait)
  expect(new Set(one.events.map(({ data }) => JSON.parse(data).id))).toEqual(new Set([here.id]))

  stack.logOut(who.session)
  await Promise.all([all.ended, severe.ended, one.ended])
  expect((await get(who, '/v1/alerts')).status).toBe(401)
})

test('two persons: what a suppression waits for, and who may agree, as each is told', async () => {
  const body = {
    owner: 'tim web',
    reason: 'uji beban',
    until: new Date(START + 4 * 3_600_000).toISOString(),
    match: { assets: [`web-${Math.random()}`] },
    max_severity: 'high',
  }
  const made = await post(bandung, '/v1/suppressions', body)
  expect(made).toMatchObject({ status: 201, json: { waits: true, verbs: ['end'], made_by: bandung.account.name } })
  const { id } = made.json as { id: string }
  const asSeen = async (who: LoggedIn) =>
    ((await get(who, '/v1/suppressions')).json as { suppressions: { id: string }[] }).suppressions.find(
      (one) => one.id === id,
    )
  expect(await asSeen(analis)).toMatchObject({ waits: true, verbs: [] })
  expect(await asSeen(bali)).toBeUndefined()
  expect(await asSeen(pusat)).toMatchObject({ verbs: ['approve', 'end'] })
  expect(await post(pusat, `/v1/suppressions/${id}/approve`)).toMatchObject({
    status: 200,
    json: { waits: false, approved_by: pusat.account.name, verbs: ['end'] },
  })
})
