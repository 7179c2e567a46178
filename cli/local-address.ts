// Where does somebody on this machine reach the web port?
import type { ResolvedConfig } from '../runtime/config.ts'

/** Address without a path; a server that listens everywhere is asked at the loopback. */
export function localAddress({ host, port }: Pick<ResolvedConfig['http'], 'host' | 'port'>): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
