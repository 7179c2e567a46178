// The RELP collector: syslog with an answer for each message, given only after Kafka has it.
import { createServer } from 'node:net'
import type { Log } from '../../runtime/log.ts'
import type { Config } from '../../schemas/config.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { Batcher } from '../syslog/batcher.ts'
import { Connections } from '../syslog/connections.ts'
import { type ListenOptions, listen, showAddress } from '../syslog/listen.ts'
import { openRelpSession, SERVER_CLOSE } from './session.ts'

const MAX_CONNECTIONS = 2_000
const IDLE_TIMEOUT_MS = 3_600_000
/** Clients wait for an answer; after this time without Kafka they get `500` and are to come again. */
const GIVE_UP_AFTER_MS = 300_000
const DRAIN_MS = 2_500

/** Starts listening for RELP (rsyslog's omrelp is the usual client). Errors: PORT_TAKEN, CONFIG_INVALID. */
export async function startRelp(
  config: Pick<Config['relp'], 'host' | 'port'> & Pick<ListenOptions, 'fd'>,
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
  const onMalformed = malformedLog(log)
  const connections = new Connections({
    name: 'relp',
    server,
    event: 'connection',
    maxConnections: MAX_CONNECTIONS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    batcher,
    log,
    open: (connection) => openRelpSession(connection, batcher, dependencies, onMalformed),
  })
  const { host, port: wanted, fd } = config
  const port = await listen(server, {
    host,
    port: wanted,
    setting: 'SIAGA_RELP_PORT',
    ...(fd === undefined ? {} : { fd }),
  })
  server.on('error', (error) => log.error({ transport: 'relp', cause: error.message }, 'listener failed'))
  return {
    name: 'relp',
    addresses: [showAddress('relp', host, port)],
    async stop() {
      // First the answers that are due, then goodbye: a client repeats what it has no answer for.
      connections.stopReading()
      await batcher.drain(DRAIN_MS)
      await connections.close(SERVER_CLOSE)
      batcher.stop()
    },
  }
}

const LOG_EVERY_MS = 10_000

/** Logs the first of a row of malformed connections and, every ten seconds, how many came since: whoever reaches the port may open thousands. */
function malformedLog(log: Log): (peer: string, why: string) => void {
  let lastAt = Number.NEGATIVE_INFINITY
  let unlogged = 0
  return (peer, why) => {
    const now = performance.now()
    if (now - lastAt < LOG_EVERY_MS) {
      unlogged += 1
      return
    }
    log.warn({ transport: 'relp', peer, why, unlogged }, 'RELP connection closed: it does not speak the protocol')
    lastAt = now
    unlogged = 0
  }
}
