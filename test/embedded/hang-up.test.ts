// Does the embedded ClickHouse live on when somebody hangs up on its native port, whatever they had said?
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnServices, startOwnServices } from '../services.ts'

let services: OwnServices
beforeAll(async () => {
  services = await startOwnServices({ kafka: false })
})
afterAll(() => services?.stop())

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
/** The first packet of the native protocol: name, version 1.1, revision 54440, database, login. */
const hello = (username: string, password: string): Buffer =>
  Buffer.concat([
    Buffer.from([0]),
    text('uji'),
    Buffer.from([1, 1, 0xa8, 0xa9, 0x03]),
    ...['', username, password].map(text),
  ])

/** Says it, waits for the first word of an answer (or a moment), and hangs up with a reset. */
const hangUp = (port: number, said: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      if (said.length === 0) socket.resetAndDestroy()
      else socket.write(said)
    })
    socket.once('data', () => socket.resetAndDestroy())
    socket.setTimeout(100, () => socket.resetAndDestroy())
    socket.on('error', () => undefined).on('close', () => resolve())
  })

test('who hangs up ends nothing', async () => {
  const { embedded, clickhouse } = services
  const port = embedded.clickhouse?.tcpPort ?? 0
  const { username, password } = clickhouse.users.reader
  const whole = hello(username, password)
  const before = embedded.clickhouse?.pid()
  expect(before).toBeGreaterThan(0)
  for (const said of [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.0\r\n\r\n'),
    whole,
    whole.subarray(0, 9),
    hello('x', 'y'),
  ])
    for (let n = 0; n < 20; n += 1) await hangUp(port, said)
  // It would have ended by now.
  await sleep(500)
  expect(embedded.clickhouse?.pid()).toBe(before)
  expect(await (await fetch(`${clickhouse.url}/ping`)).text()).toContain('Ok')
})
