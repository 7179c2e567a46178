// Are rules shown with what they found for the viewer's room, and does a back-test of the page find what the rows hold? On real ClickHouse with rooms.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BacktestJob, RuleDetail, RuleEvents, RulesAnswer } from '../../../schemas/rules-api.ts'
import { type PageStack, type Person, startPageStack } from '../sources/stack.ts'

const wait = { timeout: 50_000, interval: 200 }
/** Kafka, ClickHouse and its schema on a busy machine. */
const START_MS = 300_000
const CMS = '8ca9b7ca-2811-47be-b535-faaa8e7c3750'
let stack: PageStack

const probe = (region: string, owner: string, ip: string, path = '/wp-login.php') => ({
  source_id: 'web',
  dataset: 'nginx.access',
  region_code: region,
  owner,
  source_ip: ip,
  event_category: 'web',
  http_method: 'GET',
  http_status_code: 404,
  url_original: path,
  url_path: path,
  message: `GET ${path} <script>alert(1)</script>`,
})

beforeAll(async () => {
  stack = await startPageStack({ kafka: false, rules: ['web/cms_probe'] })
  await stack.land([
    { ...probe('32', 'pemda', '203.0.113.1'), rule_ids: [CMS] },
    { ...probe('32', 'pemda', '203.0.113.2'), rule_ids: [CMS] },
    probe('32', 'pemda', '203.0.113.3', '/index.html'),
    probe('32', 'kpu', '203.0.113.4'),
    probe('51', 'pemda', '203.0.113.5'),
  ])
  const finding = (id: string, region: string, owner: string) =>
    `('${id}', '${CMS}', 't', 'low', [], 'e', 'web', '${region}', '${owner}', '', '', [], now64(3), now64(3), 10, 'd', now64(3))`
  await stack.clickhouse.command(
    `INSERT INTO siaga.findings_rows VALUES ${[
      finding('f1', '32', 'pemda'),
      finding('f2', '32', 'kpu'),
      finding('f3', '51', 'pemda'),
    ].join(', ')}`,
  )
  const alert = (id: string, status: string, region: string) =>
    `('${id}', '${status}', '${CMS}', '${region}', 'pemda', now64(3), now64(3), [('${CMS}', 't', 'low', 10, 1)], 1)`
  await stack.clickhouse.command(
    `INSERT INTO siaga.alerts_rows (alert_id, status, rule_id, region_code, owner, opened_at, changed_at, rules, version) VALUES ${[
      alert('a1', 'false_positive', '32'),
      alert('a2', 'resolved', '32'),
      alert('a3', 'open', '32'),
      alert('a4', 'false_positive', '51'),
    ].join(', ')}`,
  )
}, START_MS)
afterAll(async () => {
  await stack?.stop()
})

async function rulesOf(who: Person): Promise<RulesAnswer> {
  const { status, json } = await stack.ask(who, '/api/rules')
  expect(status).toBe(200)
  return RulesAnswer.parse(json)
}

async function backtest(who: Person, body: object): Promise<BacktestJob> {
  const begun = await stack.ask(who, `/api/rules/by-id/${CMS}/backtests`, body)
  expect(begun.status).toBe(200)
  const { id } = BacktestJob.parse(begun.json)
  return vi.waitFor(async () => {
    const job = BacktestJob.parse((await stack.ask(who, `/api/rules/backtests/${id}`)).json)
    expect(['done', 'failed']).toContain(job.state)
    return job
  }, wait)
}

const day = () => ({ from: Date.now() - 3_600_000, to: Date.now() + 60_000 })

test('each sees what a rule found in its own rows, and how often people called it false', async () => {
  expect((await rulesOf('analis')).rules).toMatchObject([
    {
      id: CMS,
      level: 'low',
      attack: ['T1595.003'],
      logsource: 'category=webserver',
      own: true,
      quiet: true,
      date: '2026-11-21',
      findings: { day: 1, week: 1, month: 1 },
      closed: 2,
      false_positives: 1,
    },
  ])
  expect((await rulesOf('pusat')).rules).toMatchObject([{ findings: { month: 3 }, closed: 3, false_positives: 2 }])
  expect((await stack.ask('jabar', '/api/rules')).status).toBe(403)
})

test('whoever sees findings is told what their rules are called, and nothing of rules that nobody has', async () => {
  const { status, json } = await stack.ask('jabar', `/api/rules/titles?id=${CMS}&id=none`)
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      [CMS]: {
        title: 'WordPress or Joomla parts asked for that are not there',
        judul: expect.stringMatching(/WordPress/),
      },
    },
  })
  expect((await stack.ask('jabar', `/api/rules/titles?id=${CMS}`)).json).toEqual(json)
  expect((await stack.ask('jabar', '/api/rules/titles')).status).toBe(400)
})

test('a rule is shown with its text, its cases, what it looks for in both languages, and the events that it matched', async () => {
  const { status, json } = await stack.ask('analis', `/api/rules/by-id/${CMS}`)
  expect(status).toBe(200)
  const detail = RuleDetail.parse(json)
  expect(detail.text).toContain(`id: ${CMS}`)
  expect(detail.file).toBe('web_cms_probe.yml')
  expect(new Set(detail.cases.map(({ kind }) => kind))).toEqual(new Set(['hit', 'miss']))
  expect(detail.looks_for.id.length).toBeGreaterThan(1)
  expect(detail.looks_for.en.length).toBe(detail.looks_for.id.length)
  expect(detail.regions).toEqual([{ region: '32', name: 'Jawa Barat', findings: 1 }])
  const events = RuleEvents.parse((await stack.ask('analis', `/api/rules/by-id/${CMS}/events`)).json)
  expect(events).toEqual({ day: 2, week: 2, month: 2 })
  expect((await stack.ask('analis', '/api/rules/by-id/none')).status).toBe(404)
})

test('a back-test reads the rows of the room alone, counts by day and region, and measures what the rule costs', async () => {
  const own = await backtest('analis', day())
  expect(own).toMatchObject({ state: 'done', problem: '', result: { complete: true, events: 3, read: 3, matches: 2 } })
  expect(own.result?.days).toMatchObject([{ region: '32', matches: 2, addresses: 2 }])
  expect(own.result?.samples.map(({ line }) => line)).toEqual([
    'GET /wp-login.php <script>alert(1)</script>',
    'GET /wp-login.php <script>alert(1)</script>',
  ])
  expect(own.result?.cost_us).toBeGreaterThan(0)
  const centre = await backtest('pusat', { ...day(), region: '51' })
  expect(centre.result).toMatchObject({ events: 1, matches: 1 })
  const { json } = await stack.ask('analis', `/api/rules/by-id/${CMS}`)
  expect(RuleDetail.parse(json).cost_us).toBeGreaterThan(0)
})

test('a back-test is bounded, and is its own viewer’s', async () => {
  const path = `/api/rules/by-id/${CMS}/backtests`
  const now = Date.now()
  expect((await stack.ask('analis', path, { from: now - 40 * 86_400_000, to: now })).status).toBe(400)
  expect((await stack.ask('analis', path, { from: now, to: now })).status).toBe(400)
  expect((await stack.ask('analis', path, { ...day(), region: '51' })).status).toBe(400)
  expect((await stack.ask('analis', '/api/rules/by-id/none/backtests', day())).status).toBe(404)
  const { id } = await backtest('analis', day())
  expect((await stack.ask('pusat', `/api/rules/backtests/${id}`)).status).toBe(404)
  expect((await stack.ask('pusat', `/api/rules/backtests/${id}/stop`, {})).status).toBe(404)
})
