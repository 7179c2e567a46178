// Do findings land, and is a new indicator found in the events of before, by `siaga start` alone? Stopped and started again, once each.
import { afterAll, expect, test } from 'vitest'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { createIndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { indicator } from '../processors/detect/indicators/table.ts'
import { type Home, makeHome, type Siaga, startSiaga } from './siaga.ts'

let home: Home | undefined
let siaga: Siaga | undefined
afterAll(async () => {
  await siaga?.stop()
  await home?.remove()
})

const wait = { timeout: 60_000, interval: 300 }

test('from a line to a finding, and from a feed to a finding in history', async () => {
  home = await makeHome("intelligence:\n  history_when: '*/2 * * * * *'\n")
  siaga = await startSiaga({ home })
  const line = (path: string) =>
    `198.51.100.7 - - [27/Nov/2024:10:00:00 +0700] "GET ${path} HTTP/1.1" 200 12 "-" "curl/8.0"`
  const paths = ['/', '/index.php?id=1%27%20UNION%20SELECT%201,2,3--%20-', '/../../../../etc/passwd']
  expect((await siaga.post(paths.map(line).join('\n'))).status).toBe(202)
  await siaga.landed(3)
  const findings = (where: string) => siaga?.value(`SELECT count() FROM findings WHERE ${where}`).then(Number)
  await expect.poll(() => findings("entity = 'source_ip:198.51.100.7'"), wait).toBeGreaterThan(0)
  await expect.poll(() => siaga?.metric('siaga_findings_lag'), wait).toBe(0)

  const access = clickhouseCredentials(loadMasterKey(home.dataDir), 'pipeline')
  const clickhouse = createClickHouse({ url: `http://127.0.0.1:${home.ports.clickhouse}`, ...access })
  const store = createIndicatorStore(clickhouse)
  // Fetched long enough ago that every processor has it.
  await store.replace('umpan', [indicator('ip', '198.51.100.7', { threat: 'Judol' })], Date.now() - 300_000)
  await expect.poll(() => findings("rule_id = 'siaga.indicator.history'"), wait).toBe(1)
  const [told] = await siaga.sql(
    "SELECT title, severity, entity FROM findings WHERE rule_id = 'siaga.indicator.history'",
  )
  expect(told).toEqual({
    title: 'Ditemukan di riwayat / Found in history: Judol (198.51.100.7)',
    severity: 'high',
    entity: 'source_ip:198.51.100.7',
  })
  await clickhouse.close()
  // Correlations look by the clock: they may say more after the restart, but nothing twice.
  const ids = async () => (await siaga?.sql('SELECT rule_id, entity, event_id, finding_id FROM findings')) ?? []
  const before = (await ids()).map(({ finding_id }) => finding_id)
  await siaga.stop()
  siaga = await startSiaga({ home })
  // A second hunt would be over by now.
  await expect.poll(() => siaga?.metric('siaga_findings_lag'), wait).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  const after = await ids()
  expect(after.map(({ finding_id }) => finding_id)).toEqual(expect.arrayContaining(before))
  const about = after.map(({ rule_id, entity, event_id }) => `${rule_id} ${entity} ${event_id}`)
  expect(about.length, about.join('\n')).toBe(new Set(about).size)
  expect(about.filter((one) => one.startsWith('siaga.indicator.history')).length).toBe(1)
}, 240_000)
