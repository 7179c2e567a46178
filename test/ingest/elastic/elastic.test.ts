// Elasticsearch's protocol over real sockets: what shippers ask first, an answer for each document, the same document written once.
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { elastic } from '../../../ingest/elastic/elastic.ts'
import { MAX_PAYLOAD_BYTES } from '../../../schemas/raw-event.ts'
import { type limits, MB, stopAll } from '../http/serve.ts'
import { serveShipper } from '../http/serve-shipper.ts'

afterEach(stopAll)

const serve = (changed: Partial<typeof limits> = {}, more = {}) => serveShipper(elastic('/elastic'), changed, more)

/** A body: an action and its document for each. */
const bulk = (...items: [action: object, document: unknown][]): string =>
  items
    .map(
      ([action, document]) =>
        `${JSON.stringify(action)}\n${typeof document === 'string' ? document : JSON.stringify(document)}\n`,
    )
    .join('')
const index = (id?: string, name = 'web') => ({ index: { _index: name, ...(id !== undefined && { _id: id }) } })
const ndjson = { 'content-type': 'application/x-ndjson' }

describe('documents', () => {
  it('become events as the bytes they are, each with a line in the answer', async () => {
    const { send, writer, metrics } = await serve()
    const documents = ['{"a": 1.0,  "b":"\\u00e9"}', '{"message":"x"}']
    const { status, json, headers } = await send(
      '/elastic/_bulk',
      bulk([index('1'), documents[0]], [{ create: { _index: 'web-2026.11.27' } }, documents[1]]),
      ndjson,
    )
    expect(status).toBe(200)
    expect(headers.get('x-elastic-product')).toBe('Elasticsearch')
    expect(json).toMatchObject({
      errors: false,
      items: [
        { index: { _index: 'web', _id: '1', status: 201, result: 'created' } },
        { create: { _index: 'web-2026.11.27', status: 201 } },
      ],
    })
    expect(writer.texts).toEqual(documents)
    expect(writer.events[0]).toMatchObject({ source: 'web', format: 'nginx', peer: '127.0.0.1' })
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
    expect(metrics.answers).toEqual(['elastic 200'])
  })

  it('the index in the path, gzip, CRLF, no break at the end, PUT', async () => {
    const { send, writer } = await serve()
    const body = '{"index":{}}\r\n{"a":1}\r\n{"index":{}}\r\n{"a":2}'
    const { status } = await send(
      '/elastic/web/_bulk?filter_path=errors',
      gzipSync(body),
      { ...ndjson, 'content-encoding': 'gzip' },
      'PUT',
    )
    expect(status).toBe(200)
    expect(writer.texts).toEqual(['{"a":1}', '{"a":2}'])
  })

  it('that are no JSON are evidence all the same: who writes into a log cannot get its line refused', async () => {
    const { send, writer } = await serve()
    const broken = '{"agent":"a"b"}'
    expect((await send('/elastic/_bulk', bulk([index(), broken]), ndjson)).json).toMatchObject({ errors: false })
    expect(writer.texts).toEqual([broken])
  })

  it('no identifier of a citizen goes further, in a document or an id', async () => {
    const { send, writer } = await serve()
    const nik = '3174066107910003'
    await send('/elastic/_bulk', bulk([index(`nik-${nik}`), { nik: Number(nik) }]), ndjson)
    expect(writer.texts[0]).toMatch(/^\{"nik":"nik-\w{16}"\}$/)
    expect(JSON.stringify(writer.events)).not.toContain(nik)
  })
})

describe('an id', () => {
  it('that comes again with the same document is not written again, and answered as before', async () => {
    const { send, writer, metrics, balanced } = await serve()
    const body = bulk([index('1'), { a: 1 }], [index('2'), { a: 2 }])
    await send('/elastic/_bulk', body, ndjson)
    const { json } = await send('/elastic/_bulk', bulk([index('3'), { a: 3 }], [index('1'), { a: 1 }]), ndjson)
    expect(json).toMatchObject({
      errors: false,
      items: [{ index: { status: 201 } }, { index: { _id: '1', status: 201 } }],
    })
    expect(writer.texts).toEqual(['{"a":1}', '{"a":2}', '{"a":3}'])
    expect(metrics.reasons).toEqual({ idempotent_repeat: 1 })
    expect(balanced()).toBe(true)
  })

  it('twice in one request is one event', async () => {
    const { send, writer, balanced } = await serve()
    await send('/elastic/_bulk', bulk([index('1'), { a: 1 }], [index('1'), { a: 1 }]), ndjson)
    expect(writer.count).toBe(1)
    expect(balanced()).toBe(true)
  })

  it('with another document, in another index or of another source is another event', async () => {
    const { send, writer } = await serve()
    await send('/elastic/_bulk', bulk([index('1'), { a: 1 }]), ndjson)
    await send('/elastic/_bulk', bulk([index('1'), { a: 2 }]), ndjson)
    await send('/elastic/_bulk', bulk([index('1', 'web-b'), { a: 1 }]), ndjson)
    await send('/elastic/_bulk', bulk([index('1', 'other'), { a: 1 }]), {
      ...ndjson,
      authorization: 'Bearer good-other',
    })
    expect(writer.count).toBe(4)
    expect(new Set(writer.events.map(({ id }) => id)).size).toBe(4)
  })

  it('is the same id after a restart, and is forgotten after twenty minutes', async () => {
    let time = 1_000_000
    const first = await serve({}, { now: () => time })
    const body = bulk([index('1'), { a: 1 }])
    await first.send('/elastic/_bulk', body, ndjson)
    time += 9 * 60_000
    await first.send('/elastic/_bulk', body, ndjson)
    expect(first.writer.count).toBe(1)
    time += 20 * 60_000
    await first.send('/elastic/_bulk', body, ndjson)
    expect(first.writer.count).toBe(2)
    const second = await serve()
    await second.send('/elastic/_bulk', body, ndjson)
    expect(new Set([...first.writer.events, ...second.writer.events].map(({ id }) => id)).size).toBe(1)
  })

  it('of a write that failed is written again', async () => {
    const { send, writer, balanced } = await serve()
    writer.failures = 1
    const body = bulk([index('1'), { a: 1 }])
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(503)
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(200)
    expect(writer.count).toBe(1)
    expect(balanced()).toBe(true)
  })
})

describe('a request without ids', () => {
  const body = bulk([index(), { a: 1 }], [index(), { a: 2 }])

  it('that had no answer and comes again joins the first', async () => {
    const { send, writer, balanced } = await serve({ send_timeout_seconds: 0.1 })
    writer.closeGate()
    const { status, headers, json } = await send('/elastic/_bulk', body, ndjson)
    expect([status, Number(headers.get('retry-after'))]).toEqual([503, 5])
    expect(json).toMatchObject({
      status: 503,
      errors: true,
      items: [{ index: { status: 503, error: { type: 'unavailable_shards_exception' } } }, { index: { status: 503 } }],
    })
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(503)
    const again = [send('/elastic/_bulk', body, ndjson), send('/elastic/_bulk', body, ndjson)]
    await sleep(30)
    writer.openGate()
    expect((await Promise.all(again)).map(({ status }) => status)).toEqual([200, 200])
    expect(writer.count).toBe(2)
    expect(balanced()).toBe(true)
    // It has its answer: what is alike now is new.
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(200)
    expect(writer.count).toBe(4)
  })

  it('whose connection went before the answer, too', async () => {
    const { address, send, writer, balanced } = await serve()
    writer.closeGate()
    const gone = new AbortController()
    const request = fetch(`${address}/elastic/_bulk`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer good-web', ...ndjson },
      signal: gone.signal,
    })
    await expect.poll(() => writer.writes).toBe(1)
    gone.abort()
    await expect(request).rejects.toThrow()
    await sleep(100)
    const again = send('/elastic/_bulk', body, ndjson)
    await sleep(30)
    writer.openGate()
    expect((await again).status).toBe(200)
    expect([writer.count, writer.writes]).toEqual([2, 1])
    expect(balanced()).toBe(true)
  })

  it('that failed is written again under the ids it had', async () => {
    const { send, writer } = await serve()
    writer.failures = 1
    const failed: string[][] = []
    const write = writer.write.bind(writer)
    writer.write = (events) => {
      failed.push(events.map(({ id }) => id))
      return write(events)
    }
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(503)
    expect((await send('/elastic/_bulk', body, ndjson)).status).toBe(200)
    expect(failed[0]).toEqual(failed[1])
  })

  it('that was answered and comes again is new: lines may be alike', async () => {
    const { send, writer } = await serve()
    await send('/elastic/_bulk', body, ndjson)
    await send('/elastic/_bulk', body, ndjson)
    expect(writer.count).toBe(4)
  })
})

describe('refused', () => {
  it('an index of another source, the whole request', async () => {
    const { send, writer } = await serve()
    for (const name of ['other', 'other-2026', 'web-kpu', 'web-kpu-2026', 'logs', 'webx']) {
      const { status, json } = await send('/elastic/_bulk', bulk([index(), {}], [index('1', name), {}]), ndjson)
      expect([name, status, json]).toMatchObject([name, 403, { error: { type: 'security_exception' }, status: 403 }])
    }
    expect((await send('/elastic/other/_bulk', bulk([{ index: {} }, {}]), ndjson)).status).toBe(403)
    expect((await send('/elastic/other/_bulk', bulk([index(), {}]), ndjson)).status).toBe(403)
    expect(writer.count).toBe(0)
  })

  it('an action that is none, a document that is missing', async () => {
    const { send, writer } = await serve()
    for (const body of [
      'x\n{}\n',
      '{"index":1}\n{}\n',
      '{"index":{},"create":{}}\n{}\n',
      '{"index":{}}\n',
      '{"index":{}}\n\n',
      '[]\n{}\n',
    ])
      expect((await send('/elastic/_bulk', body, ndjson)).json).toMatchObject({
        status: 400,
        error: { type: 'illegal_argument_exception' },
      })
    expect(writer.count).toBe(0)
  })

  it('one by one: deletes, updates, documents of more than 512 KiB', async () => {
    const { send, writer, metrics, balanced } = await serve()
    const body = `${bulk([index(), { a: 1 }])}{"delete":{"_id":"1"}}\n${bulk(
      [{ update: { _id: '1' } }, { doc: {} }],
      [index(), `"${'x'.repeat(MAX_PAYLOAD_BYTES)}"`],
      [index(), { a: 2 }],
    )}`
    const { status, json } = await send('/elastic/web/_bulk', body, ndjson)
    expect([status, json]).toMatchObject([
      200,
      {
        errors: true,
        items: [
          { index: { status: 201 } },
          { delete: { status: 400 } },
          { update: { status: 400 } },
          { index: { status: 413, error: { type: 'content_too_long_exception' } } },
          { index: { status: 201 } },
        ],
      },
    ])
    expect(writer.texts).toEqual(['{"a":1}', '{"a":2}'])
    expect(metrics.reasons).toEqual({ elastic_unsupported: 2, elastic_too_long: 1 })
    expect(balanced()).toBe(true)
  })

  it('a rate: 429 and a word on each document, so that a shipper which reads only those sends again', async () => {
    const { send } = await serve({ events_per_second: 1 })
    const ten = bulk(...Array.from({ length: 10 }, (): [object, object] => [index(), {}]))
    expect((await send('/elastic/_bulk', ten, ndjson)).status).toBe(200)
    const { status, headers, json } = await send('/elastic/_bulk', bulk([index(), {}]), ndjson)
    expect([status, Number(headers.get('retry-after'))]).toEqual([429, 1])
    expect(json).toMatchObject({
      errors: true,
      items: [{ index: { status: 429, error: { type: 'es_rejected_execution_exception' } } }],
    })
  })

  it('too much: as sent, unpacked, in number, in memory', async () => {
    const one = bulk([index(), { a: 'x'.repeat(1000) }])
    expect((await (await serve({ max_body_bytes: 1024 })).send('/elastic/_bulk', one.repeat(2), ndjson)).status).toBe(
      413,
    )
    const bomb = gzipSync(Buffer.alloc(64 * MB))
    const gzip = { ...ndjson, 'content-encoding': 'gzip' }
    expect((await (await serve({ max_decompressed_bytes: MB })).send('/elastic/_bulk', bomb, gzip)).json).toMatchObject(
      {
        status: 413,
        error: { type: 'content_too_long_exception' },
      },
    )
    expect((await (await serve({ events_per_second: 1 })).send('/elastic/_bulk', one.repeat(11), ndjson)).status).toBe(
      413,
    )
    const busy = await (await serve({ body_memory_bytes: 1000 })).send('/elastic/_bulk', one, ndjson)
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2'])
  })
})

describe('keys', () => {
  const basic = (text: string) => Buffer.from(text).toString('base64')

  it('by Basic, ApiKey, Bearer and X-API-Key', async () => {
    const { send } = await serve()
    for (const headers of [
      { authorization: `Basic ${basic('anybody:good-web')}` },
      { authorization: `ApiKey ${basic('id:good-web')}` },
      { authorization: 'Bearer good-web' },
      { authorization: '', 'x-api-key': 'good-web' },
    ])
      expect((await send('/elastic/_bulk', bulk([index(), {}]), { ...ndjson, ...headers })).status).toBe(200)
  })

  it('that are none: 401 in Elasticsearch’s form, audited without the key', async () => {
    const { send, audit, writer } = await serve()
    for (const authorization of ['', 'Bearer hush', `Basic ${basic('good-web:hush')}`, 'ApiKey !', 'Digest good-web']) {
      const { status, json, headers } = await send('/elastic/_bulk', bulk([index(), {}]), { ...ndjson, authorization })
      expect([status, json]).toMatchObject([
        401,
        { status: 401, error: { type: 'security_exception', root_cause: [{}] } },
      ])
      expect(headers.get('www-authenticate')).toContain('ApiKey')
    }
    expect((await send('/elastic/', undefined, { authorization: '' }, 'GET')).status).toBe(401)
    expect(writer.count).toBe(0)
    expect(audit.length).toBe(6)
    expect(JSON.stringify(audit)).not.toContain('hush')
  })
})

describe('what shippers ask first', () => {
  it.each([
    ['GET', '/elastic/', { version: { number: expect.stringMatching(/^8\./) }, tagline: 'You Know, for Search' }],
    ['GET', '/elastic', { version: {} }],
    ['GET', '/elastic/_license', { license: { status: 'active', type: 'basic' } }],
    ['GET', '/elastic/_xpack', { features: { ilm: { available: false } } }],
    ['GET', '/elastic/_cluster/health', { status: 'green' }],
    ['GET', '/elastic/_nodes/http', { nodes: {} }],
    ['GET', '/elastic/_ilm/policy/filebeat', { filebeat: { policy: { phases: {} } } }],
    ['PUT', '/elastic/_ilm/policy/filebeat', { acknowledged: true }],
    ['GET', '/elastic/_index_template/web', { index_templates: [{ name: 'web' }] }],
    ['PUT', '/elastic/_index_template/web', { acknowledged: true }],
    ['GET', '/elastic/_template/logstash', { logstash: { index_patterns: ['logstash-*'] } }],
    ['PUT', '/elastic/_template/logstash', { acknowledged: true }],
    ['PUT', '/elastic/_component_template/web', { acknowledged: true }],
    ['GET', '/elastic/_data_stream/web', { data_streams: [{ name: 'web' }] }],
    ['PUT', '/elastic/_ingest/pipeline/web', { acknowledged: true }],
    ['PUT', '/elastic/web', { acknowledged: true, index: 'web' }],
  ])('%s %s', async (method, path, answer) => {
    const { send } = await serve()
    const body = method === 'PUT' ? '{"template":{}}' : undefined
    const { status, json, headers } = await send(path, body, { 'content-type': 'application/json' }, method)
    expect([status, json]).toMatchObject([200, answer])
    expect(headers.get('x-elastic-product')).toBe('Elasticsearch')
  })

  it('HEAD of the root, a template and an index', async () => {
    const { send } = await serve()
    for (const path of ['/elastic/', '/elastic/_template/logstash', '/elastic/_index_template/web', '/elastic/web'])
      expect((await send(path, undefined, {}, 'HEAD')).status).toBe(200)
  })

  it('anything else is not found, in its form', async () => {
    const { send } = await serve()
    expect((await send('/elastic/web/_search', '{}', { 'content-type': 'application/json' })).json).toMatchObject({
      status: 404,
    })
  })
})
