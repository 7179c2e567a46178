import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseHunt } from '../../../cli/hunt/read.ts'
import { huntValues } from '../../../cli/hunt/values.ts'
import { watchQuery } from '../../../runtime/clickhouse-watched.ts'
import { examples } from '../../../web/explore/examples.ts'
import { exportPieces } from '../../../web/explore/export.ts'
import { quotedValue } from '../../../web/explore/query.ts'
import { exportQuery } from '../../../web/explore/search.ts'
import { event, hostile, type Person, type Piece, people, type Rig, startRig } from './rig.ts'

const HOUR = 3_600_000
const now = Math.floor(Date.now() / HOUR) * HOUR
const day = { from: now - 24 * HOUR, to: now + HOUR }
const columns = ['message', 'user_name']

const places = [
  { region_code: '32', owner: '' },
  { region_code: '32.73', owner: 'pemda' },
  { region_code: '32.73', owner: 'kpu' },
  { region_code: '51.71', owner: 'pemda' },
  { region_code: '51.71', owner: 'bawaslu' },
  { region_code: '51', owner: 'kpu' },
  { region_code: '', owner: '' },
  { region_code: '00', owner: 'kpu' },
]
/** What each of them may see of the rows above, by number. */
const sees: Partial<Record<Person, number[]>> = {
  ani: [0, 1, 2, 3, 4, 5, 6, 7],
  budi: [0, 1],
  fajar: [0, 2],
  dewi: [3, 4],
}

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
  await rig.insert(
    places.map((place, at) =>
      event(now - 10 * HOUR + at, {
        ...place,
        message: `place ${at}`,
        dataset: 'sshd',
        source_ip: '198.51.100.7',
        score: at * 13,
        event_outcome: 'failure',
      }),
    ),
  )
  await rig.insert(
    hostile.map((text, at) =>
      event(now - 20 * HOUR + at * 1000, {
        region_code: '32',
        message: text,
        user_name: text,
        user_agent_original: text,
        fields: { x: text },
        tags: [text],
        score: 95,
        url_path: text,
      }),
    ),
  )
})
afterAll(() => rig?.stop())

const rowsOf = (pieces: readonly Piece[]): unknown[][] =>
  pieces.flatMap((piece) => (piece.kind === 'rows' && Array.isArray(piece.rows) ? piece.rows : []))
const kinds = (pieces: readonly Piece[]) => pieces.map(({ kind }) => kind)
const search = async (person: Person, q: string, more: object = {}) => {
  const answer = await rig.post(person, '/api/explore/search', { q, ...day, columns, ...more })
  expect(answer.status).toBe(200)
  return { ...answer, rows: rowsOf(answer.pieces) }
}

describe('a room gets its own rows and no others', () => {
  test.each(Object.entries(sees))('%s', async (name, seen) => {
    const person = Object.keys(people).find((one): one is Person => one === name) ?? 'ani'
    const { rows } = await search(person, 'message:place')
    expect(rows.map(([message]) => message).sort()).toEqual(seen.map((at) => `place ${at}`))
    const counted = await rig.post(person, '/api/explore/histogram', { q: 'message:place', ...day })
    expect(rowsOf(counted.pieces).reduce((sum, [, , events]) => sum + Number(events), 0)).toBe(seen.length)
    const entity = await rig.post(person, '/api/explore/entity', { kind: 'address', value: '198.51.100.7', ...day })
    expect(JSON.parse(entity.text)).toMatchObject({
      events: seen.length,
      failures: seen.length,
      score_max: Math.max(...seen) * 13,
    })
    const file = await rig.post(person, '/api/explore/export', { q: 'message:place', ...day, format: 'jsonl' })
    expect(file.pieces.map(({ message }) => message).sort()).toEqual(seen.map((at) => `place ${at}`))
    const values = await rig.app.inject({
      url: `/api/explore/values?field=region_code&to=${day.to}`,
      headers: { authorization: `Bearer ${person}` },
    })
    const known = z
      .object({ values: z.array(z.object({ value: z.string() })) })
      .parse(values.json())
      .values.map(({ value }) => value)
    const own = seen.map((at) => places[at]?.region_code ?? '').filter((code) => code !== '')
    expect(new Set(known)).toEqual(new Set(person === 'dewi' ? own : [...own, '32']))
  })

  test('an event of another room is not there, whoever has its place', async () => {
    const { rows } = await search('ani', 'message:"place 3"')
    const [, timestamp, stream, partition, offset] = rows[0]?.slice(-5) ?? []
    const key = { timestamp, stream, partition, offset }
    expect((await rig.post('budi', '/api/explore/event', key)).status).toBe(404)
    expect(JSON.parse((await rig.post('dewi', '/api/explore/event', key)).text).event).toMatchObject({
      message: 'place 3',
      owner: 'pemda',
    })
  })

  test('who only files reports has no part in it', async () => {
    for (const path of ['search', 'histogram', 'event', 'entity', 'export', 'hunt'])
      expect((await rig.post('eko', `/api/explore/${path}`, {})).status, path).toBe(403)
  })
})

describe('values stay values', () => {
  test.each(hostile)('%j is found by itself, alone, in every kind of field', async (text) => {
    for (const name of ['user.name', 'user', 'message', 'user_agent.original', 'fields.x', 'tags', 'url.path']) {
      const { rows, pieces } = await search('budi', `${name}:${quotedValue(text)}`)
      expect(kinds(pieces).at(-1), JSON.stringify(pieces.at(-1))).toBe('done')
      expect(
        rows.map(([message]) => message),
        name,
      ).toEqual([text])
    }
    const [row] = (await search('budi', `user.name:${quotedValue(text)}`)).rows
    const [, timestamp, stream, partition, offset] = row?.slice(-5) ?? []
    const { event: whole } = JSON.parse(
      (await rig.post('budi', '/api/explore/event', { timestamp, stream, partition, offset })).text,
    )
    expect(whole).toMatchObject({ message: text, fields: { x: text }, tags: [text] })
    const { event: entity } = {
      event: JSON.parse((await rig.post('budi', '/api/explore/entity', { kind: 'user', value: text, ...day })).text),
    }
    expect(entity).toMatchObject({ events: 1, users: [{ value: text, events: 1 }] })
  })

  test('what is no question is told, and asks nothing', async () => {
    const { pieces } = await search('budi', `user.name:x) OR 1=1 --`)
    expect(pieces).toEqual([{ kind: 'wrong', problem: expect.objectContaining({ at: 11 }) }])
    expect((await rig.post('budi', '/api/explore/search', { ...day, columns: ['message, (SELECT 1)'] })).status).toBe(
      400,
    )
    expect((await rig.post('budi', '/api/explore/search', { ...day, columns, to: day.from })).status).toBe(400)
    const forged = { score: 1, timestamp: "2024-01-01' OR 1=1", stream: "'", partition: 0, offset: '1' }
    const { pieces: refused } = await search('budi', '', { after: forged })
    expect(kinds(refused).at(-1)).toBe('failed')
  })
})

test.each(examples)('the example of the help runs: $q', async ({ q }) => {
  const { pieces } = await search('budi', q)
  expect(pieces.at(-1), JSON.stringify(pieces.at(-1))).toMatchObject({ kind: 'done' })
})

test('addresses by network, of both families, whatever stands in the column', async () => {
  await rig.insert(
    ['203.0.113.9', '203.0.114.9', '2001:db8::1', '2001:db9::1', '', 'not an address'].map((source_ip) =>
      event(now - 2 * HOUR, { region_code: '32', message: `net ${source_ip}`, source_ip }),
    ),
  )
  const found = async (q: string) => (await search('budi', `message:net* ${q}`)).rows.map(([message]) => message).sort()
  expect(await found('source.ip:203.0.113.0/24')).toEqual(['net 203.0.113.9'])
  expect(await found('ip:203.0.112.0/22')).toEqual(['net 203.0.113.9', 'net 203.0.114.9'])
  expect(await found('source.ip:2001:db8::/32')).toEqual(['net 2001:db8::1'])
  expect(await found('source.ip:2001:0db8:0:0::1')).toEqual(['net 2001:db8::1'])
  expect(await found('source.ip:203.0.113.*')).toEqual(['net 203.0.113.9'])
  expect(await found('NOT source.ip:0.0.0.0/0')).toEqual([
    'net ',
    'net 2001:db8::1',
    'net 2001:db9::1',
    'net not an address',
  ])
})

describe('pages', () => {
  test.each(['newest', 'oldest', 'score'] as const)('%s: each row once, while others land', async (order) => {
    const mark = `page-${order}`
    const make = (count: number, at: (n: number) => number, note: string) =>
      Array.from({ length: count }, (_, n) =>
        event(at(n), { region_code: '32', user_name: mark, message: `${note} ${n}`, score: n % 4 }),
      )
    // Many of one time, many of one score: what is not in the order is no order.
    await rig.insert(make(250, (n) => now - 5 * HOUR + (n % 7), 'first'))
    const seen: string[] = []
    let after: unknown
    for (let page = 0; page < 40; page++) {
      const { pieces, rows } = await search('budi', `user.name:${mark}`, {
        order,
        size: 23,
        ...(after == null ? {} : { after }),
      })
      seen.push(...rows.map(([message]) => String(message)))
      after = pieces.find(({ kind }) => kind === 'next')?.after
      if (after == null) break
      if (page < 5)
        await rig.insert(make(11, (n) => now - 5 * HOUR + (page % 2 === 0 ? 100 + n : -100 - n), `late ${page}`))
    }
    expect(after).toBe(null)
    const first = seen.filter((message) => message.startsWith('first'))
    expect(first).toHaveLength(250)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('the last page says so', async () => {
    const { pieces } = await search('budi', 'message:place', { size: 2 })
    expect(pieces.find(({ kind }) => kind === 'next')).toEqual({ kind: 'next', after: null })
  })

  test('what landed long after it happened is found', async () => {
    const then = Date.parse('2024-11-27T03:00:00Z')
    await rig.insert([event(then, { region_code: '32', message: 'handed in years later' })])
    const { rows } = await search('budi', 'handed in years', { from: then - HOUR, to: then + HOUR })
    expect(rows).toHaveLength(1)
  })
})

test('the histogram counts what the search finds', async () => {
  const { pieces } = await rig.post('ani', '/api/explore/histogram', { q: '', ...day, bars: 24 })
  const { pieces: found } = await search('ani', '', { size: 500 })
  expect(rowsOf(pieces).reduce((sum, [, , events]) => sum + Number(events), 0)).toBeGreaterThanOrEqual(
    rowsOf(found).length,
  )
  const [info] = pieces
  expect(info).toMatchObject({ kind: 'histogram' })
  for (const [bar, severity] of rowsOf(pieces)) {
    expect(Number(bar)).toBeLessThan(Number(info?.bars))
    expect(Number(severity)).toBeLessThanOrEqual(4)
  }
  const { pieces: severe } = await rig.post('ani', '/api/explore/histogram', { q: 'severity:critical', ...day })
  expect(new Set(rowsOf(severe).map(([, severity]) => severity))).toEqual(new Set([4]))
})

describe('files', () => {
  test('CSV is no formula for a spreadsheet; lines of JSON are as they were', async () => {
    const csv = await rig.post('budi', '/api/explore/export', {
      q: 'severity:critical',
      ...day,
      columns: ['message'],
      format: 'csv',
    })
    expect(csv.text).toContain(`"'=cmd|'/C calc'!A0"`)
    expect(csv.text.startsWith('"message"\r\n')).toBe(true)
    const lines = await rig.post('budi', '/api/explore/export', { q: 'severity:critical', ...day, format: 'jsonl' })
    expect(lines.pieces.map(({ message }) => message).sort()).toEqual([...hostile].sort())
  })

  test('a file that was cut says so in its last line, a whole one does not', async () => {
    const span = { from: now - 11 * HOUR, to: now }
    const watch = (query: string, watched: Parameters<typeof watchQuery>[2]) =>
      watchQuery(rig.optionsOf('pusat'), query, watched)
    const file = async (limit: number, format: 'csv' | 'jsonl') => {
      const asking = exportQuery({ condition: "e.dataset = 'sshd'", parameters: [] }, span, {
        columns: ['message'],
        order: 'oldest',
        limit: limit + 1,
      })
      let text = ''
      for await (const piece of exportPieces(
        watch,
        asking,
        { format, columns: ['message'], limit, person: 'x' },
        new AbortController().signal,
      ))
        text += piece
      return text.trim().split(/\r?\n/)
    }
    expect(await file(3, 'csv')).toEqual([
      '"message"',
      '"place 0"',
      '"place 1"',
      '"place 2"',
      expect.stringContaining('cut after 3 rows'),
    ])
    expect(await file(8, 'csv')).toHaveLength(9)
    expect(JSON.parse((await file(3, 'jsonl')).at(-1) ?? '')).toMatchObject({ siaga_cut: true, rows: 3 })
    expect(await file(8, 'jsonl')).toHaveLength(8)
  })
})

test('a question becomes a hunt that is whole, runs, and finds the same', async () => {
  const said = { id: "judul: 'dengan' tanda", en: '{ } # - "title" \u2028 x' }
  const wish = {
    q: 'message:place score>=10 source.ip:198.51.100.0/24 -user.name:"a\\"b"',
    id: 'place_hunt',
    category: 'web',
    attack: ['T1110'],
    entity: 'address',
    title: said,
    finds: said,
    matters: said,
    action: said,
    usual: said,
  }
  const { text } = await rig.post('budi', '/api/explore/hunt', wish)
  const answer = z.object({ kind: z.literal('hunt'), file: z.string(), text: z.string() }).parse(JSON.parse(text))
  const hunt = parseHunt(answer.text, answer.file)
  if (typeof hunt === 'string') throw new Error(`${hunt}\n${answer.text}`)
  expect(hunt.title.id).toBe(said.id)
  const { params } = huntValues(hunt, { since: '24h' }, now + HOUR)
  const rows = await rig.admin.rows(
    z.object({ region_code: z.string(), owner: z.string(), entity: z.string(), events: z.coerce.number() }),
    hunt.query,
    params,
  )
  expect(rows.reduce((sum, { events }) => sum + events, 0)).toBe(7)
  expect(new Set(rows.map(({ entity }) => entity))).toEqual(new Set(['source_ip:198.51.100.7']))
  expect(Object.keys(rows[0] ?? {})).toEqual(expect.arrayContaining(['region_code', 'owner', 'entity', 'events']))
})
