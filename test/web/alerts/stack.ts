// What do tests of the API run? Everything that answers it: Kafka, ClickHouse, the engine with its holder, the board, the keys and the web server.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { createDesk } from '../../../cli/start/alert-desk.ts'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { createKafka } from '../../../runtime/kafka.ts'
import { createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { createKey, createRoomKey, openKeyRing } from '../../../runtime/keys.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { topicSettings } from '../../../runtime/topics.ts'
import type { Role } from '../../../schemas/account.ts'
import { Config } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { startAlertBoard } from '../../../sinks/alerts/board.ts'
import { createChannel } from '../../../sinks/alerts/channels/index.ts'
import { createDispatcher } from '../../../sinks/alerts/deliver/dispatcher.ts'
import { createEngine } from '../../../sinks/alerts/engine.ts'
import { createRenderer } from '../../../sinks/alerts/render.ts'
import { holdAlerts } from '../../../sinks/alerts/run.ts'
import { startAlertLogSink } from '../../../sinks/clickhouse/alert-log.ts'
import { findingMessage } from '../../../sinks/findings.ts'
import { type AccountRow, createAccounts } from '../../../web/accounts/accounts.ts'
import { createSessions } from '../../../web/accounts/sessions.ts'
import { openStore } from '../../../web/accounts/store.ts'
import { type AlertApiOptions, alertApi } from '../../../web/alerts/plugin.ts'
import { cookieName, installDoor } from '../../../web/door.ts'
import type { Viewer } from '../../../web/viewer.ts'
import { getServices, type TestServices } from '../../services.ts'

/** Noon of a quiet day before Pilkada 2024, in WIB. */
export const START = Date.parse('2024-11-25T05:00:00Z')

/** Rooms that see different things, and two people at the centre. */
export const people = {
  pusat: { room: 'pusat', label: 'Ani' },
  pusat2: { room: 'pusat', label: 'Budi' },
  jabar: { room: 'jabar', label: 'Citra' },
  bandung: { room: 'bandung', label: 'Dewi' },
  kpu: { room: 'kpu-jabar', label: 'Eko' },
  bali: { room: 'bali', label: 'Fajar' },
  gone: { room: 'ruang-lama', label: 'Gita' },
} as const
export type Person = keyof typeof people | 'source'

const { assets: _, ...parsed } = Config.parse({
  calendars: ['pilkada-2024'],
  rooms: [
    { id: 'pusat', region: '00', roster: [{ recipients: ['piket'] }] },
    { id: 'jabar', region: '32', owner: 'pemda' },
    { id: 'bandung', region: '32.73', owner: 'pemda', roster: [{ recipients: ['dewi'] }] },
    { id: 'kpu-jabar', region: '32', owner: 'kpu' },
    { id: 'bali', region: '51', owner: 'pemda' },
  ],
  rules: { disabled: ['rule-switched-off'] },
  alerts: {
    channels: [{ id: 'berkas', kind: 'file', path: 'messages.jsonl' }],
    recipients: [
      { id: 'piket', channel: 'berkas' },
      { id: 'dewi', channel: 'berkas' },
    ],
  },
})
export const config = { ...parsed, assets: [] }

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

/** Somebody who is logged in. */
export interface LoggedIn {
  readonly account: AccountRow
  readonly session: string
  /** As a browser has it. */
  readonly cookie: string
  readonly csrf: string
  /** Headers of a page that changes something. */
  readonly headers: Record<string, string>
}

export interface Stack {
  readonly url: string
  /** Makes an account of a room and logs it in. */
  logIn(role: Role, room: string, kind?: 'session' | 'wall'): LoggedIn
  logOut(session: string): void
  /** Text of a token of the API that stands for somebody who is logged in. */
  token(of: LoggedIn): string
  readonly keys: Readonly<Record<Person, string>>
  readonly dataDir: string
  readonly refused: string[]
  /** Who agreed to which policy. */
  readonly agreed: string[]
  readonly open: () => number
  send(...findings: Finding[]): Promise<void>
  ask(who: Person | '', path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  /** Takes the alerts over. */
  hold(): void
  /** Lets them go. */
  release(): Promise<void>
  stop(): Promise<void>
}

/** A name that no other run uses. */
const unique = (): string => randomBytes(5).toString('hex')

/** Starts one, behind the page's door as Siaga has it; nobody holds the alerts before `hold`. */
export async function startStack(
  options: Pick<AlertApiOptions, 'answerMs' | 'streams'> & Partial<Pick<AlertApiOptions, 'clickhouseOf'>> = {},
  services?: TestServices,
): Promise<Stack> {
  const name = unique()
  const { brokers, clickhouse: server } = services ?? (await getServices())
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-alert-api-'))
  const kafka = createKafka({ brokers, clientId: `alert-api-${name}`, log: silentLog })
  const admin = await kafka.connectAdmin()
  const producer = createBatchingProducer(kafka, silentLog)
  const own = (topic: string): string => `${topic}-${name}`
  const wanted: readonly string[] = [
    topics.alerts,
    topics.alertLog,
    topics.alertRequests,
    topics.findings,
    topics.deadLetters,
  ]
  const settings = topicSettings(config).filter(({ topic }) => wanted.includes(topic))
  await admin.ensureTopics(settings.map((one) => ({ ...one, topic: own(one.topic) })))
  const schema = createClickHouse({ url: server.url, ...server.users.admin })
  await migrate(schema)
  await schema.close()
  const clickhouse = createClickHouse({ url: server.url, ...server.users.pipeline })

  // The days before the vote, which go on as fast as ours.
  const shift = Date.now() - START
  const now = (): number => Date.now() - shift
  const reference = loadReference(config, '.')
  const board = startAlertBoard({
    kafka,
    admin,
    producer,
    log: silentLog,
    topic: own(topics.alerts),
    requestsTopic: own(topics.alertRequests),
  })
  const landing = startAlertLogSink({
    kafka,
    clickhouse,
    producer,
    log: silentLog,
    metrics: { done: () => undefined, retried: () => undefined, lag: () => undefined },
    topic: own(topics.alertLog),
    groupId: own('landing'),
  })
  const channels = new Map(
    config.alerts.channels.map((channel) => {
      const sender = createChannel(channel, { secret: () => '', dataDir, baseDir: dataDir, now })
      return [channel.id, { sender, settings: channel }] as const
    }),
  )
  let holding: { ended: AbortController; done: Promise<void> } | undefined
  const release = async (): Promise<void> => {
    holding?.ended.abort()
    await holding?.done
    holding = undefined
  }
  const hold = (): void => {
    const ended = new AbortController()
    const done = holdAlerts(
      {
        kafka,
        log: silentLog,
        now,
        tickMs: 100,
        engine: () =>
          createEngine({
            config,
            assets: config.assets,
            reference,
            shared: { address: () => false, domain: () => false, agent: () => false },
          }),
        dispatcher: (attempted) =>
          createDispatcher({
            channels,
            render: createRenderer(config, reference, () => new Map()),
            onAttempt: attempted,
            now,
            random: Math.random,
            log: silentLog,
            metrics: { attempted: () => undefined, waiting: () => undefined },
          }),
        onCounts: () => undefined,
        topics: {
          findings: own(topics.findings),
          requests: own(topics.alertRequests),
          state: own(topics.alerts),
          log: own(topics.alertLog),
        },
        names: { findings: own('findings'), requests: own('requests'), transactional: own('alerts') },
      },
      ended.signal,
    )
    holding = { ended, done }
  }

  const made = await Promise.all(
    Object.entries(people).map(async ([who, { room, label }]) => [
      who,
      (await createRoomKey(dataDir, room, label)).text,
    ]),
  )
  const keys: Record<string, string> = Object.fromEntries(made)
  const texts = {
    pusat: keys.pusat ?? '',
    pusat2: keys.pusat2 ?? '',
    jabar: keys.jabar ?? '',
    bandung: keys.bandung ?? '',
    kpu: keys.kpu ?? '',
    bali: keys.bali ?? '',
    gone: keys.gone ?? '',
    source: (await createKey(dataDir, 'web')).text,
  }
  const ring = await openKeyRing(dataDir, { pollMs: 50 })
  const refused: string[] = []
  const agreed: string[] = []
  let open = 0
  const app = fastify({ forceCloseConnections: true })
  const store = openStore(dataDir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const tokens = new Map<string, Viewer>()
  const plugin = alertApi({
    clickhouseOf: () => clickhouse,
    desk: createDesk({ board, clickhouse, config, reference, rules: () => new Map(), literals: () => ['1=1'] }),
    keys: ring,
    rooms: config.rooms,
    reference,
    log: silentLog,
    version: 'test',
    onRefused: (_peer, message) => refused.push(message),
    onAgreed: (_actor, message) => agreed.push(message),
    onStreams: (streams) => {
      open = streams
    },
    now,
    ...options,
  })
  await app.register(async (api) => {
    await installDoor(api, {
      ...{ sessions, rooms: config.rooms, log: silentLog, secure: false, now: Date.now },
      token: (text) => tokens.get(text),
      onRefused: (_viewer, _peer, message) => refused.push(message),
    })
    await api.register(plugin)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${address.port}`
  await board.ready

  return {
    url,
    logIn(role, room, kind = 'session') {
      const login = `${role}-${unique()}`
      const account = accounts.create({ login, name: `Nama ${login}`, role, room, language: 'id' })
      const { token } = sessions.begin(account.id, kind, { address: '127.0.0.1', agent: 'test' })
      const { id = '', csrf = '' } = sessions.find(token) ?? {}
      const cookie = `${cookieName(false)}=${token}`
      return { account, cookie, session: id, csrf, headers: { cookie, 'x-siaga-csrf': csrf } }
    },
    logOut: (session) => void sessions.end(session),
    token({ account }) {
      const room = config.rooms.find(({ id }) => id === account.room)
      if (room === undefined) throw new Error('no room')
      const text = `tok_${unique()}`
      tokens.set(text, { id: account.id, name: account.name, role: account.role, room, kind: 'token', session: text })
      return text
    },
    keys: texts,
    dataDir,
    refused,
    agreed,
    open: () => open,
    async send(...findings) {
      await producer.send(own(topics.findings), findings.map(findingMessage))
    },
    async ask(who, path, body, headers = {}) {
      const answer = await fetch(`${url}${path}`, {
        headers: {
          ...(who === '' ? {} : { authorization: `Bearer ${texts[who]}` }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
      return { status: answer.status, headers: answer.headers, json: await answer.json() }
    },
    hold,
    release,
    async stop() {
      ring.stop()
      await app.close()
      await release()
      await Promise.all([board.stop(), landing.stop()])
      await producer.close(500)
      await admin.disconnect()
      await clickhouse.close()
      store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

let made = 0

/** A finding about a matter of its own; high, of the kabupaten that a room is on duty for. */
export function finding(changed: Partial<Finding> = {}): Finding {
  made += 1
  const id = `${unique()}-${made}`
  return {
    finding_id: `f-${id}`,
    rule_id: 'web_sqli',
    title: 'SQL injection',
    severity: 'high',
    attack: ['T1190'],
    event_id: `e-${id}`,
    source_id: 'nginx',
    region_code: '32.73',
    owner: 'pemda',
    asset_id: `web-${id}`,
    entity: 'source_ip:203.0.113.9',
    evidence: [{ field: 'url_query', value: "id=1' OR 1=1" }],
    window_start: START - 60_000,
    window_end: START - 60_000,
    score: 80,
    dedup_key: `web_sqli|${id}`,
    factors: [
      { name: 'prior', points: -30, detail: '' },
      { name: 'rule:web_sqli', points: 44, detail: 'url_query' },
    ],
    ...changed,
  }
}
