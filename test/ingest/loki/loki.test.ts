// Loki's push protocol over real sockets: JSON and snappy protobuf, the same entry written once, answers as Loki gives them.
import { gzipSync } from 'node:zlib'
import { compressSync } from 'snappy'
import { afterEach, describe, expect, it } from 'vitest'
import { loki } from '../../../ingest/loki/loki.ts'
import { protobufField, protobufMessage } from '../../../ingest/wire/protobuf.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { type limits, MB, stopAll } from '../http/serve.ts'
import { serveShipper } from '../http/serve-shipper.ts'

afterEach(stopAll)

const serve = (changed: Partial<typeof limits> = {}, more = {}) => serveShipper(loki, changed, more)
const path = '/loki/api/v1/push'
const json = { 'content-type': 'application/json' }
const protobuf = { 'content-type': 'application/x-protobuf' }

const pushOf = (stream: object, ...values: unknown[]): string => JSON.stringify({ streams: [{ stream, values }] })

/** A PushRequest with one stream of lines, a second apart. */
function protobufOf(labels: string, ...lines: string[]): Buffer {
  const entries = lines.map((line, second) => {
    const time = Buffer.concat([protobufField(1, 1_732_669_201 + second), protobufField(2, 123_456_789)])
    const metadata = Buffer.concat([protobufField(1, 'trace_id'), protobufField(2, 'abc')])
    const entry = [protobufMessage(1, time), protobufField(2, line), protobufMessage(3, metadata)]
    return protobufMessage(2, Buffer.concat(entry))
  })
  return protobufMessage(1, Buffer.concat([protobufField(1, labels), ...entries]))
}

describe('entries', () => {
  it('in JSON, in any order of its members', async () => {
    const { send, writer, metrics } = await serve()
    const body = `{"streams":[{"values":[["1732669201123456789","satu"],["1732669201123456790","dua",{"level":"warn","n":1}]],"stream":{"job":"x"}}]}`
    const { status, bytes } = await send(path, gzipSync(body), { ...json, 'content-encoding': 'gzip' })
    expect([status, bytes.length]).toEqual([204, 0])
    expect(writer.texts).toEqual([
      '{"loki":1,"timestamp":"1732669201123456789","labels":{"job":"x"},"line":"satu"}',
      '{"loki":1,"timestamp":"1732669201123456790","labels":{"job":"x"},"metadata":{"level":"warn","n":"1"},"line":"dua"}',
    ])
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })

  it('in protobuf, packed by the snappy of others', async () => {
    const { send, writer } = await serve()
    const body = compressSync(protobufOf('{job="x", path="/a\\"b\\\\c"}', 'satu', 'dua'))
    expect((await send(path, body, { ...protobuf, 'content-encoding': 'snappy' })).status).toBe(204)
    expect(writer.texts[0]).toBe(
      '{"loki":1,"timestamp":"1732669201123456789","labels":{"job":"x","path":"/a\\"b\\\\c"},"metadata":{"trace_id":"abc"},"line":"satu"}',
    )
    expect(JSON.parse(writer.texts[1] ?? '')).toMatchObject({ timestamp: '1732669202123456789', line: 'dua' })
  })

  it('labels that cannot be read stay whole', async () => {
    const { send, writer } = await serve()
    await send(path, compressSync(protobufOf('{a="1",b=', 'x')), protobuf)
    expect(JSON.parse(writer.texts[0] ?? '')).toMatchObject({ labels: { labels: '{a="1",b=' } })
  })

  it('no identifier of a citizen goes further, in a label or a line', async () => {
    const { send, writer } = await serve()
    await send(path, pushOf({ nik: '3174066107910003' }, ['1', 'hp 0812-3456-7890', { nkk: '3174066107910004' }]), json)
    expect(writer.texts[0]).toMatch(/"nik":"nik-\w{16}".*"nkk":"nik-\w{16}".*"hp tel-\w{16}"/)
  })

  it('that come again, in whatever request, are the same entries', async () => {
    const { send, writer, metrics, balanced } = await serve()
    await send(path, pushOf({ job: 'x' }, ['1', 'a'], ['2', 'b']), json)
    await send(path, pushOf({ job: 'x' }, ['2', 'b'], ['2', 'b'], ['3', 'b']), json)
    await send(path, pushOf({ job: 'y' }, ['2', 'b']), json)
    expect(writer.texts.map((text) => JSON.parse(text).line)).toEqual(['a', 'b', 'b', 'b'])
    expect(metrics.reasons).toEqual({ idempotent_repeat: 2 })
    expect(balanced()).toBe(true)
  })
})

describe('refused, as plain text', () => {
  it.each([
    ['no key', 401, { authorization: '' }, pushOf({}, ['1', 'x'])],
    ['a tenant of another source', 403, { 'x-scope-orgid': 'other' }, pushOf({}, ['1', 'x'])],
    ['broken JSON', 400, {}, '{"streams":[{"values":[[}]}'],
    ['another type', 415, { 'content-type': 'text/plain' }, 'x'],
    ['snappy that is none', 400, protobuf, Buffer.from([0xff])],
    ['snappy that ends too soon', 400, protobuf, compressSync(protobufOf('{}', 'x'.repeat(1000))).subarray(0, -3)],
    ['protobuf that is none', 400, protobuf, compressSync(Buffer.from('halo'))],
    ['a bomb of snappy', 413, protobuf, compressSync(Buffer.alloc(16 * MB))],
    ['a length that is a lie', 413, protobuf, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x41])],
    [
      'labels that blow up',
      413,
      {},
      pushOf({ a: 'x'.repeat(100_000) }, ...Array.from({ length: 100 }, (_, n) => [`${n}`, 'x'])),
    ],
  ])('%s', async (_what, status, headers, body) => {
    const { send, writer, balanced } = await serve({ max_decompressed_bytes: 4 * MB })
    const answer = await send(path, body, { ...json, ...headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.text).toMatch(/.{20}\n$/)
    expect(writer.count).toBe(0)
    expect(balanced()).toBe(true)
  })

  it('a tenant that is the source is welcome', async () => {
    const { send } = await serve()
    expect((await send(path, pushOf({}, ['1', 'x']), { ...json, 'x-scope-orgid': 'web' })).status).toBe(204)
  })

  it('a line of more than 512 KiB is left out and counted, the rest is taken', async () => {
    const { send, writer, metrics, balanced } = await serve()
    expect((await send(path, pushOf({}, ['1', 'x'.repeat(MAX_PAYLOAD_BYTES)], ['2', 'y']), json)).status).toBe(204)
    expect(writer.count).toBe(1)
    expect(metrics.reasons).toEqual({ loki_too_long: 1 })
    expect(balanced()).toBe(true)
  })

  it('a rate with 429 and Kafka away with 503, both with Retry-After; what comes again then is written once', async () => {
    const { send, writer, balanced } = await serve({ events_per_second: 1, send_timeout_seconds: 0.05 })
    writer.closeGate()
    const ten = pushOf({}, ...Array.from({ length: 10 }, (_, n) => [`${n}`, 'x']))
    const away = await send(path, ten, json)
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5'])
    writer.openGate()
    expect((await send(path, pushOf({}, ['11', 'x']), json)).headers.get('retry-after')).toBe('1')
    await expect.poll(() => writer.count).toBe(10)
    expect((await send(path, ten, json)).status).toBe(429)
    expect(writer.count).toBe(10)
    expect(balanced()).toBe(true)
  })
})
