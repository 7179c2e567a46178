// The syslog collector: UDP, TCP and TLS, started and stopped together.
import { type InheritedSockets, socketOf } from '../../runtime/inherited-sockets.ts'
import type { Config } from '../../schemas/config.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { startStreamSyslog } from './tcp.ts'
import { loadTls } from './tls.ts'
import { startUdpSyslog } from './udp.ts'

/**
 * Starts listening for syslog, on `sockets` where there are some. `dataDir` keeps the self-signed certificate if none is configured. Errors: PORT_TAKEN, CONFIG_INVALID,
 * DATA_DIR_UNWRITABLE; nothing is left open then.
 */
export async function startSyslog(
  config: Config['syslog'],
  dependencies: CollectorDependencies,
  dataDir: string,
  sockets: InheritedSockets = new Map(),
): Promise<Collector> {
  const { host } = config
  const plain = { host, port: config.port, setting: 'SIAGA_SYSLOG_PORT' }
  const encrypted = { host, port: config.tls_port, setting: 'SIAGA_SYSLOG_TLS_PORT' }
  const stream = { maxConnections: config.max_connections, idleTimeoutMs: config.idle_timeout_seconds * 1000 }

  const started: Collector[] = []
  try {
    const tls = await loadTls(config.tls, dataDir, dependencies.log)
    started.push(await startUdpSyslog({ ...plain, ...socketOf(sockets, 'syslog-udp') }, dependencies))
    started.push(await startStreamSyslog({ ...plain, ...stream, ...socketOf(sockets, 'syslog-tcp') }, dependencies))
    const encryptedStream = { ...encrypted, ...stream, ...socketOf(sockets, 'syslog-tls') }
    started.push(await startStreamSyslog({ ...encryptedStream, tls }, dependencies))
  } catch (error) {
    await Promise.all(started.map((collector) => collector.stop()))
    throw error
  }
  return {
    name: 'syslog',
    addresses: started.flatMap((collector) => collector.addresses),
    async stop() {
      await Promise.all(started.map((collector) => collector.stop()))
    },
  }
}
