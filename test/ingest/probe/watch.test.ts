import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { watchErrors } from '../../../ingest/probe/errors.ts'
import { watchPlugin } from '../../../ingest/probe/plugin.ts'
import { targetsOf } from '../../../ingest/probe/probe.ts'
import { assetTargets, isBeneath, registeredDomain, roomTargets } from '../../../ingest/probe/target.ts'
import { createWatchlist } from '../../../ingest/probe/watchlist.ts'
import type { ApiKey } from '../../../schemas/key.ts'
import { Room } from '../../../schemas/room.ts'
import { fakeDependencies } from '../http/fakes.ts'

const rooms = [
  Room.parse({ id: 'ruang-jabar', region: '32', owner: 'pemda', domains: ['kpu-jabar.go.id', 'jabarprov.go.id'] }),
  Room.parse({ id: 'ruang-kosong', region: '33' }),
]
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'siaga-watch-'))
  cleanups.push(() => rm(made, { recursive: true, force: true }))
  return made
}

/** Keys: `room-<id>` of a room, `source-<id>` of a source. */
function verify(text: string): ApiKey | undefined {
  const [, kind, id = ''] = /^(room|source)-(.+)$/.exec(text) ?? []
  if (kind === undefined) return undefined
  const key = { id: text, label: '', hash: 'x'.repeat(43), tail: 'abcd', created: '2024-01-01T00:00:00Z' }
  return kind === 'room' ? { ...key, source: '', room: id } : { ...key, source: id }
}

async function serve(dataDir: string) {
  const { deps, metrics } = fakeDependencies()
  const audit: AuditEntry[] = []
  const clock = { now: Date.parse('2024-11-20T08:00:00Z') }
  const app: FastifyInstance = fastify({ forceCloseConnections: true })
  await app.register(
    watchPlugin({
      deps,
      keys: { verify },
      config: { data_dir: dataDir, rooms },
      audit: (entry) => audit.push(entry),
      now: () => clock.now,
    }),
  )
  cleanups.push(() => app.close())
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  async function request(method: string, body?: string | object, headers: Record<string, string> = {}) {
    clock.now += 1000
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    const answer = await fetch(`${address}/v1/watch`, {
      method,
      ...(text === undefined ? {} : { body: text }),
      headers: { authorization: 'Bearer room-ruang-jabar', 'content-type': 'application/json', ...headers },
    })
    const json: Record<string, unknown> = JSON.parse(await answer.text())
    return { status: answer.status, headers: answer.headers, json }
  }
  return { request, metrics, audit, clock }
}

describe('a room', () => {
  test('lists addresses beneath its domains, and reads them again', async () => {
    const dataDir = await folder()
    const { request, audit, metrics } = await serve(dataDir)
    expect((await request('GET')).json).toEqual({
      room: 'ruang-jabar',
      region: '32',
      domains: ['kpu-jabar.go.id', 'jabarprov.go.id'],
      limit: 50,
      urls: [],
    })
    const urls = [
      'https://KPU-Jabar.go.id',
      'https://kpu-jabar.go.id/#atas',
      'http://user:password@data.jabarprov.go.id/a b?x=1',
    ]
    const put = await request('PUT', { urls })
    expect(put.status).toBe(200)
    expect(put.json.urls).toEqual([
      { url: 'https://kpu-jabar.go.id/', active: true },
      { url: 'http://data.jabarprov.go.id/a%20b?x=1', active: true },
    ])
    expect((await request('GET')).json).toEqual(put.json)
    expect(audit).toEqual([
      expect.objectContaining({ action: 'watch_changed', outcome: 'success', user: 'ruang-jabar' }),
    ])
    expect(await readdir(join(dataDir, 'probe', 'rooms'))).toEqual(['ruang-jabar.json'])
    await request('PUT', { urls: [] })
    expect((await request('GET')).json.urls).toEqual([])
    expect(metrics.counts.received).toBe(metrics.counts.refused)
  })

  test.each([
    ['https://kpu-jabar.go.id.example.com/', 'not_verified'],
    ['https://notkpu-jabar.go.id/', 'not_verified'],
    ['https://go.id/', 'not_verified'],
    ['https://kpu.go.id/', 'not_verified'],
    ['https://kpu-jabar.go.id@example.com/', 'not_verified'],
    ['http://127.0.0.1/', 'not_verified'],
    ['http://169.254.169.254/', 'not_verified'],
    ['ftp://kpu-jabar.go.id/', 'not_http'],
    ['javascript:alert(1)', 'not_http'],
    ['kpu-jabar.go.id', 'not_http'],
    ['', 'not_http'],
    [`https://kpu-jabar.go.id/${'x'.repeat(2000)}`, 'too_long'],
  ])('cannot list %s, and is told why: %s', async (url, problem) => {
    const { request, audit } = await serve(await folder())
    await request('PUT', { urls: ['https://kpu-jabar.go.id/'] })
    const { status, json } = await request('PUT', { urls: ['https://jabarprov.go.id/', url] })
    expect(status).toBe(422)
    expect(json).toMatchObject({
      error: 'URLS_REFUSED',
      refused: [{ problem, message: expect.stringMatching(/\w/), pesan: expect.stringMatching(/\w/) }],
      pesan: expect.stringContaining('tidak ada yang berubah'),
    })
    expect((await request('GET')).json.urls).toEqual([{ url: 'https://kpu-jabar.go.id/', active: true }])
    expect(audit.at(-1)).toMatchObject({ action: 'watch_refused', outcome: 'failure' })
  })

  test('without verified domains lists nothing', async () => {
    const { request } = await serve(await folder())
    const answer = await request(
      'PUT',
      { urls: ['https://kpu-jabar.go.id/'] },
      { authorization: 'Bearer room-ruang-kosong' },
    )
    expect(answer.json).toMatchObject({ error: 'URLS_REFUSED' })
  })

  test('lists at most fifty', async () => {
    const { request } = await serve(await folder())
    const urls = Array.from({ length: 51 }, (_, n) => `https://kpu-jabar.go.id/${n}`)
    expect((await request('PUT', { urls })).json).toMatchObject({ error: 'TOO_MANY_URLS' })
    expect((await request('PUT', { urls: urls.slice(1) })).status).toBe(200)
  })

  test.each([
    ['PUT', '{"urls":"https://kpu-jabar.go.id/"}', {}, 400, 'JSON_INVALID'],
    ['PUT', '[]', {}, 400, 'JSON_INVALID'],
    ['PUT', '{"urls":[1]}', {}, 400, 'JSON_INVALID'],
    ['PUT', '{"urls":[', {}, 400, 'JSON_INVALID'],
    ['PUT', '', {}, 400, 'JSON_INVALID'],
    ['PUT', '{"urls":[]}', { 'content-type': 'text/plain' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['PUT', '{"urls":[]}', { 'content-encoding': 'gzip' }, 415, 'CONTENT_ENCODING_UNSUPPORTED'],
    ['PUT', JSON.stringify({ urls: ['x'.repeat(300_000)] }), {}, 413, 'BODY_TOO_LARGE'],
    ['PUT', '{"urls":[]}', { authorization: '' }, 401, 'KEY_MISSING'],
    ['GET', undefined, { authorization: 'Bearer nobody' }, 401, 'KEY_REFUSED'],
    ['GET', undefined, { authorization: 'Bearer source-web' }, 403, 'KEY_NOT_OF_A_ROOM'],
    ['GET', undefined, { authorization: 'Bearer room-gone' }, 403, 'ROOM_UNKNOWN'],
    ['DELETE', undefined, {}, 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '{"urls":[]}', {}, 405, 'METHOD_NOT_ALLOWED'],
  ])('%s of %.30s is refused: %o is %i %s', async (method, body, headers, status, error) => {
    const { request, metrics } = await serve(await folder())
    const answer = await request(method, body, headers)
    expect(answer.status).toBe(status)
    expect(answer.json.error).toBe(error)
    expect(metrics.counts).toEqual({ received: 1, refused: 1, accepted: 0, lost: 0 })
  })

  test('that asks too often waits', async () => {
    const { request, clock } = await serve(await folder())
    let answer = await request('GET')
    for (let n = 0; n < 40 && answer.status === 200; n++) {
      clock.now -= 1000
      answer = await request('GET')
    }
    expect(answer.json.error).toBe('RATE_LIMITED')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('reads every refusal in Indonesian and in English', () => {
    for (const { en, id } of Object.values(watchErrors))
      for (const words of [en.message, en.action, id.message, id.action]) expect(words).toMatch(/\w.*\.|\w\)\.$|\w>?$/)
  })
})

describe('what is probed', () => {
  test('is taken from a domain as soon as the centre takes it back', async () => {
    const dataDir = await folder()
    const watchlist = createWatchlist(dataDir)
    await watchlist.write('ruang-jabar', ['https://kpu-jabar.go.id/', 'https://data.jabarprov.go.id/'])
    const watched = (domains: string[]) => ({ assets: [], rooms: [{ id: 'ruang-jabar', domains }] })
    const urls = async (domains: string[]) => (await targetsOf(watched(domains), dataDir)).map(({ url }) => url)
    expect(await urls(['kpu-jabar.go.id', 'jabarprov.go.id'])).toHaveLength(2)
    expect(await urls(['jabarprov.go.id'])).toEqual(['https://data.jabarprov.go.id/'])
    expect(await urls([])).toEqual([])
  })

  test.each([
    ['no JSON', '{"urls"'],
    ['another form', '{"urls":{"a":1}}'],
    ['more than fifty', JSON.stringify({ urls: Array.from({ length: 51 }, () => 'https://kpu-jabar.go.id/') })],
    ['what was never accepted', JSON.stringify({ urls: ['http://169.254.169.254/', 'file:///etc/passwd'] })],
  ])('is nothing where the file holds %s', async (_name, text) => {
    const dataDir = await folder()
    const rooms = join(dataDir, 'probe', 'rooms')
    await mkdir(rooms, { recursive: true })
    await writeFile(join(rooms, 'ruang-jabar.json'), text)
    expect(
      await targetsOf({ assets: [], rooms: [{ id: 'ruang-jabar', domains: ['kpu-jabar.go.id'] }] }, dataDir),
    ).toEqual([])
  })

  test('is each address once, whatever the file holds', async () => {
    const dataDir = await folder()
    await createWatchlist(dataDir).write('ruang-jabar', ['https://kpu-jabar.go.id/', 'https://KPU-jabar.go.id/#x'])
    const watched = { assets: [], rooms: [{ id: 'ruang-jabar', domains: ['kpu-jabar.go.id'] }] }
    expect(await targetsOf(watched, dataDir)).toHaveLength(1)
  })

  test('of a room is its source; www and the bare name lead to each other beneath its domains alone', () => {
    const [target] = roomTargets({ id: 'ruang-jabar', domains: ['kpu-jabar.go.id'] }, ['https://kpu-jabar.go.id/'])
    expect(target).toMatchObject({
      source: 'ruang-jabar',
      asset: '',
      hosts: ['kpu-jabar.go.id', 'www.kpu-jabar.go.id'],
    })
    const [beneath] = roomTargets({ id: 'r', domains: ['www.kpu-jabar.go.id'] }, ['https://www.kpu-jabar.go.id/'])
    expect(beneath?.hosts).toEqual(['www.kpu-jabar.go.id'])
  })

  test('of assets is every http address, with the hosts that stand beside it', () => {
    const asset = (id: string, url: string, hosts: string[] = []) => ({ id, url, hosts })
    expect(
      assetTargets([
        asset('situs', ' https://KPU.go.id/#x', ['www.kpu.go.id', 'KPU.go.id.']),
        asset('tanpa', ''),
        asset('lain', 'ldap://kpu.go.id'),
        asset('salah', 'kpu.go.id'),
      ]),
    ).toEqual([
      {
        key: 'situs',
        asset: 'situs',
        url: 'https://kpu.go.id/',
        source: 'siaga-probe',
        hosts: ['kpu.go.id', 'www.kpu.go.id'],
      },
    ])
  })

  test('hosts are beneath a domain by whole labels', () => {
    expect(isBeneath('jdih.KPU.go.id.', ['kpu.go.id'])).toBe(true)
    expect(isBeneath('kpu.go.id', ['kpu.go.id.'])).toBe(true)
    expect(isBeneath('xkpu.go.id', ['kpu.go.id'])).toBe(false)
    expect(isBeneath('kpu.go.id', ['jdih.kpu.go.id'])).toBe(false)
    expect(isBeneath('kpu.go.id', [''])).toBe(false)
    expect(registeredDomain('jdih.kpu.go.id')).toBe('kpu.go.id')
    expect(registeredDomain('127.0.0.1')).toBe('')
  })

  test('is written in one piece: no draft stays behind', async () => {
    const dataDir = await folder()
    const watchlist = createWatchlist(dataDir)
    await Promise.all(Array.from({ length: 20 }, (_, n) => watchlist.write('r', [`https://a.go.id/${n}`])))
    expect(await readdir(join(dataDir, 'probe', 'rooms'))).toEqual(['r.json'])
    expect(JSON.parse(await readFile(join(dataDir, 'probe', 'rooms', 'r.json'), 'utf8'))).toEqual({
      urls: [expect.stringMatching(/^https:/)],
    })
  })
})
