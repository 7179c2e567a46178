// OTLP over real sockets with OpenTelemetry's own exporters: what they put in is what comes out, in protobuf and in JSON alike.
import { gzipSync } from 'node:zlib'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpError } from '../../../ingest/http/errors.ts'
import { readProtobuf } from '../../../ingest/otlp/from-protobuf.ts'
import { otlp } from '../../../ingest/otlp/otlp.ts'
import { ProtobufReader, protobufField, protobufMessage } from '../../../ingest/wire/protobuf.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { type limits, MB, stopAll } from '../http/serve.ts'
import { serveShipper } from '../http/serve-shipper.ts'

afterEach(stopAll)

const serve = (changed: Partial<typeof limits> = {}, more = {}) => serveShipper(otlp, changed, more)
const json = { 'content-type': 'application/json' }
const protobuf = { 'content-type': 'application/x-protobuf' }

/** A request in JSON with these records. */
const requestOf = (logRecords: unknown[], resource: unknown = {}): string =>
  JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: {}, logRecords }] }] })

const exporters = { JSON: JsonExporter, protobuf: ProtobufExporter }

describe.each(Object.entries(exporters))('the exporter for %s', (_name, Exporter) => {
  it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])('with compression %s', async (compression) => {
    const { address, writer, metrics } = await serve()
    const exporter = new Exporter({
      url: `${address}/v1/logs`,
      headers: { authorization: 'Bearer good-web' },
      compression,
    })
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'host.name': 'web-1', 'service.name': 'situs' }),
      processors: [new SimpleLogRecordProcessor({ exporter })],
    })
    provider.getLogger('masuk', '1.2').emit({
      timestamp: 1_732_669_201_123,
      body: 'nik 3174066107910003 ditolak — "halo"',
      severityNumber: 17,
      severityText: 'ERROR',
      eventName: 'login',
      attributes: {
        'client.address': '203.0.113.7',
        n: -5,
        big: 2 ** 60,
        half: 0.5,
        yes: true,
        list: ['a', 1, false],
        map: { deep: { er: [1] } },
        bytes: new Uint8Array([1, 2, 255]),
      },
    })
    await provider.shutdown()
    expect(metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
    const said: unknown = JSON.parse(writer.texts[0] ?? '')
    expect(said).toMatchObject({
      otlp: 1,
      body: expect.stringMatching(/^nik nik-\w{16} ditolak — "halo"$/),
      timeUnixNano: '1732669201123000000',
      severityText: 'ERROR',
      severityNumber: 17,
      eventName: 'login',
      attributes: {
        'client.address': '203.0.113.7',
        n: -5,
        half: 0.5,
        yes: true,
        list: ['a', 1, false],
        map: { deep: { er: [1] } },
        bytes: 'AQL/',
      },
      resource: { 'host.name': 'web-1', 'service.name': 'situs' },
      scope: { name: 'masuk', version: '1.2' },
    })
    expect(writer.texts[0]).toMatch(/^\{"otlp":1,"body":/)
    // The exporter for JSON writes it as a number, and so with the digits that JavaScript knows.
    expect(writer.texts[0]).toMatch(/"big":"1152921504606(?:846976|847000)"/)
  })
})

describe('JSON', () => {
  it('in any order of its members', async () => {
    const { send, writer } = await serve()
    const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}}],"scope":{"name":"s"}}],
      "schemaUrl":"","resource":{"attributes":[{"key":"host.name","value":{"stringValue":"h"}}]}}], "more": [1, {}]}`
    expect((await send('/v1/logs', body, json)).json).toEqual({})
    expect(writer.texts).toEqual([
      '{"otlp":1,"body":"a","resource":{"host.name":"h"},"scope":{"name":"s"}}',
      '{"otlp":1,"body":"b","resource":{"host.name":"h"},"scope":{"name":"s"}}',
    ])
  })

  it('a text alone stays that text; nothing at all is nothing', async () => {
    const { send, writer } = await serve()
    expect((await send('/v1/logs', requestOf([{ body: { stringValue: 'halo' } }]), json)).status).toBe(200)
    expect((await send('/v1/logs', '{}', json)).status).toBe(200)
    expect((await send('/v1/logs', Buffer.alloc(0), protobuf)).status).toBe(200)
    expect(writer.texts).toEqual(['halo'])
  })

  it('names that a prototype has are names', async () => {
    const { send, writer } = await serve()
    const attributes = [
      { key: '__proto__', value: { kvlistValue: { values: [{ key: 'x', value: { intValue: '1' } }] } } },
    ]
    await send('/v1/logs', requestOf([{ attributes }]), json)
    expect(writer.texts).toEqual(['{"otlp":1,"attributes":{"__proto__":{"x":1}}}'])
  })
})

describe('partial success', () => {
  const records = [{ body: { stringValue: 'x'.repeat(MAX_PAYLOAD_BYTES + 1) } }, { body: { stringValue: 'ok' } }]

  it('in JSON and in protobuf', async () => {
    const { send, writer, metrics, balanced } = await serve()
    expect((await send('/v1/logs', requestOf(records), json)).json).toEqual({
      partialSuccess: { rejectedLogRecords: '1', errorMessage: expect.stringContaining('512 KiB') },
    })
    const record = (text: string) => protobufMessage(2, protobufMessage(5, protobufField(1, text)))
    const body = protobufMessage(
      1,
      protobufMessage(2, Buffer.concat([record(records[0]?.body.stringValue ?? ''), record('ok')])),
    )
    const { bytes, headers } = await send('/v1/logs', body, protobuf)
    expect(headers.get('content-type')).toBe('application/x-protobuf')
    const partial = new ProtobufReader(bytes)
    partial.next()
    const inside = partial.message()
    inside.next()
    expect([partial.field, inside.field, inside.integer()]).toEqual([1, 1, 1n])
    expect(writer.texts).toEqual(['ok', 'ok'])
    expect(metrics.reasons).toEqual({ otlp_too_long: 2 })
    expect(balanced()).toBe(true)
  })
})

describe('refused', () => {
  /** google.rpc.Status of an answer in protobuf. */
  function statusOf(bytes: Buffer): { code: number; message: string } {
    const status = { code: 0, message: '' }
    for (const reader = new ProtobufReader(bytes); reader.next(); ) {
      if (reader.field === 1) status.code = Number(reader.integer())
      else status.message = reader.text()
    }
    return status
  }

  it.each([
    ['no key', 401, 16, { authorization: '' }, Buffer.alloc(0)],
    ['a wrong key', 401, 16, { authorization: 'Bearer x' }, Buffer.alloc(0)],
    ['no message', 400, 3, {}, Buffer.from([0xff, 0xff])],
    ['a message that is cut', 400, 3, {}, Buffer.from([0x0a, 0x05, 0x12])],
    ['gzip that is none', 400, 3, { 'content-encoding': 'gzip' }, Buffer.from('x')],
    ['a bomb', 413, 8, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(16 * MB))],
    ['a body that is too large', 413, 8, {}, Buffer.alloc(3 * MB)],
  ])('%s', async (_what, status, code, headers, body) => {
    const { send, writer } = await serve({ max_decompressed_bytes: 4 * MB, max_body_bytes: 2 * MB })
    const answer = await send('/v1/logs', body, { ...protobuf, ...headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/x-protobuf')
    expect(statusOf(answer.bytes)).toEqual({ code, message: expect.stringMatching(/.{20}/) })
    expect(writer.count).toBe(0)
  })

  it('in JSON with line and column', async () => {
    const { send } = await serve()
    const { status, json: said } = await send('/v1/logs', '{"resourceLogs":[\n{"scopeLogs":[x]}]}', json)
    expect([status, said]).toMatchObject([400, { code: 3, message: expect.stringContaining('Line 2, column 15') }])
    for (const body of [
      '',
      '[]',
      '1',
      '{"resourceLogs":{}}',
      '{} x',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{]}]}]}',
    ])
      expect((await send('/v1/logs', body, json)).status).toBe(400)
    expect((await send('/v1/logs', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  it('what one resource would blow up: it is in each event', async () => {
    const { send, writer } = await serve({ max_decompressed_bytes: 4 * MB })
    const resource = { attributes: [{ key: 'a', value: { stringValue: 'x'.repeat(100_000) } }] }
    const records = Array.from({ length: 1000 }, () => ({ body: { stringValue: 'x' } }))
    expect((await send('/v1/logs', requestOf(records, resource), json)).status).toBe(413)
    expect(writer.count).toBe(0)
  })

  it('values that are nested too deeply', async () => {
    const { send } = await serve()
    let value: unknown = { stringValue: 'x' }
    for (let depth = 0; depth < 40; depth++) value = { arrayValue: { values: [value] } }
    expect((await send('/v1/logs', requestOf([{ body: value }]), json)).status).toBe(400)
    let nested = protobufField(1, 'x')
    for (let depth = 0; depth < 40; depth++) nested = protobufMessage(5, protobufMessage(1, nested))
    const body = protobufMessage(1, protobufMessage(2, protobufMessage(2, protobufMessage(5, nested))))
    expect((await send('/v1/logs', body, protobuf)).status).toBe(400)
  })

  it('a rate with 429 and Kafka away with 503, both with Retry-After', async () => {
    const { send, writer, balanced } = await serve({ events_per_second: 1, send_timeout_seconds: 0.05 })
    writer.closeGate()
    const away = await send('/v1/logs', requestOf(Array(10).fill({ body: { stringValue: 'x' } })), json)
    expect([away.status, away.json, away.headers.get('retry-after')]).toMatchObject([503, { code: 14 }, '5'])
    const fast = await send('/v1/logs', requestOf([{ body: { stringValue: 'y' } }]), json)
    expect([fast.status, fast.json, fast.headers.get('retry-after')]).toMatchObject([429, { code: 8 }, '1'])
    writer.openGate()
    await expect.poll(balanced).toBe(true)
  })
})

it('any bytes are read or refused, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const _ of readProtobuf(new ProtobufReader(Buffer.from(bytes))));
      } catch (error) {
        if (!(error instanceof HttpError)) throw error
      }
    }),
    { numRuns: 2000 },
  )
})
