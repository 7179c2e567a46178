import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { type StreamSyslogOptions, startStreamSyslog } from '../../../ingest/syslog/tcp.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { dial, portOf, sendAll, type TestDependencies, testDependencies, until } from './support.ts'

const running: Collector[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((collector) => collector.stop()))
})

async function start(dependencies: TestDependencies, options: Partial<StreamSyslogOptions> = {}): Promise<number> {
  const collector = await startStreamSyslog(
    {
      host: '127.0.0.1',
      port: 0,
      setting: 'SIAGA_SYSLOG_PORT',
      maxConnections: 100,
      idleTimeoutMs: 60_000,
      ...options,
    },
    dependencies,
  )
  running.push(collector)
  return portOf(collector.addresses, 'tcp')
}

async function client(port: number): Promise<Socket> {
  const socket = await dial(port)
  sockets.push(socket)
  return socket
}

const local = [{ id: 'kpu', networks: ['127.0.0.0/8'], format: 'nginx' }]

describe('syslog over TCP', () => {
  test('a message becomes an event with its source, peer, key and id', async () => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies))
    await sendAll(socket, '<34>1 first\n7 <1>a\nbc<2>last')
    socket.end()
    await until(() => dependencies.counts.accepted === 3)
    const [first, second, third] = dependencies.writer.events
    expect(dependencies.writer.texts).toEqual(['<34>1 first', '<1>a\nbc', '<2>last'])
    expect(first).toMatchObject({ source: 'kpu', format: 'nginx', peer: '127.0.0.1', marks: [] })
    expect(first?.key).not.toBe('')
    expect(second?.key).toBe(first?.key)
    expect(new Set([first?.id, second?.id, third?.id]).size).toBe(3)
    expect(Math.abs(Date.now() - (first?.receivedAt ?? 0))).toBeLessThan(10_000)
    expect(dependencies.counts).toMatchObject({ received: 3, bytes: 25, lost: {}, refused: {} })
  })

  test('an unknown peer has a source of its own and is marked', async () => {
    const dependencies = testDependencies()
    const socket = await client(await start(dependencies))
    await sendAll(socket, '<1>a\n')
    await until(() => dependencies.counts.accepted === 1)
    expect(dependencies.writer.events[0]).toMatchObject({ source: 'unknown-peer', format: '', marks: ['unknown_peer'] })
  })

  test.each(['line', 'counted'])('a 10 MB %s is cut and marked, and what follows survives', async (framing) => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies))
    const huge = Buffer.alloc(10 * 1024 * 1024, 'x')
    huge[0] = 0x3c
    if (framing === 'line') await sendAll(socket, Buffer.concat([huge, Buffer.from('\n<2>b\n')]))
    else await sendAll(socket, Buffer.concat([Buffer.from(`${huge.length} `), huge, Buffer.from('5 <2>b\n')]))
    await until(() => dependencies.counts.accepted === 2)
    const [cut, next] = dependencies.writer.events
    expect(cut?.value.equals(huge.subarray(0, MAX_PAYLOAD_BYTES))).toBe(true)
    expect(cut?.marks).toEqual(['truncated'])
    expect(next?.value.toString().trim()).toBe('<2>b')
    expect(next?.marks).toEqual([])
  })

  test('while Kafka is away the sender is held back, and then nothing is missing', async () => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies))
    dependencies.writer.hold()
    const line = `<13>${'x'.repeat(1_000)}\n`
    let sent = 0
    let stuck = false
    // Sends until the kernel takes nothing for a while.
    while (!stuck && sent < 60_000) {
      for (let n = 0; n < 100; n++) if (!socket.write(line)) stuck = n === 99
      sent += 100
      if (socket.writableNeedDrain) {
        stuck = await Promise.race([
          once(socket, 'drain').then(() => false),
          new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)),
        ])
      }
    }
    expect(stuck).toBe(true)
    const heldBack = dependencies.counts.received
    expect(dependencies.counts.bytes).toBeLessThan(3 * 1024 * 1024)
    expect(heldBack).toBeLessThan(sent)
    dependencies.writer.release()
    socket.end()
    await until(() => dependencies.counts.accepted === sent)
  })

  test('many connections together stay within one bound while Kafka is away', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    dependencies.writer.hold()
    const lines = Buffer.from(`<13>${'x'.repeat(1_000)}\n`.repeat(1_500))
    const clients = await Promise.all(Array.from({ length: 80 }, () => client(port)))
    for (const socket of clients) socket.write(lines)
    let before = -1
    while (before !== dependencies.counts.bytes) {
      before = dependencies.counts.bytes
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    // 120 MB were sent; 32 MiB may wait, and a chunk that each connection had at hand.
    expect(before).toBeGreaterThan(16 * 1024 * 1024)
    expect(before).toBeLessThan(34 * 1024 * 1024)
    dependencies.writer.release()
    await until(() => dependencies.counts.accepted === 80 * 1_500, 30_000)
  })

  test('500 slow connections that never finish a line hinder nobody', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies, { maxConnections: 1_000 })
    const slow = await Promise.all(Array.from({ length: 500 }, () => client(port)))
    for (const socket of slow) await sendAll(socket, '9')
    for (const socket of slow) await sendAll(socket, ' <1>')
    const socket = await client(port)
    await sendAll(socket, '<2>quick\n')
    await until(() => dependencies.counts.accepted === 1)
    for (const each of slow) each.end('abcdef')
    await until(() => dependencies.counts.accepted === 501)
    expect(new Set(dependencies.writer.texts)).toEqual(new Set(['<2>quick', '<1>abcdef']))
  })

  test('unfinished frames of many connections are cut when they need too much memory', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies, { maxConnections: 1_000 })
    const clients = await Promise.all(Array.from({ length: 200 }, () => client(port)))
    const part = Buffer.alloc(400 * 1024, 'x')
    // 80 MB held would be over the bound of 64 MiB.
    await Promise.all(clients.map((socket) => sendAll(socket, part)))
    await until(() => dependencies.counts.accepted > 0)
    for (const socket of clients) socket.end('\n<2>b\n')
    await until(() => dependencies.writer.texts.filter((text) => text === '<2>b').length === 200)
    expect(dependencies.counts.accepted).toBe(400)
    const cut = dependencies.writer.events.filter((event) => event.marks.includes('truncated'))
    expect(cut.length).toBeGreaterThan(0)
    expect(cut.length).toBeLessThan(200)
  })

  test('an idle connection is closed, and its unfinished line is an event', async () => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies, { idleTimeoutMs: 150 }))
    socket.resume()
    await sendAll(socket, '<1>half')
    await once(socket, 'close')
    await until(() => dependencies.counts.accepted === 1)
    expect(dependencies.writer.texts).toEqual(['<1>half'])
  })

  test('a connection that we hold back is not idle', async () => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies, { idleTimeoutMs: 150 }))
    dependencies.writer.hold()
    let closed = false
    socket.on('close', () => {
      closed = true
    })
    socket.resume()
    socket.write(Buffer.from(`<13>${'x'.repeat(1_000)}\n`.repeat(4_000)))
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(closed).toBe(false)
    dependencies.writer.release()
    await until(() => dependencies.counts.accepted === 4_000)
    await until(() => closed)
  })

  test('connections over the limit are closed, those before it go on', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies, { maxConnections: 2 })
    const first = await client(port)
    await client(port)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const third = await client(port)
    third.resume()
    await once(third, 'close')
    await sendAll(first, '<1>a\n')
    await until(() => dependencies.counts.accepted === 1)
  })

  test('stop keeps what was sent before it', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    const socket = await client(port)
    await sendAll(socket, '<1>a\n<2>b\n<3>unfinished')
    const begin = performance.now()
    await running.pop()?.stop()
    expect(performance.now() - begin).toBeLessThan(3_000)
    expect(dependencies.writer.texts).toEqual(['<1>a', '<2>b', '<3>unfinished'])
    await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('stop counts what Kafka never took', async () => {
    const dependencies = testDependencies(local)
    const socket = await client(await start(dependencies))
    dependencies.writer.failing = true
    await sendAll(socket, '<1>a\n<2>b\n')
    await until(() => dependencies.counts.received === 2)
    await running.pop()?.stop()
    expect(dependencies.counts.lost).toEqual({ stopped: 2 })
  })

  test('a port that is taken is told with its setting', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    await expect(start(dependencies, { port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${port} is already in use.`,
      action: expect.stringContaining('SIAGA_SYSLOG_PORT'),
    })
    await expect(start(dependencies, { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})
