// Does a room see its own sources, keys and dead letters and nobody else's, and does a replay send each letter once? On real Kafka and ClickHouse.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { listKeys, openKeyRing } from '../../../runtime/keys.ts'
import { silentLog } from '../../../runtime/log.ts'
import { encodeEnvelope, RAW_HEADER, topics } from '../../../schemas/raw-event.ts'
import {
  AddAnswer,
  Arrival,
  KeyAnswer,
  LetterDetail,
  LettersAnswer,
  RegionsAnswer,
  ReplayAnswer,
  SourceDetail,
  SourcesAnswer,
} from '../../../schemas/sources-api.ts'
import { deadLetterMessage } from '../../../sinks/dlq/dead-letters.ts'
import { type PageStack, startPageStack } from './stack.ts'

const wait = { timeout: 30_000, interval: 200 }
/** Kafka, ClickHouse and its schema on a busy machine. */
const START_MS = 300_000
let stack: PageStack

beforeAll(async () => {
  stack = await startPageStack({ kafka: true })
  await stack.land([
    { source_id: 'web-jabar', region_code: '32', owner: 'pemda', dataset: 'nginx.access', message: 'GET / 1' },
    { source_id: 'web-jabar', region_code: '32', owner: 'pemda', dataset: 'nginx.access', message: 'GET / 2' },
    { source_id: 'kpu-jabar', region_code: '32', owner: 'kpu', dataset: 'sshd', message: 'Failed' },
    { source_id: 'web-bali', region_code: '51', owner: 'pemda', dataset: 'nginx.access', message: 'GET / bali' },
    { source_id: 'unknown-peer', region_code: '', owner: '', dataset: 'plain', message: 'who am I' },
  ])
  const state = (id: string, region: string, owner: string, now: string, kind = 'source') =>
    `('${id}', '${kind}', '${region}', '${owner}', '', '${now}', '${now}', now64(3), now64(3), toDateTime64(0, 3), 'why', now64(3))`
  await stack.clickhouse.command(
    `INSERT INTO siaga.source_states VALUES ${[
      state('web-jabar', '32', 'pemda', 'live'),
      state('kpu-jabar', '32', 'kpu', 'silent'),
      state('baru-bandung', '32.73', 'pemda', 'never'),
      state('tls-bandung', '32.73', 'pemda', 'never'),
      state('web-bali', '51', 'pemda', 'quiet'),
      state('probe:situs-bali', '51', 'pemda', 'silent', 'probe'),
    ].join(', ')}`,
  )
  await stack.clickhouse.command("INSERT INTO siaga.silence_rounds VALUES ('silence', now64(3), now64(3))")
  await bury('l-jabar', 'web-jabar', 'not a line of nginx')
  await bury('l-jabar-2', 'web-jabar', `<img src=x onerror=alert(1)>${'y'.repeat(20_000)}`)
  await bury('l-kpu', 'kpu-jabar', 'secret of kpu')
  await bury('l-bali', 'web-bali', 'secret of bali')
  await bury('l-finding', '', 'a finding', topics.findings)
}, START_MS)
afterAll(async () => {
  await stack?.stop()
})

/** Buries an event as the processors do. */
async function bury(id: string, source: string, payload: string, topic?: string): Promise<void> {
  const producer = createBatchingProducer(stack.kafka, silentLog)
  const envelope = { source, format: 'nginx', receivedAt: Date.now(), peer: '', id: `event-${id}`, hash: '', marks: '' }
  const message = {
    key: Buffer.from('k'),
    value: Buffer.from(payload),
    headers: topic === undefined ? { [RAW_HEADER]: encodeEnvelope(envelope) } : {},
  }
  const why = { reason: 'format_mismatch', cause: 'no line of nginx', ...(topic === undefined ? {} : { topic }) }
  await producer.send(topics.deadLetters, [deadLetterMessage(id, message, why, Date.now())])
  await producer.close(1_000)
}

async function seen(who: Parameters<PageStack['ask']>[0], path = ''): Promise<SourcesAnswer> {
  const { status, json } = await stack.ask(who, `/api/sources${path}`)
  expect(status).toBe(200)
  return SourcesAnswer.parse(json)
}

async function letters(who: Parameters<PageStack['ask']>[0], query = ''): Promise<LettersAnswer> {
  const { status, json } = await stack.ask(who, `/api/sources/letters${query}`)
  expect(status).toBe(200)
  return LettersAnswer.parse(json)
}

test('each sees its sources, by region and owner, with the state that was judged', async () => {
  const ids = async (who: 'pusat' | 'jabar' | 'bali') =>
    (await seen(who)).sources.map(({ id, state }) => `${id} ${state}`)
  expect(await ids('jabar')).toEqual([
    'siaga.findings never',
    'web-jabar live',
    'baru-bandung never',
    'tls-bandung never',
  ])
  expect(await ids('bali')).toEqual(['web-bali quiet'])
  const all = await ids('pusat')
  expect(all).toContain('kpu-jabar silent')
  expect(all).toContain('unknown-peer live')
  const { sources, counts } = await seen('jabar', '?state=trouble')
  expect(sources.map(({ state }) => state)).toEqual(['never', 'never', 'never'])
  expect(counts).toMatchObject({ all: 4, live: 1, trouble: 3 })
  expect((await seen('jabar', '?q=bandung&region=32.73')).matching).toBe(2)
})

test('figures of a source are those of its rows', async () => {
  const web = (await seen('jabar')).sources.find(({ id }) => id === 'web-jabar')
  expect(web).toMatchObject({ dead_letters: 2, region_name: 'Jawa Barat', ways: ['syslog 10.32.0.0/16'] })
  expect(web?.last_landed).toBeGreaterThan(Date.now() - 600_000)
  expect(web?.lag_p95_ms).toBeGreaterThanOrEqual(1)
  const { status, json } = await stack.ask('jabar', '/api/sources/by-id/web-jabar')
  expect(status).toBe(200)
  const detail = SourceDetail.parse(json)
  expect(detail.datasets).toEqual([{ dataset: 'nginx.access', events: 2 }])
  expect(detail.hours.reduce((sum, { events }) => sum + events, 0)).toBe(2)
  expect(detail.history).toMatchObject([{ state: 'live', reason: 'why' }])
})

test('regions are what the view says to the room itself', async () => {
  const Row = z.object({
    region: z.string(),
    state: z.string(),
    sources: z.number(),
    heard: z.number(),
    quiet: z.number(),
    silent: z.number(),
    unjudged: z.number(),
    silent_sources: z.array(z.string()),
  })
  for (const who of ['pusat', 'jabar', 'bali'] as const) {
    const { json } = await stack.ask(who, '/api/sources/regions')
    const { regions, judged } = RegionsAnswer.parse(json)
    expect(judged).toBe(true)
    const rows = await stack
      .storeOf(who)
      .rows(
        Row,
        'SELECT region_code AS region, state, sources, heard, quiet, silent, unjudged, arraySort(region_states_now.silent_sources) AS silent_sources FROM siaga.region_states_now ORDER BY region',
      )
    expect(regions.map(({ name: _, ...one }) => one)).toEqual(rows)
    expect(rows.length).toBeGreaterThan(0)
  }
})

test('what is not of the room is not there: sources, keys, recipes, lines', async () => {
  for (const [who, id] of [
    ['bali', 'web-jabar'],
    ['jabar', 'web-bali'],
    ['jabar', 'kpu-jabar'],
    ['jabar', 'none'],
  ] as const)
    for (const path of ['', '/arrival?since=0', '/recipe?device=curl&way=key&host=a&url=http://a'])
      expect((await stack.ask(who, `/api/sources/by-id/${id}${path}`)).status).toBe(404)
  expect((await stack.ask('bali', '/api/sources/by-id/web-jabar/keys', { label: '' })).status).toBe(404)
  expect(await listKeys(stack.config.data_dir)).toEqual([])
  expect((await stack.ask('analis', '/api/sources')).status).toBe(403)
  expect((await stack.ask('', '/api/sources')).status).toBe(401)
})

test('a key is shown once, opens its source alone, is on record, and can be taken back by its room alone', async () => {
  const { status, json } = await stack.ask('jabar', '/api/sources/by-id/web-jabar/keys', { label: 'web 1' })
  expect(status).toBe(200)
  const { key, text } = KeyAnswer.parse(json)
  const ring = await openKeyRing(stack.config.data_dir, { pollMs: 50 })
  try {
    expect(ring.verify(text)).toMatchObject({ source: 'web-jabar', label: 'web 1' })
    const shown = await stack.ask('jabar', '/api/sources/by-id/web-jabar')
    expect(SourceDetail.parse(shown.json).keys).toEqual([key])
    // By its length: base64url has underscores of its own.
    expect(shown.text).not.toContain(text.slice(-43))
    expect(stack.audited.at(-1)).toMatchObject({ action: 'key_created', user: 'jabar' })
    expect(JSON.stringify(stack.audited)).not.toContain(text)
    const revoke = `/api/sources/by-id/web-jabar/keys/${key.id}/revoke`
    expect((await stack.ask('bali', revoke, {})).status).toBe(404)
    expect((await stack.ask('bali', revoke.replace('web-jabar', 'web-bali'), {})).status).toBe(404)
    expect(ring.verify(text)).toBeDefined()
    expect((await stack.ask('jabar', revoke, {})).status).toBe(200)
    await vi.waitFor(() => expect(ring.verify(text)).toBeUndefined(), wait)
    expect(stack.audited.at(-1)).toMatchObject({ action: 'key_revoked' })
  } finally {
    ring.stop()
  }
})

test('dead letters are seen by the room of their source, those of no event by the centre', async () => {
  const ids = async (who: 'pusat' | 'jabar' | 'bali') => (await letters(who)).letters.map(({ id }) => id).sort()
  expect(await ids('jabar')).toEqual(['l-jabar', 'l-jabar-2'])
  expect(await ids('bali')).toEqual(['l-bali'])
  expect(await ids('pusat')).toEqual(['l-bali', 'l-finding', 'l-jabar', 'l-jabar-2', 'l-kpu'])
  expect((await stack.ask('jabar', '/api/sources/letters/l-kpu')).status).toBe(404)
  expect((await stack.ask('jabar', '/api/sources/letters/l-finding')).status).toBe(404)
  const { json } = await stack.ask('jabar', '/api/sources/letters/l-jabar-2')
  const detail = LetterDetail.parse(json)
  expect(detail.payload).toHaveLength(16 * 1024)
  expect(detail).toMatchObject({ payload_cut: true, outcome: null })
})

test('a letter is sent once, however many ask for it at once; what is not of the room stays', async () => {
  const body = { ids: ['l-jabar', 'l-kpu', 'l-bali', 'none'] }
  const answers = await Promise.all([1, 2, 3].map(() => stack.ask('jabar', '/api/sources/letters/replay', body)))
  const counts = answers.map(({ json }) => ReplayAnswer.parse(json).replayed)
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(1)
  const sent: string[] = []
  await stack.kafka.readAll(topics.raw, ({ value }) => void sent.push(value?.toString() ?? ''))
  expect(sent).toEqual(['not a line of nginx'])
  expect((await letters('jabar')).letters.map(({ id }) => id)).toEqual(['l-jabar-2'])
  expect((await letters('bali')).letters.map(({ id }) => id)).toEqual(['l-bali'])
  const after = await letters('jabar', '?all=1')
  expect(after.letters.find(({ id }) => id === 'l-jabar')).toMatchObject({ replayed: true })
  expect(ReplayAnswer.parse((await stack.ask('jabar', '/api/sources/letters/replay', body)).json)).toEqual({
    replayed: 0,
    left_out: 4,
  })
  expect(stack.audited.at(-1)).toMatchObject({ action: 'dead_letters_replayed', user: 'jabar' })

  const outcome = async () => LetterDetail.parse((await stack.ask('jabar', '/api/sources/letters/l-jabar')).json)
  expect(await outcome()).toMatchObject({ outcome: 'waiting' })
  await stack.land([{ source_id: 'web-jabar', region_code: '32', owner: 'pemda', event_id: 'event-l-jabar' }])
  expect(await outcome()).toMatchObject({ outcome: 'landed' })
})

test('the first line is waited for, and shown as it was read', async () => {
  const since = Date.now()
  const look = async () => {
    const { status, json } = await stack.ask('jabar', `/api/sources/by-id/baru-bandung/arrival?since=${since}`)
    expect(status).toBe(200)
    return Arrival.parse(json)
  }
  expect(await look()).toMatchObject({ first: null, letter: null })
  await bury('l-new', 'baru-bandung', 'no format')
  await vi.waitFor(async () => expect(await look()).toMatchObject({ first: null, letter: { id: 'l-new' } }), wait)
  await stack.land([
    {
      source_id: 'baru-bandung',
      region_code: '32.73',
      owner: 'pemda',
      dataset: 'sshd',
      message: 'Failed password <b>',
      user_name: 'root',
      fields: { 'sshd.method': 'password' },
    },
  ])
  const { first } = await look()
  expect(first).toMatchObject({ dataset: 'sshd', message: 'Failed password <b>' })
  expect(first?.columns).toContainEqual({ name: 'user_name', value: 'root' })
  expect(first?.columns).toContainEqual({ name: 'sshd.method', value: 'password' })
})

test('the guide offers the sources of the room, never heard first, and lines for the centre within the room alone', async () => {
  const { json } = await stack.ask('jabar', '/api/sources/devices')
  const { candidates, region, owner } = AddAnswer.parse(json)
  expect(candidates.map(({ id }) => id)).toEqual(
    ['siaga.findings', 'tls-bandung', 'baru-bandung', 'web-jabar'].sort(
      (a, b) => Number(a === 'web-jabar') - Number(b === 'web-jabar') || (a < b ? -1 : 1),
    ),
  )
  expect(candidates.find(({ id }) => id === 'web-jabar')?.ways).toEqual(['address', 'key'])
  expect([region, owner]).toEqual(['32', 'pemda'])
  const proposal = (query: string) => stack.ask('jabar', `/api/sources/proposal?${query}`)
  const good = await proposal('id=web-cimahi&format=nginx&region=32.77&owner=pemda&address=10.9.0.0/24')
  expect(good.json).toEqual({
    yaml: 'sources:\n  - id: web-cimahi\n    format: nginx\n    region: "32.77"\n    owner: pemda\n    networks:\n      - 10.9.0.0/24\n',
    taken: false,
  })
  expect((await proposal('id=web-x&region=51&owner=pemda')).status).toBe(400)
  expect((await proposal('id=web-x&region=32&owner=kpu')).status).toBe(400)
  expect((await proposal('id=web-x&region=32&address=nowhere')).status).toBe(400)
})
