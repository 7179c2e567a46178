import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { makeAuthority } from '../../../ingest/probe/certificates.ts'
import { closeAll, serveBytes, serveWith } from '../../../runtime/guard/serve.ts'
import { NOW, outgoing, receiver, SECRET, sendBy, TOKEN } from './outgoing.ts'

afterEach(closeAll)

const PATH_TOKEN = 'T0000/B0000/hookTokenInThePath'
const given = { secret: { env: 'SECRET' }, token: { env: 'TOKEN' } }

/** Sends to a server that answers so; every outcome is looked through for secrets. */
async function outcome(answer: (response: ServerResponse) => void, changes: Record<string, unknown> = {}) {
  const server = await receiver(answer)
  const result = await sendBy('webhook', {
    url: `${server.origin}/hooks/${PATH_TOKEN}?key=queryToken1`,
    ...given,
    ...changes,
  })
  expect(result.detail.length).toBeLessThanOrEqual(200)
  expect(result.detail).toMatch(/^[^\p{C}]+$/u)
  for (const secret of [
    TOKEN,
    SECRET,
    PATH_TOKEN,
    'hookTokenInThePath',
    'queryToken1',
    Buffer.from(TOKEN).toString('base64'),
  ]) {
    expect(result.detail).not.toContain(secret)
  }
  return { result, server }
}

describe('an answer', () => {
  test.each([200, 201, 202, 204])('of %i is delivered', async (status) => {
    const { result, server } = await outcome((response) => response.writeHead(status).end())
    expect(result).toEqual({ kind: 'delivered', detail: `HTTP ${status}` })
    expect(server.received[0]).toMatchObject({ method: 'POST' })
  })

  test.each([408, 425, 429, 500, 502, 503, 504, 599])('of %i is tried again', async (status) => {
    const { result } = await outcome((response) => response.writeHead(status).end('sibuk'))
    expect(result).toEqual({ kind: 'retry', detail: `HTTP ${status}: sibuk` })
  })

  test.each([401, 403, 404, 407])('of %i is a mistake that people repair', async (status) => {
    const { result } = await outcome((response) => response.writeHead(status).end())
    expect(result).toMatchObject({ kind: 'retry', detail: `HTTP ${status} (check url and token)` })
  })

  test.each([400, 405, 410, 413, 422])('of %i is refused', async (status) => {
    const { result } = await outcome((response) => response.writeHead(status).end('bad'))
    expect(result).toEqual({ kind: 'refused', detail: `HTTP ${status}: bad` })
  })

  test.each([
    ['7', 7_000],
    ['0', 0],
    ['999999', 3_600_000],
    ['99999999999999999999', undefined],
    [new Date(NOW + 90_000).toUTCString(), 90_000],
    ['Wednesday, 27-Nov-24 01:01:30 GMT', 90_000],
    ['Wed Nov 27 01:01:30 2024', 90_000],
    [new Date(NOW - 90_000).toUTCString(), 0],
    [new Date(NOW + 86_400_000).toUTCString(), 3_600_000],
    ['-5', undefined],
    ['soon', undefined],
    ['Wed, 99 Foo 2024', undefined],
  ])('that asks to wait until %s is heard', async (value, retryAfterMs) => {
    for (const status of [429, 503]) {
      const { result } = await outcome((response) => response.writeHead(status, { 'retry-after': value }).end())
      expect(result).toEqual({
        kind: 'retry',
        detail: `HTTP ${status}`,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      })
    }
  })

  test.each([301, 302, 303, 307, 308])('of %i is not followed', async (status) => {
    const elsewhere = await receiver()
    const { result } = await outcome((response) =>
      response.writeHead(status, { location: `${elsewhere.origin}/?token=${encodeURIComponent(TOKEN)}` }).end(),
    )
    expect(result).toMatchObject({ kind: 'retry', detail: expect.stringContaining(`HTTP ${status}`) })
    expect(elsewhere.received).toEqual([])
  })

  test('without end is cut, and counts by its status', async () => {
    const flood = (response: ServerResponse): void => {
      while (!response.destroyed)
        if (!response.write('x'.repeat(8192))) return void response.once('drain', () => flood(response))
    }
    expect((await outcome((response) => flood(response.writeHead(200)))).result.kind).toBe('delivered')
    const { result } = await outcome((response) => flood(response.writeHead(400)))
    expect(result).toEqual({ kind: 'refused', detail: `HTTP 400: ${'x'.repeat(189)}…` })
  })

  test('that unfolds without end is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'y'))
    const { result } = await outcome((response) => response.writeHead(500, { 'content-encoding': 'gzip' }).end(bomb))
    expect(result.kind).toBe('retry')
  })

  test('that repeats secrets is told without them, also where it hides them', async () => {
    const forms = [
      TOKEN,
      SECRET,
      `/hooks/${PATH_TOKEN}?key=queryToken1`,
      encodeURIComponent(TOKEN),
      JSON.stringify(TOKEN),
      Buffer.from(TOKEN).toString('base64'),
      TOKEN.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      [...TOKEN].join('\u200b'),
      `${'-'.repeat(195)}${TOKEN}`,
    ]
    for (const form of forms) {
      const { result } = await outcome((response) => response.writeHead(400).end(`Cannot POST ${form}`))
      expect(result.detail, form).not.toMatch(/Tok3n|kunci|hookToken|queryToken|cmFoYXNpYS/)
      expect(result.kind).toBe('refused')
    }
  })

  test('of control characters and other signs is told in characters that can be printed', async () => {
    const { result } = await outcome((response) =>
      response.writeHead(400).end(Buffer.from('a\u0000b\r\n\u001b[31mc\u202ed\ud800\xff', 'latin1')),
    )
    expect(result.kind).toBe('refused')
  })
})

describe('where there is no whole answer, the message is tried again', () => {
  test.each([
    ['nothing', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'],
    ['half a head', 'HTTP/1.1 20'],
    ['garbage', '\u0000\u0001garbage\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['broken chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['other protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
  ])('%s, then closed', async (_, bytes) => {
    const { origin } = await serveBytes((socket) => socket.end(bytes))
    expect(await sendBy('webhook', { url: origin })).toMatchObject({ kind: 'retry' })
  })

  test('a connection that is reset in the middle', async () => {
    const { origin } = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhal', () => socket.resetAndDestroy())
    })
    expect(await sendBy('webhook', { url: origin })).toMatchObject({
      kind: 'retry',
      detail: expect.stringContaining('closed without a whole answer'),
    })
  })

  test('nobody listens', async () => {
    const { origin } = await receiver()
    await closeAll()
    expect(await sendBy('webhook', { url: origin })).toMatchObject({
      kind: 'retry',
      detail: expect.stringContaining('refused the connection'),
    })
  })

  test('the name is unknown', async () => {
    expect(await sendBy('webhook', { url: 'http://tidak-ada.invalid/rahasiaDalamJalur' })).toMatchObject({
      kind: 'retry',
      detail: expect.not.stringContaining('rahasiaDalamJalur'),
    })
  })

  test.each(['before the head', 'inside the body'])('it hangs %s: the signal ends it', async (where) => {
    const stop = new AbortController()
    const server = await receiver((response) => {
      if (where === 'inside the body') response.writeHead(200).write('a')
      stop.abort()
    })
    expect(await sendBy('webhook', { url: server.origin }, { signal: stop.signal })).toMatchObject({ kind: 'retry' })
  })

  test('it hangs: so does its own time', async () => {
    const server = await receiver(() => undefined)
    expect(await sendBy('webhook', { url: server.origin, timeout_seconds: 0.05 })).toMatchObject({
      kind: 'retry',
      detail: expect.stringContaining('no answer in time'),
    })
  })

  test('the signal was given before: nothing is sent', async () => {
    const server = await receiver()
    expect(await sendBy('webhook', { url: server.origin }, { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'retry',
    })
    expect(server.received).toEqual([])
  })
})

describe('TLS', () => {
  test('trusts the authority of `ca`, and nobody else', async () => {
    const [authority, other] = [await makeAuthority(), await makeAuthority('Orang Lain')]
    const leaf = await authority.issue(['localhost'])
    const folder = await mkdtemp(join(tmpdir(), 'siaga-ca-'))
    try {
      await writeFile(join(folder, 'ca.pem'), authority.ca)
      await writeFile(join(folder, 'other.pem'), other.ca)
      await writeFile(join(folder, 'empty.pem'), '')
      let received = 0
      const { port } = await serveWith(
        https.createServer(leaf, (_, response) => {
          received++
          response.end()
        }),
      )
      const url = `https://localhost:${port}/`
      const by = (ca?: string) => sendBy('webhook', { url, ...(ca ? { ca } : {}) }, { parts: { baseDir: folder } })
      expect(await by('ca.pem')).toEqual({ kind: 'delivered', detail: 'HTTP 200' })
      expect(received).toBe(1)
      for (const ca of ['other.pem', undefined]) {
        expect(await by(ca)).toMatchObject({ kind: 'retry', detail: expect.stringContaining('TLS failed') })
      }
      expect(await by('empty.pem')).toMatchObject({ kind: 'retry', detail: expect.stringContaining('no certificate') })
      expect(await by('missing.pem')).toMatchObject({ kind: 'retry', detail: expect.stringContaining('ENOENT') })
      // A certificate of another name.
      const byAddress = await sendBy(
        'webhook',
        { url: `https://127.0.0.1:${port}/`, ca: 'ca.pem' },
        { parts: { baseDir: folder } },
      )
      expect(byAddress).toMatchObject({ kind: 'retry', detail: expect.stringContaining('TLS failed') })
      expect(received).toBe(1)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

test('a secret that is missing lets the message wait, and is named without its value', async () => {
  const server = await receiver()
  const result = await sendBy('webhook', { url: server.origin, token: { env: 'TOKEN' }, secret: { env: 'NOT_THERE' } })
  expect(result).toEqual({ kind: 'retry', detail: 'secret: the environment variable NOT_THERE is not set' })
  expect(server.received).toEqual([])
})

test('a token that cannot be a header lets the message wait', async () => {
  const server = await receiver()
  const secret = () => 'dua\nbaris-rahasia'
  const result = await sendBy('webhook', { url: server.origin, token: { env: 'TOKEN' } }, { parts: { secret } })
  expect(result.kind).toBe('retry')
  expect(result.detail).not.toContain('rahasia')
  expect(server.received).toEqual([])
})

test('every attempt carries the same idempotency key and body', async () => {
  const server = await receiver((response) => response.writeHead(500).end())
  for (const now of [NOW, NOW + 60_000]) {
    await sendBy('webhook', { url: server.origin }, { outgoing: outgoing(), parts: { now: () => now } })
  }
  const [first, second] = server.received
  expect(first?.headers['idempotency-key']).toBe('n-1')
  expect(second?.headers['idempotency-key']).toBe('n-1')
  expect(second?.body).toBe(first?.body)
})
