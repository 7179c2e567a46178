// Local servers for tests of what is fetched: HTTP by handler, bytes as they are, and DNS with answers that a test sets.
import { createSocket } from 'node:dgram'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { type Answer, decode, encode } from 'dns-packet'

const open: (() => Promise<void>)[] = []

/** Closes every server of this file. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()))
}

export interface LocalServer {
  readonly port: number
  readonly origin: string
  /** Connections that were made to it. */
  readonly connections: () => number
}

function listening(server: net.Server, host: string): Promise<LocalServer> {
  const sockets = new Set<net.Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo
      open.push(
        () =>
          new Promise((done) => {
            server.close(() => done())
            for (const socket of sockets) socket.destroy()
          }),
      )
      resolve({ port, origin: `http://127.0.0.1:${port}`, connections: () => connections })
    })
  })
}

/** An HTTP server, or what stands on the same listener (node:https). */
export function serve(handler: http.RequestListener, host = '127.0.0.1'): Promise<LocalServer> {
  return listening(http.createServer(handler), host)
}

export function serveWith(server: net.Server, host = '127.0.0.1'): Promise<LocalServer> {
  return listening(server, host)
}

/** A server that sends these bytes to whoever sends something. */
export function serveBytes(answer: (socket: net.Socket) => void): Promise<LocalServer> {
  return listening(
    net.createServer((socket) => {
      socket.once('data', () => answer(socket))
    }),
    '127.0.0.1',
  )
}

/** What a DNS server answers to a name and type; a number is a response code (2 SERVFAIL, 3 NXDOMAIN). */
export type Zone = (name: string, type: string, asked: number) => Answer[] | number

/** A DNS server on UDP; answers its address for `resolvers`. */
export async function serveDns(zone: Zone): Promise<{ address: string; asked: string[] }> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const times = new Map<string, number>()
  socket.on('message', (message, peer) => {
    const query = decode(message)
    const [question] = query.questions ?? []
    if (question === undefined) return
    const key = `${question.type} ${question.name.toLowerCase()}`
    asked.push(key)
    times.set(key, (times.get(key) ?? 0) + 1)
    const answer = zone(question.name.toLowerCase(), question.type, times.get(key) ?? 1)
    const code = typeof answer === 'number' ? answer : 0
    socket.send(
      encode({
        type: 'response',
        ...(query.id === undefined ? {} : { id: query.id }),
        flags: 0x180 | code,
        questions: [question],
        answers: typeof answer === 'number' ? [] : answer,
      }),
      peer.port,
      peer.address,
    )
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  open.push(() => new Promise((done) => socket.close(() => done())))
  return { address: `127.0.0.1:${socket.address().port}`, asked }
}

/** A zone of A and AAAA records by name. */
export function addressZone(names: Readonly<Record<string, readonly string[]>>): Zone {
  return (name, type) => {
    const addresses = names[name]
    if (addresses === undefined) return 3
    return addresses.flatMap((data): Answer[] => {
      const v6 = data.includes(':')
      if (type === 'A' && !v6) return [{ name, type: 'A', ttl: 1, data }]
      return type === 'AAAA' && v6 ? [{ name, type: 'AAAA', ttl: 1, data }] : []
    })
  }
}
