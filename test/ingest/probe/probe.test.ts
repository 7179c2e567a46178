import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { probeOnce } from '../../../ingest/probe/probe.ts'
import { assetTargets, type Target } from '../../../ingest/probe/target.ts'
import { createWatchlist } from '../../../ingest/probe/watchlist.ts'
import { closeAll, serve, serveBytes } from '../../runtime/guard/serve.ts'
import { endAll, localZone, officePage, probing } from './probing.ts'

afterEach(endAll)

const html = { 'content-type': 'text/html; charset=utf-8' }
function targetOf(url: string, hosts: string[] = []): Target {
  const [target] = assetTargets([{ id: 'situs', url, hosts }])
  if (target === undefined) throw new Error(`${url} is no target`)
  return target
}
const at = (port: number, path = '/') => ({ situs: `http://kpu-uji.go.id:${port}${path}` })

describe('a healthy site', () => {
  test('is told as DNS and page, each agent with its own words, counted and sealed', async () => {
    const agents: string[] = []
    const { port } = await serve((request, response) => {
      agents.push(`${request.url} ${request.headers['user-agent']}`)
      response.writeHead(200, { 'content-type': 'text/html', server: 'nginx', 'x-frame-options': 'DENY' })
      response.end(officePage)
    })
    const { round, writer, metrics } = await probing({ situs: `http://kpu-uji.go.id:${port}/` })
    const records = await round()
    expect(records.map(({ kind }) => kind)).toEqual(['dns', 'page'])
    const [dns, page] = records
    expect(dns).toMatchObject({
      asset: 'situs',
      host: 'kpu-uji.go.id',
      at: '2024-11-20T08:00:00.000Z',
      changed: [],
      now: {
        addresses: ['127.0.0.1'],
        name_servers: ['ns1.kpu-uji.go.id'],
        mail_servers: ['mail.kpu-uji.go.id'],
        aliases: [],
      },
    })
    expect(page).toMatchObject({
      changed: [],
      added_text: '',
      views: [
        {
          agent: 'desktop',
          status: 200,
          address: '127.0.0.1',
          server: 'nginx',
          security_headers: { 'x-frame-options': 'DENY' },
          charset: 'utf-8',
          page: { title: 'KPU Kabupaten Uji', generator: 'WordPress 6.4', language: 'id', hidden_links: [] },
        },
        { agent: 'phone', status: 200 },
        { agent: 'crawler', status: 200 },
      ],
      views_similarity: { phone: 1, crawler: 1 },
      sitemap: { urls: 0 },
    })
    expect(agents).toEqual([
      expect.stringMatching(/^\/ .*Windows NT.*Chrome/),
      expect.stringMatching(/^\/ .*Android.*Mobile/),
      expect.stringMatching(/^\/ .*Googlebot/),
      '/sitemap.xml Siaga/9.9 (+csirt@siaga.example)',
    ])
    expect(writer.events.map(({ source, format, key }) => [source, format, key])).toEqual([
      ['siaga-probe', 'siaga.probe', 'situs'],
      ['siaga-probe', 'siaga.probe', 'situs'],
    ])
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })
})

test('one asset can be looked at at once, and is not probed twice at a time', async () => {
  let requests = 0
  const { port } = await serve((request, response) => {
    if (request.url === '/') requests += 1
    response.writeHead(200, html)
    response.end(officePage)
  })
  const { collector, writer } = await probing(at(port))
  expect(await collector.look('other')).toBe(false)
  expect(writer.events).toEqual([])
  expect(await Promise.all([collector.look('situs'), collector.round(), collector.look('situs')])).toEqual([
    true,
    undefined,
    true,
  ])
  // Three agents, once.
  expect([requests, writer.events.length]).toEqual([3, 2])
  await collector.look('situs')
  expect(requests).toBe(6)
})

describe('a site that', () => {
  test('is down is refused, and the other agents are not sent', async () => {
    const { port } = await serve(() => undefined)
    await closeAll()
    const { page, metrics } = await probing(at(port))
    expect(await page()).toMatchObject({
      changed: [],
      views: [{ agent: 'desktop', failure: 'refused', status: 0, detail: expect.stringContaining('ECONNREFUSED') }],
    })
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })

  test.each<[state: string, zone: Parameters<typeof localZone>[0], failure: string]>([
    ['is not in DNS', (_name, type) => (type === 'A' || type === 'AAAA' ? [] : 3), 'dns_not_found'],
    ['has name servers that fail', () => 2, 'dns_failed'],
  ])('%s fails in all records', async (_state, zone, failure) => {
    const { round } = await probing({ situs: 'https://kpu-uji.go.id/' }, { zone: localZone(zone) })
    expect(await round()).toMatchObject([
      { kind: 'dns', failure },
      { kind: 'tls', failure },
      { kind: 'page', views: [{ agent: 'desktop', failure }] },
    ])
  })

  test('is at a private address is blocked, told where it is, and never connected to', async () => {
    const inside = await serve((_request, response) => response.end('secret'), '127.0.0.2')
    const zone = localZone((name, type) => (type === 'A' ? [{ name, type, ttl: 1, data: '127.0.0.2' }] : 3))
    const { round } = await probing(at(inside.port), { zone })
    expect(await round()).toMatchObject([
      { kind: 'dns', failure: 'blocked', now: { addresses: ['127.0.0.2'] } },
      { kind: 'page', views: [{ failure: 'blocked', detail: expect.stringContaining('127.0.0.2') }] },
    ])
    expect(inside.connections()).toBe(0)
  })

  test('drips is too slow; that says nothing is a timeout', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/diam') return
      response.writeHead(200, html)
      const timer = setInterval(() => response.write('<p>x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    const settings = { timeout_seconds: 0.3 }
    const { page } = await probing(at(port), { settings })
    expect((await page()).views).toMatchObject([
      { failure: 'too_slow' },
      { failure: 'too_slow' },
      { failure: 'too_slow' },
    ])
    const silent = await probing(at(port, '/diam'), { settings })
    expect((await silent.page()).views[0]).toMatchObject({ failure: 'timeout' })
  })

  test('speaks no HTTP is http_invalid, that hangs up is a reset', async () => {
    const broken = await serveBytes((socket) => socket.end('<html>0.9</html>'))
    expect((await (await probing(at(broken.port))).page()).views[0]).toMatchObject({ failure: 'http_invalid' })
    const hangs = await serveBytes((socket) => socket.destroy())
    expect((await (await probing(at(hangs.port))).page()).views[0]).toMatchObject({ failure: 'reset' })
  })

  test('answers 500 is told with its page; one without a body has none', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/kosong') response.end()
      else response.writeHead(500, html).end('<title>Galat</title><p>Basis data tidak dapat dihubungi')
    })
    const { page } = await probing(at(port))
    expect((await page()).views[0]).toMatchObject({ status: 500, page: { title: 'Galat' } })
    const empty = await (await probing(at(port, '/kosong'))).page()
    expect(empty.views[0]).toMatchObject({ status: 200, bytes: 0, body_hash: '' })
    expect(empty.views[0]).not.toHaveProperty('page')
  })

  test('is huge, or unfolds to be, is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, '<p>besar '))
    const { port } = await serve((request, response) => {
      if (request.url === '/bom') return response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(bomb)
      response.writeHead(200, html)
      response.end(`<title>Besar</title>${'<p>kata demi kata</p>'.repeat(20_000)}`)
    })
    const settings = { max_bytes: 100_000 }
    for (const path of ['/', '/bom']) {
      const { page } = await probing(at(port, path), { settings })
      const [desktop] = (await page()).views
      expect(desktop).toMatchObject({ status: 200, bytes: 100_000, truncated: true })
      expect(desktop?.page?.text.length).toBeLessThanOrEqual(16_000)
    }
  })

  test('has more of everything than an event can hold is still one event, whole JSON within its bound', async () => {
    let n = 0
    const { port } = await serve((_request, response) => {
      n++
      const links = Array.from(
        { length: 500 },
        (_, at) =>
          `<a style="display:none" href="https://h${at}.${'x'.repeat(50)}.example/${'漢'.repeat(90)}">${'漢字'.repeat(100)}</a>`,
      )
      const shown = links.map((link) => link.replace('display:none', 'color:red').replace('https://h', `https://v${n}`))
      response.writeHead(200, html)
      response.end(
        `<p>${`3273014508880007 ${n} ${'漢'.repeat(60)} `.repeat(2_000)}</p>${links.join('')}${shown.join('')}<script>document.write("${'字'.repeat(19_000)}")</script>`,
      )
    })
    const { page, writer } = await probing(at(port))
    expect((await page()).views).toHaveLength(3)
    for (const { value, marks } of writer.events) {
      // Half of what an event may hold, and what tokens add.
      expect(value.length).toBeLessThan(300 * 1024)
      expect(marks).not.toContain('truncated')
    }
  })

  test.each<[name: string, type: string, body: Buffer, charset: string, text: string]>([
    ['a wrong charset in the header', 'text/html; charset=klingon', Buffer.from('<p>Pemilu é'), 'utf-8', 'Pemilu é'],
    [
      'UTF-8 that is none',
      'text/html; charset=utf-8',
      Buffer.from([0x3c, 0x70, 0x3e, 0x50, 0xff, 0xfe]),
      'utf-8',
      'P\ufffd\ufffd',
    ],
    ['Latin-1 and nothing said', 'text/html', Buffer.from('<p>Pemilu é', 'latin1'), 'windows-1252', 'Pemilu é'],
    ['its own word', 'text/html', Buffer.from('<meta charset="iso-8859-1"><p>é', 'latin1'), 'windows-1252', 'é'],
    ['UTF-16 with a mark', 'text/html', Buffer.from('\ufeff<p>Pemilu', 'utf16le'), 'utf-16le', 'Pemilu'],
    ['UTF-16 that it only says', 'text/html', Buffer.from('<meta charset="utf-16"><p>Pemilu'), 'utf-8', 'Pemilu'],
    ['UTF-7', 'text/html; charset=utf-7', Buffer.from('<p>+ADw-script+AD4-'), 'utf-8', '+ADw-script+AD4-'],
  ])('has %s is read all the same', async (_name, type, body, charset, text) => {
    const { port } = await serve((_request, response) => response.writeHead(200, { 'content-type': type }).end(body))
    const { page } = await probing(at(port))
    expect((await page()).views[0]).toMatchObject({ charset, page: { text } })
  })
})

describe('a redirect', () => {
  test('within the site is followed, each hop by itself; http to https of one host is within', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(301, { location: 'beranda/' }).end()
      else if (request.url === '/beranda/')
        response.writeHead(302, { location: `http://KPU-uji.go.id:${port}/id` }).end()
      else response.writeHead(200, html).end(officePage)
    })
    const { page } = await probing(at(port))
    expect((await page()).views[0]).toMatchObject({
      status: 200,
      redirects: [
        { status: 301, location: `http://kpu-uji.go.id:${port}/beranda/`, followed: true },
        { status: 302, location: `http://kpu-uji.go.id:${port}/id`, followed: true },
      ],
      page: { title: 'KPU Kabupaten Uji' },
    })
  })

  test('in a circle, or through too many places, is a redirect_loop', async () => {
    const seen: string[] = []
    const { port } = await serve((request, response) => {
      seen.push(request.url ?? '')
      const next = request.url?.startsWith('/n')
        ? `/n${Number(request.url.slice(2)) + 1}`
        : request.url === '/a'
          ? '/b'
          : '/a'
      response.writeHead(302, { location: next }).end()
    })
    const circle = await (await probing(at(port, '/a'))).page()
    expect(circle).toMatchObject({ changed: [], views: [{ failure: 'redirect_loop', status: 302 }, {}, {}] })
    expect(seen).toEqual(['/a', '/b', '/a', '/b', '/a', '/b'])
    seen.length = 0
    const many = await (await probing(at(port, '/n0'))).page()
    expect(many.views[0]).toMatchObject({ failure: 'redirect_loop' })
    expect(many.views[0]?.redirects.map(({ followed }) => followed)).toEqual([true, true, true, true, true, false])
    expect(seen).toHaveLength(18)
  })

  test('to where one is, with a cookie, is no circle; the cookie goes with this agent and this host alone', async () => {
    const cookies: string[] = []
    const { port } = await serve((request, response) => {
      const { cookie = '' } = request.headers
      cookies.push(cookie)
      if (cookie !== '' || request.url !== '/') return response.writeHead(200, html).end(officePage)
      response
        .writeHead(302, { location: '/', 'set-cookie': ['sesi=a1; HttpOnly', 'x=2', 'bukan kue=1', '=tanpa'] })
        .end()
    })
    const { page } = await probing(at(port))
    expect((await page()).views).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }])
    expect(cookies).toEqual(['', 'sesi=a1; x=2', '', 'sesi=a1; x=2', '', 'sesi=a1; x=2', ''])
  })

  test('to another host, to this machine or to cloud metadata is recorded and never fetched', async () => {
    const inside = await serve((_request, response) => response.end('secret'))
    const places = [
      `http://127.0.0.1:${inside.port}/`,
      `http://localhost:${inside.port}/`,
      `http://2130706433:${inside.port}/`,
      `http://[::ffff:127.0.0.1]:${inside.port}/`,
      'http://169.254.169.254/latest/meta-data/',
      `https://www.kpu-uji.go.id:${inside.port}/`,
      `//lain.example:${inside.port}/x`,
      'javascript:alert(1)',
      'http://[broken',
      'ftp://kpu-uji.go.id/',
    ]
    const { port } = await serve((request, response) => {
      const place = places[Number(request.url?.slice(1))]
      if (place === undefined) response.end()
      else response.writeHead(302, { location: place }).end('<p>pindah')
    })
    const urls = Object.fromEntries(places.map((_, n) => [`situs-${n}`, `http://kpu-uji.go.id:${port}/${n}`]))
    // 127.0.0.1 is allowed here, so that only the rule of hosts stands between.
    const { round, dns } = await probing(urls)
    const pages = (await round()).flatMap((record) => (record.kind === 'page' ? [record] : []))
    expect(pages).toHaveLength(places.length)
    for (const page of pages) {
      expect(page.views[0]?.failure).toBeUndefined()
      expect(page.views[0]).toMatchObject({ status: 302, redirects: [{ status: 302, followed: false }] })
      expect(page.views[0]).not.toHaveProperty('page')
    }
    expect(inside.connections()).toBe(0)
    expect(dns.asked.filter((one) => /lain|www/.test(one))).toEqual([])
  })

  test('to the own name is refused when that leads inside now', async () => {
    const inside = await serve((_request, response) => response.end('secret'), '127.0.0.2')
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: `http://kpu-uji.go.id:${inside.port}/dalam` }).end(),
    )
    // Outside for the first look and the first hop, inside for the second.
    const zone = localZone((name, type, times) =>
      type === 'A' ? [{ name, type, ttl: 0, data: times <= 2 ? '127.0.0.1' : '127.0.0.2' }] : 3,
    )
    const { page } = await probing(at(port), { zone })
    expect((await page()).views).toMatchObject([
      { agent: 'desktop', failure: 'blocked', redirects: [{ status: 302, followed: false }] },
    ])
    expect(inside.connections()).toBe(0)
  })

  test('to a host that stands beside the address of the asset is followed', async () => {
    const { port } = await serve((request, response) => {
      if (request.headers.host?.startsWith('www.')) response.writeHead(200, html).end(officePage)
      else response.writeHead(301, { location: `http://www.kpu-uji.go.id:${port}/` }).end()
    })
    const { probes } = await probing({})
    const look = async (hosts: string[]) =>
      (await probeOnce(targetOf(`http://kpu-uji.go.id:${port}/`, hosts), probes, {})).at(-1)
    expect(await look([])).toMatchObject({ views: [{ status: 301, redirects: [{ followed: false }] }, {}, {}] })
    expect(await look(['www.kpu-uji.go.id'])).toMatchObject({
      views: [{ status: 200, redirects: [{ followed: true }] }, {}, {}],
    })
  })
})

describe('a cloaked page', () => {
  test('is seen as the crawler alone gets it, with its hidden links and its little likeness', async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(200, html)
      const crawler = request.headers['user-agent']?.includes('Googlebot') === true
      response.end(
        crawler
          ? '<title>Situs slot gacor maxwin hari ini</title><h1>Slot gacor</h1><p>Daftar slot gacor terpercaya bonus new member, togel, RTP live.</p><div style="position:absolute;left:-9999px"><a href="https://slot.example/daftar">slot88</a></div>'
          : officePage,
      )
    })
    const { page } = await probing(at(port))
    const record = await page()
    const [desktop, phone, crawler] = record.views
    expect(desktop?.page?.title).toBe('KPU Kabupaten Uji')
    // The same as the desktop's: left out.
    expect(phone).not.toHaveProperty('page')
    expect(phone?.body_hash).toBe(desktop?.body_hash)
    expect(crawler?.page).toMatchObject({
      title: 'Situs slot gacor maxwin hari ini',
      text: expect.stringContaining('togel'),
      hidden_links: [{ href: 'https://slot.example/daftar', text: 'slot88', why: 'left:off-screen' }],
    })
    expect(record.views_similarity.phone).toBe(1)
    expect(record.views_similarity.crawler).toBeLessThan(0.1)
  })

  test('that sends only people from a search elsewhere shows where', async () => {
    const { port } = await serve((request, response) => {
      if (request.headers.referer?.includes('google') === true)
        response.writeHead(302, { location: 'https://slot.example/' }).end()
      else response.writeHead(200, html).end(officePage)
    })
    const { page } = await probing(at(port))
    expect((await page()).views).toMatchObject([
      { status: 200 },
      { agent: 'phone', status: 302, redirects: [{ location: 'https://slot.example/', followed: false }] },
      { status: 200 },
    ])
  })
})

describe('rounds', () => {
  test("of targets of rooms are written as the room's, and end with its domain", async () => {
    const { port } = await serve((_request, response) => response.writeHead(200, html).end(officePage))
    const domains = ['kpu-jabar.go.id']
    const { dataDir, round, writer, metrics } = await probing({}, { rooms: [{ id: 'ruang-jabar', domains }] })
    await createWatchlist(dataDir).write('ruang-jabar', [`http://kpu-jabar.go.id:${port}/`])
    expect(await round()).toMatchObject([
      { kind: 'dns', asset: '' },
      { kind: 'page', asset: '', host: 'kpu-jabar.go.id' },
    ])
    expect(new Set(writer.events.map(({ source }) => source))).toEqual(new Set(['ruang-jabar']))
    expect(writer.events[0]?.key).toMatch(/^ruang-jabar\.[0-9a-f]{16}$/)
    domains.length = 0
    expect(await round()).toEqual([])
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })

  test('are not begun twice, and no asset is probed twice at a time', async () => {
    let now = 0
    let most = 0
    const { port } = await serve((_request, response) => {
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        response.writeHead(200, html).end(officePage)
      }, 20)
    })
    const { collector, writer } = await probing(at(port))
    await Promise.all([collector.round(), collector.round(), collector.round()])
    expect(most).toBe(1)
    expect(writer.events).toHaveLength(2)
  })

  test('probe no more assets at a time than is set', async () => {
    let now = 0
    let most = 0
    const { port } = await serve((_request, response) => {
      most = Math.max(most, ++now)
      setTimeout(() => {
        now--
        response.end('x')
      }, 10)
    })
    const urls = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`situs-${n}`, `http://s${n}.go.id:${port}/`]))
    const { round } = await probing(urls, { settings: { concurrency: 3 } })
    expect(await round()).toHaveLength(24)
    expect(most).toBeLessThanOrEqual(3)
    expect(most).toBeGreaterThan(1)
  })

  test('whose results cannot be written count them as lost', async () => {
    const { port } = await serve((_request, response) => response.end('x'))
    const { round, writer, metrics } = await probing(at(port))
    writer.failures = 1
    await round()
    expect(metrics.counts).toEqual({ received: 2, accepted: 0, refused: 0, lost: 2 })
    expect(metrics.reasons).toEqual({ probe_unwritten: 2 })
    await round()
    expect(metrics.counts).toEqual({ received: 4, accepted: 2, refused: 0, lost: 2 })
  })

  test('end with the collector: requests in flight are broken off, and nothing is written of them', async () => {
    const asked = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    const { port } = await serve((request) => {
      asked.resolve()
      request.on('close', () => closed.resolve())
    })
    const { collector, metrics, writer } = await probing(at(port), { settings: { timeout_seconds: 100 } })
    const round = collector.round()
    await asked.promise
    await collector.stop()
    await closed.promise
    await round
    expect(writer.events).toEqual([])
    expect(metrics.counts).toEqual({ received: 0, accepted: 0, refused: 0, lost: 0 })
  })

  test('ask a host once in the time that is set, however many assets it has', async () => {
    const asked = Promise.withResolvers<void>()
    let requests = 0
    const { port } = await serve((_request, response) => {
      requests++
      asked.resolve()
      response.end('x')
    })
    const urls = Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [`situs-${n}`, `http://kpu-uji.go.id:${port}/${n}`]),
    )
    const { collector } = await probing(urls, { settings: { host_interval_ms: 600_000 } })
    const round = collector.round()
    await asked.promise
    await sleep(300)
    await collector.stop()
    await round
    expect(requests).toBe(1)
  })

  test('go on where one of them fails inside Siaga', async () => {
    const { port } = await serve((_request, response) => response.end('x'))
    const { round, dataDir, metrics } = await probing({
      'situs-a': `http://a.go.id:${port}/`,
      'situs-b': `http://b.go.id:${port}/`,
    })
    // What is known of the first cannot be kept.
    await mkdir(join(dataDir, 'probe', 'baselines', 'situs-a.json'), { recursive: true })
    const records = await round()
    expect(new Set(records.map(({ asset }) => asset))).toEqual(new Set(['situs-b']))
    expect(metrics.counts).toEqual({ received: 2, accepted: 2, refused: 0, lost: 0 })
  })

  test('run by the clock, each asset somewhere in the jitter', async () => {
    const { port } = await serve((_request, response) => response.end('x'))
    const { writer } = await probing(at(port), {
      settings: { when: '* * * * * *', jitter_seconds: 1 },
      random: () => 0.01,
    })
    while (writer.events.length < 2) await sleep(20)
    expect(writer.events[0]?.key).toBe('situs')
  })
})

describe('one probe for people', () => {
  test('tells the records, writes none and learns nothing', async () => {
    const { port } = await serve((_request, response) => response.writeHead(200, html).end(officePage))
    const { probes, dataDir, writer } = await probing({})
    const target = targetOf(`http://kpu-uji.go.id:${port}/`)
    for (let n = 0; n < 4; n++) {
      const records = await probeOnce(target, probes, { dataDir })
      expect(records.map(({ kind }) => kind)).toEqual(['dns', 'page'])
      expect(records[1]).not.toHaveProperty('before')
    }
    expect(writer.events).toEqual([])
  })
})
