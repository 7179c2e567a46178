// Records of audit that come as messages of their own become one event: over UDP, TCP and RELP, answered, counted and never waited for too long.
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { startRelp } from '../../../ingest/relp/relp.ts'
import { createMessages } from '../../../ingest/syslog/messages.ts'
import { startStreamSyslog } from '../../../ingest/syslog/tcp.ts'
import { startUdpSyslog } from '../../../ingest/syslog/udp.ts'
import { audit, auditLines } from '../join/fixtures.ts'
import { dial, portOf, sendAll, testDependencies, until } from './support.ts'

const running: Collector[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((collector) => collector.stop()))
})

const head = (host: string): string => `<13>Nov 27 08:16:03 ${host} audisp-syslog[77]: `
const on = (host: string, ...lines: string[]): string[] => lines.map((line) => head(host) + line)
const [a, b] = [audit(1), audit(2)]
const whole = (host: string, serial: number): string => on(host, ...auditLines(serial)).join('\n')

async function tcp(format = 'auto') {
  const dependencies = testDependencies([{ id: 'host', networks: ['127.0.0.1'], format }])
  const collector = await startStreamSyslog(
    { host: '127.0.0.1', port: 0, setting: 'SIAGA_SYSLOG_PORT', maxConnections: 10, idleTimeoutMs: 60_000 },
    dependencies,
  )
  running.push(collector)
  return { dependencies, collector, socket: await dial(portOf(collector.addresses, 'tcp')) }
}

describe('TCP', () => {
  test('messages of one event are joined, of one host, whatever comes between', async () => {
    const { dependencies, socket } = await tcp()
    const lines = [
      ...on('x', a.syscall, b.syscall, a.cwd),
      ...on('y', a.syscall),
      '<1>between',
      ...on('x', b.cwd, a.path, a.title, b.path, b.title),
      ...on('y', a.cwd, a.path, a.title, a.end),
      ...on('x', a.end),
    ]
    await sendAll(socket, `${lines.join('\n')}\n`)
    await until(() => dependencies.counts.accepted === 5)
    expect(dependencies.writer.texts).toEqual([
      '<1>between',
      whole('x', 1),
      [whole('y', 1), head('y') + a.end].join('\n'),
      whole('x', 2),
      head('x') + a.end,
    ])
    expect(dependencies.counts).toMatchObject({ received: 5, joined: 10, lost: {}, refused: {} })
    expect(new Set(dependencies.writer.events.map(({ id }) => id)).size).toBe(5)
    socket.destroy()
  })

  test('the end of a connection, and of the collector, ends all events', async () => {
    const { dependencies, socket, collector } = await tcp()
    await sendAll(socket, `${on('x', a.syscall, a.cwd).join('\n')}\n`)
    socket.end()
    await until(() => dependencies.counts.accepted === 1)
    const second = await dial(portOf(collector.addresses, 'tcp'))
    await sendAll(second, `${on('x', b.syscall, b.cwd).join('\n')}\n`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await running.pop()?.stop()
    expect(dependencies.writer.texts).toEqual([
      on('x', a.syscall, a.cwd).join('\n'),
      on('x', b.syscall, b.cwd).join('\n'),
    ])
    expect(dependencies.counts).toMatchObject({ received: 2, accepted: 2, joined: 2 })
  })

  test('a source of another format is left alone', async () => {
    const { dependencies, socket } = await tcp('nginx')
    await sendAll(socket, `${on('x', ...auditLines(1)).join('\n')}\n`)
    await until(() => dependencies.counts.accepted === 4)
    socket.destroy()
  })

  test('ids that never end hold a bounded number of events', async () => {
    const { dependencies, socket } = await tcp()
    const lines = Array.from({ length: 3000 }, (_, serial) => head('x') + audit(serial).path)
    await sendAll(socket, `${lines.join('\n')}\n`)
    await until(() => dependencies.counts.accepted >= 2984, 900)
    await until(() => dependencies.counts.accepted === 3000)
    expect(dependencies.writer.texts).toEqual(lines)
    socket.destroy()
  })
})

test('UDP: peers share the collector, not their events; the end of it ends all', async () => {
  const dependencies = testDependencies()
  const collector = await startUdpSyslog({ host: '127.0.0.1', port: 0, setting: 'SIAGA_SYSLOG_PORT' }, dependencies)
  running.push(collector)
  const socket = createSocket('udp4')
  for (const line of on('x', a.syscall, a.cwd, b.syscall, a.path, a.title, b.cwd)) {
    await new Promise<void>((resolve) =>
      socket.send(line, portOf(collector.addresses, 'udp'), '127.0.0.1', () => resolve()),
    )
  }
  await until(() => dependencies.counts.accepted === 1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await running.pop()?.stop()
  expect(dependencies.writer.texts).toEqual([whole('x', 1), on('x', b.syscall, b.cwd).join('\n')])
  expect(dependencies.counts).toMatchObject({ received: 2, accepted: 2, joined: 4, lost: {} })
  socket.close()
})

describe('RELP', () => {
  async function session() {
    const dependencies = testDependencies([{ id: 'host', networks: ['127.0.0.1'] }])
    const collector = await startRelp({ host: '127.0.0.1', port: 0 }, dependencies)
    running.push(collector)
    const socket = await dial(portOf(collector.addresses, 'relp'))
    const it = { dependencies, socket, heard: '', closed: false }
    socket.on('data', (data) => {
      it.heard += data.toString()
    })
    socket.on('close', () => {
      it.closed = true
    })
    let txnr = 0
    const send = (command: string, data: string): void => {
      txnr += 1
      socket.write(`${txnr} ${command} ${data.length}${data === '' ? '' : ` ${data}`}\n`)
    }
    send('open', 'relp_version=0\ncommands=syslog')
    const answered = (): number[] => [...it.heard.matchAll(/^(\d+) rsp 6 200 OK$/gm)].map(([, n]) => Number(n))
    return Object.assign(it, { send, answered })
  }

  test('every message is answered once Kafka has the event, not before', async () => {
    const it = await session()
    it.dependencies.writer.hold()
    for (const line of on('x', a.syscall, a.cwd)) it.send('syslog', line)
    it.send('syslog', '<1>between')
    for (const line of on('x', a.path, a.title, a.end)) it.send('syslog', line)
    await until(() => it.dependencies.writer.attempts > 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(it.answered()).toEqual([])
    it.dependencies.writer.release()
    await until(() => it.answered().length === 6)
    expect(it.answered()).toEqual([4, 2, 3, 5, 6, 7])
    expect(it.dependencies.writer.texts).toEqual(['<1>between', [whole('x', 1), head('x') + a.end].join('\n')])
    expect(it.dependencies.counts).toMatchObject({ received: 2, accepted: 2, joined: 4 })
    it.socket.destroy()
  })

  test('an event without end is answered after a while', async () => {
    const it = await session()
    for (const line of on('x', a.syscall, a.cwd)) it.send('syslog', line)
    await until(() => it.answered().length === 2, 3500)
    expect(it.dependencies.writer.texts).toEqual([on('x', a.syscall, a.cwd).join('\n')])
    it.socket.destroy()
  })

  test('a client that says goodbye, and a collector that stops, have all events written and answered', async () => {
    const it = await session()
    for (const line of on('x', a.syscall, a.cwd)) it.send('syslog', line)
    it.send('close', '')
    await until(() => it.closed)
    expect(it.answered()).toEqual([2, 3])
    const other = await session()
    for (const line of on('x', b.syscall, b.cwd)) other.send('syslog', line)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await running.pop()?.stop()
    await until(() => other.closed)
    expect(other.answered()).toEqual([2, 3])
    expect(other.dependencies.writer.texts).toEqual([on('x', b.syscall, b.cwd).join('\n')])
  })

  test('what a lost connection had open comes again: it is forgotten, and counted', async () => {
    const it = await session()
    for (const line of on('x', a.syscall, a.cwd, b.syscall)) it.send('syslog', line)
    await until(() => it.heard.includes('200 OK'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    it.socket.destroy()
    await until(() => it.dependencies.counts.refused.relp_connection_lost === 2)
    await running.pop()?.stop()
    expect(it.dependencies.counts).toMatchObject({ received: 2, accepted: 0 })
    expect(it.dependencies.writer.texts).toEqual([])
  })
})

test('what waits is a copy, not the chunk that it came in', () => {
  const messages = createMessages({ emit: () => {}, expired: () => {}, views: true })
  const message = {
    source: 'host',
    format: '',
    receivedAt: 0,
    peer: '',
    id: '1',
    key: '1',
    payload: Buffer.alloc(65_536, `${a.syscall}\n`).subarray(0, a.syscall.length),
  }
  messages.add(message)
  expect(messages.bytes).toBe(a.syscall.length)
  expect(message.payload.toString()).toBe(a.syscall)
  expect(message.payload.buffer.byteLength).toBe(a.syscall.length)
  messages.settle()
})
