import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCollectors } from '../../../cli/start/collectors.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { createKafka } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { createMetrics } from '../../../runtime/metrics.ts'
import { createWebServer } from '../../../web/server.ts'
import { getServices, type TestServices } from '../../services.ts'

let services: TestServices
let folder = ''
beforeAll(async () => {
  services = await getServices()
  folder = mkdtempSync(join(tmpdir(), 'siaga-collectors-'))
  const yaml = { syslog: { port: 0, tls_port: 0 }, relp: { port: 0 }, sources: [{ id: 'berkas', files: ['a.log'] }] }
  writeFileSync(join(folder, 'siaga.yaml'), JSON.stringify({ data_dir: folder, ...yaml }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What runs beside HTTP with this environment, and how the HTTP collector answers somebody without a key. */
async function started(env: Record<string, string>): Promise<{ names: string[]; http: number }> {
  const { config, baseDir } = loadConfig({ file: join(folder, 'siaga.yaml'), env, cwd: folder })
  const metrics = createMetrics()
  const app = createWebServer({
    http: config.http,
    notReady: async () => [],
    metrics: async () => '',
    metricsContentType: 'text/plain',
    status: async () => ({}),
  })
  const kafka = createKafka({ brokers: services.brokers, clientId: 'test-collectors', log: silentLog })
  const { masterKey } = services
  const set = await startCollectors({ config, baseDir, kafka, masterKey, log: silentLog, metrics, app })
  try {
    const { statusCode } = await app.inject({ method: 'POST', url: '/v1/events/berkas', payload: 'x' })
    return { names: set.collectors.map(({ name }) => name).sort(), http: statusCode }
  } finally {
    await set.stop()
    await app.close()
  }
}

test('a process beside siaga ingest takes in HTTP alone: no port is listened on twice, no file is read twice', async () => {
  expect(await started({ SIAGA_COLLECTORS: '0' })).toEqual({ names: [], http: 401 })
  expect(await started({})).toEqual({ names: ['files', 'relp', 'syslog'], http: 401 })
})

test('the switch is 1 or 0', () => {
  const load = (value: string) =>
    loadConfig({ file: join(folder, 'siaga.yaml'), env: { SIAGA_COLLECTORS: value }, cwd: folder }).config.collectors
  expect([load('1'), load('0')]).toEqual([{ enabled: true }, { enabled: false }])
  expect(() => load('no')).toThrow('SIAGA_COLLECTORS must be true or false, not "no"')
})
