// Are MISP feeds and TAXII collections taken piece by piece, and STIX bundles with all that they say?
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseStix } from '../../../ingest/feeds/stix.ts'
import { brief, DAY, feed, folder, NOW, serve, settings, start } from './rig.ts'

const uuid = (n: number): string => `5f0b2e4e-1111-4222-8333-${String(n).padStart(12, '0')}`

/** A MISP feed: its events by number, each with the addresses that it names. */
function misp(events: Record<number, { timestamp: string; addresses: string[] }>) {
  const files = new Map<string, string>()
  const manifest: Record<string, unknown> = {}
  for (const [n, { timestamp, addresses }] of Object.entries(events)) {
    manifest[uuid(Number(n))] = { info: `kejadian ${n}`, timestamp }
    const Attribute = addresses.map((value) => ({ type: 'ip-dst', value, to_ids: true, timestamp: '1795651200' }))
    files.set(
      `/${uuid(Number(n))}.json`,
      JSON.stringify({ Event: { uuid: uuid(Number(n)), info: `kejadian ${n}`, Attribute } }),
    )
  }
  return files.set('/manifest.json', JSON.stringify(manifest))
}

describe('MISP', () => {
  test('only events that changed are asked for; those that are gone go; one that cannot be got keeps what it said', async () => {
    let files = misp({
      1: { timestamp: '1', addresses: ['45.9.148.1'] },
      2: { timestamp: '1', addresses: ['45.9.148.2', '45.9.148.1'] },
    })
    const server = await serve((request, response) => {
      const body = files.get(request.url ?? '')
      response.writeHead(body === undefined ? 404 : 200).end(body)
    })
    const { feeds, port } = await start([feed({ format: 'misp', url: `${server.url}/` })], folder())
    await feeds.run('uji')
    expect(port.values()).toEqual(['ip 45.9.148.1', 'ip 45.9.148.2'])
    expect(port.held.get('uji')?.[0]?.reference).toBe(uuid(1))

    // The event that named 45.9.148.1 first is gone, another one names it still.
    files = misp({
      2: { timestamp: '1', addresses: ['45.9.148.2', '45.9.148.1'] },
      3: { timestamp: '5', addresses: ['45.9.148.3'] },
    })
    server.asked.length = 0
    await feeds.run('uji')
    expect(server.asked).toEqual(['/manifest.json', `/${uuid(3)}.json`])
    expect(port.values()).toEqual(['ip 45.9.148.1', 'ip 45.9.148.2', 'ip 45.9.148.3'])
    expect(port.held.get('uji')?.find(({ value }) => value === '45.9.148.1')?.reference).toBe(uuid(2))

    files = misp({ 2: { timestamp: '9', addresses: [] }, 3: { timestamp: '6', addresses: ['45.9.148.4'] } })
    files.delete(`/${uuid(3)}.json`)
    expect(await feeds.run('uji')).toMatchObject({ outcome: 'updated' })
    expect(port.values()).toEqual(['ip 45.9.148.3'])

    files = new Map()
    expect((await feeds.run('uji')).failure?.reason).toBe('http_404')
    expect(port.values()).toEqual(['ip 45.9.148.3'])
  })

  test('a folder of files', async () => {
    const dataDir = folder()
    mkdirSync(join(dataDir, 'misp'))
    for (const [name, text] of misp({ 1: { timestamp: '1', addresses: ['45.9.148.1'] } }))
      writeFileSync(join(dataDir, 'misp', name), text)
    const { feeds, port } = await start([feed({ format: 'misp', url: 'misp/' })], dataDir)
    await feeds.run('uji')
    expect(port.values()).toEqual(['ip 45.9.148.1'])
  })
})

const indicator = (n: number, pattern: string, more: Record<string, unknown> = {}) => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${uuid(n)}`,
  created: '2026-11-01T00:00:00Z',
  modified: '2026-11-20T00:00:00.000Z',
  name: 'APK undangan',
  pattern,
  pattern_type: 'stix',
  valid_from: '2026-11-01T00:00:00Z',
  ...more,
})
const address = (n: number, more: Record<string, unknown> = {}) =>
  indicator(n, `[ipv4-addr:value = '45.9.148.${n}']`, more)

describe('STIX', () => {
  test('times, confidence, labels, references, TLP of both kinds, revoked, other languages, sightings', () => {
    const own = 'marking-definition--11111111-2222-4333-8444-555555555555'
    const bundle = {
      type: 'bundle',
      id: `bundle--${uuid(0)}`,
      objects: [
        address(1, {
          confidence: 85,
          labels: ['malicious-activity'],
          indicator_types: ['benign'],
          valid_until: '2026-12-24T00:00:00Z',
          object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
          external_references: [{ source_name: 'a' }, { source_name: 'b', url: 'https://lapor.example.com/1' }],
        }),
        address(2, {
          object_marking_refs: [
            'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
            'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
          ],
        }),
        address(3, { object_marking_refs: [own] }),
        {
          type: 'marking-definition',
          id: own,
          extensions: { x: { extension_type: 'property-extension', tlp_2_0: 'red' } },
        },
        address(4, { revoked: true }),
        address(5, { valid_until: '2026-11-26T00:00:00Z' }),
        indicator(6, 'rule x {}', { pattern_type: 'yara' }),
        { type: 'sighting', id: `sighting--${uuid(7)}`, sighting_of_ref: `indicator--${uuid(1)}` },
        indicator(8, "[ipv4-addr:value = '45.9.148.8' AND network-traffic:dst_port = 443]", { confidence: 80 }),
        // Two versions of one object.
        address(9, { modified: '2026-11-10T00:00:00.000Z' }),
        { ...indicator(9, "[domain-name:value = 'jahat.example.com']"), modified: '2026-11-11T00:00:00.000Z' },
      ],
    }
    const { indicators, problems } = parseStix(Buffer.from(JSON.stringify(bundle)), settings({ format: 'stix' }), NOW)
    expect(brief(indicators)).toEqual([
      'domain jahat.example.com',
      'ip 45.9.148.1',
      'ip 45.9.148.2',
      'ip 45.9.148.3',
      'ip 45.9.148.8',
    ])
    const by = (value: string) => indicators.find((one) => one.value === value)
    expect(by('45.9.148.1')).toEqual({
      type: 'ip',
      value: '45.9.148.1',
      source: 'uji',
      confidence: 85,
      first_seen: Date.UTC(2026, 10, 1),
      last_seen: Date.UTC(2026, 10, 20),
      expires: Date.UTC(2026, 11, 24),
      tlp: 'amber',
      threat: 'APK undangan',
      reference: 'https://lapor.example.com/1',
      labels: ['malicious-activity', 'benign'],
    })
    expect(by('45.9.148.2')).toMatchObject({ tlp: 'amber+strict', expires: Date.UTC(2026, 10, 20) + 30 * DAY })
    expect(by('45.9.148.3')?.tlp).toBe('red')
    // The port is not matched: the address alone says less than the pattern.
    expect(by('45.9.148.8')).toMatchObject({ confidence: 40, labels: ['partial'] })
    expect(problems.map(({ reason, count }) => [reason, count])).toEqual(
      expect.arrayContaining([
        ['revoked', 1],
        ['expired', 1],
        ['pattern_yara', 1],
        ['pattern_part_unused', 1],
      ]),
    )
  })

  test('what is no bundle says so', () => {
    expect(parseStix(Buffer.from('<html>'), settings(), NOW).problems[0]?.reason).toBe('not_json')
    expect(parseStix(Buffer.from('{"objects": 3}'), settings(), NOW).problems[0]?.reason).toBe('no_objects')
  })
})

describe('TAXII', () => {
  /** A collection: objects in the order in which they were added, served two at a time. */
  async function collection(objects: { added: string; object: Record<string, unknown> }[], paging: 'next' | 'date') {
    const accepts: unknown[] = []
    const server = await serve((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      accepts.push(request.headers.accept, request.headers.authorization)
      const after = url.searchParams.get('added_after') ?? ''
      const skip = Number(url.searchParams.get('next') ?? 0)
      const all = objects.filter(({ added }) => added > after)
      const page = all.slice(skip, skip + 2)
      const more = all.length > skip + 2
      response
        .writeHead(200, {
          'content-type': 'application/taxii+json;version=2.1',
          ...(page.length === 0 ? {} : { 'x-taxii-date-added-last': page.at(-1)?.added ?? '' }),
        })
        .end(
          JSON.stringify({
            more,
            ...(more && paging === 'next' ? { next: String(skip + 2) } : {}),
            objects: page.map(({ object }) => object),
          }),
        )
    })
    return { server, accepts }
  }
  const at = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`

  test.each(['next', 'date'] as const)(
    'pages by %s, then only what was added since; revoked and newer versions',
    async (paging) => {
      const objects = [1, 2, 3, 4, 5].map((n) => ({ added: at(n), object: address(n) }))
      const { server, accepts } = await collection(objects, paging)
      const one = feed({
        format: 'taxii',
        url: `${server.url}/api1/collections/${uuid(0)}/`,
        headers: { Authorization: 'Basic $TAXII' },
      })
      const { feeds, port } = await start([one], folder(), { env: { TAXII: 'YTpi' } })
      await feeds.run('uji')
      expect(port.values()).toHaveLength(5)
      expect(accepts.slice(0, 2)).toEqual(['application/taxii+json;version=2.1', 'Basic YTpi'])
      expect(server.asked).toHaveLength(3)
      objects.push({ added: at(20), object: address(1, { revoked: true, modified: at(20) }) })
      objects.push({ added: at(21), object: { ...address(6), id: `indicator--${uuid(2)}`, modified: at(21) } })
      // A version older than the one we have.
      objects.push({ added: at(22), object: { ...address(7), id: `indicator--${uuid(3)}`, modified: at(1) } })
      server.asked.length = 0
      await feeds.run('uji')
      expect(server.asked[0]).toContain(`added_after=${encodeURIComponent(at(5))}`)
      expect(port.values()).toEqual(['ip 45.9.148.3', 'ip 45.9.148.4', 'ip 45.9.148.5', 'ip 45.9.148.6'])
    },
  )

  test('a round that breaks off goes on where it was', async () => {
    const objects = [1, 2, 3, 4].map((n) => ({ added: at(n), object: address(n) }))
    const { server } = await collection(objects, 'next')
    const { answer } = server
    server.answer = (request, response) => {
      if (request.url?.includes('next=')) response.writeHead(503).end()
      else answer(request, response)
    }
    const { feeds, port } = await start([feed({ format: 'taxii', url: `${server.url}/c/` })], folder())
    expect((await feeds.run('uji')).failure?.reason).toBe('http_503')
    expect(port.values()).toEqual([])
    server.answer = answer
    server.asked.length = 0
    await feeds.run('uji')
    expect(server.asked).toEqual([`/c/objects/?added_after=${encodeURIComponent(at(2))}`])
    expect(port.values()).toHaveLength(4)
  })

  test('a server that never ends its pages, or speaks something else', async () => {
    const server = await serve((_, response) => response.end(JSON.stringify({ more: true, next: 'a', objects: [] })))
    const { feeds } = await start([feed({ format: 'taxii', url: `${server.url}/c/` })], folder())
    expect((await feeds.run('uji')).failure?.message).toContain('names the same next page again')
    server.answer = (_, response) => response.end(JSON.stringify({ more: true, objects: [] }))
    expect((await feeds.run('uji')).failure?.message).toContain('does not say how to get them')
    server.answer = (_, response) => response.end('<html>')
    expect((await feeds.run('uji')).failure?.reason).toBe('not_taxii')
  })
})
