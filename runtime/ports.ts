// Which TCP ports of this machine are free? Asked before anything is started, so that nothing is left half-started.
import { createServer } from 'node:net'
import { SiagaError } from './errors.ts'

const loopback = '127.0.0.1'

/** True if a server could listen on this TCP port of `host` now. */
export async function isPortFree(port: number, host: string = loopback): Promise<boolean> {
  const server = await listen(port, host)
  if (!server) return false
  await close(server)
  return true
}

/** Throws PORT_TAKEN naming the port and the `setting` (environment variable or key) that changes it. */
export async function assertPortFree(port: number, setting: string, host: string = loopback): Promise<void> {
  if (!(await isPortFree(port, host))) throw new SiagaError('PORT_TAKEN', { port, setting })
}

/** `count` different ports that are free now; nothing reserves them, so use them at once. */
export async function pickFreePorts(count: number): Promise<number[]> {
  // All are held open until the last is known: otherwise the system may hand out the same port twice.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, loopback)))
  const ports: number[] = []
  for (const server of servers) {
    const address = server?.address()
    if (!server || !address || typeof address === 'string') throw new Error('no free TCP port on this machine')
    ports.push(address.port)
    await close(server)
  }
  return ports
}

function listen(port: number, host: string) {
  const server = createServer()
  return new Promise<ReturnType<typeof createServer> | undefined>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(error)
    })
    server.listen({ port, host, exclusive: true }, () => resolve(server))
  })
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
