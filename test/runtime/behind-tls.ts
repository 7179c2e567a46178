// A server with a certificate before one without: HTTPS in, HTTP on.
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Pem } from '../ingest/probe/certificates.ts'

/** Listens on a free port of `host` and passes everything on to the address `to`. */
export async function behindTls(to: string, { cert, key }: Pem, host = '127.0.0.1') {
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const { hostname, port } = new URL(to)
    const { method, url, headers } = incoming
    const passed = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    // As a proxy should: who goes away has no more questions.
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
