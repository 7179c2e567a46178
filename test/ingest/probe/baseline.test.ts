import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createBaselines } from '../../../ingest/probe/baseline.ts'
import { compareDns, emptyKnown } from '../../../ingest/probe/known.ts'
import { createWatchlist } from '../../../ingest/probe/watchlist.ts'
import { serve } from '../../runtime/guard/serve.ts'
import { endAll, localZone, officePage, type Page, probing } from './probing.ts'

afterEach(endAll)

const HOUR = 3_600_000
const FIVE_MINUTES = 300_000
const defaced =
  '<title>Hacked by Ghost</title><body><h1>HACKED BY GHOST</h1><p>Your security is low. Greetz to all my friends in the team.</p></body>'
const paragraph = (n: number) =>
  `<p>Berita nomor ${'abcdefghij'[n % 10]} ${'klmnopqrst'[Math.floor(n / 10) % 10]} tentang persiapan pemilihan di kecamatan ${'uvwxyzabcd'[n % 10]}.</p>`

/** A site whose answer the test sets, and a prober of it whose baseline is made. */
async function site(
  answer: { body: string; status?: number; headers?: Record<string, string>; sitemap?: string },
  probes = 3,
) {
  const now = { ...answer }
  const { port } = await serve((request, response) => {
    if (request.url === '/sitemap.xml') {
      if (now.sitemap === undefined) response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': 'application/xml' }).end(now.sitemap)
      return
    }
    response.writeHead(now.status ?? 200, { 'content-type': 'text/html', server: 'nginx', ...now.headers })
    response.end(now.body)
  })
  const url = `http://kpu-uji.go.id:${port}/`
  const prober = await probing({ situs: url })
  const probe = async (): Promise<Page> => {
    prober.clock.now += FIVE_MINUTES
    return prober.page()
  }
  for (let n = 0; n < probes; n++) await probe()
  return { ...prober, now, probe, target: { key: 'situs', url }, baselines: createBaselines(prober.dataDir) }
}

describe('what is known of a site', () => {
  test('is made by its first three good probes, and then stands beside every probe', async () => {
    const { probe } = await site({ body: officePage }, 0)
    for (let n = 0; n < 3; n++) {
      const page = await probe()
      expect(page.changed).toEqual([])
      expect(page).not.toHaveProperty('before')
      expect(page).not.toHaveProperty('similarity')
    }
    expect(await probe()).toMatchObject({
      changed: [],
      similarity: 1,
      added_text: '',
      added_hosts: [],
      before: {
        probes: 3,
        since: '2024-11-20T08:05:00.000Z',
        title: 'KPU Kabupaten Uji',
        status: 200,
        generator: 'WordPress 6.4',
        server: 'nginx',
        language: 'id',
        link_hosts: ['jdih.kpu.go.id'],
        security_headers: [],
        hidden_links: 0,
        excerpt: expect.stringContaining('Selamat datang'),
      },
    })
  })

  test('is not made of outages: neither silence nor 5xx counts as good', async () => {
    const { probe, now } = await site({ body: 'Galat', status: 503 }, 6)
    now.body = officePage
    now.status = 200
    for (let n = 0; n < 3; n++) expect(await probe()).not.toHaveProperty('before')
    expect(await probe()).toMatchObject({ changed: [], before: { status: 200 } })
  })

  test('stays where a site does not answer, and is told beside the failure', async () => {
    const { probe, now, baselines, target } = await site({ body: officePage })
    const before = await baselines.load(target)
    now.headers = { 'transfer-encoding': 'chunked', 'content-length': '5' }
    const page = await probe()
    expect(page).toMatchObject({
      changed: [],
      before: { title: 'KPU Kabupaten Uji' },
      views: [{ failure: 'http_invalid' }, {}, {}],
    })
    expect((await baselines.load(target)).page).toEqual(before.page)
  })
})

describe('a change', () => {
  test('of everything, as in a defacement, is told with before and after until it has stayed a day', async () => {
    const { probe, now, clock } = await site({ body: officePage })
    now.body = defaced
    const first = await probe()
    expect(first).toMatchObject({
      similarity: 0,
      before: { title: 'KPU Kabupaten Uji', excerpt: expect.stringContaining('Selamat datang') },
      added_text: expect.stringContaining('HACKED BY GHOST'),
      views: [{ page: { title: 'Hacked by Ghost' } }, {}, {}],
    })
    expect(first.changed.sort()).toEqual(['generator', 'language', 'text', 'title'])
    clock.now += 22 * HOUR
    expect((await probe()).changed.sort()).toEqual(['generator', 'language', 'text', 'title'])
    clock.now += 3 * HOUR
    expect(await probe()).toMatchObject({ changed: [], similarity: 1, added_text: '' })
    expect((await probe()).before?.title).toBe('Hacked by Ghost')
    // And back to what it was: that is known too.
    now.body = officePage
    expect((await probe()).changed).toEqual([])
  })

  test('that is undone in time is not learned: the next one of its kind is told again', async () => {
    const { probe, now, clock } = await site({ body: officePage })
    for (let day = 0; day < 3; day++) {
      now.body = defaced
      expect((await probe()).changed).toContain('title')
      now.body = officePage
      for (let n = 0; n < 40; n++) {
        clock.now += 36 * 60_000
        expect((await probe()).changed).toEqual([])
      }
    }
  })

  test('of a part tells the part: new hosts, hidden links, a script, words', async () => {
    const { probe, now } = await site({ body: officePage })
    now.body = officePage.replace(
      '</main>',
      '<div style="display:none"><a href="https://slot.example/">slot gacor</a></div><p>Info bonus</p><script src="https://cdn.jahat.example/a.js"></script></main>',
    )
    const page = await probe()
    expect(page.changed.sort()).toEqual(['hidden_links', 'link_hosts', 'script_hosts'])
    expect(page.added_hosts.sort()).toEqual(['cdn.jahat.example', 'slot.example'])
    expect(page.added_text).toBe('Info bonus')
    expect(page.similarity).toBeGreaterThan(0.8)
  })

  test('of many more hidden links to the own host is told', async () => {
    const { probe, now } = await site({ body: officePage })
    const links = Array.from({ length: 40 }, (_, n) => `<a href="/wp-content/${n}.php">slot</a>`)
    now.body = officePage.replace('</main>', `<div hidden>${links.join('')}</div></main>`)
    expect((await probe()).changed).toEqual(['hidden_links'])
  })

  test('of status, server, headers and redirect is told', async () => {
    const { probe, now } = await site({ body: officePage, headers: { 'x-frame-options': 'DENY' } })
    now.headers = { server: 'LiteSpeed' }
    now.status = 404
    expect((await probe()).changed.sort()).toEqual(['security_headers_missing', 'server', 'status'])
    now.headers = { 'x-frame-options': 'DENY', location: 'https://slot.example/' }
    now.status = 302
    expect((await probe()).changed.sort()).toEqual(['redirect', 'status'])
    now.headers = { 'x-frame-options': 'DENY' }
    now.status = 200
    now.body = officePage.replace('</main>', '<script>location.href="https://slot.example/"</script></main>')
    expect((await probe()).changed.sort()).toEqual(['redirect', 'script_hosts'])
  })

  test('of the sitemap is told when it leaps', async () => {
    const sitemap = (count: number) =>
      `<urlset>${Array.from({ length: count }, (_, n) => `<url><loc>https://kpu-uji.go.id/${n}</loc></url>`).join('')}</urlset>`
    const { probe, now, clock } = await site({ body: officePage, sitemap: sitemap(40) })
    now.sitemap = sitemap(60)
    expect(await probe()).toMatchObject({ changed: [], sitemap: { urls: 60, before: 40 } })
    now.sitemap = sitemap(5000)
    expect(await probe()).toMatchObject({ changed: ['sitemap'], sitemap: { urls: 5000, before: 60 } })
    clock.now += 24 * HOUR
    expect(await probe()).toMatchObject({ changed: [] })
    expect(await probe()).toMatchObject({ changed: [], sitemap: { urls: 5000, before: 5000 } })
    // A sitemap that is away for once is no leap when it is back.
    now.sitemap = sitemap(0)
    await probe()
    now.sitemap = sitemap(5000)
    expect((await probe()).changed).toEqual([])
  })

  test('of DNS is told with both answers; a server that fails says nothing', async () => {
    const { port } = await serve((_request, response) => response.end(officePage))
    const answers = { ns: 'ns1.kpu-uji.go.id', failing: false, address: '127.0.0.1' }
    const zone = localZone((name, type) => {
      if (type === 'NS') return answers.failing ? 2 : [{ name, type, ttl: 1, data: answers.ns }]
      return type === 'A' ? [{ name, type, ttl: 1, data: answers.address }] : 3
    })
    const { dnsRecord } = await probing(
      { situs: `http://kpu-uji.go.id:${port}/` },
      { zone, settings: { allow_private: ['127.0.0.0/8'] } },
    )
    for (let n = 0; n < 3; n++) await dnsRecord()
    answers.failing = true
    expect(await dnsRecord()).toMatchObject({ changed: [], now: { name_servers: ['ns1.kpu-uji.go.id'] } })
    answers.failing = false
    answers.ns = 'ns.pencuri.example'
    expect(await dnsRecord()).toMatchObject({
      changed: ['name_servers'],
      now: { name_servers: ['ns.pencuri.example'] },
      before: { name_servers: ['ns1.kpu-uji.go.id'] },
    })
    answers.ns = 'ns1.kpu-uji.go.id'
    // A neighbour is the same place; another network is not.
    answers.address = '127.0.0.9'
    expect((await dnsRecord()).changed).toEqual([])
    answers.address = '127.9.0.1'
    expect(await dnsRecord()).toMatchObject({ changed: ['addresses'], before: { addresses: ['127.0.0.9'] } })
  })

  test('to a private address is told as blocked and changed, and never becomes usual', async () => {
    const { port } = await serve((_request, response) => response.end(officePage))
    let address = '127.0.0.1'
    const zone = localZone((name, type) => (type === 'A' ? [{ name, type, ttl: 1, data: address }] : 3))
    const { dnsRecord, clock } = await probing({ situs: `http://kpu-uji.go.id:${port}/` }, { zone })
    for (let n = 0; n < 3; n++) await dnsRecord()
    address = '10.1.2.3'
    for (let n = 0; n < 3; n++) {
      expect(await dnsRecord()).toMatchObject({
        failure: 'blocked',
        changed: ['addresses'],
        now: { addresses: ['10.1.2.3'] },
      })
      clock.now += 25 * HOUR
    }
  })
})

describe('what comes and goes', () => {
  test('is told until it has taken turns for a day, and then no more', async () => {
    const { probe, now, clock } = await site({ body: officePage, headers: { server: 'mesin-a' } })
    let told = 0
    for (let n = 0; n < 60; n++) {
      clock.now += HOUR
      now.headers = { server: n % 3 === 0 ? 'mesin-b' : 'mesin-a' }
      const { changed } = await probe()
      if (changed.length > 0) told = n
    }
    expect(told).toBeLessThan(24)
    expect(told).toBeGreaterThan(15)
  })

  test('clocks and counters are no change', async () => {
    const body = (n: number) =>
      officePage
        .replace('</main>', `<p>Pengunjung hari ini: ${1000 + n * 17}, pukul ${n % 24}:${10 + (n % 50)}</p></main>`)
        .replace('<title>', `<title>(${n}) `)
    const { probe, now } = await site({ body: body(1) })
    for (let n = 2; n < 12; n++) {
      now.body = body(n)
      expect(await probe()).toMatchObject({ changed: [], similarity: 1, added_text: '' })
    }
  })

  test('a page of news moves on: its new lines are told, and no change of its text', async () => {
    const news = (n: number) =>
      officePage.replace('</main>', `${Array.from({ length: 20 }, (_, at) => paragraph(n + at)).join('')}</main>`)
    const { probe, now, clock } = await site({ body: news(0) })
    for (let n = 1; n < 60; n++) {
      clock.now += HOUR
      now.body = news(n)
      const page = await probe()
      expect(page.changed).toEqual([])
      if (n === 1) expect(page.added_text).toMatch(/^Berita nomor/)
    }
  })

  test('a page that is never the same gets a lower bar, and is still told when it is defaced', async () => {
    const random = (seed: number) => {
      const word = (n: number) =>
        Array.from(
          { length: 6 },
          (_, at) => 'abcdefghijklmnopqrst'[(seed * 31 + n * 7 + at * 13 + ((seed * n) % 17)) % 20],
        ).join('')
      return `<title>Acak</title><h1>Kutipan hari ini di situs kami</h1><p>${Array.from({ length: 120 }, (_, n) => word(n)).join(' ')}</p>`
    }
    const { probe, now, clock } = await site({ body: random(1) }, 0)
    const told: boolean[] = []
    for (let n = 0; n < 60; n++) {
      clock.now += HOUR
      now.body = random(n + 2)
      told.push((await probe()).changed.includes('text'))
    }
    expect(told.slice(40)).not.toContain(true)
    now.body = defaced
    expect((await probe()).changed).toContain('title')
  })
})

test('neighbours of an address are one place, however they are written', () => {
  const facts = (...addresses: string[]) => ({ addresses, name_servers: [], mail_servers: [], aliases: [] })
  let known = emptyKnown('https://kpu-uji.go.id/')
  const changed = (...addresses: string[]) => {
    const compared = compareDns(known, facts(...addresses), new Set(), { at: 1_732_000_000, adoptSeconds: 86_400 })
    known = compared.known
    return compared.changed
  }
  for (let n = 0; n < 3; n++) changed('103.1.2.3', '2606:4700::1')
  expect(changed('103.1.2.250', '2606:4700:0:5::1', '2606:4700:0:0:1:2:3:4', '::ffff:103.1.2.9')).toEqual([])
  expect(changed('103.1.3.3')).toEqual(['addresses'])
  expect(changed('2606:4700:1::1')).toEqual(['addresses'])
})

describe('people', () => {
  test('adopt what is there now at once', async () => {
    const { probe, now, baselines, target } = await site({ body: officePage })
    now.body = defaced.replace('</p>', '<a href="https://baru.example/">x</a></p>')
    expect((await probe()).changed).toContain('text')
    expect(await baselines.accept(target)).toBe(true)
    expect(await probe()).toMatchObject({
      changed: [],
      similarity: 1,
      added_text: '',
      before: { title: 'Hacked by Ghost' },
    })
    expect(await baselines.accept({ key: 'lain', url: 'https://lain.go.id/' })).toBe(false)
  })

  test('adopt after one probe alone', async () => {
    const { probe, now, baselines, target } = await site({ body: officePage }, 1)
    await baselines.accept(target)
    now.body = defaced
    expect((await probe()).changed).toContain('title')
  })

  test('forget a site: it is learned anew', async () => {
    const { probe, now, baselines, target } = await site({ body: officePage })
    await baselines.forget(target)
    now.body = defaced
    for (let n = 0; n < 3; n++) expect(await probe()).toMatchObject({ changed: [] })
    expect((await probe()).before?.title).toBe('Hacked by Ghost')
    await baselines.forget(target)
    await baselines.forget(target)
  })
})

describe('files', () => {
  test('are small whatever a site does, whole, and for nobody else', async () => {
    const { probe, now, dataDir, clock } = await site({ body: officePage })
    for (let n = 0; n < 12; n++) {
      clock.now += 25 * HOUR
      const lines = Array.from(
        { length: 5000 },
        (_, at) =>
          `<p>x${'abcdefghij'[n]}${at.toString(36).replace(/\d/g, 'z')}</p><a href="https://h${at}.n${n}.example/">${at}</a>`,
      )
      now.body = `<title>${'t'.repeat(1000)}${'abcdefghijkl'[n]}</title>${lines.join('')}`
      now.headers = { server: `s${'abcdefghijkl'[n]}` }
      await probe()
    }
    const folder = join(dataDir, 'probe', 'baselines')
    expect(await readdir(folder)).toEqual(['situs.json'])
    const { size, mode } = await stat(join(folder, 'situs.json'))
    expect(size).toBeLessThan(400_000)
    expect(mode & 0o077).toBe(0)
  })

  test.each([
    ['no JSON', '{"version":1,'],
    ['another form', '{"version":2}'],
    ['nothing', ''],
  ])('that hold %s are begun anew', async (_name, text) => {
    const { probe, dataDir } = await site({ body: officePage })
    const file = join(dataDir, 'probe', 'baselines', 'situs.json')
    await writeFile(file, text)
    expect(await probe()).not.toHaveProperty('before')
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1, page: { good: 1 } })
  })

  test('of another address are begun anew', async () => {
    const { baselines, target } = await site({ body: officePage })
    expect((await baselines.load(target)).page.good).toBe(3)
    expect((await baselines.load({ key: 'situs', url: 'https://lain.go.id/' })).page.good).toBe(0)
  })

  test('of what a room no longer lists are removed; those of assets stay', async () => {
    const { port } = await serve((_request, response) => response.end(officePage))
    const rooms = [{ id: 'ruang-jabar', domains: ['kpu-jabar.go.id'] }]
    const { round, dataDir } = await probing({ situs: `http://kpu-uji.go.id:${port}/` }, { rooms })
    const watchlist = createWatchlist(dataDir)
    const folder = join(dataDir, 'probe', 'baselines')
    for (let n = 0; n < 4; n++) {
      await watchlist.write('ruang-jabar', [`http://kpu-jabar.go.id:${port}/${n}`])
      await round()
      const names = (await readdir(folder)).sort()
      expect(names).toEqual([expect.stringMatching(/^ruang-jabar\.[0-9a-f]{16}\.json$/), 'situs.json'])
    }
  })

  test('hold the words of a stranger as words', async () => {
    const { probe, now } = await site({ body: officePage, headers: { server: '__proto__' } })
    now.headers = { server: 'constructor' }
    now.body = officePage.replace('KPU Kabupaten Uji</title>', '__proto__</title>')
    expect((await probe()).changed.sort()).toEqual(['server', 'title'])
    now.headers = { server: '__proto__' }
    now.body = officePage
    expect((await probe()).changed).toEqual([])
  })
})
