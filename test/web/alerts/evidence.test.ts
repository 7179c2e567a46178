// Are raw lines and hours of an entity those that the room's own ClickHouse user reads, with what matched marked in them?
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { AlertPage } from '../../../schemas/alert-api.ts'
import { EntityTimeline, EvidencePage } from '../../../schemas/alert-page-api.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import { config, finding, type LoggedIn, START, type Stack, startStack } from './stack.ts'

const wait = { timeout: 60_000, interval: 50 }
const HOUR_MS = 3_600_000
const AT = START - 60_000
let own: OwnServices
let pipeline: ClickHouse
let stack: Stack
const stores = new Map<string, ClickHouse>()

beforeAll(async () => {
  own = await startOwnServices({ migrated: true, rooms: config.rooms })
  const { url, users } = own.clickhouse
  pipeline = createClickHouse({ url, ...users.pipeline })
  stack = await startStack(
    {
      clickhouseOf({ room }) {
        const username = roomUserName(room.id)
        const known = stores.get(room.id)
        const store =
          known ?? createClickHouse({ url, username, password: clickhousePassword(own.masterKey, username) })
        stores.set(room.id, store)
        return store
      },
    },
    own,
  )
  stack.hold()
  // Services of its own, whose ClickHouse has the rooms' users.
}, 300_000)
afterAll(async () => {
  await stack?.stop()
  await Promise.all(Array.from(stores.values(), (store) => store.close()))
  await pipeline?.close()
  await own?.stop()
})

let offset = 0

interface Row {
  readonly event_id: string
  readonly message: string
  readonly source_ip?: string
  readonly region_code?: string
  readonly owner?: string
  readonly at?: number
}

async function land(...rows: readonly Row[]): Promise<void> {
  for (const { event_id, message, source_ip = '', region_code = '32.73', owner = 'pemda', at = AT } of rows)
    await pipeline.command(
      `INSERT INTO siaga.events (timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, region_code, owner, source_ip, score, factors, fields, _stream, _partition, _offset)
       SELECT fromUnixTimestamp64Milli({at:Int64}), fromUnixTimestamp64Milli({at:Int64}), now64(3), now() + INTERVAL 1 YEAR, {event_id:String}, 'nginx', 'nginx.access', {message:String}, {region_code:String}, {owner:String},
         {source_ip:String}, 80, [('prior', -46, ''), ('rule:web_sqli', 60, 'url_query')], map('url.decoded', 'x'), 'test', 0, {offset:UInt64}`,
      { at, event_id, message, region_code, owner, source_ip, offset: offset++ },
    )
}

async function alertOf(who: LoggedIn, changed: Parameters<typeof finding>[0]): Promise<string> {
  const one = finding(changed)
  await stack.send(one)
  return vi.waitFor(async () => {
    const { json } = await stack.ask('', `/v1/alerts?asset=${one.asset_id}`, undefined, { cookie: who.cookie })
    const [alert] = AlertPage.parse(json).alerts
    if (alert === undefined) throw new Error('no alert yet')
    return alert.id
  }, wait)
}

const read = async (who: LoggedIn, path: string) => {
  const { status, json } = await stack.ask('', path, undefined, { cookie: who.cookie })
  expect(status, JSON.stringify(json)).toBe(200)
  return json
}

const line = `203.0.113.77 - - "GET /?id=1%27+OR+1%3D1<script>alert(1)</script> HTTP/1.1" 200 \u202e`

test('the raw line as it was received, with the text of the rule and the address marked, and all factors', async () => {
  const pusat = stack.logIn('pusat', 'pusat')
  await land({ event_id: 'raw-1', message: line, source_ip: '203.0.113.77' })
  const evidence = [{ field: 'url.decoded', value: "id=1' or 1=1<script>alert(1)" }]
  const id = await alertOf(pusat, { event_id: 'raw-1', entity: 'source_ip:203.0.113.77', evidence })
  const page = EvidencePage.parse(await read(pusat, `/v1/alerts/${id}/evidence`))
  expect(page).toMatchObject({ known: true, missing: 0 })
  const [event] = page.events
  expect(event).toMatchObject({
    id: 'raw-1',
    message: line,
    cut: false,
    source: 'nginx',
    at: new Date(AT).toISOString(),
  })
  expect(event?.marks.map(({ start, end, kind }) => [kind, line.slice(start, end)])).toEqual([
    ['observable', '203.0.113.77'],
    ['match', '1%3D1'],
  ])
  expect(event?.factors.map(({ name, points }) => [name, points])).toEqual([
    ['prior', -46],
    ['rule:web_sqli', 60],
  ])
  expect(event?.factors[0]?.words).toEqual({ id: 'sebelum ada bukti apa pun', en: 'before any evidence' })
  expect(event?.fields).toEqual(
    expect.arrayContaining([
      { field: 'source_ip', value: '203.0.113.77' },
      { field: 'url.decoded', value: 'x' },
    ]),
  )
})

test('an event that is not for the room is missing, though its alert is', async () => {
  const bandung = stack.logIn('daerah', 'bandung')
  const pusat = stack.logIn('pusat', 'pusat')
  await land({ event_id: 'foreign-1', message: 'rahasia kpu', owner: 'kpu' })
  const id = await alertOf(bandung, { event_id: 'foreign-1' })
  const path = `/v1/alerts/${id}/evidence`
  expect(await read(bandung, path)).toEqual({ known: true, events: [], missing: 1 })
  expect(EvidencePage.parse(await read(pusat, path)).events.map(({ message }) => message)).toEqual(['rahasia kpu'])
})

test('hours of an entity: every hour, what the room may see of it, findings by rule', async () => {
  const pusat = stack.logIn('pusat', 'pusat')
  const bandung = stack.logIn('daerah', 'bandung')
  const source_ip = '198.51.100.200'
  await land(
    { event_id: 'h-1', message: 'a', source_ip },
    { event_id: 'h-2', message: 'b', source_ip, at: AT - 2 * HOUR_MS },
    { event_id: 'h-3', message: 'c', source_ip, at: AT - 2 * HOUR_MS, region_code: '51' },
    { event_id: 'h-4', message: 'd', source_ip: '198.51.100.20' },
    { event_id: 'h-5', message: 'e', source_ip, at: AT - 30 * HOUR_MS },
  )
  const id = await alertOf(bandung, { entity: `source_ip:${source_ip}`, event_id: 'h-1' })
  await pipeline.command(
    `INSERT INTO siaga.findings_rows (finding_id, rule_id, title, severity, region_code, owner, entity, window_start, window_end, landed_at, score)
     SELECT 'f-1', 'web_sqli', 'SQL injection', 'high', '32.73', 'pemda', {entity:String}, fromUnixTimestamp64Milli({at:Int64}), fromUnixTimestamp64Milli({at:Int64}), now64(3), 80`,
    { entity: `source_ip:${source_ip}`, at: AT },
  )
  const hours = async (who: LoggedIn, span: number) => {
    const found = EntityTimeline.parse(await read(who, `/v1/alerts/${id}/timeline?hours=${span}`))
    expect(found.hours).toHaveLength(span)
    return found
  }
  const busy = ({ hours: all }: EntityTimeline) => all.filter(({ events }) => events > 0).map(({ events }) => events)
  const own = await hours(bandung, 24)
  expect(busy(own)).toEqual([1, 1])
  expect(busy(await hours(pusat, 24))).toEqual([2, 1])
  expect(busy(await hours(bandung, 48))).toEqual([1, 1, 1])
  expect(own.hours.at(-1)).toMatchObject({ events: 1, findings: 1, score: 80 })
  expect(own.findings).toMatchObject([{ rule: 'web_sqli', findings: 1, severity: 'high' }])
  expect(own).toMatchObject({ entity: `source_ip:${source_ip}`, events_known: true })
})

test('a name that would be a question of its own is asked for as a name', async () => {
  const pusat = stack.logIn('pusat', 'pusat')
  const id = await alertOf(pusat, { entity: `user:x' OR 1=1 --`, event_id: '' })
  expect(
    EntityTimeline.parse(await read(pusat, `/v1/alerts/${id}/timeline`)).hours.every(({ events }) => events === 0),
  ).toBe(true)
  expect(await read(pusat, `/v1/alerts/${id}/evidence`)).toEqual({ known: true, events: [], missing: 0 })
})
