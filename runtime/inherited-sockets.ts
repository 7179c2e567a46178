// Which sockets has the service manager opened for this process? They stay open while one process is replaced by the next: whoever connects meanwhile waits.
import { SiagaError } from './errors.ts'

/** What Siaga listens on: `http` is the web port. */
export type SocketName = 'http' | 'syslog-udp' | 'syslog-tcp' | 'syslog-tls' | 'relp'

/** File descriptors by name. */
export type InheritedSockets = ReadonlyMap<string, number>

const FIRST = 3

/**
 * The sockets that systemd hands over (sd_listen_fds(3)): the environment says for which process they are, how many there are and what their units call
 * them. Empty for a process that was started otherwise, and for the children of one that has some. Throws SOCKET_UNSERVED where two have one name: only one would be served.
 */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number = process.pid,
): InheritedSockets {
  if (env.LISTEN_PID !== String(pid)) return new Map()
  const names = (env.LISTEN_FDNAMES ?? '').split(':').slice(0, Number(env.LISTEN_FDS))
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice !== undefined)
    throw new SiagaError('SOCKET_UNSERVED', {
      name: twice,
      reason:
        'it is handed over twice, since its unit has two lines Listen…= (an empty one takes back those before it)',
    })
  return new Map(names.map((name, n) => [name, FIRST + n]))
}

/** As an option of `listen` or `bind`: the socket of this name, or nothing. */
export function socketOf(sockets: InheritedSockets, name: SocketName): { fd?: number } {
  const fd = sockets.get(name)
  return fd === undefined ? {} : { fd }
}
