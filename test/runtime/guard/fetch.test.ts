import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { FetchFailure, failureOf } from '../../../runtime/guard/failure.ts'
import { createGuard, type FetchOptions } from '../../../runtime/guard/fetch.ts'
import { closeAll, serve, serveBytes } from './serve.ts'

afterEach(closeAll)

const guard = createGuard({ allowPrivate: ['127.0.0.1/32'], ownAddresses: () => [] })
const limits: FetchOptions = { timeoutMs: 10_000, maxBytes: 100_000 }
const get = (url: string, options: Partial<FetchOptions> = {}) => guard.fetch(url, { ...limits, ...options })
const kind = (name: string) => ({ name: 'FetchFailure', kind: name })

/** Calls until the other side has had enough. */
function flood(response: Pick<ServerResponse, 'write' | 'once' | 'destroyed'>, piece: Buffer): void {
  const more = (): void => {
    while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more)
  }
  more()
}

describe('a body', () => {
  const text = 'Komisi Pemilihan Umum. '.repeat(100)
  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('comes back as it was before %s', async (encoding, bytes) => {
    const { origin } = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(bytes),
    )
    expect((await get(origin)).body.toString()).toBe(text)
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(50_000_000))],
  ])('that unfolds without end (%s) is stopped at the limit, or cut there', async (encoding, bomb) => {
    const { origin } = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb))
    await expect(get(origin)).rejects.toMatchObject(kind('too_large'))
    const cut = await get(origin, { whenLarge: 'cut' })
    expect(cut).toMatchObject({ truncated: true, status: 200 })
    expect(cut.body).toHaveLength(limits.maxBytes)
  })

  test('that never ends is stopped at the limit, compressed or not', async () => {
    const { origin } = await serve((request, response) => {
      // Empty gzip members: bytes for ever, and nothing in them.
      if (request.url === '/empty') {
        response.writeHead(200, { 'content-encoding': 'gzip' })
        flood(response, Buffer.concat(Array.from({ length: 1000 }, () => gzipSync(''))))
      } else flood(response, Buffer.alloc(8192, 'x'))
    })
    await expect(get(`${origin}/empty`)).rejects.toMatchObject(kind('too_large'))
    expect(await get(`${origin}/empty`, { whenLarge: 'cut' })).toMatchObject({ truncated: true })
    await expect(get(origin)).rejects.toMatchObject(kind('too_large'))
    expect((await get(origin, { whenLarge: 'cut' })).body).toHaveLength(limits.maxBytes)
  })

  test('of exactly the limit is whole', async () => {
    const { origin } = await serve((_, response) => response.end(Buffer.alloc(100_000)))
    expect(await get(origin)).toMatchObject({ truncated: false })
    expect(await get(origin, { maxBytes: 99_999, whenLarge: 'cut' })).toMatchObject({ truncated: true })
  })

  test('with a window of zstd that is larger than 8 MiB is refused', async () => {
    // A frame header that asks for a window of 2 GiB.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00])
    const { origin } = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end(frame))
    await expect(get(origin)).rejects.toMatchObject(kind('http_invalid'))
  })

  test('that is no compression is http_invalid', async () => {
    const { origin } = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(text))
    await expect(get(origin)).rejects.toMatchObject(kind('http_invalid'))
  })

  test.each([
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ] as const)('that is not there has no compression to be broken: %s %i', async (method, status) => {
    const { origin } = await serve((_, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip', etag: '"1"' }).end(),
    )
    expect(await get(origin, { method })).toMatchObject({ status, truncated: false })
  })

  test('that is cut off by the server is a reset', async () => {
    const { origin } = await serve((request, response) => {
      const compressed = request.url === '/gzip'
      response.writeHead(200, { 'content-length': 1000, ...(compressed ? { 'content-encoding': 'gzip' } : {}) })
      response.write(compressed ? gzipSync(text).subarray(0, 30) : 'half', () => response.destroy())
    })
    await expect(get(origin)).rejects.toMatchObject(kind('reset'))
    await expect(get(`${origin}/gzip`)).rejects.toMatchObject(kind('reset'))
  })
})

describe('time', () => {
  test('ends a drip of body (too_slow), of head, and silence (timeout)', async () => {
    const { origin } = await serve((request, response) => {
      if (request.url === '/silent') return
      if (request.url === '/early') {
        const timer = setInterval(() => response.writeProcessing(), 5)
        response.on('close', () => clearInterval(timer))
        return
      }
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 5)
      response.on('close', () => clearInterval(timer))
    })
    const head = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(timer))
    })
    await expect(get(origin, { timeoutMs: 200 })).rejects.toMatchObject(kind('too_slow'))
    await expect(get(`${origin}/silent`, { timeoutMs: 200 })).rejects.toMatchObject(kind('timeout'))
    await expect(get(`${origin}/early`, { timeoutMs: 200 })).rejects.toMatchObject(kind('timeout'))
    await expect(get(head.origin, { timeoutMs: 200 })).rejects.toMatchObject(kind('timeout'))
  })

  test('is over at once for whoever has stopped before, and no connection is made', async () => {
    const server = await serve((_, response) => response.end())
    await expect(get(server.origin, { signal: AbortSignal.abort() })).rejects.toMatchObject(kind('timeout'))
    expect(server.connections()).toBe(0)
    const stopping = new AbortController()
    const silent = await serve(() => stopping.abort())
    await expect(get(silent.origin, { signal: stopping.signal })).rejects.toMatchObject(kind('timeout'))
  })
})

describe('a server that does not speak HTTP/1', () => {
  const answers: [name: string, answer: string][] = [
    ['HTTP/0.9', '<html>hello</html>'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['Redis', '-ERR unknown command\r\n'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['both lengths', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['a flood of headers', `HTTP/1.1 200 OK\r\n${'X-Flood: 0123456789\r\n'.repeat(20_000)}\r\n`],
    ['one endless header', `HTTP/1.1 200 OK\r\nX-Flood: ${'x'.repeat(300_000)}\r\n\r\n`],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ]
  test.each(answers)('is http_invalid: %s', async (_name, answer) => {
    const { origin } = await serveBytes((socket) => socket.end(answer))
    await expect(get(origin)).rejects.toMatchObject(kind('http_invalid'))
  })

  test('a flood of trailers is bounded too', async () => {
    const trailers = 'X-Flood: 0123456789\r\n'.repeat(20_000)
    const { origin } = await serveBytes((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${trailers}\r\n`),
    )
    await expect(get(origin)).rejects.toMatchObject(kind('http_invalid'))
  })

  test('a connection that is closed without a word is a reset, one that nobody takes is refused', async () => {
    const { origin } = await serveBytes((socket) => socket.destroy())
    await expect(get(origin)).rejects.toMatchObject(kind('reset'))
    const gone = await serve(() => undefined)
    await closeAll()
    await expect(get(gone.origin)).rejects.toMatchObject(kind('refused'))
  })
})

describe('a redirect', () => {
  test('is answered as it is, wherever it leads', async () => {
    const inside = await serve((_, response) => response.end('secret'))
    const { origin } = await serve((request, response) => {
      const to = request.url === '/metadata' ? 'http://169.254.169.254/latest/' : inside.origin
      response.writeHead(302, { location: to }).end()
    })
    expect(await get(origin)).toMatchObject({ status: 302, headers: { location: inside.origin } })
    expect(await get(`${origin}/metadata`)).toMatchObject({ status: 302 })
    expect(inside.connections()).toBe(0)
  })
})

describe('what is sent', () => {
  test('has the host of the address, no password of it, and ends with its connection', async () => {
    const seen: Record<string, unknown>[] = []
    const { port } = await serve((request, response) => {
      seen.push({ ...request.headers, url: request.url })
      response.end()
    })
    await get(`http://user:password@127.0.0.1:${port}/a b?q=1#part`, { headers: { Host: 'other.test', 'x-one': '1' } })
    expect(seen).toEqual([
      {
        host: `127.0.0.1:${port}`,
        'accept-encoding': 'gzip, deflate, br, zstd',
        'x-one': '1',
        connection: 'close',
        url: '/a%20b?q=1',
      },
    ])
  })

  test('is refused with a reason where it cannot be a header', async () => {
    const { origin } = await serve((_, response) => response.end())
    await expect(get(origin, { headers: { 'user-agent': 'Siaga (Ю)\n' } })).rejects.toMatchObject(kind('http_invalid'))
  })
})

test('errors are sorted by their code, of many the first', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code })
  expect(failureOf(coded('ENETUNREACH')).kind).toBe('unreachable')
  expect(failureOf(new AggregateError([coded('ETIMEDOUT'), coded('ECONNREFUSED')])).kind).toBe('timeout')
  expect(failureOf(coded('CERT_HAS_EXPIRED')).kind).toBe('tls_failed')
  expect(failureOf(coded('ERR_SSL_WRONG_VERSION_NUMBER')).kind).toBe('tls_failed')
  expect(failureOf(coded('SELF_SIGNED_CERT_IN_CHAIN')).kind).toBe('tls_failed')
  expect(failureOf('text')).toMatchObject({ kind: 'unreachable', message: 'text' })
  const same = new FetchFailure('blocked', 'no')
  expect(failureOf(same)).toBe(same)
})
