// What is there for the walk through all routes to see? Every part as the command line wires it, and the same things in three places: the room's own region, one beneath it, a foreign one.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { vi } from 'vitest'
import { serveAlerts, startAlertWork } from '../../cli/start/alerts.ts'
import { storesOf } from '../../cli/start/page.ts'
import { registerParts } from '../../cli/start/page-parts.ts'
import { keepRules } from '../../cli/worker/rules.ts'
import { roomUsers } from '../../deploy/clickhouse/rooms.ts'
import { createReportDesk } from '../../ingest/report/filing.ts'
import { createReportStore } from '../../ingest/report/store.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { watchQuery } from '../../runtime/clickhouse-watched.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { createKey } from '../../runtime/keys.ts'
import { silentLog } from '../../runtime/log.ts'
import { createMetrics } from '../../runtime/metrics.ts'
import { makeReceipt } from '../../runtime/receipt.ts'
import { loadReference } from '../../runtime/reference.ts'
import { topicSettings } from '../../runtime/topics.ts'
import type { Actor, AlertRequest } from '../../schemas/alert.ts'
import { Asset, builtInSources, Config } from '../../schemas/config.ts'
import type { Finding } from '../../schemas/detection.ts'
import { noticeIdOf } from '../../schemas/notice.ts'
import { topics } from '../../schemas/raw-event.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { findingMessage } from '../../sinks/findings.ts'
import type { AlertDesk } from '../../web/alerts/desk.ts'
import type { WatchingDependencies } from '../../web/parts.ts'
import { fakeDependencies } from '../ingest/http/fakes.ts'
import { startOwnServices } from '../services.ts'
import { rooms } from './accounts/stack.ts'
import { regionOf, type Where } from './calls/call.ts'
import { bury, DAY, land, places } from './world-rows.ts'

/** What there is in one place. */
interface Place {
  readonly alert: string
  readonly case: string
  readonly notice: string
  readonly suppression: string
  /** Where its event stands. */
  readonly event: { timestamp: string; stream: string; partition: number; offset: string }
  readonly receipt: string
}

export interface World {
  readonly of: Readonly<Record<Where, Place>>
  /** The rule that the event of a place matched. */
  readonly ruleOf: Readonly<Record<Where, string>>
  /** Day of a daily report. */
  readonly day: string
  /** A dead letter of that place which nobody has sent again. */
  letter(where: Where): string
  /** Makes a key of a source; answers its id. */
  key(source: string): Promise<string>
  register(api: FastifyInstance): Promise<void>
  stop(): Promise<void>
}

let world: World | undefined

/** The one that runs. Throws if none does. */
export function theWorld(): World {
  if (world === undefined) throw new Error('no world was started')
  return world
}

const wait = { timeout: 60_000, interval: 100 }
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const each = <T>(make: (where: Where) => T): Record<Where, T> => ({
  own: make('own'),
  child: make('child'),
  foreign: make('foreign'),
})

/** Starts one, of which there is one at a time. */
export async function startWorld(): Promise<World> {
  const services = await startOwnServices({ migrated: true, rooms })
  const { dataDir, masterKey } = services
  const { url, users } = services.clickhouse
  const config = configOf(dataDir, Number(new URL(url).port))
  const admin = createClickHouse({ url, ...users.admin })
  const reference = loadReference({ calendars: [] }, '.')
  await keepReference(admin, { reference, assets: config.assets, rooms: roomUsers(config.rooms) })
  const kafka = createKafka({ brokers: services.brokers, clientId: 'walk', log: silentLog })
  const kafkaAdmin = await kafka.connectAdmin()
  await kafkaAdmin.ensureTopics(topicSettings(config, config.sources))
  const clickhouse = createClickHouse({ url, ...users.pipeline })
  const stores = storesOf({ config, env: {}, masterKey })
  const rules = keepRules(config, dataDir, silentLog)
  const [own = '', child = '', foreign = ''] = rules.current.rules.map(({ id }) => id)
  const ruleOf = { own, child, foreign }
  const metrics = createMetrics()
  const log = silentLog
  const { deps } = fakeDependencies()
  const audit = Object.assign(() => undefined, { stop: async () => undefined })
  const limits = { send_timeout_seconds: 5 }
  const store = createReportStore(dataDir, Date.now)
  const reports = createReportDesk({ deps, config, reference, limits, store, now: Date.now })
  const producer = createBatchingProducer(kafka, silentLog)
  const common = { config, baseDir: dataDir, env: {}, kafka, admin: kafkaAdmin, rules }
  const alerts = startAlertWork({ ...common, clickhouse, reference, metrics, log, healthy: async () => [] })

  const day = dayOf(Date.now() - DAY)
  const receipts = each((where) => makeReceipt('NIL', regionOf[where], Buffer.alloc(10, where)))
  const at = new Date().toISOString().replace('T', ' ').slice(0, 23)
  await land(admin, { at, day, receipts, ruleOf })
  await bury(producer)
  const made = await alertsOf(alerts.desk, producer)
  const of = each(
    (where): Place => ({
      ...made[where],
      receipt: receipts[where],
      event: { timestamp: at, stream: 'walk', partition: 0, offset: String(places.indexOf(where)) },
    }),
  )
  const served: { stop(): void }[] = []
  const sent = each(() => 0)
  const dependencies: WatchingDependencies = {
    ...{ clickhouse, config, rooms, reference, log, now: Date.now },
    clickhouseOf: stores.of,
    watchOf: (viewer) => (query, watched) => watchQuery(stores.optionsOf(viewer), query, watched),
  }
  world = {
    of,
    ruleOf,
    day,
    letter: (where) => `surat-${where}-${++sent[where]}`,
    key: async (source) => (await createKey(dataDir, source, 'x')).key.id,
    register: (api) =>
      registerParts(api, dependencies, {
        ...{ ...common, masterKey, audit, reports },
        async serveAlerts(door, parts) {
          served.push(await serveAlerts(door, alerts.desk, parts, { config, reference, log, metrics, audit }))
        },
      }),
    async stop() {
      world = undefined
      for (const one of served) one.stop()
      await alerts.stop()
      rules.stop()
      await producer.close(500)
      await kafkaAdmin.disconnect()
      await stores.close()
      await Promise.all([admin.close(), clickhouse.close()])
      await services.stop()
    },
  }
  return world
}

function configOf(dataDir: string, port: number): ResolvedConfig {
  const { assets: _, ...parsed } = Config.parse({
    data_dir: dataDir,
    clickhouse: { embedded_port: port },
    rooms,
    sources: places.map((where) => ({ id: `sumber-${where}`, region: regionOf[where], owner: 'pemda' })),
    alerts: { channels: [{ id: 'berkas', kind: 'file', path: 'pesan.jsonl' }], public_url: 'https://siaga.example' },
  })
  const assets = places.map((where) =>
    Asset.parse({
      id: `aset-${where}`,
      criticality: 'high',
      region: regionOf[where],
      owner: 'pemda',
      contacts: [{ name: 'Pemilik', channel: 'berkas' }],
    }),
  )
  return { ...parsed, sources: [...parsed.sources, ...builtInSources], assets }
}

const centre: Actor = { name: 'Ani', room: 'pusat', region: '00', from: '', key: 'ani' }
const actorOf: Readonly<Record<Where, Actor>> = {
  own: { name: 'Citra', room: 'jabar', region: '32', from: '', key: 'citra' },
  // A room does not see what a room beneath it holds back, but what the centre does.
  child: centre,
  foreign: { name: 'Fajar', room: 'bali', region: '51', from: '', key: 'fajar' },
}

/** An alert with its case, a notice and a suppression of each place, made by who holds the alerts. */
async function alertsOf(
  desk: AlertDesk,
  producer: BatchingProducer,
): Promise<Record<Where, Pick<Place, 'alert' | 'case' | 'notice' | 'suppression'>>> {
  await desk.ready
  // Two of the same person are one case.
  await producer.send(
    topics.findings,
    places.flatMap((where) => [findingMessage(finding(where, 1)), findingMessage(finding(where, 2))]),
  )
  const alertOf = (where: Where) =>
    [...desk.alerts()].find((one) => one.entity === `user:orang-${where}` && one.asset_id === `aset-${where}`)
  await vi.waitFor(() => {
    for (const where of places) if ((alertOf(where)?.case_id ?? '') === '') throw new Error(`no case of ${where}`)
  }, wait)
  const made = each(() => ({ alert: '', case: '', notice: '', suppression: '' }))
  for (const where of places) {
    const { alert_id = '', case_id = '' } = alertOf(where) ?? {}
    const request_id = randomUUID()
    const notice_id = noticeIdOf(request_id)
    const about = { at: Date.now(), actor: centre }
    await ask({
      ...about,
      kind: 'notice',
      what: 'make',
      request_id,
      alert_id,
      notice_id,
      text: '',
      token_hash: '',
      fixed_at: 0,
    })
    const suppression_id = `S-${where}`
    const actor = actorOf[where]
    const suppression = {
      ...({
        suppression_id,
        kind: 'suppression',
        owner: 'Budi',
        reason: 'coba',
        from: Date.now(),
        findings: 0,
      } as const),
      ...({ until: Date.now() + DAY / 24, room: actor.room, region: actor.region, max_severity: 'medium' } as const),
      match: { rules: [], assets: ['tidak-ada'], entities: [], regions: [], sources: [] },
      ...{ made_at: Date.now(), made_by: actor, version: 0 },
    }
    await ask({ kind: 'suppress', request_id: randomUUID(), at: Date.now(), actor, suppression })
    made[where] = { alert: alert_id, case: case_id, notice: notice_id, suppression: suppression_id }
  }
  await vi.waitFor(() => {
    for (const where of places) {
      if (desk.notice(made[where].notice) === undefined) throw new Error(`no notice of ${where}`)
      if (desk.suppression(made[where].suppression) === undefined) throw new Error(`no suppression of ${where}`)
    }
  }, wait)
  return made

  async function ask(request: AlertRequest): Promise<void> {
    const answer = await desk.ask(request, 30_000)
    if (answer?.ok !== true) throw new Error(`${request.kind}: ${answer?.code} ${answer?.message}`)
  }
}

function finding(where: Where, n: number): Finding {
  const id = `${where}-${n}`
  const at = Date.now()
  return {
    finding_id: `f-${id}`,
    rule_id: 'web_sqli',
    title: 'SQL injection',
    severity: 'high',
    attack: ['T1190'],
    event_id: `kejadian-${where}`,
    source_id: `sumber-${where}`,
    region_code: regionOf[where],
    owner: 'pemda',
    asset_id: n === 1 ? `aset-${where}` : '',
    entity: `user:orang-${where}`,
    evidence: [{ field: 'message', value: 'rahasia' }],
    window_start: at,
    window_end: at,
    score: 80,
    dedup_key: `web_sqli|${id}`,
    factors: [{ name: 'rule:web_sqli', points: 44, detail: '' }],
  }
}
