// Does each room see its assets with the figures of its own rows? On real ClickHouse with rooms.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AssetDetail, AssetsAnswer } from '../../../schemas/assets-api.ts'
import { type PageStack, type Person, startPageStack } from '../sources/stack.ts'

/** ClickHouse and its schema on a busy machine. */
const START_MS = 300_000
let stack: PageStack
const probed = (asset: string, region: string, change: object) => ({
  source_id: 'siaga-probe',
  dataset: 'siaga.probe',
  asset_id: asset,
  region_code: region,
  owner: 'pemda',
  event_action: 'page_probe',
  event_outcome: 'success',
  ...change,
})

beforeAll(async () => {
  stack = await startPageStack({ kafka: false })
  const login = { source_id: 'web-jabar', region_code: '32', owner: 'pemda', asset_id: 'situs-jabar', dataset: 'sshd' }
  await stack.land([
    { ...login, event_outcome: 'failure', score: 60 },
    { ...login, event_outcome: 'success' },
    // Of another owner, about the same asset: not the room's to count.
    { ...login, owner: 'kpu', event_outcome: 'failure', score: 90 },
    probed('situs-jabar', '32', { timestamp: new Date(Date.now() - 60_000).toISOString(), http_status_code: 200 }),
    probed('situs-jabar', '32', {
      event_outcome: 'failure',
      fields: { 'siaga.probe.failure': 'timeout' },
    }),
    probed('situs-bali', '51', { http_status_code: 200, fields: { 'siaga.probe.changed': 'title' } }),
  ])
  await stack.clickhouse.command(
    `INSERT INTO siaga.alerts_rows (alert_id, status, rule_id, title, severity, score, region_code, owner, asset_id, opened_at, changed_at, last_seen, version) VALUES
     ('a1', 'open', 'r', 'one', 'high', 80, '32', 'pemda', 'situs-jabar', now64(3), now64(3), now64(3), 1),
     ('a2', 'resolved', 'r', 'two', 'high', 80, '32', 'pemda', 'situs-jabar', now64(3), now64(3), now64(3), 1),
     ('a3', 'open', 'r', 'three', 'high', 80, '32', 'kpu', 'situs-jabar', now64(3), now64(3), now64(3), 1)`,
  )
}, START_MS)
afterAll(async () => {
  await stack?.stop()
})

async function assetsOf(who: Person, query = ''): Promise<AssetsAnswer> {
  const { status, json } = await stack.ask(who, `/api/assets${query}`)
  expect(status).toBe(200)
  return AssetsAnswer.parse(json)
}

test('assets by region and owner, with the figures of the viewer’s own rows', async () => {
  const { assets } = await assetsOf('jabar')
  expect(assets).toMatchObject([
    {
      id: 'situs-jabar',
      region_name: 'Jawa Barat',
      criticality: 'critical',
      failures_24h: 2,
      open_alerts: 1,
      open_severe: 1,
      probe: { kind: 'page', ok: false, failure: 'timeout' },
    },
  ])
  expect((await assetsOf('bali')).assets).toMatchObject([
    { id: 'situs-bali', probe: { ok: true, status: 200, changed: 'title' } },
  ])
  const centre = (await assetsOf('pusat')).assets
  expect(centre.map(({ id }) => id)).toEqual(['situs-jabar', 'situs-bali', 'situs-kpu'])
  const [own, all] = [assets[0]?.risk ?? 0, centre[0]?.risk ?? 0]
  expect(own).toBeGreaterThan(0)
  expect(all).toBeGreaterThan(own)
  expect((await assetsOf('pusat', '?criticality=critical')).matching).toBe(1)
  expect((await assetsOf('pusat', '?q=bali&sort=name')).matching).toBe(1)
})

test('one asset in full, and none of others', async () => {
  const { status, json } = await stack.ask('jabar', '/api/assets/by-id/situs-jabar')
  expect(status).toBe(200)
  const detail = AssetDetail.parse(json)
  expect(detail.alerts.map(({ id }) => id)).toEqual(['a1'])
  expect(detail.sources).toEqual([{ id: 'web-jabar', name: '' }])
  expect(detail.hours).toHaveLength(24)
  expect(detail.hours.reduce((sum, { events }) => sum + events, 0)).toBe(4)
  for (const id of ['situs-bali', 'situs-kpu', 'none'])
    expect((await stack.ask('jabar', `/api/assets/by-id/${id}`)).status).toBe(404)
  expect((await stack.ask('analis', '/api/assets')).status).toBe(403)
})
