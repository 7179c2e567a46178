import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { reportErrors } from '../../../ingest/report/errors.ts'
import { attachmentFile } from '../../../ingest/report/store.ts'
import { createTokeniser } from '../../../ingest/tokenise.ts'
import { makeReceipt, readReceipt } from '../../../runtime/receipt.ts'
import { digitsOf, lettersOf, MAX_ATTACHMENT_BYTES } from '../../../schemas/report.ts'
import { form, serve, sha256, stopAll } from './serve.ts'

afterEach(stopAll)

describe('a report', () => {
  test('is answered with receipt, region and both clocks, in the zone of the region', async () => {
    const { report, writer, records, metrics } = await serve()
    const { status, json } = await report(form)
    expect(status).toBe(201)
    expect(json).toMatchObject({
      receipt: expect.stringMatching(/^LAP-32-[A-Z][0-9A-Z]{4}-[A-Z][0-9A-Z]{4}-[0-9A-Z]$/),
      kind: 'incident',
      room: 'ruang-jabar',
      region: '32',
      region_name: 'Jawa Barat',
      reported_at_local: '2024-11-20 15:00:01 WIB',
      clocks: [
        {
          clock: 'iiv',
          hours: 24,
          due: '2024-11-21T06:15:00.000Z',
          due_local: '2024-11-21 13:15:00 WIB',
          passed: false,
        },
        { clock: 'personal_data', hours: 72, due_local: '2024-11-23 13:15:00 WIB', passed: false },
      ],
      attachments: [],
    })
    expect(readReceipt(json.receipt)).toBe(json.receipt)
    expect(writer.events).toHaveLength(1)
    expect(writer.events[0]).toMatchObject({ source: 'ruang-jabar', format: 'siaga.report', id: json.receipt })
    expect(records()[0]).toMatchObject({
      kind: 'incident',
      receipt: json.receipt,
      region: '32',
      zone: 'WIB',
      discovered_at: '2024-11-20T06:15:00.000Z',
      chronology: '2024-11-20 13:10: Laporan warga\n2024-11-20 13:25: Situs diturunkan',
    })
    expect(metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
  })

  test.each([
    ['room-ruang-makassar', '73.71', '2024-11-20 13:15', '2024-11-21 13:15:00 WITA'],
    ['room-ruang-papua', '91', '2024-11-20 13:15', '2024-11-21 13:15:00 WIT'],
    ['room-ruang-papua', '91', '2024-11-20 13:15 WIB', '2024-11-21 15:15:00 WIT'],
    ['room-ruang-jabar', '32', '2024-11-20T06:15:00Z', '2024-11-21 13:15:00 WIB'],
    ['room-ruang-jabar', '32', '2024-11-20T08:15:00+09:00', '2024-11-21 06:15:00 WIB'],
  ])('of %s (%s), discovered %s: the clock ends %s', async (key, region, discovered_at, due_local) => {
    const { report } = await serve()
    const { json } = await report({ ...form, discovered_at }, { authorization: `Bearer ${key}` })
    expect(json).toMatchObject({ region, clocks: [{ due_local }, {}] })
  })

  test('has no clock that does not run, and says which one is over', async () => {
    const { report } = await serve()
    expect((await report({ ...form, iiv: false, personal_data: false })).json.clocks).toEqual([])
    expect((await report({ ...form, iiv: false })).json.clocks).toMatchObject([{ clock: 'personal_data' }])
    const late = await report({ ...form, discovered_at: '2024-11-18 13:15' })
    expect(late.json.clocks).toMatchObject([{ passed: true }, { passed: false }])
  })

  test('phone, NIK and NKK in any field leave as tokens, in the answer and on disk too', async () => {
    const { report, attach, writer, folder } = await serve()
    const nik = '3273014508880007'
    const bytes = Buffer.from('x')
    await attach(bytes, sha256(bytes))
    const { status, json } = await report({
      ...form,
      description: `NIK ${nik} terbuka, NKK 3273011203150004`,
      impact: `warga 0813-1111-2222, dan ${nik}`,
      attachments: [{ name: `ktp-${nik}.jpg`, sha256: sha256(bytes) }],
    })
    expect(status).toBe(201)
    const sent = writer.events.map(({ value }) => value.toString()).join('\n')
    const kept = await everyFile(folder)
    for (const text of [sent, JSON.stringify(json), kept]) {
      expect(text).not.toMatch(/3273014508880007|3273011203150004|0813-1111-2222|0812-3456-7890/)
    }
    expect(sent.match(/(?:nik|tel)-[0-9a-f]{16}/g)?.length).toBeGreaterThanOrEqual(6)
    expect(json.attachments).toMatchObject([{ name: expect.stringMatching(/^ktp-nik-[0-9a-f]{16}\.jpg$/) }])
  })
})

/** Names and contents of everything beneath a folder. */
async function everyFile(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries.map(async (entry) =>
    entry.isFile() ? `${entry.name}\n${await readFile(join(entry.parentPath, entry.name), 'latin1')}` : entry.name,
  )
  return (await Promise.all(texts)).join('\n')
}

describe('who may', () => {
  test.each([
    ['', 401, 'KEY_MISSING'],
    ['Bearer nobody', 401, 'KEY_REFUSED'],
    ['Bearer source-web-kpu', 403, 'KEY_NOT_OF_A_ROOM'],
    ['Bearer room-gone', 403, 'ROOM_UNKNOWN'],
  ])('%s: %i %s, in both languages', async (authorization, status, error) => {
    const { report, writer, metrics } = await serve()
    const answer = await report(form, { authorization })
    expect(answer).toMatchObject({ status, json: { error } })
    for (const field of ['message', 'action', 'pesan', 'tindakan'])
      expect(answer.json[field]).toEqual(expect.stringMatching(/^[^{}]{10,}$/))
    expect(writer.events).toEqual([])
    expect(metrics.counts).toEqual({ received: 1, accepted: 0, refused: 1, lost: 0 })
  })

  test('a region other than the key’s is refused and written to the audit trail, its own is not', async () => {
    const { report, writer, audit } = await serve()
    expect((await report({ ...form, region: '31' })).json).toMatchObject({
      error: 'REGION_OF_ANOTHER',
      message: expect.stringContaining('names region 31, but this key reports for region 32'),
      pesan: expect.stringContaining('menyebut wilayah 31, padahal kunci ini untuk wilayah 32'),
    })
    // A region beneath is not the room's own either.
    expect((await report({ ...form, region: '32.73' })).status).toBe(403)
    expect((await report({ region: '31' }, {}, '/v1/reports/nihil')).status).toBe(403)
    expect(writer.events).toEqual([])
    expect(audit.map(({ action, outcome, user }) => ({ action, outcome, user }))).toEqual(
      Array.from({ length: 3 }, () => ({ action: 'report_refused', outcome: 'failure', user: 'ruang-jabar' })),
    )
    expect((await report({ ...form, region: '32' })).status).toBe(201)
  })

  test('a key that sends without end waits', async () => {
    const { address } = await serve()
    const many = Array.from({ length: 130 }, () =>
      fetch(`${address}/v1/reports`, { method: 'POST', headers: { authorization: 'Bearer room-ruang-jabar' } }),
    )
    const answers = await Promise.all(many)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(5)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('what is wrong is named', () => {
  const cases: [string, unknown, string, RegExp, RegExp][] = [
    ['missing', { ...form, impact: undefined }, 'impact', /is missing/, /belum diisi/],
    ['empty', { ...form, impact: '  ' }, 'impact', /is empty/, /kosong/],
    ['too long', { ...form, impact: 'x'.repeat(20_001) }, 'impact', /more than 20000/, /lebih dari 20000/],
    ['a contact without a name', { ...form, contact: { email: 'a@b.example' } }, 'contact.name', /missing/, /belum/],
    ['nobody to ask', { ...form, contact: { name: 'Rina' } }, 'contact', /needs email or phone/, /perlu/],
    ['no address', { ...form, contact: { name: 'R', email: 'rina' } }, 'contact.email', /no e-mail/, /bukan/],
    ['a category of its own', { ...form, category: 'deface' }, 'category', /one of web_def/, /salah satu/],
    ['a word for a flag', { ...form, iiv: 'ya' }, 'iiv', /true or false/, /true atau false/],
    ['a time that is none', { ...form, discovered_at: 'kemarin' }, 'discovered_at', /is no time/, /bukan waktu/],
    ['the 31st of November', { ...form, discovered_at: '2024-11-31 08:00' }, 'discovered_at', /is no time/, /bukan/],
    ['the future', { ...form, discovered_at: '2024-11-20 15:30' }, 'discovered_at', /future/, /masa depan/],
    ['a slip of the finger', { ...form, impcat: 'x' }, 'impcat', /did you mean impact/, /maksudnya impact/],
    [
      'a hash that is none',
      { ...form, attachments: [{ name: 'a', sha256: 'AB' }] },
      'attachments.0.sha256',
      /64/,
      /64/,
    ],
  ]
  test.each(cases)('%s', async (_, body, field, message, pesan) => {
    const { report, writer } = await serve()
    const { status, json } = await report(body)
    expect(status).toBe(422)
    expect(json).toMatchObject({
      error: 'REPORT_INVALID',
      fields: [{ field, message: expect.stringMatching(message), pesan: expect.stringMatching(pesan) }],
      pesan: expect.stringContaining(field),
    })
    expect(writer.events).toEqual([])
  })

  test('every field at once', async () => {
    const { report } = await serve()
    const { json } = await report({})
    expect(json.fields).toHaveLength(10)
  })

  test.each([
    ['{"a":', 400, 'JSON_INVALID', {}],
    ['[]', 400, 'JSON_INVALID', {}],
    ['{}', 415, 'CONTENT_TYPE_UNSUPPORTED', { 'content-type': 'text/plain' }],
    ['{}', 415, 'CONTENT_ENCODING_UNSUPPORTED', { 'content-encoding': 'gzip' }],
    ['{}', 400, 'IDEMPOTENCY_KEY_INVALID', { 'idempotency-key': 'x'.repeat(256) }],
    [`{"a":"${'x'.repeat(256 * 1024)}"}`, 413, 'BODY_TOO_LARGE', {}],
  ])('a request that cannot be taken, %#', async (body, status, error, headers) => {
    const { report } = await serve()
    const answer = await report(body, headers)
    expect(answer).toMatchObject({ status, json: { error } })
    expect(answer.json.message).not.toContain('{')
  })

  test('another method', async () => {
    const { request } = await serve()
    const answer = await request('GET', '/v1/reports', undefined)
    expect(answer).toMatchObject({ status: 405, json: { error: 'METHOD_NOT_ALLOWED' } })
    expect(answer.headers.get('allow')).toBe('POST, PUT')
  })

  test('no code is without its words', () => {
    for (const { en, id } of Object.values(reportErrors))
      for (const text of [en.message, en.action, id.message, id.action]) expect(text).toMatch(/\S.{8,}[.:}>)\]s]/)
  })
})

describe('the same request again', () => {
  test('has the same receipt and no second event; another body is refused; another key is another report', async () => {
    const { report, writer } = await serve()
    const key = { 'idempotency-key': 'k-1' }
    const first = await report(form, key)
    const again = await report(form, key)
    expect(again.status).toBe(200)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.json).toEqual(first.json)
    expect(writer.events).toHaveLength(1)
    expect(await report({ ...form, severity: 'low' }, key)).toMatchObject({
      status: 409,
      json: { error: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(writer.events).toHaveLength(1)
    const other = await report(form, { 'idempotency-key': 'k-2' })
    expect(other.status).toBe(201)
    expect(other.json.receipt).not.toBe(first.json.receipt)
    // The same key of another room is another key.
    const elsewhere = await report(form, { ...key, authorization: 'Bearer room-ruang-papua' })
    expect(elsewhere).toMatchObject({ status: 201, json: { region: '91' } })
  })

  test('without a key the same words are the same report', async () => {
    const { report, writer } = await serve()
    const first = await report(form)
    expect((await report(form)).json).toEqual(first.json)
    expect((await report({ ...form, severity: 'low' })).json.receipt).not.toBe(first.json.receipt)
    expect(writer.events).toHaveLength(2)
  })

  test('also after a restart, and days later', async () => {
    const first = await serve()
    const key = { 'idempotency-key': 'k-1' }
    const filed = await first.report(form, key)
    const second = await serve({ dataDir: first.folder })
    second.clock.now += 10 * 86_400_000
    expect((await second.report(form, key)).json).toEqual(filed.json)
    expect((await second.report({ ...form, severity: 'low' }, key)).status).toBe(409)
    expect(second.writer.events).toEqual([])
  })

  test('two at once are one', async () => {
    const { report, writer } = await serve()
    writer.closeGate()
    const both = [report(form), report(form), report(form)]
    await new Promise((resolve) => setTimeout(resolve, 100))
    writer.openGate()
    const answers = await Promise.all(both)
    expect(new Set(answers.map(({ json }) => json.receipt)).size).toBe(1)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
    expect(writer.events).toHaveLength(1)
  })

  test('what Kafka did not take has no receipt, and the next try has the one that it would have had', async () => {
    const { report, writer, metrics } = await serve()
    writer.failures = 1
    const failed = await report(form)
    expect(failed).toMatchObject({ status: 503, json: { error: 'KAFKA_UNAVAILABLE' } })
    expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await report(form)).status).toBe(201)
    expect(metrics.counts).toEqual({ received: 2, accepted: 1, refused: 1, lost: 0 })
  })

  test('an answer that takes too long is 503, and the repeat gets the receipt', async () => {
    const { report, writer } = await serve({ sendTimeout: 0.1 })
    writer.closeGate()
    expect((await report(form)).status).toBe(503)
    writer.openGate()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await report(form)).status).toBe(200)
    expect(writer.events).toHaveLength(1)
  })
})

describe('nihil', () => {
  test('counts for the nearest due time and says so', async () => {
    const { report, records, clock } = await serve()
    const nihil = (body?: unknown) => report(body ?? {}, {}, '/v1/reports/nihil')
    const { status, json } = await nihil({ note: 'aman' })
    expect(status).toBe(201)
    expect(json).toMatchObject({
      receipt: expect.stringMatching(/^NIL-32-/),
      kind: 'nihil',
      due_local: '2024-11-20 20:00:00 WIB',
      late: false,
      clocks: [],
    })
    expect(records()[0]).toMatchObject({ kind: 'nihil', note: 'aman', due: '2024-11-20T13:00:00.000Z' })
    expect((await nihil({ note: 'aman' })).status).toBe(200)
    clock.now = Date.parse('2024-11-20T13:29:00Z')
    expect((await nihil()).json).toMatchObject({ due_local: '2024-11-20 20:00:00 WIB', late: false })
    clock.now = Date.parse('2024-11-20T14:00:00Z')
    expect((await nihil({ note: 'x' })).json).toMatchObject({ due_local: '2024-11-20 20:00:00 WIB', late: true })
    clock.now = Date.parse('2024-11-21T02:00:00Z')
    expect((await nihil({ note: 'aman' })).json).toMatchObject({ due_local: '2024-11-21 20:00:00 WIB', late: false })
    // Voting day, local time of the room.
    clock.now = Date.parse('2024-11-27T00:00:00Z')
    expect((await nihil()).json).toMatchObject({ due_local: '2024-11-27 06:00:00 WIB', late: true })
    const papua = await report({}, { authorization: 'Bearer room-ruang-papua' }, '/v1/reports/nihil')
    expect(papua.json).toMatchObject({ due_local: '2024-11-27 09:00:00 WIT', late: false })
  })

  test('needs no body', async () => {
    const { request } = await serve()
    const headers = { authorization: 'Bearer room-ruang-jabar' }
    expect((await request('POST', '/v1/reports/nihil', undefined, headers)).status).toBe(201)
    expect((await request('POST', '/v1/reports', undefined, headers)).json).toMatchObject({ error: 'JSON_INVALID' })
  })
})

test('no receipt and no hash is taken for a citizen’s number', () => {
  const tokenise = createTokeniser(randomBytes(32))
  // The hash of this number as hex holds 16 digits that are built like a NIK.
  const dangerous = 'ffd560d182369b08a8b3ed35cfa5ee3cc50b5b5f093ece3139181709813896c3'
  expect(tokenise(Buffer.from(`{"sha256":"${dangerous}"}`)).toString()).toContain('nik-')
  expect(digitsOf(lettersOf(dangerous))).toBe(dangerous)
  for (let n = 0; n < 20_000; n += 1) {
    const hash = n === 0 ? dangerous : sha256(String(n))
    const receipt = makeReceipt('LAP', ['32.73', '62.08', '08', '81.02'][n % 4] ?? '', randomBytes(32))
    const text = JSON.stringify({ receipt, phone: '-', attachments: [{ name: 'a', hash: lettersOf(hash), bytes: 1 }] })
    expect(tokenise(Buffer.from(text)).toString()).toBe(text)
  }
})

describe('attachments', () => {
  const shell = Buffer.from('<?php system($_GET["c"]);')
  const named = { ...form, attachments: [{ name: '../../etc/shell.php', sha256: sha256(shell) }] }

  test('are kept as opaque bytes under their hash, for nobody else on the machine', async () => {
    const { attach, report, folder, writer } = await serve()
    expect(await attach(shell, sha256(shell))).toMatchObject({ status: 201, json: { bytes: shell.length } })
    const { json } = await report(named)
    expect(json.attachments).toEqual([{ ...named.attachments[0], bytes: shell.length }])
    const file = attachmentFile(folder, json.receipt, sha256(shell))
    expect(await readFile(file)).toEqual(shell)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(folder, 'reports', 'inbox', 'ruang-jabar'))).toEqual([])
    expect(writer.events[0]?.value.toString()).not.toContain('system(')
    // A repeat finds them where they are.
    expect((await report(named)).status).toBe(200)
  })

  test('that were not sent, or by another room, are missing; nothing is filed', async () => {
    const { attach, report, writer } = await serve()
    await attach(shell, sha256(shell), { authorization: 'Bearer room-ruang-papua' })
    expect(await report(named)).toMatchObject({
      status: 422,
      json: { error: 'ATTACHMENT_MISSING', message: expect.stringContaining('shell.php') },
    })
    expect(writer.events).toEqual([])
    await attach(shell, sha256(shell))
    expect((await report(named)).status).toBe(201)
  })

  test('with another hash are refused and not kept', async () => {
    const { attach, folder } = await serve()
    expect(await attach(shell, sha256('other'))).toMatchObject({
      status: 422,
      json: { error: 'ATTACHMENT_HASH_MISMATCH', pesan: expect.stringContaining(sha256(shell)) },
    })
    expect(await attach(shell, 'nothash')).toMatchObject({ status: 422, json: { error: 'ATTACHMENT_HASH_INVALID' } })
    expect(await readdir(join(folder, 'reports', 'inbox', 'ruang-jabar'))).toEqual([])
  })

  test('over 20 MB are refused at the head or on the way; 20 MB are taken', async () => {
    const { attach, folder } = await serve()
    const big = Buffer.alloc(MAX_ATTACHMENT_BYTES + 1, 120)
    const refusal = { status: 413, json: { error: 'ATTACHMENT_TOO_LARGE' } }
    expect(await attach(big, sha256(big))).toMatchObject(refusal)
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < big.length; at += 1_000_000) controller.enqueue(big.subarray(at, at + 1_000_000))
        controller.close()
      },
    })
    expect(await attach(stream, sha256(big))).toMatchObject(refusal)
    expect(await readdir(join(folder, 'reports', 'inbox', 'ruang-jabar')).catch(() => [])).toEqual([])
    const largest = big.subarray(0, MAX_ATTACHMENT_BYTES)
    expect(await attach(largest, sha256(largest))).toMatchObject({ status: 201, json: { bytes: MAX_ATTACHMENT_BYTES } })
  })

  test('come in pieces over a slow line; a piece may come again, none may be missing', async () => {
    const { attach, report, folder } = await serve()
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 251))
    const hash = sha256(bytes)
    const piece = (from: number, to: number, total = 1000) =>
      attach(bytes.subarray(from, to), hash, { 'content-range': `bytes ${from}-${to - 1}/${total}` })
    expect(await piece(400, 700)).toMatchObject({ status: 409, json: { error: 'ATTACHMENT_OFFSET' } })
    expect(await piece(0, 400)).toMatchObject({ status: 202, json: { bytes: 400 } })
    expect(await piece(0, 400)).toMatchObject({ status: 202, json: { bytes: 400 } })
    expect(await piece(500, 1000)).toMatchObject({
      status: 409,
      json: { message: expect.stringContaining('400 bytes'), pesan: expect.stringContaining('400 bita') },
    })
    expect((await piece(400, 700)).status).toBe(202)
    const named_ = { ...form, attachments: [{ name: 'a.bin', sha256: hash }] }
    expect(await report(named_)).toMatchObject({ status: 422, json: { error: 'ATTACHMENT_MISSING' } })
    expect(await piece(700, 1000)).toMatchObject({ status: 201, json: { bytes: 1000 } })
    const { json } = await report(named_)
    expect(await readFile(attachmentFile(folder, json.receipt, hash))).toEqual(bytes)
    expect(await piece(0, 10, 20_000_001)).toMatchObject({ status: 413 })
    expect(await attach('x', hash, { 'content-range': 'bytes 5-1/10' })).toMatchObject({
      status: 400,
      json: { error: 'RANGE_INVALID' },
    })
    // Wrong bytes are found when the last piece is there, and all of them go.
    await attach(Buffer.alloc(400), hash, { 'content-range': 'bytes 0-399/1000' })
    expect(await piece(400, 1000)).toMatchObject({ status: 422, json: { error: 'ATTACHMENT_HASH_MISMATCH' } })
    expect(await readdir(join(folder, 'reports', 'inbox', 'ruang-jabar'))).toEqual([])
  })

  test('that no report names are bounded and go after a day', async () => {
    const { attach, clock } = await serve()
    for (let n = 0; n < 20; n += 1) expect((await attach(`file ${n}`, sha256(`file ${n}`))).status).toBe(201)
    expect(await attach('more', sha256('more'))).toMatchObject({ status: 429, json: { error: 'TOO_MANY_UNFILED' } })
    clock.now = Date.now() + 25 * 3_600_000
    expect((await attach('more', sha256('more'))).status).toBe(201)
  })

  test('more than ten in a report', async () => {
    const { report } = await serve()
    const attachments = Array.from({ length: 11 }, (_, n) => ({ name: `f${n}`, sha256: sha256(`${n}`) }))
    expect((await report({ ...form, attachments })).json).toMatchObject({
      fields: [{ field: 'attachments', message: expect.stringContaining('more than 10') }],
    })
  })
})
