import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'
import { startRelp } from '../../../ingest/relp/relp.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { dial, portOf, type TestDependencies, testDependencies, until } from '../syslog/support.ts'

const running: Collector[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map((collector) => collector.stop()))
})

const OFFER = 'relp_version=0\nrelp_software=test\ncommands=syslog'

/** A client that remembers what it is told. */
class Client {
  heard = ''
  isClosed = false
  readonly socket: Socket
  #txnr = 0

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (data) => {
      this.heard += data.toString()
    })
    socket.on('close', () => {
      this.isClosed = true
    })
  }

  send(command: string, data: string | Buffer = ''): number {
    this.#txnr += 1
    const length = Buffer.byteLength(data)
    this.socket.write(`${this.#txnr} ${command} ${length}`)
    if (length > 0) this.socket.write(Buffer.concat([Buffer.from(' '), Buffer.from(data)]))
    this.socket.write('\n')
    return this.#txnr
  }

  get acknowledged(): number[] {
    return [...this.heard.matchAll(/^(\d+) rsp 6 200 OK$/gm)].map((match) => Number(match[1]))
  }
}

async function start(dependencies: TestDependencies, giveUpAfterMs?: number): Promise<number> {
  const collector = await startRelp({ host: '127.0.0.1', port: 0 }, dependencies, giveUpAfterMs)
  running.push(collector)
  return portOf(collector.addresses, 'relp')
}

async function client(port: number): Promise<Client> {
  const socket = await dial(port)
  sockets.push(socket)
  return new Client(socket)
}

async function session(dependencies: TestDependencies): Promise<Client> {
  const it = await client(await start(dependencies))
  it.send('open', OFFER)
  await until(() => it.heard.includes('commands=syslog'))
  return it
}

const local = [{ id: 'kpu', networks: ['127.0.0.1'] }]

describe('RELP', () => {
  test('open, syslog, close', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    const offers = '200 OK\nrelp_version=0\nrelp_software=siaga\ncommands=syslog'
    expect(it.heard).toBe(`1 rsp ${offers.length} ${offers}\n`)
    it.heard = ''
    it.send('syslog', '<34>1 a\nb')
    it.send('syslog', '')
    it.send('close')
    await until(() => it.isClosed)
    expect(it.heard.split('\n').toSorted()).toEqual([
      '',
      '0 serverclose 0',
      '2 rsp 6 200 OK',
      '3 rsp 6 200 OK',
      '4 rsp 0',
    ])
    expect(it.heard.endsWith('4 rsp 0\n0 serverclose 0\n')).toBe(true)
    expect(dependencies.writer.texts).toEqual(['<34>1 a\nb'])
    expect(dependencies.writer.events[0]).toMatchObject({ source: 'kpu', peer: '127.0.0.1', marks: [] })
    expect(dependencies.counts).toMatchObject({ received: 1, accepted: 1, refused: {}, lost: {} })
  })

  test('a message is acknowledged after Kafka has it, not before', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    dependencies.writer.failing = true
    for (let n = 0; n < 100; n++) it.send('syslog', `m${n}`)
    await until(() => dependencies.writer.attempts >= 3)
    expect(it.acknowledged).toEqual([])
    dependencies.writer.failing = false
    await until(() => it.acknowledged.length === 100)
    expect(it.acknowledged).toEqual(Array.from({ length: 100 }, (_, n) => n + 2))
    expect(dependencies.writer.texts).toEqual(Array.from({ length: 100 }, (_, n) => `m${n}`))
  })

  test('after a long time without Kafka the answer is 500 and the connection ends', async () => {
    const dependencies = testDependencies(local)
    const it = await client(await start(dependencies, 500))
    it.send('open', OFFER)
    dependencies.writer.failing = true
    it.send('syslog', 'a')
    it.send('syslog', 'b')
    await until(() => it.isClosed)
    expect(it.heard).toMatch(/\n2 rsp \d+ 500 not stored, send again\n3 rsp \d+ 500 [^\n]+\n$/)
    expect(dependencies.counts).toMatchObject({ received: 2, accepted: 0, refused: { kafka_unavailable: 2 }, lost: {} })
  })

  test('what a lost connection had not written is forgotten, for it comes again', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    dependencies.writer.hold()
    it.send('syslog', 'in flight')
    await until(() => dependencies.writer.attempts === 1)
    for (let n = 0; n < 50; n++) it.send('syslog', `m${n}`)
    await until(() => dependencies.counts.received === 51)
    it.socket.destroy()
    await until(() => (dependencies.counts.refused.relp_connection_lost ?? 0) === 50)
    dependencies.writer.release()
    await until(() => dependencies.counts.accepted === 1)
    await running.pop()?.stop()
    expect(dependencies.writer.texts).toEqual(['in flight'])
  })

  test('a 10 MB message is cut, marked and acknowledged, and what follows survives', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    it.send('syslog', Buffer.alloc(10 * 1024 * 1024, 'x'))
    it.send('syslog', 'after')
    await until(() => it.acknowledged.length === 2)
    const [cut, after] = dependencies.writer.events
    expect([cut?.value.length, cut?.marks]).toEqual([MAX_PAYLOAD_BYTES, ['truncated']])
    expect([after?.value.toString(), after?.marks]).toEqual(['after', []])
  })

  test('while Kafka is away the sender is held back', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    dependencies.writer.hold()
    for (let n = 0; n < 20_000; n++) it.send('syslog', 'x'.repeat(1_000))
    let before = -1
    while (before !== dependencies.counts.bytes) {
      before = dependencies.counts.bytes
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(before).toBeLessThan(3 * 1024 * 1024)
    dependencies.writer.release()
    await until(() => it.acknowledged.length === 20_000)
    expect(dependencies.counts).toMatchObject({ received: 20_000, accepted: 20_000 })
  })

  test('a client that never reads its answers is held back', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    it.socket.pause()
    const many = Buffer.from('2 syslog 1 a\n'.repeat(10_000))
    // More answers than the buffers of both ends of a connection hold, several times.
    for (let n = 0; n < 120; n++) it.socket.write(many)
    let before = -1
    while (before !== dependencies.counts.accepted) {
      before = dependencies.counts.accepted
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(before).toBeLessThan(1_200_000)
    it.socket.resume()
    await until(() => dependencies.counts.accepted === 1_200_000, 40_000)
  })

  test.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
    ['a message before open', '1 syslog 1 a\n'],
    ['a header without end', '1'.repeat(1_000)],
    ['data longer than announced', `1 open ${OFFER.length} ${OFFER}\n2 syslog 1 ab\n`],
  ])('%s closes the connection and is counted', async (_name, bytes) => {
    const dependencies = testDependencies(local)
    const it = await client(await start(dependencies))
    it.socket.write(bytes)
    await until(() => it.isClosed)
    expect(dependencies.counts).toMatchObject({ received: 1, accepted: 0, refused: { relp_malformed: 1 } })
  })

  test('a client that does not offer syslog is refused, an unknown command is answered', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    const other = await client(port)
    other.send('open', 'relp_version=0\ncommands=eventlog')
    await until(() => other.isClosed)
    expect(other.heard).toMatch(/^1 rsp \d+ 500 the command syslog is required\n$/)
    const it = await client(port)
    it.send('open', 'relp_version=1\ncommands=starttls,syslog')
    it.send('starttls')
    it.send('syslog', 'a')
    await until(() => it.acknowledged.length === 1)
    expect(it.heard).toContain('2 rsp 19 500 unknown command\n')
  })

  test('stop answers what is due and says goodbye', async () => {
    const dependencies = testDependencies(local)
    const it = await session(dependencies)
    dependencies.writer.delayMs = 200
    it.send('syslog', 'a')
    await until(() => dependencies.counts.received === 1)
    const begin = performance.now()
    await running.pop()?.stop()
    expect(performance.now() - begin).toBeLessThan(2_000)
    await until(() => it.isClosed)
    expect(it.heard.endsWith('2 rsp 6 200 OK\n0 serverclose 0\n')).toBe(true)
  })

  test('a port that is taken is told with its setting', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    await expect(startRelp({ host: '127.0.0.1', port }, dependencies)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  })

  test('two connections at once each get their own answers', async () => {
    const dependencies = testDependencies(local)
    const port = await start(dependencies)
    const clients = await Promise.all([client(port), client(port)])
    for (const it of clients) it.send('open', OFFER)
    for (let n = 0; n < 3_000; n++) for (const it of clients) it.send('syslog', `m${n}`)
    await until(() => clients.every((it) => it.acknowledged.length === 3_000))
    const keys = Map.groupBy(dependencies.writer.events, (event) => event.key)
    expect(keys.size).toBe(2)
    for (const events of keys.values())
      expect(events.map(({ value }) => value.toString())).toEqual(Array.from({ length: 3_000 }, (_, n) => `m${n}`))
  })
})
