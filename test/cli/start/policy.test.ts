// Does a rule that is switched off in the tense days go on detecting until two persons have agreed? The kept policy in a real Kafka, lines through the workers' pipeline.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configInForce } from '../../../cli/start/policy.ts'
import { emptyCounts } from '../../../cli/worker/counts.ts'
import { createProcessor, type Page } from '../../../cli/worker/processor.ts'
import { detectionContent, loadConfiguredRules } from '../../../cli/worker/rules.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { createLog, silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import { encodeEnvelope, RAW_HEADER, topics } from '../../../schemas/raw-event.ts'
import { type ApprovedPolicy, approvePolicy, guardOf, wantPolicy } from '../../../sinks/alerts/policy/in-force.ts'
import { policyOf } from '../../../sinks/alerts/policy/policy.ts'
import { getServices } from '../../services.ts'
import { budi, siti } from '../../sinks/alerts/policy/made.ts'

/** SQL injection: UNION SELECT in a request, level high. */
const rule = '801832ab-f0f1-427c-823f-5a5118c96ca8'
let folder: string
let kafka: KafkaClient
let admin: KafkaAdmin
let producer: BatchingProducer
let settings: ReturnType<typeof topicSettings>[number] | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-policy-'))
  const { brokers } = await getServices()
  kafka = createKafka({ brokers, clientId: 'policy-test', log: silentLog })
  admin = await kafka.connectAdmin()
  producer = createBatchingProducer(kafka, silentLog)
})
afterAll(async () => {
  await producer?.close()
  await admin?.disconnect()
  await rm(folder, { recursive: true, force: true })
})

/** siaga.yaml that switches the rule off, in a phase that is today. */
async function configured(phase: string) {
  const today = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
  await writeFile(
    join(folder, 'hari-ini.yaml'),
    `election: hari-ini\nname: Hari ini\nregions: all\nphases: [{phase: ${phase}, from: ${today}, to: ${today}}]\n`,
  )
  const rules = `sources: [{id: web, format: nginx, region: "32.73"}]\ncalendars: [hari-ini.yaml]\nrules: {disabled: [${rule}]}\n`
  await writeFile(join(folder, 'siaga.yaml'), rules)
  const { config, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: folder }, cwd: folder })
  return { config, baseDir, reference: loadReference(config, baseDir) }
}

async function topicWith(record: ApprovedPolicy | undefined): Promise<string> {
  const { config } = loadConfig({ env: { SIAGA_DATA_DIR: folder }, cwd: folder })
  settings ??= topicSettings(config).find((one) => one.topic === topics.alerts)
  if (settings === undefined) throw new Error('no settings')
  const topic = `alerts-policy-${randomBytes(5).toString('hex')}`
  await admin.ensureTopics([{ ...settings, topic }])
  if (record !== undefined)
    await producer.send(topic, [{ key: 'policy', value: Buffer.from(JSON.stringify(record)), headers: {} }])
  return topic
}

/** Severities of what the workers would say of an attack, and what the person who starts Siaga is shown. */
async function started(phase: string, record?: ApprovedPolicy): Promise<{ found: string[]; said: string[] }> {
  const { config, baseDir, reference } = await configured(phase)
  const said: string[] = []
  const topic = await topicWith(record)
  const inForce = await configInForce({
    config,
    reference,
    kafka,
    log: silentLog,
    say: (line) => said.push(line),
    topic,
  })
  const detection = detectionContent(loadConfiguredRules(inForce, baseDir))
  const { process: take } = createProcessor({
    config: inForce,
    baseDir,
    cacheDir: `${folder}/cache`,
    detection,
    log: createLog('silent'),
  })
  const page: Page = {
    writer: { stream: 's', append: () => undefined, accept: () => undefined },
    deadLetters: [],
    findings: [],
    counts: emptyCounts(),
  }
  const header = encodeEnvelope({
    source: 'web',
    format: '',
    receivedAt: Date.now(),
    peer: '',
    id: 'e',
    hash: '',
    marks: '',
  })
  const value = Buffer.from(
    '203.0.113.7 - - [27/Nov/2024:10:00:00 +0700] "GET /berita?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--%20- HTTP/1.1" 200 512 "-" "curl/8.5.0"',
  )
  take(
    { value, key: null, headers: {}, offset: 0, header: (name) => (name === RAW_HEADER ? header : undefined) },
    0,
    page,
  )
  const ids = page.findings.map((finding) => String(finding.headers?.id))
  return { found: ids.filter((id) => id.endsWith(rule)), said }
}

test('outside of the phases it is off at once', async () => {
  expect(await started('kampanye')).toEqual({ found: [], said: [] })
})

test('inside them it goes on detecting, and whoever starts Siaga is told how to agree', async () => {
  const { found, said } = await started('pemungutan')
  expect(found.length).toBe(1)
  expect(said).toEqual([expect.stringMatching(/two persons.*disabled: .*siaga alerts approve [0-9a-f]{16}/)])
})

test('inside them detectors go on too, whatever the configuration says of them', async () => {
  const { config, reference } = await configured('pemungutan')
  const { silence, web_flood } = config.alerts
  const off: typeof config = {
    ...config,
    correlations: { ...config.correlations, enabled: false },
    alerts: { ...config.alerts, silence: { ...silence, enabled: false }, web_flood: { ...web_flood, enabled: false } },
  }
  const said: string[] = []
  const parts = { kafka, log: silentLog, say: (line: string) => said.push(line), topic: await topicWith(undefined) }
  const tense = await configInForce({ ...parts, config: off, reference })
  expect([tense.correlations, tense.alerts.silence, tense.alerts.web_flood].map(({ enabled }) => enabled)).toEqual([
    ...[true, true, true],
  ])
  expect(said).toEqual([expect.stringContaining('off: correlations; off: silence')])
  const calm = await configInForce({ ...parts, config: off, reference: { phases: new Map() } })
  expect([calm.correlations, calm.alerts.silence, calm.alerts.web_flood].map(({ enabled }) => enabled)).toEqual([
    ...[false, false, false],
  ])
})

test('when one has agreed it still does; when two have, one of them at the centre, it is off', async () => {
  const { config, reference } = await configured('pemungutan')
  const waits = wantPolicy(undefined, policyOf(config), guardOf(reference, Date.now()), 1)
  const id = waits.waiting?.id ?? ''
  const one = approvePolicy(waits, id, siti)
  if (one.kind !== 'waits') throw new Error(one.kind)
  expect((await started('pemungutan', one.record)).found.length).toBe(1)
  const two = approvePolicy(one.record, id, budi)
  if (two.kind !== 'in_force') throw new Error(two.kind)
  expect(await started('pemungutan', two.record)).toEqual({ found: [], said: [] })
})
