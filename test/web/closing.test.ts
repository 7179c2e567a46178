// Is whoever was let in answered when the server closes? And nobody new let in, and no stream waited for.
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { Http } from '../../schemas/web.ts'
import { createWebServer } from '../../web/server.ts'

let status = Promise.withResolvers<unknown>()
let asked = Promise.withResolvers<void>()
const server = () =>
  createWebServer({
    http: Http.parse({}),
    notReady: async () => [],
    metrics: async () => '',
    metricsContentType: 'text/plain',
    status() {
      asked.resolve()
      return status.promise
    },
  })
afterEach(() => {
  status = Promise.withResolvers()
  asked = Promise.withResolvers()
})

test('a request under way is answered before its connection is closed; nobody new gets in', async () => {
  const app = server()
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const answer = fetch(`${address}/v1/status`)
  await asked.promise
  const closed = app.close()
  // The port is given up at once, so that a balancer goes elsewhere.
  for (;;) {
    const [other] = await Promise.allSettled([fetch(`${address}/healthz`, { signal: AbortSignal.timeout(1_000) })])
    if (other?.status === 'rejected') break
    expect(other?.value.status).toBe(503)
  }
  status.resolve({ rows: 7 })
  expect(await (await answer).json()).toEqual({ rows: 7 })
  await closed
})

test('a stream, which has no end, holds nothing up', async () => {
  const app = server()
  app.get('/stream', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write(': hello\n\n')
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const [stream] = (await once(get(`${address}/stream`), 'response')) as [IncomingMessage]
  stream.on('error', () => undefined)
  const ended = new Promise((resolve) => stream.once('close', resolve))
  stream.resume()
  const began = performance.now()
  await app.close()
  await ended
  // Below the time that is given to answers.
  expect(performance.now() - began).toBeLessThan(2_000)
})
