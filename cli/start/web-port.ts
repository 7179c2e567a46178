// How is the web port opened? By us, or by the service manager before us.
import type { FastifyInstance } from 'fastify'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { type InheritedSockets, socketOf } from '../../runtime/inherited-sockets.ts'

/** Answers its address. Throws PORT_TAKEN. */
export async function openWebPort(
  app: FastifyInstance,
  { host, port }: Pick<ResolvedConfig['http'], 'host' | 'port'>,
  sockets: InheritedSockets,
): Promise<string> {
  const inherited = socketOf(sockets, 'http')
  try {
    // Fastify opens a second server where the host is localhost: an inherited socket is one.
    return await app.listen(inherited.fd === undefined ? { host, port } : { host: '0.0.0.0', port, ...inherited })
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw taken ? new SiagaError('PORT_TAKEN', { port, setting: 'SIAGA_HTTP_PORT' }, { cause: error }) : error
  }
}
