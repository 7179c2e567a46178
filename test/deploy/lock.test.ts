// Is the lock of the schema let go by who has released it, even behind a proxy that goes on reading, and does nobody wait for nothing?
import { randomUUID } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acquireLock } from '../../deploy/clickhouse/lock.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices, type TestServices } from '../services.ts'

let services: TestServices
let direct: ClickHouse
beforeAll(async () => {
  services = await getServices()
  direct = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
})
afterAll(() => direct?.close())

/** A proxy that does not notice that its client is gone: what it asked goes on being read. */
async function deafProxy() {
  const { hostname, port } = new URL(services.clickhouse.url)
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const passed = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('data', (part: Buffer) => outgoing.write(part)).on('end', () => outgoing.end())
    })
    passed.on('error', () => undefined)
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${own}`, close: () => server.close() }
}

test('behind a proxy that does not notice who is gone, the next one gets it', async () => {
  const proxy = await deafProxy()
  const there = createClickHouse({ url: proxy.url, ...services.clickhouse.users.admin })
  try {
    const name = `lock-${randomUUID()}`
    const first = await acquireLock(there, name)
    const refused = await acquireLock(direct, name, async () => false)
    expect(refused).toBeUndefined()
    await first?.release()
    const second = await acquireLock(direct, name)
    // It is the second one's now: whoever releases late takes nothing away.
    await first?.release()
    expect(() => second?.check()).not.toThrow()
    await second?.release()
  } finally {
    await there.close()
    proxy.close()
  }
})

test('who waits is asked whether there is still something to wait for', async () => {
  const name = `lock-${randomUUID()}`
  const held = await acquireLock(direct, name)
  let asked = 0
  expect(
    await acquireLock(direct, name, async () => {
      asked += 1
      return asked < 2
    }),
  ).toBeUndefined()
  expect(asked).toBe(2)
  await held?.release()
})
