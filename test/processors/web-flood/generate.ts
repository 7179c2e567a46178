// What does an hour of a public election site look like? People who look up polling places, wait for results, follow a link; seeded, without attackers.
import {
  type Agent,
  addressIn,
  agentOf,
  between,
  carriers,
  computer,
  diaspora,
  exponential,
  hosters,
  lognormal,
  type Network,
  phone,
  pick,
  providers,
  type Random,
  weighted,
} from './people.ts'

export interface Request {
  /** Milliseconds since 1970 UTC. */
  readonly t: number
  readonly ip: string
  readonly network: Network
  readonly agent: Agent
  readonly method: string
  readonly path: string
  /** With its question mark; empty for none. */
  readonly query: string
  readonly status: number
  readonly referrer: string
  readonly http: string
  readonly attack: boolean
}

/** What of a site shows in its log. */
export interface Site {
  readonly name: string
  /** Parts that a page loads on a first visit; 0 where a CDN serves them. */
  readonly statics: number
  /** Share of browsers that speak HTTP/2 or 3. */
  readonly http2: number
  /** False where the log has no Referer. */
  readonly referrers: boolean
  /** Share of visits by an app of the office, which calls the API with a library's agent. */
  readonly app: number
}

/** When people come: share of the peak at minute m of the hour. */
const shapes = {
  morning: (m: number) => 0.55 + 0.45 * Math.sin((m / 60) * (Math.PI / 2)),
  evening: (m: number) => 0.4 + 0.6 * Math.min(1, m / 35),
  viral: (m: number) => 0.15 + 0.85 / (1 + Math.exp(-(m - 18) / 2.5)),
  push: (m: number) => (m < 14 ? 0.15 : 0.15 + 0.85 * Math.min(1, (m - 14) / 1.5) * 0.5 ** ((m - 15) / 30)),
  steady: () => 0.9,
} as const

export interface Crowd {
  readonly shape: keyof typeof shapes
  /** Requests a second at the peak. */
  readonly rate: number
  /** Where they are: weights. */
  readonly where: { readonly mobile: number; readonly home: number; readonly office: number; readonly abroad: number }
  /** /24 blocks of a carrier; the fewer, the more people behind an address. */
  readonly blocks: number
  /** Addresses in use in each block. */
  readonly hosts: number
  readonly old: number
  readonly desktop: number
  /** What they come for: weights. */
  readonly what: {
    readonly lookup: number
    readonly results: number
    readonly viral: number
    readonly browse: number
    readonly refresh: number
  }
  readonly returning: number
  /** Shares of answers 5xx and 429. */
  readonly errors: number
  readonly limited: number
}

const pages = [
  '/',
  '/berita',
  '/jadwal',
  '/tps',
  '/peta-tps',
  '/calon',
  '/tahapan',
  '/faq',
  '/kontak',
  '/pengumuman',
] as const
const provinces = ['31', '32', '33', '34', '35', '36', '51', '61', '71', '73', '91', '94'] as const
const landings = [
  '',
  '',
  '',
  'https://www.google.com/',
  'https://www.google.co.id/',
  'android-app://com.google.android.gm/',
  'https://t.co/',
  'https://l.facebook.com/',
  'https://l.instagram.com/',
] as const

interface Person {
  readonly ip: string
  readonly network: Network
  readonly agent: Agent
  readonly http: string
}

/** Digits that stand for a token of a citizen's number. */
const token = (random: Random): string => `tok_${Math.floor(random() * 1e12).toString(36)}`

/** The requests of one hour (or so many minutes) from `start` on, in order of time. */
export function crowdHour(random: Random, site: Site, crowd: Crowd, start: number, minutes = 60): Request[] {
  const trial: Request[] = []
  for (let n = 0; n < 150; n += 1) visit(random, site, crowd, start, trial)
  const mean = trial.length / 150
  const requests: Request[] = []
  const noise = Array.from({ length: minutes }, () => between(random, 0.88, 1.12))
  // People who came before the hour are still there.
  const lead = 12
  for (let second = -lead * 60; second < minutes * 60; second += 1) {
    const minute = Math.max(0, second / 60)
    const due = (crowd.rate * shapes[crowd.shape](minute) * (noise[Math.floor(minute)] ?? 1)) / mean
    for (let left = due + random() - 0.5; left > 0; left -= 1)
      if (random() < left) visit(random, site, crowd, start + second * 1000 + Math.floor(random() * 1000), requests)
  }
  robots(random, start, minutes, requests)
  const end = start + minutes * 60_000
  return requests.filter(({ t }) => t >= start && t < end).sort((a, b) => a.t - b.t)
}

function personOf(random: Random, site: Site, crowd: Crowd): Person {
  const where = weighted(random, [
    ['mobile', crowd.where.mobile],
    ['home', crowd.where.home],
    ['office', crowd.where.office],
    ['abroad', crowd.where.abroad],
  ] as const)
  const http = random() < site.http2 ? (random() < 0.3 ? '3.0' : '2.0') : '1.1'
  if (where === 'mobile') {
    const network = weighted(random, [
      [carriers.telkomsel, 50],
      [carriers.indosat, 25],
      [carriers.xl, 17],
      [carriers.smartfren, 8],
    ] as const)
    return { ip: addressIn(random, network, crowd.blocks, crowd.hosts), network, agent: phone(random, crowd.old), http }
  }
  if (where === 'office') {
    const network = pick(random, providers)
    // Few offices, many people in each, all with the machine that the office bought.
    const office = Math.floor(random() * 4)
    const agent = random() < 0.7 ? fleet[office % fleet.length] : undefined
    return { ip: `${network.prefix}.7.${10 + office}`, network, agent: agent ?? computer(random), http }
  }
  const network = where === 'home' ? pick(random, providers) : pick(random, diaspora)
  const agent = random() < crowd.desktop ? computer(random) : phone(random, crowd.old)
  return { ip: addressIn(random, network, 60), network, agent, http }
}

const fleet = [131, 130, 131, 129].map((major) =>
  agentOf(
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
  ),
)

const library = agentOf('okhttp/4.12.0')

/** One visit, from its first request on. */
function visit(random: Random, site: Site, crowd: Crowd, begin: number, into: Request[]): void {
  const person = personOf(random, site, crowd)
  const self = `https://${site.name}`
  const status = (): number =>
    random() < crowd.errors ? pick(random, [502, 503, 504]) : random() < crowd.limited ? 429 : 200
  const ask = (t: number, method: string, path: string, query: string, referrer: string, code = status()): void => {
    into.push({
      t: Math.floor(t),
      ...person,
      method,
      path,
      query,
      status: code,
      referrer: site.referrers ? referrer : '',
      attack: false,
    })
  }
  if (random() < site.app) {
    const phoneApp = { ...person, agent: library }
    let t = begin
    for (let n = 2 + Math.floor(random() * 6); n > 0; n -= 1) {
      into.push({
        t: Math.floor(t),
        ...phoneApp,
        method: 'GET',
        path: `/api/${pick(random, ['tps', 'hasil', 'berita'])}`,
        query: `?kode=${pick(random, provinces)}.${Math.floor(random() * 20)}`,
        status: status(),
        referrer: '',
        attack: false,
      })
      t += exponential(random, n % 2 === 0 ? 600 : 15_000)
    }
    return
  }
  let cached = random() < crowd.returning
  const page = (t: number, path: string, query: string, referrer: string, method = 'GET'): void => {
    ask(t, method, path, query, referrer)
    const parts =
      site.statics === 0
        ? 0
        : cached
          ? random() < 0.5
            ? Math.floor(random() * 3)
            : 0
          : Math.max(1, Math.round(site.statics * between(random, 0.7, 1.2)))
    for (let n = 0; n < parts; n += 1)
      ask(
        t + 150 + exponential(random, 500),
        'GET',
        `/assets/${n % 3 === 0 ? 'app' : n % 3 === 1 ? 'style' : 'img'}${n}.${n % 3 === 0 ? 'js' : n % 3 === 1 ? 'css' : 'png'}`,
        '',
        `${self}${path}`,
        cached ? 304 : 200,
      )
    cached = true
  }
  const landing = pick(random, landings)
  const what = weighted(random, [
    ['lookup', crowd.what.lookup],
    ['results', crowd.what.results],
    ['viral', crowd.what.viral],
    ['browse', crowd.what.browse],
    ['refresh', crowd.what.refresh],
  ] as const)
  let t = begin
  if (what === 'viral') {
    const preview = random() < 0.1
    if (preview) {
      into.push({
        t: Math.floor(t),
        ...person,
        agent: agentOf('WhatsApp/2.24.24.78 A'),
        method: 'GET',
        path: '/berita/hasil-sementara',
        query: '',
        status: 200,
        referrer: '',
        attack: false,
      })
      return
    }
    page(
      t,
      '/berita/hasil-sementara',
      random() < 0.6 ? '?utm_source=wa' : random() < 0.4 ? `?fbclid=IwAR${token(random)}` : '',
      random() < 0.7 ? '' : landing,
    )
    if (random() < 0.25)
      page(t + lognormal(random, 25_000, 0.8), pick(random, pages), '', `${self}/berita/hasil-sementara`)
  } else if (what === 'lookup') {
    page(t, random() < 0.4 ? '/' : '/cek-tps', '', landing)
    for (let n = random() < 0.3 ? 2 : 1; n > 0; n -= 1) {
      t += lognormal(random, 18_000, 0.7)
      if (random() < 0.5) {
        ask(t, 'POST', '/cek-tps', '', `${self}/cek-tps`)
        page(t + 300, '/cek-tps/hasil', '', `${self}/cek-tps`)
      } else page(t, '/cek-tps/hasil', `?q=${token(random)}`, `${self}/cek-tps`)
    }
    if (random() < 0.3) page(t + lognormal(random, 20_000, 0.8), '/peta-tps', '', `${self}/cek-tps/hasil`)
  } else if (what === 'results' || what === 'refresh') {
    let from: string = landing
    let path = random() < 0.5 ? '/hasil' : `/hasil/${pick(random, provinces)}`
    const views = what === 'refresh' ? 3 + Math.floor(random() * 9) : 1 + Math.floor(exponential(random, 1.6))
    for (let n = 0; n < views; n += 1) {
      page(t, path, '', from)
      if (random() < 0.8) ask(t + 700, 'GET', '/api/hasil', `?prov=${pick(random, provinces)}`, `${self}${path}`)
      // Reloading sends what the first request sent; scripts of the page ask in a steady beat.
      if (what === 'results') {
        from = `${self}${path}`
        path = `/hasil/${pick(random, provinces)}${random() < 0.4 ? `/${Math.floor(random() * 25)}` : ''}`
      } else if (random() < 0.4)
        for (let poll = 0; poll < 4; poll += 1)
          ask(t + 15_000 * (poll + 1), 'GET', '/api/hasil', `?prov=${pick(random, provinces)}`, `${self}${path}`)
      t += what === 'refresh' ? lognormal(random, 40_000, 0.5) : lognormal(random, 22_000, 0.8)
    }
  } else {
    let from: string = landing
    let path: string = pick(random, pages)
    for (let n = 1 + Math.floor(exponential(random, 1.8)); n > 0; n -= 1) {
      const query = path === '/berita' && random() < 0.3 ? `?hal=${1 + Math.floor(random() * 6)}` : ''
      page(t, path, query, from)
      from = `${self}${path}`
      path = random() < 0.08 ? '/cari' : random() < 0.03 ? '/masuk' : pick(random, pages)
      t += lognormal(random, 25_000, 0.9)
      if (path === '/cari' && n > 1)
        page(t, '/cari', `?q=${pick(random, ['tps', 'jadwal', 'dpt', 'calon', 'hasil', 'pantarlih'])}`, from)
    }
    if (random() < 0.03) ask(t, 'GET', `/${token(random).slice(4)}`, '', '', 404)
  }
}

/** Search engines and the office's own watch: always there. */
function robots(random: Random, start: number, minutes: number, into: Request[]): void {
  const google = {
    ip: '66.249.66.12',
    network: { asn: 15169, name: 'Google LLC', country: 'US', prefix: '66.249' },
    agent: agentOf('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'),
    http: '1.1',
  }
  const watch = {
    ip: '167.99.4.7',
    network: hosters[0],
    agent: agentOf('Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)'),
    http: '1.1',
  }
  const common = { method: 'GET', query: '', referrer: '', status: 200, attack: false }
  for (let t = 0; t < minutes * 60_000; t += exponential(random, 6_000))
    into.push({ ...google, ...common, t: Math.floor(start + t), path: pick(random, pages) })
  for (let t = 0; t < minutes * 60_000; t += 30_000) into.push({ ...watch, ...common, t: start + t, path: '/' })
}

/** Ordinary traffic of a site, from which its usual mix is learnt. */
export function ordinary(random: Random, site: Site, start: number, minutes = 40): Request[] {
  return crowdHour(
    random,
    site,
    {
      shape: 'steady',
      rate: 4,
      where: { mobile: 45, home: 30, office: 20, abroad: 4 },
      blocks: 6,
      hosts: 60,
      old: 0.12,
      desktop: 0.5,
      what: { lookup: 15, results: 10, viral: 5, browse: 65, refresh: 5 },
      returning: 0.4,
      errors: 0.003,
      limited: 0,
    },
    start,
    minutes,
  )
}
