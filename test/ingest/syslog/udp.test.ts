import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { dropsIn, kernelDrops, procAddress } from '../../../ingest/syslog/kernel-drops.ts'
import { startUdpSyslog } from '../../../ingest/syslog/udp.ts'
import { portOf, testDependencies, until } from './support.ts'

const running: Collector[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await Promise.all(running.splice(0).map((collector) => collector.stop()))
})

async function start(dependencies: ReturnType<typeof testDependencies>, host = '127.0.0.1', port = 0): Promise<number> {
  const collector = await startUdpSyslog({ host, port, setting: 'SIAGA_SYSLOG_PORT' }, dependencies)
  running.push(collector)
  return portOf(collector.addresses, 'udp')
}

function client(type: 'udp4' | 'udp6' = 'udp4'): Socket {
  const socket = createSocket(type)
  sockets.push(socket)
  return socket
}

function send(socket: Socket, port: number, data: string | Buffer, host = '127.0.0.1'): Promise<void> {
  return new Promise((resolve, reject) => socket.send(data, port, host, (error) => (error ? reject(error) : resolve())))
}

describe('syslog over UDP (RFC 5426)', () => {
  test('one datagram is one event, whatever stands in it', async () => {
    const dependencies = testDependencies([{ id: 'kpu', networks: ['127.0.0.1'] }])
    const port = await start(dependencies)
    const socket = client()
    const big = Buffer.alloc(60_000, 'y')
    for (const data of ['<1>a\n<2>b\n', '', 'x\0y', big]) await send(socket, port, data)
    await until(() => dependencies.counts.accepted === 3)
    expect(dependencies.writer.texts).toEqual(['<1>a\n<2>b\n', 'x\0y', big.toString()])
    expect(dependencies.writer.events[0]).toMatchObject({ source: 'kpu', peer: '127.0.0.1', marks: [] })
    await running.pop()?.stop()
    expect(dependencies.counts).toMatchObject({ received: 3, bytes: 60_013, lost: {} })
  })

  test('IPv6 and IPv4 come to one socket, and IPv4 keeps its face', async () => {
    const dependencies = testDependencies([{ id: 'four', networks: ['127.0.0.0/8'] }])
    const port = await start(dependencies, '::')
    await send(client('udp6'), port, '<1>six', '::1')
    await until(() => dependencies.counts.accepted === 1)
    await send(client(), port, '<1>four')
    await until(() => dependencies.counts.accepted === 2)
    expect(dependencies.writer.events).toMatchObject([
      { source: 'unknown-peer', peer: '::1', marks: ['unknown_peer'] },
      { source: 'four', peer: '127.0.0.1', marks: [] },
    ])
  })

  test('a flood of one peer spreads over keys', async () => {
    const dependencies = testDependencies()
    const port = await start(dependencies)
    const socket = client()
    for (let n = 0; n < 3_000; n++) await send(socket, port, `<1>${n}`)
    await until(() => dependencies.counts.accepted === 3_000)
    const keys = new Set(dependencies.writer.events.map((event) => event.key))
    expect(keys.size).toBeGreaterThanOrEqual(5)
    expect(keys.size).toBeLessThanOrEqual(7)
    expect(new Set(dependencies.writer.events.map((event) => event.id)).size).toBe(3_000)
  })

  test('while Kafka is away memory is bounded and the loss is counted', async () => {
    const dependencies = testDependencies()
    const port = await start(dependencies)
    const socket = client()
    dependencies.writer.hold()
    const datagram = Buffer.alloc(50_000, 'x')
    for (let n = 0; n < 1_000; n++) {
      await send(socket, port, datagram)
      if (n % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(() => (dependencies.counts.lost.udp_queue ?? 0) > 0)
    dependencies.writer.release()
    await running.pop()?.stop()
    const { received, accepted, lost } = dependencies.counts
    expect(received).toBe(accepted + (lost.udp_queue ?? 0))
    expect(accepted).toBeGreaterThan(500)
    expect(accepted).toBeLessThan(700)
    expect(received + (lost.udp_kernel ?? 0)).toBe(1_000)
  })

  test('a port that is taken is told with its setting', async () => {
    const dependencies = testDependencies()
    const port = await start(dependencies)
    await expect(start(dependencies, '127.0.0.1', port)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  })
})

describe('drops of the kernel', () => {
  test('addresses as the kernel prints them', () => {
    expect(procAddress('127.0.0.1', 5514)).toBe('0100007F:158A')
    expect(procAddress('0.0.0.0', 514)).toBe('00000000:0202')
    expect(procAddress('::', 514)).toBe('00000000000000000000000000000000:0202')
    expect(procAddress('::1', 514)).toBe('00000000000000000000000001000000:0202')
    expect(procAddress('2001:db8::7', 1)).toBe('B80D0120000000000000000007000000:0001')
  })

  test('the last column of our row', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
      ' 1: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 15014 2 00000000f2d81d65 42',
      ' 2: 0100007F:158B 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 15015 2 00000000f2d81d66 7',
      '',
    ].join('\n')
    expect(dropsIn(table, '0100007F:158A')).toBe(42)
    expect(dropsIn(table, '0100007F:158C')).toBe(0)
  })

  test.runIf(process.platform === 'linux')('a socket that nobody reads drops, and its drops are seen', async () => {
    const socket = client()
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    socket.setRecvBufferSize(4_096)
    const drops = kernelDrops(socket.address())
    expect(readFileSync('/proc/net/udp', 'latin1')).toContain(procAddress('127.0.0.1', socket.address().port))
    expect(drops()).toBe(0)
    // No event loop turn lets the socket read before the kernel has dropped.
    const sender = client()
    await Promise.all(Array.from({ length: 2_000 }, () => send(sender, socket.address().port, Buffer.alloc(1_000))))
    expect(drops()).toBeGreaterThan(0)
  })
})
