import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { startRelp } from '../../../ingest/relp/relp.ts'
import { startSyslog } from '../../../ingest/syslog/syslog.ts'
import { ownCertificatePath } from '../../../ingest/syslog/tls.ts'
import { Config } from '../../../schemas/config.ts'
import { numberOf, type Rsyslog, startRsyslog, type Way, ways, whyNoRsyslog } from '../../integration/rsyslog-client.ts'
import { portOf, type TestDependencies, testDependencies, until } from './support.ts'

const LINES = 2_000
const missing = whyNoRsyslog()

let directory = ''
let running: Collector[] = []
let rsyslog: Rsyslog | undefined

afterEach(async () => {
  await rsyslog?.stop()
  await Promise.all(running.map((collector) => collector.stop()))
  running = []
  await rm(directory, { recursive: true, force: true })
})

async function ship(way: Way, dependencies: TestDependencies): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'siaga-collector-'))
  const config = Config.parse({ syslog: { port: 0, tls_port: 0 }, relp: { port: 0 } })
  running = [await startSyslog(config.syslog, dependencies, directory), await startRelp(config.relp, dependencies)]
  const addresses = running.flatMap((collector) => collector.addresses)
  const port = portOf(addresses, way === 'tcp-counted' ? 'tcp' : way)
  rsyslog = await startRsyslog({ way, port, lines: LINES, ca: ownCertificatePath(directory) })
}

describe.skipIf(missing !== undefined)(
  `a real rsyslog, Kafka away now and then${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test.each(ways)('%s', async (way) => {
      const dependencies = testDependencies([{ id: 'kpu', networks: ['127.0.0.1'] }])
      dependencies.writer.failing = true
      await ship(way, dependencies)
      await until(() => dependencies.writer.attempts >= 3, 20_000)
      dependencies.writer.failing = false
      await until(() => dependencies.counts.accepted >= LINES, 30_000)
      expect(dependencies.writer.texts.map(numberOf)).toEqual(Array.from({ length: LINES }, (_, number) => number))
      expect(dependencies.writer.events.every((event) => event.source === 'kpu')).toBe(true)
      expect(dependencies.writer.texts[0]).toMatch(
        /^<134>1 2024-11-27T08:00:00.000000\+07:00 kpu siaga-test - - - siaga-line-0-end/,
      )
      expect(rsyslog?.complaints()).toBe('')
    })
  },
)
