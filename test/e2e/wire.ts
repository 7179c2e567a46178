// How do tests speak to the collectors byte by byte? Small clients of TCP, TLS, UDP and RELP that send whatever they are told.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ownCertificatePath } from '../../ingest/syslog/tls.ts'

const host = '127.0.0.1'

/** An open TCP connection; its errors are nobody's. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** An open TLS connection that trusts the self-signed certificate of this data directory. */
export async function dialTls(port: number, dataDir: string): Promise<Socket> {
  const socket = connectTls({ port, host, ca: readFileSync(ownCertificatePath(dataDir)), servername: 'localhost' })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** Resolves when the connection is closed, also by a reset. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())))
}

/** Sends all of it, ends the connection, and waits until the other side has closed too. */
export async function sendAndClose(socket: Socket, data: string | Buffer): Promise<void> {
  socket.resume()
  const closed = closing(socket)
  socket.end(data)
  await closed
}

/** Sends one datagram. */
export async function sendUdp(port: number, text: string | Buffer): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve, reject) =>
    socket.send(text, port, host, (error) => (error ? reject(error) : resolve())),
  )
  socket.close()
}

/** Sends messages over one RELP connection; resolves when each has been answered with 200. */
export async function sendRelp(port: number, messages: readonly (string | Buffer)[]): Promise<void> {
  const socket = await dial(port)
  let answers = ''
  const answered = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (answers.includes(text)) resolve()
      }
      socket.on('data', (data: Buffer) => {
        answers += data.toString('latin1')
        look()
      })
      socket.once('close', () => reject(new Error(`RELP connection closed before ${JSON.stringify(text)}: ${answers}`)))
      look()
    })
  const offer = 'relp_version=0\nrelp_software=test\ncommands=syslog'
  socket.write(`1 open ${offer.length} ${offer}\n`)
  await answered('1 rsp ')
  for (const [index, message] of messages.entries()) {
    const data = Buffer.from(message)
    socket.write(Buffer.concat([Buffer.from(`${index + 2} syslog ${data.length} `), data, Buffer.from('\n')]))
  }
  for (const index of messages.keys()) await answered(`${index + 2} rsp 6 200 OK`)
  socket.end(`${messages.length + 2} close 0\n`)
}

/** Sends raw bytes to an HTTP port and answers what comes back until the connection closes. */
export async function rawHttp(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = await dial(port)
  let answer = ''
  socket.on('data', (data: Buffer) => {
    answer += data.toString('latin1')
  })
  const closed = closing(socket)
  for (const part of parts) if (!socket.destroyed) socket.write(part)
  socket.end()
  await closed
  return answer
}
