// Which sockets of the service manager does this process serve? All that it was handed, or it does not start.
import { SiagaError } from '../../runtime/errors.ts'
import { type InheritedSockets, inheritedSockets, type SocketName } from '../../runtime/inherited-sockets.ts'

type Settings = Readonly<Record<'collectors' | 'syslog' | 'relp', { readonly enabled: boolean }>>

/**
 * Sockets by name. Throws SOCKET_UNSERVED for one that the configuration leaves out: the service manager holds it open whatever this process does, so
 * senders would connect, and lose their lines without a word.
 */
export function takeSockets(
  config: Settings,
  env: Readonly<Record<string, string | undefined>>,
  pid: number = process.pid,
): InheritedSockets {
  const sockets = inheritedSockets(env, pid)
  for (const name of sockets.keys()) {
    const reason = unserved(name, config)
    if (reason !== undefined) throw new SiagaError('SOCKET_UNSERVED', { name, reason })
  }
  return sockets
}

const parts: Readonly<Record<Exclude<SocketName, 'http'>, 'syslog' | 'relp'>> = {
  'syslog-udp': 'syslog',
  'syslog-tcp': 'syslog',
  'syslog-tls': 'syslog',
  relp: 'relp',
}

/** Why nobody takes what comes there; undefined if somebody does. */
function unserved(name: string, settings: Settings): string | undefined {
  if (name === 'http') return undefined
  const part = new Map(Object.entries(parts)).get(name)
  if (part === undefined) return 'Siaga knows no socket of this name'
  const off = (['collectors', part] as const).find((setting) => !settings[setting].enabled)
  return off && `${off}.enabled is false`
}
