// Which ports of this machine are free? Asked before anything is started, so that nothing is left half-started.
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer, isIPv6 } from 'node:net'
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

/** The same for a UDP port. */
export async function assertUdpPortFree(port: number, setting: string, host: string = loopback): Promise<void> {
  if (!(await isUdpPortFree(port, host))) throw new SiagaError('PORT_TAKEN', { port, setting })
}

// Below every usual range of outgoing connections (Linux 32768 and up, macOS 49152 and up): while a service is down, a
// client that keeps connecting to a port of that range can be given the very port, or connect to itself.
const range = { from: 20_000, to: 32_000 }

/** `count` different ports that are free now; nothing reserves them, so use them at once. */
export async function pickFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(range.from, range.to)
    if (await isPortFree(port)) ports.add(port)
  }
  return [...ports]
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

function isUdpPortFree(port: number, host: string): Promise<boolean> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close()
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
