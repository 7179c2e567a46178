// The RELP collector: syslog with an answer for each message, given only after Kafka has it.
import { createServer } from 'node:net'
import type { Config } from '../../schemas/config.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { Batcher } from '../syslog/batcher.ts'
import { Connections } from '../syslog/connections.ts'
import { listen, showAddress } from '../syslog/listen.ts'
import { openRelpSession, SERVER_CLOSE } from './session.ts'

const MAX_CONNECTIONS = 2_000
const IDLE_TIMEOUT_MS = 3_600_000
/** Clients wait for an answer; after this time without Kafka they get `500` and are to come again. */
const GIVE_UP_AFTER_MS = 300_000
const DRAIN_MS = 2_500

/** Starts listening for RELP (rsyslog's omrelp is the usual client). Errors: PORT_TAKEN, CONFIG_INVALID. */
export async function startRelp(
  config: Pick<Config['relp'], 'host' | 'port'>,
  dependencies: CollectorDependencies,
  giveUpAfterMs = GIVE_UP_AFTER_MS,
): Promise<Collector> {
  const { log, metrics } = dependencies
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 })
  const batcher = new Batcher(dependencies, {
    name: 'relp',
    flushMs: 1,
    giveUpAfterMs,
    dropped: (reason, events) => metrics.refused(reason, events),
  })
  const connections = new Connections({
    name: 'relp',
    server,
    event: 'connection',
    maxConnections: MAX_CONNECTIONS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    batcher,
    log,
    open: (connection) => openRelpSession(connection, batcher, dependencies),
  })
  const port = await listen(server, { host: config.host, port: config.port, setting: 'SIAGA_RELP_PORT' })
  server.on('error', (error) => log.error({ transport: 'relp', cause: error.message }, 'listener failed'))
  return {
    name: 'relp',
    addresses: [showAddress('relp', config.host, port)],
    async stop() {
      // First the answers that are due, then goodbye: a client repeats what it has no answer for.
      connections.stopReading()
      await batcher.drain(DRAIN_MS)
      await connections.close(SERVER_CLOSE)
      batcher.stop()
    },
  }
}
