// Does a message arrive as e-mail at a real SMTP server, and what becomes of one that a server refuses, delays, drops or hangs on?
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import type { ChannelOf } from '../../../../schemas/alerting.ts'
import { Channel } from '../../../../schemas/alerting.ts'
import type { ChannelSender } from '../../../../sinks/alerts/channels/channel.ts'
import { createEmailChannel } from '../../../../sinks/alerts/channels/email.ts'
import { type Authority, makeAuthority } from '../../../ingest/probe/certificates.ts'
import { hostile } from '../message/notification.ts'
import { channelParts, forever, outgoing } from './rendered.ts'

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly secure: boolean
  readonly user: string
}

const close: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one()
})

const authority: Promise<Authority> = makeAuthority()

/** A server that demands STARTTLS and log-in, unless told otherwise, and keeps what it gets. */
async function smtp(changed: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const pem = await (await authority).issue(['localhost'])
  const server = new SMTPServer({
    ...pem,
    logger: false,
    closeTimeout: 100,
    onAuth({ username, password }, _, done) {
      if (username === 'siaga' && password === 'benar') done(null, { user: username })
      else done(new Error('535 5.7.8 wrong password'))
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = []
      stream.on('data', (piece: Buffer) => pieces.push(piece))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          from: mailFrom === false ? '' : (mailFrom?.address ?? ''),
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(pieces).toString(),
          secure: session.secure === true,
          user: String(session.user ?? ''),
        })
        done(null, 'queued')
      })
    },
    ...changed,
  })
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await new Promise((done) => listening.once('listening', done))
  close.push(() => new Promise<void>((done) => server.close(() => done())))
  return { mails, port: portOf(listening) }
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function channel(changed: Record<string, unknown>, secrets: Record<string, string> = { SANDI: 'benar' }) {
  const parts = channelParts(secrets)
  writeFileSync(join(parts.baseDir, 'ca.pem'), (await authority).ca)
  const settings = Channel.parse({
    kind: 'email',
    id: 'surel',
    host: 'localhost',
    ca: 'ca.pem',
    user: 'siaga',
    password: { env: 'SANDI' },
    from: 'Siaga <siaga@bssn.example>',
    timeout_seconds: 20,
    ...changed,
  })
  const sender = createEmailChannel(emailOf(settings), parts)
  close.push(() => sender.close())
  return { sender, parts }
}

function emailOf(settings: Channel): ChannelOf<'email'> {
  if (settings.kind !== 'email') throw new Error(settings.kind)
  return settings
}

/** A server that says each line of `script` when the client has said the one before; `hang` says nothing more, `drop` ends the connection. */
async function scripted(
  answer: (line: string, data: boolean) => string | 'hang' | 'drop',
  greeting = '220 localhost ESMTP',
) {
  const sockets = new Set<Socket>()
  const seen: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let data = false
    let rest = ''
    if (greeting === 'drop') socket.destroy()
    else if (greeting !== 'hang') socket.write(`${greeting}\r\n`)
    socket.on('data', (piece) => {
      const lines = (rest + piece.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (data && line !== '.') {
          if (answer(line, true) === 'drop') socket.destroy()
          continue
        }
        seen.push(line)
        data = false
        const said = answer(line, false)
        if (said === 'drop') socket.destroy()
        else if (said !== 'hang') socket.write(`${said}\r\n`)
        if (line === 'DATA' && said.startsWith('354')) data = true
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  close.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  })
  return { port: portOf(server), seen }
}

const plain = { starttls: 'optional', user: '', password: undefined }
const usual = (line: string, data: boolean): string => {
  if (data) return ''
  if (line.startsWith('EHLO')) return '250 localhost'
  if (line === 'DATA') return '354 go on'
  return line === 'QUIT' ? '221 bye' : '250 2.0.0 ok'
}

const header = (raw: string, name: string): string =>
  new RegExp(`^${name}:((?:.|\\r\\n[ \\t])*)`, 'im')
    .exec(raw)?.[1]
    ?.replace(/\r\n[ \t]/g, ' ')
    .trim() ?? ''

async function send(sender: ChannelSender, ...of: Parameters<typeof outgoing>) {
  return sender.send(outgoing(...of), forever())
}

describe('a message that arrives', () => {
  test('comes by STARTTLS and log-in, as text and HTML, with its key', async () => {
    const { mails, port } = await smtp()
    const { sender } = await channel({ port })
    expect(await send(sender)).toMatchObject({ kind: 'delivered' })
    const [mail] = mails
    expect(mail).toMatchObject({ from: 'siaga@bssn.example', to: ['budi@kpu.example'], secure: true, user: 'siaga' })
    const raw = mail?.raw ?? ''
    expect(header(raw, 'Subject')).toBe('[KRITIS] Kabupaten Jayapura (91.03): Tebak sandi SSH yang berhasil')
    expect(header(raw, 'From')).toBe('Siaga <siaga@bssn.example>')
    expect(header(raw, 'To')).toBe('Budi <budi@kpu.example>')
    expect(header(raw, 'Auto-Submitted')).toBe('auto-generated')
    expect(header(raw, 'X-Siaga-Idempotency-Key')).toBe('n-0001')
    expect(header(raw, 'Importance')).toBe('high')
    expect(raw).toContain('text/plain')
    expect(raw).toContain('text/html')
  })

  test('tells clients that stand by it: one thread for an alert, one id for a notification', async () => {
    const { mails, port } = await smtp()
    const { sender } = await channel({ port })
    await send(sender)
    await send(sender)
    await send(sender, { notification_id: 'n-0002', reason: 'escalated' }, { severity: 'high' })
    await send(sender, { notification_id: 'n-0003' }, { alert_id: 'lain' })
    const of = (name: string) => mails.map(({ raw }) => header(raw, name))
    const [first, repeat, second, other] = of('Message-ID')
    expect(first).toMatch(/^<notification\.[0-9a-f]{32}@bssn\.example>$/)
    expect(repeat).toBe(first)
    expect(new Set([first, second, other]).size).toBe(3)
    const threads = of('References')
    expect(threads[0]).toMatch(/^<alert\.[0-9a-f]{32}@bssn\.example>$/)
    expect(threads.slice(0, 3)).toEqual([threads[0], threads[0], threads[0]])
    expect(threads[3]).not.toBe(threads[0])
    expect(of('In-Reply-To')).toEqual(threads)
    expect(of('Importance')).toEqual(['high', 'high', '', 'high'])
  })

  test('outside of government networks holds the four facts', async () => {
    const { mails, port } = await smtp()
    const { sender } = await channel({ port, outside: true })
    await send(sender, {}, {}, { outside: true })
    const raw = mails[0]?.raw ?? ''
    expect(header(raw, 'Subject')).toContain('Tebak sandi SSH yang berhasil')
    expect(raw).toContain('KRITIS')
    expect(raw).toContain('https://siaga.example/alerts/a1b2c3')
    expect(raw).not.toMatch(/203\.0\.113|root|sirekap|T1110|MENGAPA|Telepon/i)
  })

  test('over TLS from the first byte', async () => {
    const { mails, port } = await smtp({ secure: true })
    const { sender } = await channel({ port, tls: true })
    expect(await send(sender)).toMatchObject({ kind: 'delivered' })
    expect(mails[0]?.secure).toBe(true)
  })

  test('uses a few connections for many', async () => {
    const connections = new Set<string>()
    const { mails, port } = await smtp({
      onConnect(session, done) {
        connections.add(session.id)
        done()
      },
    })
    const { sender } = await channel({ port, concurrency: 2 })
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => send(sender, { notification_id: `n-${n}` })),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(12).fill('delivered'))
    expect(mails.length).toBe(12)
    expect(connections.size).toBeLessThanOrEqual(2)
  })

  test('after the password was changed uses the new one', async () => {
    const { mails, port } = await smtp()
    const { sender, parts } = await channel({ port }, { SANDI: 'lama' })
    expect(await send(sender)).toMatchObject({ kind: 'retry', detail: expect.stringContaining('535') })
    parts.secrets.SANDI = 'benar'
    expect(await send(sender)).toMatchObject({ kind: 'delivered' })
    expect(mails.length).toBe(1)
  })
})

test('no text begins a header, a recipient or a line of SMTP', async () => {
  const { mails, port } = await smtp()
  const { sender } = await channel({ port })
  const evil = 'x\r\nBcc: korban@evil.example\r\nX-Palsu: 1\r\n\r\nisi\r\n.\r\nMAIL FROM:<a@evil.example>'
  for (const text of [evil, ...Object.values(hostile).map((one) => one.slice(0, 2_000))]) {
    const out = outgoing(
      { notification_id: text },
      { alert_id: text, title: text, rule_id: 'siaga.builtin.device_alert' },
    )
    const message = { ...out.message, title: text, subject: text }
    const recipient = { id: 'budi', name: text, channel: 'surel', to: 'budi@kpu.example', language: 'id' } as const
    expect(await sender.send({ ...out, message, recipient }, forever())).toMatchObject({ kind: 'delivered' })
  }
  for (const { raw, to } of mails) {
    expect(to).toEqual(['budi@kpu.example'])
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    expect(head).not.toMatch(/^(?:Bcc|X-Palsu)/im)
    expect(raw.match(/^Subject:/gim)?.length).toBe(1)
  }
})

test.each([
  '',
  'budi',
  'a@b.example, c@d.example',
  'budi@kpu.example\r\nBcc: x@y.example',
  '<a@b.example>',
  'x: a@b.example;',
  '"a b"@c.example',
  'a@b@c',
])('the address %j is refused, without a word to the server', async (to) => {
  const { port, seen } = await scripted(usual)
  const { sender } = await channel({ port, ...plain })
  const out = outgoing()
  const recipient = { id: 'budi', name: '', channel: 'surel', to, language: 'id' } as const
  expect(await sender.send({ ...out, recipient }, forever())).toMatchObject({ kind: 'refused' })
  expect(await sender.send({ ...out, recipient: undefined }, forever())).toMatchObject({ kind: 'refused' })
  expect(seen).toEqual([])
})

describe('a server that does not take it', () => {
  const at = (step: string, said: string) => (line: string, data: boolean) =>
    !data && line.startsWith(step) ? said : usual(line, data)

  test.each([
    ['RCPT TO', '450 4.2.1 later', 'retry'],
    ['RCPT TO', '451 4.3.0 greylisted', 'retry'],
    ['RCPT TO', '550 5.1.1 no such user', 'refused'],
    ['RCPT TO', '553 5.1.3 bad address', 'refused'],
    ['RCPT TO', '550 5.7.1 relaying denied', 'retry'],
    ['RCPT TO', '552 5.2.2 mailbox full', 'retry'],
    ['RCPT TO', '550 5.2.1 mailbox disabled', 'retry'],
    ['MAIL FROM', '553 5.1.8 sender not known', 'retry'],
    ['MAIL FROM', '530 5.7.0 log in first', 'retry'],
    ['DATA', '451 4.3.0 later', 'retry'],
    ['DATA', '554 5.6.0 content rejected', 'refused'],
    ['.', '451 4.3.0 no room', 'retry'],
    ['.', '554 5.6.0 content rejected', 'refused'],
    ['.', '421 4.3.2 going down', 'retry'],
    ['.', '250 2.0.0 ok', 'delivered'],
    ['EHLO', '421 4.3.2 too busy', 'retry'],
  ])('%s answered with %s: %s', async (step, said, kind) => {
    const { port } = await scripted(at(step, said))
    const { sender } = await channel({ port, ...plain })
    const outcome = await send(sender)
    expect(outcome.kind).toBe(kind)
    if (kind !== 'delivered') expect(outcome.detail).toContain(said.slice(0, 3))
  })

  test.each([
    ['554 5.3.2 no service', 'retry'],
    ['421 busy', 'retry'],
    ['drop', 'retry'],
  ])('greets with %s: %s', async (greeting, kind) => {
    const { port } = await scripted(usual, greeting)
    const { sender } = await channel({ port, ...plain })
    expect((await send(sender)).kind).toBe(kind)
  })

  test('drops the connection in the middle of the text, and has it on the next attempt with the same id', async () => {
    let drops = 1
    const ids: string[] = []
    const { port } = await scripted((line, data) => {
      if (data && /^Message-ID/i.test(line)) ids.push(line)
      if (data && drops > 0 && line.startsWith('Content-Type')) {
        drops--
        return 'drop'
      }
      return usual(line, data)
    })
    const { sender } = await channel({ port, ...plain })
    expect((await send(sender)).kind).toBe('retry')
    expect((await send(sender)).kind).toBe('delivered')
    expect(ids.length).toBe(2)
    expect(new Set(ids).size).toBe(1)
  })

  test.each([
    ['greeting', 'hang'],
    ['EHLO', ''],
    ['MAIL FROM', ''],
    ['.', ''],
  ])('hangs at %s: retry when time is up', async (step, greeting) => {
    const { port } = await scripted(
      (line, data) => (!data && line.startsWith(step) ? 'hang' : usual(line, data)),
      greeting || undefined,
    )
    const { sender } = await channel({ port, ...plain, timeout_seconds: 0.5 })
    expect((await send(sender)).kind).toBe('retry')
  })

  test('trickles its answer, a line at a time: retry when time is up', async () => {
    const timers = new Set<NodeJS.Timeout>()
    close.push(async () => {
      for (const timer of timers) clearInterval(timer)
    })
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write('220 localhost ESMTP\r\n')
      socket.once('data', () => timers.add(setInterval(() => socket.write('250-masih sibuk\r\n'), 50)))
      socket.on('close', () => server.close())
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { sender } = await channel({ port: portOf(server), ...plain, timeout_seconds: 0.5 })
    expect((await send(sender)).kind).toBe('retry')
  })

  test('ends when the signal is given, and the next message goes on', async () => {
    let hang = true
    const { port, seen } = await scripted((line, data) =>
      hang && line.startsWith('MAIL') ? 'hang' : usual(line, data),
    )
    const { sender } = await channel({ port, ...plain, concurrency: 1 })
    const controller = new AbortController()
    const pending = sender.send(outgoing(), controller.signal)
    while (!seen.some((line) => line.startsWith('MAIL'))) await new Promise((done) => setTimeout(done, 5))
    controller.abort()
    expect((await pending).kind).toBe('retry')
    hang = false
    expect((await send(sender)).kind).toBe('delivered')
  })

  test('is not there: retry', async () => {
    const { sender } = await channel({ port: 1, ...plain })
    expect((await send(sender)).kind).toBe('retry')
  })
})

describe('what keeps a message from going in the clear', () => {
  test('a server without STARTTLS gets nothing', async () => {
    const { mails, port } = await smtp({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    const { sender } = await channel({ port })
    expect((await send(sender)).kind).toBe('retry')
    expect(mails).toEqual([])
  })

  test('unless it is optional', async () => {
    const { mails, port } = await smtp({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    const { sender } = await channel({ port, starttls: 'optional' })
    expect((await send(sender)).kind).toBe('delivered')
    expect(mails[0]?.secure).toBe(false)
  })

  test('a certificate of another authority', async () => {
    const { mails, port } = await smtp({ ...(await (await makeAuthority('Lain')).issue(['localhost'])) })
    const { sender } = await channel({ port })
    expect((await send(sender)).kind).toBe('retry')
    expect(mails).toEqual([])
  })

  test('a wrong password, or none: kept for later, and never told', async () => {
    const { mails, port } = await smtp()
    const wrong = await (await channel({ port }, { SANDI: 'rahasia-salah' })).sender.send(outgoing(), forever())
    expect(wrong).toMatchObject({ kind: 'retry' })
    expect(JSON.stringify(wrong)).not.toContain('rahasia-salah')
    expect(await (await channel({ port }, {})).sender.send(outgoing(), forever())).toMatchObject({ kind: 'retry' })
    expect(mails).toEqual([])
  })
})
