// Which services does Siaga bring along? Real Kafka and real ClickHouse, as supervised children of this process.
import { resolve } from 'node:path'
import { assertPortFree } from '../../runtime/ports.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import type { RoomScope } from '../clickhouse/rooms.ts'
import { clickhouseService, type EmbeddedCluster } from './clickhouse.ts'
import { lockDataDir } from './data-dir.ts'
import { type KafkaQuorum, kafkaService } from './kafka.ts'
import { type EmbeddedService, type ServiceState, Supervisor, stopOrphans } from './supervisor.ts'

export interface EmbeddedOptions {
  readonly dataDir: string
  /** The one that passwords of ClickHouse are derived from; that of the environment or the data directory unless told. */
  readonly masterKey?: Buffer | undefined
  /** Start Kafka on this port of 127.0.0.1. */
  readonly kafka?: { readonly port: number; readonly quorum?: KafkaQuorum | undefined } | undefined
  /** Start ClickHouse on these ports of 127.0.0.1, with a user for each of these Operation Rooms, old events in `coldDir`. */
  readonly clickhouse?:
    | {
        readonly httpPort: number
        readonly tcpPort: number
        readonly rooms?: readonly RoomScope[] | undefined
        readonly coldDir?: string | undefined
        readonly cluster?: EmbeddedCluster | undefined
      }
    | undefined
  /** Called as the services change state; for progress lines. */
  readonly onProgress?: ((line: EmbeddedProgress) => void) | undefined
  /** Aborting it while the services start stops what has started; startEmbedded then rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

export interface EmbeddedProgress {
  readonly service: string
  readonly state: ServiceState
  readonly detail?: string
}

export interface EmbeddedServices {
  readonly kafka?: EmbeddedService & { readonly brokers: readonly string[] }
  /** `url` is without credentials: see clickhouseCredentials in deploy/clickhouse/users.ts. */
  readonly clickhouse?: EmbeddedService & { readonly url: string; readonly tcpPort: number }
  /** Stops all of them and gives the data directory free; safe to call twice. Takes under 4 s. */
  stop(): Promise<void>
}

/** The environment variables named when a port is taken. */
const portSettings = {
  kafka: 'SIAGA_EMBEDDED_KAFKA_PORT',
  clickhouseHttp: 'SIAGA_EMBEDDED_CLICKHOUSE_PORT',
  clickhouseTcp: 'SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT',
}

/**
 * Starts the services asked for and resolves when all of them answer; afterwards they are restarted when they crash.
 * Stops orphans of an earlier run in the same data directory first. If anything fails, what was started is stopped
 * before it throws one of: DATA_DIR_IN_USE, DATA_DIR_UNWRITABLE, PORT_TAKEN, JAVA_MISSING, MAVEN_MISSING, MAVEN_FAILED,
 * CLICKHOUSE_UNSUPPORTED_PLATFORM, MASTER_KEY_INVALID, SERVICE_START_FAILED.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServices> {
  const dataDir = resolve(options.dataDir)
  const release = lockDataDir(dataDir)
  const supervisors: Supervisor[] = []
  let stopping: Promise<void> | undefined
  const stop = () => {
    // A second call waits for the first: nobody may take the directory before all have ended.
    stopping ??= Promise.all(supervisors.map((supervisor) => supervisor.stop())).then(release)
    return stopping
  }
  try {
    return await startAll({ ...options, dataDir }, supervisors, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function startAll(
  options: EmbeddedOptions,
  supervisors: Supervisor[],
  stop: () => Promise<void>,
): Promise<EmbeddedServices> {
  const { dataDir, kafka, clickhouse, signal } = options
  const report = (service: string) => (state: ServiceState, detail?: string) =>
    options.onProgress?.({ service, state, ...(detail !== undefined && { detail }) })

  await stopOrphans(dataDir, ['kafka', 'clickhouse'])
  if (kafka) await assertPortFree(kafka.port, portSettings.kafka)
  if (clickhouse) {
    await assertPortFree(clickhouse.httpPort, portSettings.clickhouseHttp)
    await assertPortFree(clickhouse.tcpPort, portSettings.clickhouseTcp)
  }
  signal?.throwIfAborted()

  // The first failure ends the start of the other.
  const failed = new AbortController()
  const life = signal ? AbortSignal.any([failed.signal, signal]) : failed.signal
  const supervise = async (spec: Parameters<typeof newSupervisor>[0]) => {
    life.throwIfAborted()
    const supervisor = newSupervisor(spec, dataDir, report(spec.name))
    supervisors.push(supervisor)
    await supervisor.start(life)
    return supervisor
  }
  const starting = [
    clickhouse &&
      (async () =>
        supervise(
          clickhouseService({ ...clickhouse, dataDir, masterKey: options.masterKey ?? loadMasterKey(dataDir) }),
        )),
    kafka &&
      (async () =>
        supervise(await kafkaService({ ...kafka, dataDir, onFetch: () => report('kafka')('fetching'), signal: life }))),
  ].map((start) =>
    start?.().catch((error: unknown) => {
      failed.abort(error)
      throw error
    }),
  )
  const settled = await Promise.allSettled(starting)
  life.throwIfAborted()
  const [clickhouseSupervisor, kafkaSupervisor] = settled.map((result) =>
    result.status === 'fulfilled' ? result.value : undefined,
  )

  return {
    ...(kafka && kafkaSupervisor && { kafka: extend(kafkaSupervisor, { brokers: [`127.0.0.1:${kafka.port}`] }) }),
    ...(clickhouse &&
      clickhouseSupervisor && {
        clickhouse: extend(clickhouseSupervisor, {
          url: `http://127.0.0.1:${clickhouse.httpPort}`,
          tcpPort: clickhouse.tcpPort,
        }),
      }),
    stop,
  }
}

function newSupervisor(...args: ConstructorParameters<typeof Supervisor>): Supervisor {
  return new Supervisor(...args)
}

function extend<T>(supervisor: Supervisor, more: T): EmbeddedService & T {
  return {
    name: supervisor.name,
    pid: () => supervisor.pid(),
    kill: (signal) => supervisor.kill(signal),
    restart: () => supervisor.restart(),
    ready: () => supervisor.ready(),
    stop: () => supervisor.stop(),
    ...more,
  }
}

export type { EmbeddedService, ServiceState } from './supervisor.ts'
