// Where do tests get Kafka and ClickHouse from? From here only: yours, containers, or the embedded ones.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { migrate } from '../deploy/clickhouse/migrate.ts'
import type { RoomScope } from '../deploy/clickhouse/rooms.ts'
import { clickhouseCredentials } from '../deploy/clickhouse/users.ts'
import { usersXml } from '../deploy/clickhouse/users-xml.ts'
import { type EmbeddedServices, startEmbedded } from '../deploy/embedded/index.ts'
import { createClickHouse } from '../runtime/clickhouse.ts'
import { pickFreePorts } from '../runtime/ports.ts'
import { loadMasterKey } from '../runtime/secrets.ts'
import { copyTemplate } from './template.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface TestServices {
  readonly brokers: string[]
  readonly clickhouse: {
    /** Without credentials. */
    readonly url: string
    readonly users: Record<'admin' | 'pipeline' | 'reader', Credentials>
  }
  readonly masterKey: Buffer
  /** A folder for the tests' own files; for embedded services their data directory. */
  readonly dataDir: string
}

/** Services of one test alone, which it may kill: `embedded.kafka.kill('SIGKILL')`. */
export interface OwnServices extends TestServices {
  readonly embedded: EmbeddedServices
  /** Stops them and removes their data. */
  stop(): Promise<void>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the socket on which test/global-setup.ts hands out the run's services. */
    servicesSocket: string
  }
}

let shared: Promise<TestServices> | undefined

/**
 * The services all tests of a run share; started when the first test asks. Use names of your own (topics, databases,
 * source ids) and leave the services themselves alone: to kill one, take {@link startOwnServices}.
 */
export function getServices(): Promise<TestServices> {
  shared ??= askGlobalSetup()
  return shared
}

async function askGlobalSetup(): Promise<TestServices> {
  const { inject } = await import('vitest')
  const answer: unknown = JSON.parse(await text(connect(inject('servicesSocket'))))
  return decodeServices(answer)
}

export interface OwnServicesOptions {
  /** A directory of the caller's, which stays; a new one that goes with the services unless told. */
  readonly dataDir?: string
  /** False: ClickHouse alone, which is up in half a second; `brokers` is empty then. */
  readonly kafka?: boolean
  /** True: with all tables, as after `migrate`. For a new directory: in one that was used before they are there. */
  readonly migrated?: boolean
  /** Operation Rooms that get a ClickHouse user. */
  readonly rooms?: readonly RoomScope[]
  /** Folder of the embedded ClickHouse's second disk. */
  readonly coldDir?: string
  readonly onProgress?: Parameters<typeof startEmbedded>[0]['onProgress']
}

/** Starts embedded Kafka and ClickHouse for the caller alone, on free ports. */
export async function startOwnServices(options: OwnServicesOptions = {}): Promise<OwnServices> {
  const withKafka = options.kafka ?? true
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'siaga-test-')))
  const copied = await copyTemplate(dataDir, [
    ...(options.migrated ? (['clickhouse'] as const) : []),
    ...(withKafka && options.dataDir === undefined ? (['kafka'] as const) : []),
  ])
  const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
  const embedded = await startEmbedded({
    dataDir,
    kafka: withKafka ? { port: kafkaPort } : undefined,
    clickhouse: { httpPort, tcpPort, rooms: options.rooms, coldDir: options.coldDir },
    onProgress: options.onProgress,
  })
  const masterKey = loadMasterKey(dataDir)
  const url = `http://127.0.0.1:${httpPort}`
  if (options.migrated && !copied) {
    const admin = createClickHouse({ url, ...clickhouseCredentials(masterKey, 'admin') })
    await migrate(admin).finally(() => admin.close())
  }
  return {
    brokers: withKafka ? [`127.0.0.1:${kafkaPort}`] : [],
    clickhouse: { url, users: siagaUsers(masterKey) },
    masterKey,
    dataDir,
    embedded,
    async stop() {
      await embedded.stop()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Services for a whole run, chosen by the environment. For test/global-setup.ts and the benchmark. */
export async function startServices(
  env: NodeJS.ProcessEnv = process.env,
): Promise<TestServices & { stop(): Promise<void> }> {
  if (env.KAFKA_BROKERS && env.CLICKHOUSE_URL) return givenServices(env.KAFKA_BROKERS, env.CLICKHOUSE_URL)
  if (env.KAFKA_BROKERS || env.CLICKHOUSE_URL) {
    throw new Error('Set both KAFKA_BROKERS and CLICKHOUSE_URL (with credentials) to test against your own services.')
  }
  if (env.SIAGA_TEST_SERVICES === 'containers') return startContainers()
  return startOwnServices()
}

async function givenServices(brokers: string, clickhouseUrl: string) {
  const url = new URL(clickhouseUrl)
  const login = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-test-'))
  return {
    brokers: brokers.split(',').map((broker) => broker.trim()),
    clickhouse: { url: url.origin, users: { admin: login, pipeline: login, reader: login } },
    masterKey: loadMasterKey(dataDir),
    dataDir,
    stop: () => rm(dataDir, { recursive: true, force: true }),
  }
}

async function startContainers() {
  // Its own clearing up is an image that would have to be pulled; ours: test/containers/engine.ts.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'
  const { findEngine, findServiceImages, labels, sweep } = await import('./containers/engine.ts')
  const { clickhouseContainer, kafkaContainer } = await import('./containers/parts.ts')
  const found = await findEngine()
  if ('missing' in found) throw new Error(found.missing)
  const { engine } = found
  await sweep(engine, false)
  const images = await findServiceImages(engine)
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-test-'))
  const masterKey = loadMasterKey(dataDir)
  const { host } = engine.info.containerRuntime
  // A broker must know the address its clients use before it starts, so its port is chosen here.
  const [kafkaPort = 0, clickhousePort = 0] = await pickFreePorts(2)
  const stop = async (): Promise<void> => {
    await sweep(engine, true)
    await rm(dataDir, { recursive: true, force: true })
  }
  const users = join(dataDir, 'users.xml')
  await writeFile(users, usersXml(masterKey, { networks: ['::/0'] }), { mode: 0o644 })
  const clickhouse = clickhouseContainer(images.clickhouse, clickhousePort)
    .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: '1' })
    .withBindMounts([{ source: users, target: '/etc/clickhouse-server/users.d/siaga.xml', mode: 'ro' }])
  try {
    const both = [kafkaContainer(images.kafka, host, kafkaPort), clickhouse]
    await Promise.all(both.map((container) => container.withLabels(labels).start()))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    brokers: [`${host}:${kafkaPort}`],
    clickhouse: { url: `http://${host}:${clickhousePort}`, users: siagaUsers(masterKey) },
    masterKey,
    dataDir,
    stop,
  }
}

function siagaUsers(masterKey: Buffer): TestServices['clickhouse']['users'] {
  return {
    admin: clickhouseCredentials(masterKey, 'admin'),
    pipeline: clickhouseCredentials(masterKey, 'pipeline'),
    reader: clickhouseCredentials(masterKey, 'reader'),
  }
}

/** What travels over the socket of the global setup: the services as JSON, or why they did not start. */
export function encodeServices({ brokers, clickhouse, masterKey, dataDir }: TestServices): string {
  return JSON.stringify({ brokers, clickhouse, dataDir, masterKey: masterKey.toString('base64') })
}

function decodeServices(answer: unknown): TestServices {
  if (typeof answer !== 'object' || answer === null) throw new Error('the global setup gave no services')
  if ('error' in answer) throw new Error(`test services did not start: ${String(answer.error)}`)
  // Both ends are this file, in one run of one version: the shape needs no second check.
  const services = answer as Omit<TestServices, 'masterKey'> & { masterKey: string }
  return { ...services, masterKey: Buffer.from(services.masterKey, 'base64') }
}
