// The HTTP collector over real sockets: every answer, every encoding, written once, memory bounded.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createDoor, type DoorOptions } from '../../../ingest/http/door.ts'
import { type HttpErrorBody, type HttpErrorCode, httpErrors } from '../../../ingest/http/errors.ts'
import { httpCollector } from '../../../ingest/http/plugin.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { fakeDependencies } from './fakes.ts'
import { type Body, head, limits, MB, serve, stopAll } from './serve.ts'

afterEach(stopAll)

/** Sends bytes over a bare socket and answers what comes back until the connection closes. */
async function raw(port: number, text: string | Buffer, { end = false, wait = 5000 } = {}): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(text)
  if (end) socket.end()
  await Promise.race([new Promise((resolve) => socket.on('close', resolve)), sleep(wait)])
  socket.destroy()
  return answer
}

describe('what is accepted', () => {
  it('lines: LF or CRLF, blank ones are no events, NUL stays', async () => {
    const { post, writer, metrics } = await serve()
    const answer = await post('one\r\ntwo\n\n  \t\n\0three\0\nfour')
    expect(answer.status).toBe(202)
    expect(answer.json).toEqual({ accepted: 4 })
    expect(writer.texts).toEqual(['one', 'two', '\0three\0', 'four'])
    expect(writer.events[0]).toMatchObject({ source: 'web', format: 'nginx', peer: '127.0.0.1' })
    expect(new Set(writer.events.map(({ key }) => key)).size).toBe(1)
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(4)
    expect(metrics.counts).toEqual({ received: 4, accepted: 4, refused: 0, lost: 0 })
  })

  it('an empty body holds no events', async () => {
    const { post } = await serve()
    expect((await post('')).json).toEqual({ accepted: 0 })
    expect((await post('[]', { 'content-type': 'application/json' })).json).toEqual({ accepted: 0 })
  })

  it('NDJSON, each line as it came', async () => {
    const { post, writer } = await serve()
    const lines = ['{"a": 1.0, "b":"\\u00e9"}', ' [1, 2]', '"text"', '{"a":{"b":[]}}']
    expect(
      (await post(`${lines.join('\n')}\n\n`, { 'content-type': 'application/x-ndjson; charset=utf-8' })).json,
    ).toEqual({ accepted: 4 })
    expect(writer.texts).toEqual(lines)
  })

  it('JSON: an object is one event, an array one for each element, as their original text', async () => {
    const { post, writer } = await serve()
    const type = { 'content-type': 'application/json' }
    expect((await post(' {"a": 1.0,\n "b": [1,2]} \n', type)).json).toEqual({ accepted: 1 })
    expect((await post('[ {"a" : 1e0},\n\t"x,]", [1,[2]] , null,-0.5 ]', type)).json).toEqual({ accepted: 5 })
    expect(writer.texts).toEqual(['{"a": 1.0,\n "b": [1,2]}', '{"a" : 1e0}', '"x,]"', '[1,[2]]', 'null', '-0.5'])
  })

  it('gzip, br and zstd', async () => {
    const { post, writer } = await serve()
    const text = 'one\ntwo\n'
    expect((await post(gzipSync(text), { 'content-encoding': 'gzip' })).json).toEqual({ accepted: 2 })
    expect((await post(brotliCompressSync(text), { 'content-encoding': 'br' })).json).toEqual({ accepted: 2 })
    expect((await post(zstdCompressSync(text), { 'content-encoding': 'zstd' })).json).toEqual({ accepted: 2 })
    expect((await post(text, { 'content-encoding': 'identity' })).json).toEqual({ accepted: 2 })
    expect(
      (await post(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), { 'content-encoding': 'gzip' })).json,
    ).toEqual({ accepted: 2 })
    expect(writer.texts).toHaveLength(10)
  })

  it('a format in the address wins over the format of the source', async () => {
    const { post, writer } = await serve()
    await post('x', {}, '/v1/events/web?format=sshd')
    await post('x', {}, '/v1/events/web?format=auto')
    await post('x', {}, '/v1/events/web')
    expect(writer.events.map(({ format }) => format)).toEqual(['sshd', '', 'nginx'])
  })

  it('the key in X-API-Key too', async () => {
    const { post } = await serve()
    expect((await post('x', { authorization: '', 'x-api-key': 'good-web' })).status).toBe(202)
  })

  it('a million keys, an element of 512 KiB and invalid UTF-8 are evidence for the processor to judge', async () => {
    const { post, writer } = await serve()
    const keys = `{${Array.from({ length: 40_000 }, (_, i) => `"${i}":1`).join(',')}}`
    expect((await post(`[${keys}]`, { 'content-type': 'application/json' })).status).toBe(202)
    expect((await post('a'.repeat(MAX_PAYLOAD_BYTES))).status).toBe(202)
    expect((await post(Buffer.from([0xff, 0xfe, 10, 0x41]))).status).toBe(202)
    expect(writer.events.at(-2)?.marks).toEqual(['invalid_utf8'])
  })

  it('no identifier of a citizen goes further', async () => {
    const { post, writer } = await serve()
    await post('{"nik":3171014107900001,"hp":"0812-3456-7890"}', { 'content-type': 'application/json' })
    expect(writer.texts[0]).toMatch(/^\{"nik":"nik-\w{16}","hp":"tel-\w{16}"\}$/)
  })

  it('many events in pieces, in order', async () => {
    const { post, writer } = await serve()
    const lines = Array.from({ length: 25_000 }, (_, i) => `line ${i}`)
    expect((await post(lines.join('\n'))).json).toEqual({ accepted: 25_000 })
    expect(writer.writes).toBe(13)
    expect(writer.texts).toEqual(lines)
  })

  it('leaves the parsers of the rest of the server alone', async () => {
    const { address } = await serve()
    const response = await fetch(`${address}/outside`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await response.json()).toEqual({ got: { a: 1 } })
    expect(
      (await fetch(`${address}/outside`, { method: 'POST', body: 'x', headers: { 'content-type': 'a/b' } })).status,
    ).toBe(415)
  })
})

/** Every refusal of the table, and how it comes about. */
const refusals: Record<
  HttpErrorCode,
  () => Promise<{ status: number; json: HttpErrorBody; written: number; headers?: Headers }>
> = {
  REQUEST_INVALID: async () => {
    const { deps, writer } = fakeDependencies()
    const app = fastify()
    // A hook of the server around us refuses the request.
    app.addHook('onRequest', async () => {
      throw Object.assign(new Error('strange'), { statusCode: 400 })
    })
    await app.register(httpCollector(createDoor({ deps, keys: { verify: () => undefined }, limits })))
    const response = await app.inject({ method: 'POST', url: '/v1/events/web' })
    return { status: response.statusCode, json: response.json(), written: writer.count }
  },
  REQUEST_CUT: async () => {
    const { port, writer, metrics } = await serve()
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.write(`${head(100)}half a line\n`)
    await sleep(50)
    socket.destroy()
    for (let i = 0; i < 1000 && metrics.reasons.REQUEST_CUT === undefined; i++) await sleep(10)
    expect(metrics.reasons.REQUEST_CUT).toBe(1)
    return { status: 400, json: { ...httpErrors.REQUEST_CUT, error: 'REQUEST_CUT' }, written: writer.count }
  },
  BODY_BROKEN: () => refused({}, gzipSync('one\ntwo\n').subarray(0, 20), { 'content-encoding': 'gzip' }),
  JSON_INVALID: () => refused({}, '{"a":1}\n{"a":}\n', { 'content-type': 'application/x-ndjson' }),
  JSON_TOO_DEEP: () => refused({}, '['.repeat(100_000) + ']'.repeat(100_000), { 'content-type': 'application/json' }),
  FORMAT_UNKNOWN: () => refused({}, 'x', {}, '/v1/events/web?format=xml'),
  IDEMPOTENCY_KEY_INVALID: () => refused({}, 'x', { 'idempotency-key': 'x'.repeat(256) }),
  KEY_MISSING: () => refused({}, 'x', { authorization: '' }),
  KEY_REFUSED: () => refused({}, 'x', { authorization: 'Bearer bad' }),
  KEY_OF_ANOTHER_SOURCE: () => refused({}, 'x', { authorization: 'Bearer good-other' }),
  LOOPBACK_ONLY: async () => {
    const { app, writer } = await serve()
    const response = await app.inject({
      method: 'POST',
      url: '/v1/events/demo',
      remoteAddress: '10.1.2.3',
      headers: { authorization: 'Bearer good-demo', 'content-type': 'text/plain' },
      payload: 'x',
    })
    return { status: response.statusCode, json: response.json(), written: writer.count }
  },
  SOURCE_UNKNOWN: () => refused({}, 'x', {}, '/v1/events/nothing'),
  METHOD_NOT_ALLOWED: async () => {
    const { address, writer } = await serve()
    const response = await fetch(`${address}/v1/events/web`)
    expect(response.headers.get('allow')).toBe('POST')
    return { status: response.status, json: (await response.json()) as HttpErrorBody, written: writer.count }
  },
  IDEMPOTENCY_KEY_REUSED: async () => {
    const { post, writer } = await serve()
    await post('x', { 'idempotency-key': 'k' })
    return { ...(await post('y', { 'idempotency-key': 'k' })), written: writer.count - 1 }
  },
  BODY_TOO_LARGE: () => refused({ max_body_bytes: 1024 }, 'x'.repeat(2000)),
  DECOMPRESSED_TOO_LARGE: () => refused({}, gzipSync(Buffer.alloc(200 * MB, 'a\n')), { 'content-encoding': 'gzip' }),
  TOO_MANY_EVENTS: () => refused({ events_per_second: 10 }, 'x\n'.repeat(101)),
  LINE_TOO_LONG: () => refused({}, `ok\nok\n${'x'.repeat(10 * MB - 10)}`),
  CONTENT_TYPE_UNSUPPORTED: () => refused({}, '<a/>', { 'content-type': 'application/xml' }),
  CONTENT_ENCODING_UNSUPPORTED: () => refused({}, 'x', { 'content-encoding': 'deflate' }),
  RATE_LIMITED: async () => {
    const { post, writer } = await serve({ events_per_second: 10 })
    expect((await post('x\n'.repeat(100))).status).toBe(202)
    return { ...(await post('x\n'.repeat(20))), written: writer.count - 100 }
  },
  BUSY: () => refused({ body_memory_bytes: 1000 }, 'x'.repeat(2000)),
  KAFKA_UNAVAILABLE: async () => {
    const { post, writer, metrics } = await serve({ send_timeout_seconds: 0.1 })
    writer.closeGate()
    const answer = await post('x')
    const written = writer.count
    writer.openGate()
    for (let i = 0; i < 1000 && metrics.counts.accepted === 0; i++) await sleep(5)
    expect(metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
    return { ...answer, written }
  },
  INTERNAL: () =>
    refused({}, 'x', {}, '/v1/events/web', {
      keys: {
        verify: () => {
          throw new Error('secret detail')
        },
      },
    }),
}

async function refused(
  changed: Partial<typeof limits>,
  body: Body,
  headers: Record<string, string> = {},
  path = '/v1/events/web',
  more: Partial<DoorOptions> = {},
) {
  const { post, writer, metrics } = await serve(changed, more)
  const answer = await post(body, headers, path)
  expect(metrics.counts).toMatchObject({ received: 1, accepted: 0, refused: 1 })
  return { ...answer, written: writer.count }
}

describe('what is refused', () => {
  it.each(Object.keys(httpErrors) as HttpErrorCode[])('%s', async (code) => {
    const { status, json, written, headers } = await refusals[code]()
    expect(status).toBe(httpErrors[code].status)
    expect(json.error).toBe(code)
    expect(json.message).not.toMatch(/\{\w+\}|secret/)
    expect(json.action.length).toBeGreaterThan(10)
    expect(written).toBe(0)
    if (headers !== undefined && [429, 503].includes(status))
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    if (headers !== undefined && status === 401) expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
  })

  it('says which line and why', async () => {
    const { post, writer } = await serve()
    const ndjson = { 'content-type': 'application/x-ndjson' }
    const json = { 'content-type': 'application/json' }
    expect((await post('{}\n\n{"a":tru}\n', ndjson)).json).toMatchObject({
      line: 3,
      message: expect.stringContaining('Line 3, column 6'),
    })
    expect((await post('{} {}\n', ndjson)).json).toMatchObject({
      line: 1,
      message: expect.stringContaining('end of the line'),
    })
    expect((await post('{"a":"x', ndjson)).json).toMatchObject({
      line: 1,
      message: expect.stringContaining('a string does not end'),
    })
    expect((await post('[\n{"a":1},\n{"a":01}]', json)).json).toMatchObject({
      line: 3,
      message: expect.stringContaining('Line 3, column 7'),
    })
    expect((await post('[1,2', json)).json).toMatchObject({ line: 1, message: expect.stringContaining('ends') })
    expect((await post('[1,]', json)).status).toBe(400)
    expect((await post('{} x', json)).status).toBe(400)
    expect((await post('12', json)).json.message).toContain('an object or an array')
    expect((await post('', json)).status).toBe(400)
    expect((await post(`[1,\n"${'x'.repeat(MAX_PAYLOAD_BYTES)}"]`, json)).json).toMatchObject({
      error: 'LINE_TOO_LONG',
      line: 2,
    })
    expect((await post(`ok\nok\n${'x'.repeat(MAX_PAYLOAD_BYTES + 1)}\n`)).json).toMatchObject({
      error: 'LINE_TOO_LONG',
      line: 3,
    })
    expect(writer.count).toBe(0)
  })

  it('compressed bodies with something after their end, or cut short', async () => {
    const { post } = await serve()
    for (const [name, compress] of Object.entries({ gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync })) {
      const whole = compress('one\ntwo\n')
      for (const body of [
        whole.subarray(0, -1),
        whole.subarray(0, 5),
        Buffer.concat([whole, Buffer.from('x')]),
        Buffer.from('plain'),
        Buffer.alloc(0),
      ]) {
        expect((await post(body, { 'content-encoding': name })).json.error).toBe('BODY_BROKEN')
      }
    }
  })

  it('bombs of every encoding stop early', async () => {
    const { post } = await serve({ max_decompressed_bytes: MB })
    const zeros = Buffer.alloc(64 * MB)
    for (const [name, compress] of Object.entries({ gzip: gzipSync, zstd: zstdCompressSync })) {
      expect((await post(compress(zeros), { 'content-encoding': name })).json.error).toBe('DECOMPRESSED_TOO_LARGE')
    }
  })

  it('before the body is read, and the sender can read why', async () => {
    const { port } = await serve({ max_body_bytes: 1000 })
    const big = Buffer.alloc(4 * MB, 'x')
    expect(await raw(port, Buffer.concat([Buffer.from(head(big.length)), big]))).toMatch(
      /^HTTP\/1\.1 413 .*BODY_TOO_LARGE/s,
    )
    const chunked = head(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked')
    expect(await raw(port, `${chunked}fffff\r\n${'x'.repeat(100_000)}`)).toMatch(/^HTTP\/1\.1 413 .*BODY_TOO_LARGE/s)
    expect(await raw(port, head(900).replace('good-web', 'bad'))).toMatch(/^HTTP\/1\.1 401 .*KEY_REFUSED/s)
  })

  it('a body whose connection ends half-way writes nothing and answers 400', async () => {
    const { port, writer } = await serve()
    expect(await raw(port, `${head(100)}one\ntwo\n`, { end: true })).toMatch(/^HTTP\/1\.1 400 /)
    expect(writer.count).toBe(0)
  })

  it('refused keys are audited without the key', async () => {
    const { post, audit } = await serve()
    await post('x', { authorization: 'Bearer hush-hush' })
    await post('x', { authorization: 'Bearer good-other' })
    expect(audit).toHaveLength(2)
    expect(audit[0]).toMatchObject({ action: 'key_refused', outcome: 'failure', peer: '127.0.0.1' })
    expect(JSON.stringify(audit)).not.toContain('hush')
  })

  it('a key is let in again as its bucket fills', async () => {
    let time = 1_000_000
    const { post } = await serve({ events_per_second: 10 }, { now: () => time })
    expect((await post('x\n'.repeat(100))).status).toBe(202)
    const answer = await post('x\n'.repeat(30))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
    time += 1000
    expect((await post('x\n'.repeat(30))).headers.get('retry-after')).toBe('2')
    time += 2000
    expect((await post('x\n'.repeat(30))).status).toBe(202)
  })
})

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'a-request' }

  it('a repeat is answered by the first write, and not produced again', async () => {
    const { post, writer } = await serve()
    const first = await post('one\ntwo', key)
    const again = await post(gzipSync('one\ntwo'), { ...key, 'content-encoding': 'gzip' })
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect([again.status, again.json]).toEqual([202, { accepted: 2 }])
    expect(writer.count).toBe(2)
  })

  it('many at once are one write', async () => {
    const { post, writer } = await serve()
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('one\ntwo', key)))
    expect(answers.every(({ status, json }) => status === 202 && json.accepted === 2)).toBe(true)
    expect(writer.count).toBe(2)
  })

  it('a repeat joins the write that is still waiting for Kafka', async () => {
    const { post, writer, metrics } = await serve({ send_timeout_seconds: 0.2 })
    writer.closeGate()
    expect((await post('one', key)).status).toBe(503)
    const again = post('one', key)
    await sleep(50)
    writer.openGate()
    expect((await again).status).toBe(202)
    expect(writer.count).toBe(1)
    expect(writer.writes).toBe(1)
    expect(metrics.counts.received).toBe(metrics.counts.accepted + metrics.counts.refused)
  })

  it('a repeat after a write that failed writes again, with the same ids and Kafka key', async () => {
    const { post, writer } = await serve()
    await post('one\ntwo', key)
    const ids = writer.events.map(({ id, key: partitionKey }) => [id, partitionKey])
    const restarted = await serve()
    restarted.writer.failures = 1
    expect((await restarted.post('one\ntwo', key)).json.error).toBe('KAFKA_UNAVAILABLE')
    expect((await restarted.post('one\ntwo', key)).status).toBe(202)
    expect(restarted.writer.events.map(({ id, key: partitionKey }) => [id, partitionKey])).toEqual(ids)
  })

  it('belongs to its source, and other bodies get other ids', async () => {
    const { post, writer } = await serve()
    await post('one', key)
    await post('one', { ...key, authorization: 'Bearer good-other' }, '/v1/events/other')
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(2)
  })

  it('is forgotten after ten minutes', async () => {
    let time = 1_000_000
    const { post, writer } = await serve({}, { now: () => time })
    await post('one', key)
    time += 10 * 60_000 - 1
    expect((await post('one', key)).headers.get('idempotent-replayed')).toBe('true')
    time += 1
    expect((await post('two', key)).status).toBe(202)
    expect(writer.count).toBe(2)
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(2)
  })
})

describe('under pressure', () => {
  it('300 slow senders hold little memory and hold up nobody', async () => {
    const { port, post, writer } = await serve({ body_memory_bytes: 4 * MB })
    const sockets: Socket[] = []
    for (let i = 0; i < 300; i++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.write(`${head(10 * MB)}a line that never en`)
      sockets.push(socket)
    }
    await sleep(300)
    const start = performance.now()
    expect((await post('one\ntwo')).status).toBe(202)
    expect(performance.now() - start).toBeLessThan(5000)
    for (const socket of sockets) socket.destroy()
    await sleep(100)
    expect(writer.count).toBe(2)
    expect((await post('x'.repeat(1.5 * MB).replace(/.{100}/g, '$&\n'))).status).toBe(202)
  })

  it('memory held for Kafka is given back when the write ends, and no more is taken meanwhile', async () => {
    const { post, writer } = await serve({ body_memory_bytes: 100_000, send_timeout_seconds: 0.05 })
    writer.closeGate()
    const line = 'x'.repeat(30_000)
    const statuses = await Promise.all(Array.from({ length: 10 }, () => post(line)))
    expect(statuses.map(({ json }) => json.error).sort()).toEqual([
      ...Array(7).fill('BUSY'),
      ...Array(3).fill('KAFKA_UNAVAILABLE'),
    ])
    writer.openGate()
    await sleep(50)
    expect((await post(line)).status).toBe(202)
    expect(writer.count).toBe(4)
  })
})
