import https from 'node:https'
import type { TlsOptions } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serve, serveBytes, serveWith } from '../../runtime/guard/serve.ts'
import { type Authority, makeAuthority, type Pem, selfSigned } from './certificates.ts'
import { endAll, officePage, probing } from './probing.ts'

afterEach(endAll)

let authority: Authority
let good: Pem
beforeAll(async () => {
  authority = await makeAuthority()
  good = await authority.issue(['kpu-uji.go.id', 'www.kpu-uji.go.id'])
})

const site = (pem: Pem, options: TlsOptions = {}) =>
  serveWith(
    https.createServer({ ...pem, ...options }, (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(officePage),
    ),
  )

const at = (port: number) => ({ situs: `https://kpu-uji.go.id:${port}/` })
const today = () => Date.now()

describe('the TLS of a site', () => {
  test('that is in order is told with its chain, names and end', async () => {
    const { port } = await site(good)
    const { round } = await probing(at(port), { ca: authority.ca, now: today })
    const records = await round()
    expect(records.map(({ kind }) => kind)).toEqual(['dns', 'tls', 'page'])
    expect(records[1]).toMatchObject({
      kind: 'tls',
      changed: [],
      days_left: 89,
      expiry_days: 21,
      now: {
        version: 'TLSv1.3',
        cipher: expect.stringContaining('AES'),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        subject: 'CN=kpu-uji.go.id',
        issuer: 'CN=Otoritas Uji',
        names: ['kpu-uji.go.id', 'www.kpu-uji.go.id'],
        chain: ['CN=kpu-uji.go.id', 'CN=Otoritas Uji'],
        problem: '',
        weak_versions: [],
      },
    })
    expect(records[2]).toMatchObject({ views: [{ status: 200 }, { status: 200 }, { status: 200 }] })
  })

  test.each<[name: string, make: () => Promise<Pem>, problem: string]>([
    ['signed by itself', () => selfSigned('kpu-uji.go.id'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['of another name', () => authority.issue(['kpu-lain.go.id']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['over', () => authority.issue(['kpu-uji.go.id'], -5), 'CERT_HAS_EXPIRED'],
    [
      'of an unknown authority',
      async () => (await makeAuthority('Otoritas Lain')).issue(['kpu-uji.go.id']),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('with a certificate that is %s has a problem, and the page is read all the same', async (_name, make, problem) => {
    const { port } = await site(await make())
    const { round } = await probing(at(port), { ca: authority.ca, now: today })
    const records = await round()
    expect(records[1]).toMatchObject({ kind: 'tls', now: { problem } })
    expect(records[2]).toMatchObject({
      kind: 'page',
      views: [{ status: 200, page: { title: 'KPU Kabupaten Uji' } }, {}, {}],
    })
  })

  test('that ends soon, and that has ended, says in how many days', async () => {
    const { port } = await site(await authority.issue(['kpu-uji.go.id'], 3))
    expect((await (await probing(at(port), { ca: authority.ca, now: today })).tls()).days_left).toBe(2)
    const over = await site(await authority.issue(['kpu-uji.go.id'], -5))
    expect((await (await probing(at(over.port), { ca: authority.ca, now: today })).tls()).days_left).toBe(-6)
  })

  test('that still speaks old protocols names them, looked for once an hour', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
    const server = await site(good, old)
    const { tls, clock } = await probing(at(server.port), { ca: authority.ca })
    expect((await tls()).now).toMatchObject({ version: 'TLSv1.2', weak_versions: ['TLSv1', 'TLSv1.1'] })
    const first = server.connections()
    expect((await tls()).now?.weak_versions).toEqual(['TLSv1', 'TLSv1.1'])
    const second = server.connections() - first
    clock.now += 3_600_000
    await tls()
    expect(first).toBe(second + 2)
    expect(server.connections() - first - second).toBe(first)
  })

  test('of a server with nothing newer than TLSv1.1 is read, page and all', async () => {
    const server = await site(good, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })
    const { round } = await probing(at(server.port), { ca: authority.ca, now: today })
    const records = await round()
    expect(records[1]).toMatchObject({ now: { version: 'TLSv1.1', weak_versions: ['TLSv1', 'TLSv1.1'], problem: '' } })
    expect(records[2]).toMatchObject({ views: [{ status: 200 }, {}, {}] })
  })

  test('that is none, or says nothing, is a failure and no other agent is sent', async () => {
    const plain = await serve((_request, response) => response.end('plain'))
    const records = await (await probing(at(plain.port))).round()
    expect(records[1]).toMatchObject({ kind: 'tls', failure: 'tls_failed', changed: [] })
    expect(records[2]).toMatchObject({ kind: 'page', views: [{ agent: 'desktop', failure: 'tls_failed' }] })
    const silent = await serveBytes(() => undefined)
    const late = await (await probing(at(silent.port), { settings: { timeout_seconds: 0.2 } })).round()
    expect(late[1]).toMatchObject({ failure: 'timeout' })
  })
})

describe('a certificate that changes', () => {
  test('is told with the one before until it has stayed a day; one that takes turns is learned', async () => {
    const server = https.createServer(good, (_request, response) => response.end(officePage))
    const { port } = await serveWith(server)
    const { tls, clock } = await probing(at(port), { ca: authority.ca })
    const old = await tls()
    await tls()
    await tls()
    expect((await tls()).changed).toEqual([])
    const pem = await authority.issue(['kpu-uji.go.id', 'baru.kpu-uji.go.id'])
    server.setSecureContext(pem)
    const changed = await tls()
    expect(changed.changed.sort()).toEqual(['certificate', 'certificate_names'])
    expect(changed.before?.fingerprint).toBe(old.now?.fingerprint)
    expect(changed.now?.fingerprint).not.toBe(old.now?.fingerprint)
    clock.now += 23 * 3_600_000
    expect((await tls()).changed).not.toEqual([])
    clock.now += 3_600_000
    expect(await tls()).toMatchObject({ changed: [] })
    // And back: both are known.
    server.setSecureContext(good)
    expect((await tls()).changed).toEqual([])
  })

  test('to one that nobody trusts is a problem that was not there', async () => {
    const server = https.createServer(good, (_request, response) => response.end(officePage))
    const { port } = await serveWith(server)
    const { tls } = await probing(at(port), { ca: authority.ca })
    for (let n = 0; n < 3; n++) await tls()
    server.setSecureContext(await selfSigned('kpu-uji.go.id'))
    expect((await tls()).changed).toEqual(expect.arrayContaining(['certificate', 'certificate_problem', 'issuer']))
  })
})
