// What do tests of the pages of sources, rules and assets run? The door, the routes as the command line wires them, real Kafka and ClickHouse with rooms.
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { sourcePages } from '../../../cli/start/page-sources.ts'
import { roomStore } from '../../../cli/start/room-store.ts'
import { loadConfiguredRules, SHIPPED_RULES } from '../../../cli/worker/rules.ts'
import { roomUsers } from '../../../deploy/clickhouse/rooms.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../../runtime/config.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../../runtime/kafka.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import type { Role } from '../../../schemas/account.ts'
import { builtInSources, Config } from '../../../schemas/config.ts'
import { keepReference } from '../../../sinks/clickhouse/reference.ts'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { createSessions } from '../../../web/accounts/sessions.ts'
import { openStore } from '../../../web/accounts/store.ts'
import { installDoor } from '../../../web/door.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

export const people = {
  pusat: { role: 'pusat', room: 'pusat' },
  jabar: { role: 'daerah', room: 'jabar' },
  bali: { role: 'daerah', room: 'bali' },
  analis: { role: 'analis', room: 'jabar' },
} as const satisfies Readonly<Record<string, { role: Role; room: string }>>
export type Person = keyof typeof people

const { assets, ...parsed } = Config.parse({
  rooms: [
    { id: 'pusat', region: '00' },
    { id: 'jabar', name: 'Ruang Jabar', region: '32', owner: 'pemda' },
    { id: 'bali', region: '51', owner: 'pemda' },
  ],
  sources: [
    {
      id: 'web-jabar',
      format: 'nginx',
      region: '32',
      owner: 'pemda',
      asset: 'situs-jabar',
      networks: ['10.32.0.0/16'],
    },
    { id: 'baru-bandung', region: '32.73', owner: 'pemda' },
    { id: 'tls-bandung', region: '32.73', owner: 'pemda', certificates: ['web.bandung.example'] },
    { id: 'kpu-jabar', region: '32', owner: 'kpu' },
    { id: 'web-bali', format: 'nginx', region: '51', owner: 'pemda' },
    // Named like a topic of Siaga: letters that are no events carry the name of their topic.
    { id: 'siaga.findings', region: '32', owner: 'pemda' },
  ],
  assets: [
    {
      id: 'situs-jabar',
      name: 'Situs Jabar',
      criticality: 'critical',
      region: '32',
      owner: 'pemda',
      url: 'https://jabar.example/',
    },
    { id: 'situs-kpu', region: '32', owner: 'kpu' },
    { id: 'situs-bali', region: '51', owner: 'pemda' },
  ],
  rules: { shipped: false, folders: ['rules'] },
})

export interface PageStack {
  readonly config: ResolvedConfig
  readonly services: OwnServices
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin | undefined
  /** Sees and writes every row. */
  readonly clickhouse: ClickHouse
  readonly audited: { action: string; user?: string; message: string }[]
  /** As the ClickHouse user of that person's room. */
  storeOf(who: Person): ClickHouse
  ask(who: Person | '', path: string, body?: object): Promise<{ status: number; json: unknown; text: string }>
  /** Rows of events, in columns by name. */
  land(rows: readonly object[]): Promise<void>
  stop(): Promise<void>
}

/** @param rules names of shipped rules, such as `web/cms_probe`, which are the ones in force */
export async function startPageStack(options: { kafka: boolean; rules?: readonly string[] }): Promise<PageStack> {
  const services = await startOwnServices({ kafka: options.kafka, migrated: true, rooms: parsed.rooms })
  const { dataDir, masterKey } = services
  const port = Number(new URL(services.clickhouse.url).port)
  const config: ResolvedConfig = {
    ...parsed,
    sources: [...parsed.sources, ...builtInSources],
    assets: Array.isArray(assets) ? assets : [],
    data_dir: dataDir,
    clickhouse: { ...parsed.clickhouse, embedded_port: port },
  }
  await mkdir(join(dataDir, 'rules'), { recursive: true })
  for (const name of options.rules ?? [])
    for (const ending of ['.yml', '.cases.yml'])
      await cp(join(SHIPPED_RULES, `${name}${ending}`), join(dataDir, 'rules', `${name.replace('/', '_')}${ending}`))
  const clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  const reference = loadReference(config, dataDir)
  await keepReference(clickhouse, { reference, assets: config.assets, rooms: roomUsers(config.rooms) })
  const kafka = createKafka({ brokers: services.brokers, clientId: 'page', log: silentLog })
  const admin = options.kafka ? await kafka.connectAdmin() : undefined
  await admin?.ensureTopics(topicSettings(config))
  const pipeline = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })

  const storeOf = roomStore({ config, env: {}, masterKey })
  const stores = new Map(config.rooms.map((room) => [room.id, createClickHouse(storeOf(room))]))
  const store = openStore(dataDir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const tokens = new Map<string, string>()
  for (const [login, { role, room }] of Object.entries(people)) {
    const { id } = accounts.create({ login, name: login, role, room, language: 'id' })
    tokens.set(login, sessions.begin(id, 'session', { address: '', agent: '' }).token)
  }
  const audited: PageStack['audited'] = []
  const app = fastify()
  const of = (room: string): ClickHouse => {
    const found = stores.get(room)
    if (found === undefined) throw new Error(`no room ${room}`)
    return found
  }
  await app.register(async (api) => {
    await installDoor(api, {
      sessions,
      rooms: config.rooms,
      log: silentLog,
      secure: false,
      now: Date.now,
      onRefused: () => undefined,
    })
    sourcePages(
      api,
      {
        clickhouseOf: ({ room }) => of(room.id),
        clickhouse: pipeline,
        config,
        rooms: config.rooms,
        reference,
        log: silentLog,
        now: Date.now,
      },
      {
        config,
        env: {},
        masterKey,
        baseDir: dataDir,
        kafka,
        admin: admin ?? {
          offsets: () => Promise.reject(new Error('there is no Kafka here')),
          ensureTopics: () => Promise.resolve([]),
          committed: () => Promise.resolve([]),
          members: () => Promise.resolve(0),
          setCommitted: () => Promise.resolve(),
          forgetGroup: () => Promise.resolve(),
          clusterId: () => Promise.resolve(''),
          describe: () => Promise.reject(new Error('there is no Kafka here')),
          alterTopics: () => Promise.resolve(),
          deleteTopic: () => Promise.resolve(),
          deleteRecords: () => Promise.resolve(),
          disconnect: () => Promise.resolve(),
        },
        rules: {
          current: loadConfiguredRules(config, dataDir),
          onChange: () => () => undefined,
          stop: () => undefined,
        },
        audit: Object.assign((entry: { action: string; user?: string; message: string }) => void audited.push(entry), {
          stop: () => Promise.resolve(),
        }),
      },
    )
  })
  let offset = 0
  return {
    config,
    services,
    kafka,
    admin,
    clickhouse,
    audited,
    storeOf: (who) => of(people[who].room),
    async ask(who, path, body) {
      const token = tokens.get(who) ?? ''
      const response = await app.inject({
        method: body === undefined ? 'GET' : 'POST',
        url: path,
        cookies: { siaga: token },
        headers: { 'x-siaga-csrf': sessions.find(token)?.csrf ?? '' },
        ...(body === undefined ? {} : { payload: body }),
      })
      return { status: response.statusCode, json: response.json(), text: response.body }
    },
    async land(rows) {
      const now = new Date().toISOString()
      const later = new Date(Date.now() + 30 * 86_400_000).toISOString()
      const lines = rows.map((row) =>
        JSON.stringify({
          timestamp: now,
          received_at: now,
          ingested_at: now,
          retain_until: later,
          event_id: `e${offset}`,
          _stream: 's',
          _partition: 0,
          _offset: offset++,
          ...row,
        }),
      )
      await clickhouse.insert({
        statement: "INSERT INTO siaga.events SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow",
        body: [Buffer.from(lines.join('\n'))],
        queryId: `land-${offset}-${Date.now()}`,
        settings: {},
        timeoutMs: 30_000,
      })
    },
    async stop() {
      await app.close()
      await admin?.disconnect()
      await Promise.all([clickhouse.close(), pipeline.close(), ...Array.from(stores.values(), (one) => one.close())])
      store.close()
      await services.stop()
    },
  }
}
