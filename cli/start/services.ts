// Which Kafka and ClickHouse does this process use? Yours if addresses are set, else the embedded ones, started here.
import { type EmbeddedServices, startEmbedded } from '../../deploy/embedded/index.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Progress } from '../terminal.ts'

export interface Services {
  brokers: string[]
  embedded: { kafka: boolean; clickhouse: boolean }
  /** Stops what was started here; yours are left alone. */
  stop(): Promise<void>
}

/** Brokers of the configuration, or the embedded one's address. */
export function brokersOf(config: Pick<ResolvedConfig, 'kafka'>): string[] {
  const { brokers, embedded_port } = config.kafka
  return brokers.length > 0 ? brokers : [`127.0.0.1:${embedded_port}`]
}

const words: Record<string, (service: string) => string> = {
  fetching: (service) => `${service}: fetching it once (about 45 MB)`,
  starting: (service) => `${service}: starting`,
  restarting: (service) => `${service}: restarting`,
}

/** Starts what is not given by address, telling `progress` as it goes. Rejects with the errors of startEmbedded, nothing left running. */
export async function startServices(
  config: ResolvedConfig,
  masterKey: Buffer,
  progress: Progress,
  signal: AbortSignal,
): Promise<Services> {
  const embedKafka = config.kafka.brokers.length === 0
  const embedClickHouse = config.clickhouse.url === ''
  const brokers = brokersOf(config)
  if (!embedKafka && !embedClickHouse) {
    return { brokers, embedded: { kafka: false, clickhouse: false }, stop: async () => undefined }
  }
  let up = false
  const services: EmbeddedServices = await startEmbedded({
    dataDir: config.data_dir,
    masterKey,
    kafka: embedKafka ? { port: config.kafka.embedded_port } : undefined,
    clickhouse: embedClickHouse
      ? {
          httpPort: config.clickhouse.embedded_port,
          tcpPort: config.clickhouse.embedded_tcp_port,
          rooms: config.rooms,
          coldDir: config.clickhouse.cold_dir || undefined,
        }
      : undefined,
    signal,
    onProgress({ service, state, detail }) {
      const name = names[service] ?? service
      if (state === 'crashed')
        progress.failed(`${name} ended unexpectedly${detail === undefined ? '' : ` (${detail})`}; it is started again`)
      else if (state === 'ready') progress.done(up ? `${name} is back` : `${name} ${addressOf(service, config)}`)
      else {
        const text = words[state]?.(name)
        if (text !== undefined) progress.doing(text)
      }
    },
  })
  up = true
  return { brokers, embedded: { kafka: embedKafka, clickhouse: embedClickHouse }, stop: () => services.stop() }
}

const names: Record<string, string> = { kafka: 'Kafka', clickhouse: 'ClickHouse' }

function addressOf(service: string, config: ResolvedConfig): string {
  return service === 'kafka'
    ? `127.0.0.1:${config.kafka.embedded_port}`
    : `http://127.0.0.1:${config.clickhouse.embedded_port} (native ${config.clickhouse.embedded_tcp_port})`
}
