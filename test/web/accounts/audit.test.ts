import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { storesOf } from '../../../cli/start/page.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { AuditPage } from '../../../schemas/accounts-api.ts'
import { Config } from '../../../schemas/config.ts'
import { AUDIT_SOURCE } from '../../../schemas/raw-event.ts'
import { auditRoutes } from '../../../web/audit/plugin.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import { type Browser, rooms, type Stack, startStack } from './stack.ts'

const START = Date.parse('2026-11-20T05:00:00Z')
let services: OwnServices
let stack: Stack
let admin: Browser
let close: () => Promise<void>

beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const schema = createClickHouse({ url, ...users.admin })
  const { assets: _, ...parsed } = Config.parse({
    data_dir: services.dataDir,
    clickhouse: { embedded_port: Number(new URL(url).port) },
    rooms,
  })
  const stores = storesOf({ config: { ...parsed, assets: [] }, env: {}, masterKey: services.masterKey })
  stack = await startStack({ parts: (api) => auditRoutes(api, { clickhouseOf: stores.of }) })
  await stack.user('admin', 'admin')
  await stack.user('citra', 'daerah')
  admin = stack.browser()
  await admin.login('admin')
  close = async () => {
    await stack.stop()
    await stores.close()
    await schema.close()
    await services.stop()
  }
  // 250 entries a second apart, three of them at the same moment, and events of others that are not the trail.
  const entry = (n: number, user: string, action: string, outcome: string, source = AUDIT_SOURCE): string =>
    `(fromUnixTimestamp64Milli(toInt64(${START + n * 1000}), 'UTC'), now64(3), '00', '${source}', 'e${String(n).padStart(4, '0')}${user}', '${user}', '${action}', '${outcome}', '198.51.100.7', 'pesan ${n}')`
  await schema.command(
    `INSERT INTO siaga.events (timestamp, ingested_at, region_code, source_id, event_id, user_name, event_action, event_outcome, source_ip, message) VALUES ${[
      ...Array.from({ length: 250 }, (_, n) =>
        entry(
          n,
          n % 2 === 0 ? 'admin' : 'citra',
          n % 50 === 0 ? 'account_created' : 'login',
          n % 5 === 0 ? 'failure' : 'success',
        ),
      ),
      entry(99, 'x', 'login', 'success'),
      entry(99, 'y', 'login', 'success'),
      entry(10, 'asing', 'login', 'success', 'web-kpu'),
    ].join(', ')}`,
  )
})
afterAll(() => close())

const ask = async (values: Record<string, string> = {}, browser = admin) => {
  const query = new URLSearchParams({ from: '2026-11-20T04:00:00Z', to: '2026-11-21T00:00:00+07:00', ...values })
  return browser.ask('GET', `/api/audit?${query}`)
}
const page = async (values: Record<string, string> = {}): Promise<AuditPage> =>
  AuditPage.parse((await ask(values)).json)

describe('the audit trail', () => {
  test('is read newest first, page by page, each entry once', async () => {
    const ids: string[] = []
    let after: string | null = ''
    let pages = 0
    while (after !== null) {
      const { rows, next }: AuditPage = await page(after === '' ? {} : { after })
      ids.push(...rows.map(({ id }) => id))
      after = next
      pages += 1
    }
    expect(pages).toBe(3)
    expect(ids).toHaveLength(252)
    expect(new Set(ids).size).toBe(252)
    expect(ids[0]).toBe('e0249citra')
    expect(ids.some((id) => id.includes('asing'))).toBe(false)
  })

  test('is filtered by person, action, outcome and time, all of them together', async () => {
    expect((await page({ person: 'CITR' })).rows.every(({ person }) => person === 'citra')).toBe(true)
    expect((await page({ action: 'account_created' })).rows).toHaveLength(5)
    expect((await page({ action: 'account_created', person: 'citra' })).rows).toHaveLength(0)
    const failed = await page({ outcome: 'failure', from: '2026-11-20T05:00:00Z', to: '2026-11-20T05:00:20Z' })
    expect(failed.rows.map(({ text }) => text)).toEqual(['pesan 20', 'pesan 15', 'pesan 10', 'pesan 5', 'pesan 0'])
  })

  test('takes texts for texts, and refuses what is no time and no place in it', async () => {
    for (const person of ["' OR 1=1 --", '{x:String}', '\\', '%', '🙂'])
      expect((await page({ person })).rows).toEqual([])
    for (const values of [{ from: 'kemarin' }, { after: "1'--" }, { kind: 'lain' }, { from: '2026-11-22T00:00:00Z' }])
      expect((await ask(values)).status, JSON.stringify(values)).toBe(400)
  })

  test('is for administrators alone', async () => {
    const citra = stack.browser()
    await citra.login('citra')
    expect((await ask({}, citra)).status).toBe(403)
  })
})

test('what was asked of the store is there too, without its values', async () => {
  await page({ person: 'nama-yang-dicari' })
  const schema = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await schema.command('SYSTEM FLUSH LOGS query_log')
  await schema.rows(z.unknown(), 'SELECT 1')
  await schema.close()
  const now = Date.now()
  const { rows } = await page({
    kind: 'queries',
    from: new Date(now - 3_600_000).toISOString(),
    to: new Date(now + 60_000).toISOString(),
  })
  expect(rows.length).toBeGreaterThan(0)
  expect(rows[0]).toMatchObject({
    person: 'siaga_room_pusat',
    outcome: 'success',
    action: expect.stringContaining('siaga.events'),
  })
  expect(JSON.stringify(rows)).not.toContain('nama-yang-dicari')
})
