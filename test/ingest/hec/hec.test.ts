// Splunk's HEC over real sockets: concatenated objects, raw lines, channels and acknowledgements, each code.
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createChannels } from '../../../ingest/hec/channels.ts'
import { hec } from '../../../ingest/hec/hec.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { type limits, MB, stopAll } from '../http/serve.ts'
import { serveShipper } from '../http/serve-shipper.ts'

afterEach(stopAll)

const serve = (changed: Partial<typeof limits> = {}, more = {}) => serveShipper(hec, changed, more)
const splunk = { authorization: 'Splunk good-web' }
const channel = '8f1a2c1e-2c86-4d2a-9d5a-0f6f2ad3a7b1'
const onChannel = { ...splunk, 'x-splunk-request-channel': channel }

describe('events', () => {
  it.each(['/services/collector', '/services/collector/event', '/services/collector/event/1.0'])(
    'at %s',
    async (path) => {
      const { send, writer, metrics } = await serve()
      const objects = ['{"event": "halo",  "host":"h"}', '{"event":{"a":1.0},"time":1}', '{"event":"x","index":"web"}']
      const { status, json } = await send(path, `${objects[0]}${objects[1]}\n ${objects[2]}\n`, splunk)
      expect([status, json]).toEqual([200, { text: 'Success', code: 0 }])
      expect(writer.texts).toEqual(objects)
      expect(writer.events[0]).toMatchObject({ source: 'web', format: 'nginx' })
      expect(metrics.counts).toEqual({ received: 3, accepted: 3, refused: 0, lost: 0 })
    },
  )

  it('raw lines, gzip', async () => {
    const { send, writer } = await serve()
    const path = `/services/collector/raw?channel=${channel}&sourcetype=x`
    const { json } = await send(path, gzipSync('one\r\ntwo\n\nthree'), { ...splunk, 'content-encoding': 'gzip' })
    expect(json).toEqual({ text: 'Success', code: 0, ackId: 0 })
    expect(writer.texts).toEqual(['one', 'two', 'three'])
  })

  it('no identifier of a citizen goes further', async () => {
    const { send, writer } = await serve()
    await send('/services/collector', '{"event":"nik 3174066107910003"}{"event":{"hp":"0812-3456-7890"}}', splunk)
    expect(writer.texts.join('')).toMatch(/^\{"event":"nik nik-\w{16}"\}\{"event":\{"hp":"tel-\w{16}"\}\}$/)
  })
})

describe('acknowledgements', () => {
  it('count up in each channel, are true once Kafka has the events, and then forgotten', async () => {
    const { send } = await serve()
    for (const ackId of [0, 1, 2])
      expect((await send('/services/collector', '{"event":1}', onChannel)).json).toMatchObject({ ackId })
    const ask = (acks: number[], headers: Record<string, string> = onChannel) =>
      send('/services/collector/ack', JSON.stringify({ acks }), headers)
    expect((await ask([0, 2, 7])).json).toEqual({ acks: { 0: true, 2: true, 7: false } })
    expect((await ask([0, 1])).json).toEqual({ acks: { 0: false, 1: true } })
    expect((await ask([1], { ...onChannel, authorization: 'Splunk good-other' })).json).toEqual({ acks: { 1: false } })
    expect((await ask([], splunk)).json).toMatchObject({ code: 10 })
    expect((await ask([], { ...splunk, 'x-splunk-request-channel': 'x' })).json).toMatchObject({ code: 11 })
    expect((await send('/services/collector/ack', '{"acks":["1"]}', onChannel)).json).toMatchObject({ code: 6 })
    expect((await send('/services/collector/ack', '{', onChannel)).json).toMatchObject({ code: 6 })
  })

  it('are not given while Kafka is away; the same request then joins the first', async () => {
    const { send, writer } = await serve({ send_timeout_seconds: 0.1 })
    writer.closeGate()
    const { status, json, headers } = await send('/services/collector', '{"event":1}', onChannel)
    expect([status, json, headers.get('retry-after')]).toEqual([503, { text: 'Server is busy', code: 9 }, '5'])
    const again = send('/services/collector', '{"event":1}', onChannel)
    await sleep(30)
    writer.openGate()
    expect((await again).json).toEqual({ text: 'Success', code: 0, ackId: 0 })
    expect(writer.count).toBe(1)
  })

  it('of channels that nobody uses are forgotten', () => {
    let time = 1_000_000
    const channels = createChannels(() => time)
    channels.acknowledged('key', 'a')
    time += 10 * 60_000
    for (let n = 0; n < 20_000; n++) channels.acknowledged('key', `flood ${n}`)
    expect(channels.ask('key', 'a', [0])).toEqual({ 0: false })
    for (let n = 0; n < 20_000; n++) channels.acknowledged('key', 'b')
    expect(channels.ask('key', 'b', [0, 19_999])).toEqual({ 0: false, 19999: true })
  })
})

describe('codes', () => {
  it.each([
    [2, 401, '{"event":1}', { authorization: '' }],
    [3, 401, '{"event":1}', { authorization: 'Digest x' }],
    [4, 403, '{"event":1}', { authorization: 'Splunk hush' }],
    [5, 400, '', splunk],
    [5, 400, ' \n', splunk],
    [6, 400, 'x', splunk],
    [6, 400, '{"event":1}{"event":', splunk],
    [6, 400, '[{"event":1}]', splunk],
    [7, 400, '{"event":1,"index":"other"}', splunk],
    [11, 400, '{"event":1}', { ...splunk, 'x-splunk-request-channel': 'no-guid' }],
    [12, 400, '{"event":1}{"host":"h"}', splunk],
    [13, 400, '{"event":""}', splunk],
    [27, 413, `{"event":"${'x'.repeat(MAX_PAYLOAD_BYTES)}"}`, splunk],
    [27, 413, `{"event":"${'x'.repeat(2 * MB)}"}`, splunk],
  ] as const)('%i with status %i', async (code, status, body, headers) => {
    const { send, writer, audit } = await serve({ max_body_bytes: MB })
    const answer = await send('/services/collector', body, headers)
    expect([answer.status, answer.json]).toMatchObject([status, { code, text: expect.any(String) }])
    expect(writer.count).toBe(0)
    expect(JSON.stringify(audit)).not.toContain('hush')
  })

  it('say which event', async () => {
    const { send } = await serve()
    expect((await send('/services/collector', '{"event":1}{"event":2}{"a":1}', splunk)).json).toEqual({
      text: 'Event field is required',
      code: 12,
      'invalid-event-number': 2,
    })
  })

  it('9: a rate with 429, memory with 503', async () => {
    const slow = await serve({ events_per_second: 1 })
    expect((await slow.send('/services/collector', '{"event":1}'.repeat(10), splunk)).status).toBe(200)
    const { status, json, headers } = await slow.send('/services/collector', '{"event":1}', splunk)
    expect([status, json, headers.get('retry-after')]).toEqual([429, { text: 'Server is busy', code: 9 }, '1'])
    expect(
      (await (await serve({ body_memory_bytes: 10 })).send('/services/collector', '{"event":1}', splunk)).status,
    ).toBe(503)
  })

  it('27: bombs, too many events', async () => {
    const { send } = await serve({ max_decompressed_bytes: MB, events_per_second: 10 })
    const gzip = { ...splunk, 'content-encoding': 'gzip' }
    expect((await send('/services/collector', gzipSync(Buffer.alloc(64 * MB)), gzip)).json).toMatchObject({ code: 27 })
    expect((await send('/services/collector', '{"event":1}'.repeat(101), splunk)).json).toMatchObject({ code: 27 })
    expect((await send('/services/collector', '['.repeat(5000), splunk)).json).toMatchObject({ code: 6 })
  })

  it('17: health, without a key', async () => {
    const { send } = await serve()
    const { status, json } = await send('/services/collector/health', undefined, { authorization: '' }, 'GET')
    expect([status, json]).toEqual([200, { text: 'HEC is healthy', code: 17 }])
  })
})
