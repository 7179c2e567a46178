// What do we say when a port cannot be opened? One clear error instead of a Node code.
import type { Server } from 'node:net'
import { errorText, SiagaError } from '../../runtime/errors.ts'

/** Connections that may wait to be taken. */
const BACKLOG = 1024

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** The setting that changes the port, for people. */
  readonly setting: string
  /** A socket that the service manager has opened already; host and port are then its unit's. */
  readonly fd?: number
}

/** The user's error for a failed listen or bind: PORT_TAKEN, or CONFIG_INVALID for a port or host that cannot be used here. */
export function listenError(error: unknown, { host, port, setting }: ListenOptions): SiagaError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return new SiagaError('PORT_TAKEN', { port, setting }, { cause: error })
  const why =
    code === 'EACCES'
      ? `this user may not open port ${port}`
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? `${host} is not an address of this machine`
        : errorText(error)
  return new SiagaError('CONFIG_INVALID', { detail: `Cannot listen (${setting}): ${why}.` }, { cause: error })
}

/** Opens a TCP server and answers its port. */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(listenError(error, options))
    server.once('error', onError)
    const { host, port, fd } = options
    const done = (): void => {
      server.off('error', onError)
      resolve()
    }
    if (fd === undefined) server.listen({ host, port, backlog: BACKLOG }, done)
    else server.listen({ fd }, BACKLOG, done)
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : options.port
}

/** An address for people: `tcp://127.0.0.1:5514`, IPv6 in brackets. */
export function showAddress(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
}
