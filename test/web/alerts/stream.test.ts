// What may a viewer of live changes cost, and who may go on reading? On a real server.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fastify from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { live } from '../../../web/alerts/stream.ts'

interface Change {
  readonly id: number
}

/** A server of changes 1 to `last`, the newest of `things` things, as a board tells them. */
async function serving(last: number, bytes: number) {
  const shown: number[] = []
  let open = 0
  let valid = true
  const app = fastify()
  app.get('/stream', (request, reply) => {
    open += 1
    live<Change>(request, reply, {
      follow(after, onChange) {
        if (after !== undefined) for (let id = after + 1; id <= last; id += 1) onChange({ id })
        return () => undefined
      },
      show(change) {
        shown.push(change.id)
        return { event: 'alert', data: 'x'.repeat(bytes) }
      },
      mayGoOn: () => valid,
      onEnd: () => {
        open -= 1
      },
      heartbeatMs: 50,
    })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return {
    ...{ socket, shown },
    open: () => open,
    revoke: () => {
      valid = false
    },
  }
}

test('a viewer who does not read holds up little, and gets all of it when he reads', async () => {
  const { socket, shown } = await serving(20_000, 3_000)
  socket.pause()
  socket.write('GET /stream?after=0 HTTP/1.1\r\nhost: x\r\n\r\n')
  await vi.waitFor(() => expect(shown.length).toBeGreaterThan(0))
  // What the system holds for a connection, and what the server does beside it.
  expect(shown.length).toBeLessThan(10_000)
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-10_000)
  })
  socket.resume()
  await vi.waitFor(() => expect(text).toContain('id: 20000\n'), { timeout: 20_000 })
  expect(shown).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1))
}, 30_000)

test('a key that is taken away ends the stream', async () => {
  const { socket, revoke, open } = await serving(1, 10)
  socket.resume()
  socket.write('GET /stream HTTP/1.1\r\nhost: x\r\n\r\n')
  await vi.waitFor(() => expect(open()).toBe(1))
  const closed = once(socket, 'close')
  revoke()
  await closed
  await vi.waitFor(() => expect(open()).toBe(0))
})
