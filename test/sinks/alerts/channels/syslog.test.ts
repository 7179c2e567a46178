// Does another SIEM get each message whole: framed, escaped so that it can be read back, and counted as delivered only when it was read?
import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { Channel, type ChannelOf } from '../../../../schemas/alerting.ts'
import { cefOf } from '../../../../sinks/alerts/channels/cef.ts'
import type { Outgoing } from '../../../../sinks/alerts/channels/channel.ts'
import { recordOf } from '../../../../sinks/alerts/channels/record.ts'
import { createSyslogChannel } from '../../../../sinks/alerts/channels/syslog.ts'
import { type Authority, makeAuthority } from '../../../ingest/probe/certificates.ts'
import { read } from '../../../processors/parse/read.ts'
import { hostile } from '../message/notification.ts'
import { channelParts, forever, outgoing } from './rendered.ts'

const close: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one()
})
const authority: Promise<Authority> = makeAuthority()

async function channel(changed: Record<string, unknown>) {
  const parts = channelParts()
  writeFileSync(join(parts.baseDir, 'ca.pem'), (await authority).ca)
  const settings = Channel.parse({
    kind: 'syslog',
    id: 'siem',
    host: '127.0.0.1',
    transport: 'tcp',
    timeout_seconds: 20,
    ...changed,
  })
  return createSyslogChannel(syslogOf(settings), parts)
}

function syslogOf(settings: Channel): ChannelOf<'syslog'> {
  if (settings.kind !== 'syslog') throw new Error(settings.kind)
  return settings
}

/** A server that keeps what each connection sent, and reads and closes as it is told. */
async function receiver(behave: (socket: Socket) => void = () => {}, tls?: { cert: string; key: string }) {
  const got: string[] = []
  const sockets = new Set<Socket>()
  const onSocket = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    const pieces: Buffer[] = []
    socket.on('data', (piece) => pieces.push(Buffer.from(piece)))
    behave(socket)
    socket.on('end', () => got.push(Buffer.concat(pieces).toString()))
  }
  const server: Server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket)
  server.on('tlsClientError', () => {})
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  close.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { got, port: address.port }
}

/** Frames of RFC 6587 3.4.1, by octets. */
function frames(text: string): string[] {
  const found: string[] = []
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    const blank = rest.indexOf(' ')
    const length = Number(rest.subarray(0, blank).toString())
    const frame = rest.subarray(blank + 1, blank + 1 + length)
    if (!Number.isInteger(length) || frame.length !== length)
      throw new Error(`a frame of ${length} octets is not whole`)
    found.push(frame.toString())
    rest = rest.subarray(blank + 1 + length)
  }
  return found
}

const rfc5424 = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) - (.*)$/s

describe('over TCP', () => {
  test('comes as one frame of RFC 5424 with CEF in it', async () => {
    const { got, port } = await receiver()
    const outcome = await (await channel({ port })).send(outgoing(), forever())
    expect(outcome.kind).toBe('delivered')
    const [line = '', ...more] = frames(got[0] ?? '')
    expect(more).toEqual([])
    const [, priority, time, , app, , id, message] = rfc5424.exec(line) ?? []
    expect({ priority, time, app, id }).toEqual({
      priority: '82',
      time: '2024-11-27T01:00:00.000Z',
      app: 'siaga',
      id: 'opened',
    })
    expect(message).toMatch(
      /^CEF:0\|Siaga\|Siaga\|1\|4ce4d36e-[^|]+\|\[KRITIS\] Kabupaten Jayapura \(91\.03\): [^|]+\|10\|cs1=n-0001/,
    )
  })

  test('as JSON', async () => {
    const { got, port } = await receiver()
    await (await channel({ port, format: 'json' })).send(outgoing(), forever())
    const message = rfc5424.exec(frames(got[0] ?? '')[0] ?? '')?.[7] ?? ''
    expect(JSON.parse(message)).toMatchObject({
      idempotency_key: 'n-0001',
      alert_id: 'a1b2c3',
      severity: 'critical',
      region_code: '91.03',
      score: 96,
      link: 'https://siaga.example/alerts/a1b2c3',
      attack: ['T1078', 'T1110.001'],
    })
  })

  test.each(['cef', 'json'])('outside of government networks holds four facts as %s', async (format) => {
    const { got, port } = await receiver()
    const out = outgoing({}, {}, { outside: true })
    await (await channel({ port, format, outside: true })).send(out, forever())
    expect(got[0]).toContain('Tebak sandi SSH yang berhasil')
    expect(got[0]).not.toMatch(/203\.0\.113|sirekap|T1110|kpu|4ce4d36e|pilkada/)
  })

  test.each([
    ['never reads and never closes', (socket: Socket) => void socket.pause()],
    ['resets at once', (socket: Socket) => void socket.resetAndDestroy()],
  ])('a receiver that %s has not got it: retry', async (_, behave) => {
    const { port } = await receiver(behave)
    const sender = await channel({ port, timeout_seconds: 0.5, format: 'json' })
    expect((await sender.send(outgoing(), forever())).kind).toBe('retry')
  })

  test('a receiver that hangs up with the message unread has not got it: retry', async () => {
    // What is unread must be so for the kernel, not in a buffer of Node.
    const server = createServer({ pauseOnConnect: true }, (socket) => void setTimeout(() => socket.destroy(), 200))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    close.push(() => new Promise((done) => server.close(done)))
    const { port } = Object(server.address())
    expect((await (await channel({ port })).send(outgoing(), forever())).kind).toBe('retry')
  })

  test('ends when the signal is given', async () => {
    const controller = new AbortController()
    const { port } = await receiver((socket) => {
      socket.pause()
      controller.abort()
    })
    expect((await (await channel({ port })).send(outgoing(), controller.signal)).kind).toBe('retry')
    expect((await (await channel({ port })).send(outgoing(), AbortSignal.abort())).kind).toBe('retry')
  })

  test('nobody there: retry', async () => {
    expect((await (await channel({ port: 1 })).send(outgoing(), forever())).kind).toBe('retry')
  })
})

describe('over TLS', () => {
  test('comes whole from a server of the authority that is trusted', async () => {
    const { got, port } = await receiver(undefined, await (await authority).issue(['localhost']))
    const sender = await channel({ port, host: 'localhost', transport: 'tls', ca: 'ca.pem' })
    expect((await sender.send(outgoing(), forever())).kind).toBe('delivered')
    expect(frames(got[0] ?? '').length).toBe(1)
  })

  test.each([
    ['of another authority', async () => (await makeAuthority('Lain')).issue(['localhost'])],
    ['of another name', async () => (await authority).issue(['lain.example'])],
  ])('a certificate %s: nothing is sent', async (_, issue) => {
    const { got, port } = await receiver(undefined, await issue())
    const sender = await channel({ port, host: 'localhost', transport: 'tls', ca: 'ca.pem' })
    expect((await sender.send(outgoing(), forever())).kind).toBe('retry')
    expect(got.join('')).toBe('')
  })

  test('an authority file that is not there: retry, since it can be put there', async () => {
    const sender = await channel({ port: 6514, transport: 'tls', ca: 'tidak-ada.pem' })
    expect((await sender.send(outgoing(), forever())).kind).toBe('retry')
  })
})

test('over UDP a datagram has at most 2,048 octets and whole fields', async () => {
  const socket = createSocket('udp4')
  const got: string[] = []
  const both = new Promise<void>((done) => {
    socket.on('message', (message) => {
      got.push(message.toString())
      if (got.length === 2) done()
    })
  })
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  close.push(() => new Promise<void>((done) => socket.close(() => done())))
  const { port } = socket.address()
  const attack = Array.from({ length: 300 }, (_, n) => `T1${100 + n}`)
  for (const format of ['cef', 'json']) {
    const outcome = await (await channel({ port, transport: 'udp', format })).send(outgoing({}, { attack }), forever())
    expect(outcome).toEqual({ kind: 'delivered', detail: 'sent; UDP has no acknowledgement' })
  }
  await both
  for (const message of got) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(2_048)
  expect(JSON.parse(rfc5424.exec(got[1] ?? '')?.[7] ?? '')).toMatchObject({
    idempotency_key: 'n-0001',
    alert_id: 'a1b2c3',
  })
  expect(read(got[0] ?? '')).toMatchObject({ dataset: 'cef' })
})

describe('CEF', () => {
  const cef = (out: Outgoing, outside = false) => cefOf(out, recordOf(out, outside), 16_000)

  test('is read back by our own parser as what was meant', () => {
    const event = read(cef(outgoing()), 'cef')
    expect(event).toMatchObject({
      dataset: 'cef',
      timestamp: '2024-11-26T23:00:02.000Z',
      event_severity: 100,
      rule_name: '[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil',
      source_ip: '203.0.113.9',
      event_action: 'opened',
    })
    expect(JSON.stringify(event)).toContain('n-0001')
  })

  test('keeps bars, equals signs and backslashes apart', () => {
    const out = outgoing({ notification_id: 'a=b|c\\d\\', alert_id: 'x\\=y' })
    const line = cef({ ...out, message: { ...out.message, title: 'satu|dua\\tiga=empat\\' } })
    expect(line).toContain(
      '|satu\\|dua\\\\tiga=empat\\\\|10|cs1=a\\=b|c\\\\d\\\\ cs1Label=idempotency_key externalId=x\\\\\\=y ',
    )
    expect(read(line, 'cef')).toMatchObject({ rule_name: 'satu|dua\\tiga=empat\\' })
  })

  test('no text makes a field, a line or a frame of its own', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        'x src=198.51.100.1 act=tidak',
        'x|9|src=198.51.100.1',
        '\\',
        'a\nCEF:0|x|y|1|1|z|1|',
        '=',
        '|',
        ...Object.values(hostile),
      ),
    )
    fc.assert(
      fc.property(text, text, (id, entity) => {
        const out = outgoing({ notification_id: id }, { case_id: id, entity: `user:${entity}`, owner: entity })
        const line = cef({ ...out, message: { ...out.message, title: id, region: entity, link: id } })
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        const event = read(line, 'cef')
        expect(event.source_ip ?? '').toBe('')
        expect(event.event_action).toBe('opened')
        expect(event.event_severity).toBe(100)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['critical', 10, 2],
    ['high', 8, 3],
    ['medium', 5, 4],
    ['low', 3, 5],
    ['informational', 1, 6],
  ] as const)('severity %s is %i of 10 and syslog %i', async (severity, of10, level) => {
    const { got, port } = await receiver()
    await (await channel({ port })).send(outgoing({}, { severity }), forever())
    expect(got[0]).toContain(`|${of10}|cs1=`)
    expect(got[0]).toContain(`<${80 + level}>1 `)
  })
})
