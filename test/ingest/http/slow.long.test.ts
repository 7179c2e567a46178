// 2,000 senders that never finish: memory stays bounded and others are served.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { head, MB, serve, stopAll } from './serve.ts'

afterEach(stopAll)

it('2,000 slow connections', async () => {
  const { port, post, writer } = await serve({ body_memory_bytes: 16 * MB })
  const before = process.memoryUsage().rss
  const sockets: Socket[] = []
  for (let i = 0; i < 2000; i++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`${head(10 * MB)}a line that never en`)
    sockets.push(socket)
    if (i % 100 === 0) await sleep(10)
  }
  let slowest = 0
  for (let round = 0; round < 50; round++) {
    for (const socket of sockets) socket.write('x'.repeat(20))
    const start = performance.now()
    expect((await post('one\ntwo')).status).toBe(202)
    slowest = Math.max(slowest, performance.now() - start)
    await sleep(50)
  }
  // Both ends of each connection live in this process.
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * MB)
  expect(slowest).toBeLessThan(2000)
  for (const socket of sockets) socket.destroy()
  await sleep(500)
  expect(writer.count).toBe(100)
})
