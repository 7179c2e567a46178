// Which hours are the weights judged on? Crowds and floods of other kinds and with other numbers than those that the weights were learnt from.
// Written before the weights were first run on them; nothing is tuned on these hours.
import { asked, botsOf, type Flood, spray, text } from './attacks.ts'
import type { Crowd, Site } from './generate.ts'
import {
  abroad,
  addressIn,
  agentOf,
  between,
  carriers,
  chromeAndroid,
  chromeLinux,
  chromeWindows,
  computer,
  exponential,
  firefox,
  hosters,
  iphone,
  phone,
  pick,
  providers,
  type Random,
} from './people.ts'

const own = (site: Site, path: string): string => (site.referrers ? `https://${site.name}${path}` : '')
const mobile = Object.values(carriers)
const places = ['/', '/hasil', '/hasil/33', '/berita', '/cek-tps', '/jadwal', '/calon']

export const heldBackFloods: Readonly<Record<string, Flood>> = {
  'routers, four agents': (random, _site, from, to, rate, into) => {
    const agents = [chromeWindows(108), firefox(102), chromeAndroid(116), iphone(15, 6)].map(agentOf)
    const bots = botsOf(random, 500, [...providers, ...abroad], (r) => pick(r, agents), '1.1')
    spray(random, bots, from, to, rate, into, () => ({ path: pick(random, ['/', '/jadwal']) }))
  },
  'few servers, HTTP/2, the page that costs most': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 8, hosters.slice(4), computer, '2.0')
    spray(random, bots, from, to, rate, into, () => ({ path: '/peta-tps' }))
  },
  'proxies in homes of the country, as phones': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, providers)
      const bot = {
        ip: addressIn(random, network, 120),
        network,
        agent: phone(random, 0.1),
        http: random() < 0.5 ? '2.0' : '1.1',
      }
      into.push(asked(bot, t, { path: pick(random, places) }))
    }
  },
  'proxies on phones past the cache': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, mobile)
      const bot = {
        ip: addressIn(random, network, 1, 8),
        network,
        agent: agentOf(chromeAndroid(pick(random, [128, 130, 131]))),
        http: '1.1',
      }
      into.push(asked(bot, t, { path: '/hasil', query: `?v=${text(random, 6)}` }))
    }
  },
  'behind VPNs, one browser': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 160, [...hosters, ...abroad.slice(6)], () => agentOf(firefox(128)), '2.0')
    spray(random, bots, from, to, rate, into, () => ({ path: pick(random, places) }))
  },
  'passwords guessed from homes': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 220, [...providers, ...abroad.slice(2, 8)], computer, '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: '/masuk',
      referrer: own(site, '/masuk'),
      status: pick(random, [401, 401, 200, 429]),
    }))
  },
  'results polled by thousands': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 1500, [...abroad, ...providers], computer, '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      path: '/api/hasil',
      query: `?prov=${pick(random, ['31', '32', '33'])}`,
      referrer: own(site, '/hasil'),
    }))
  },
  'searches by phones': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 400, [...providers, ...providers, ...mobile], (r) => phone(r, 0.15), '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      path: '/cari',
      query: `?q=${text(random, 6)}`,
      referrer: own(site, '/cari'),
    }))
  },
  'browsers without a window that cache': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 40, hosters.slice(0, 6), () => agentOf(chromeLinux(130)), '2.0')
    const parts = Math.ceil(site.statics * 0.3)
    for (let t = from; t < to; t += exponential(random, ((1 + parts) * 1000) / rate)) {
      const bot = pick(random, bots)
      const path = pick(random, places)
      into.push(asked(bot, t, { path }))
      for (let n = 0; n < parts; n += 1)
        into.push(asked(bot, t + 90 + random() * 600, { path: `/assets/app${n}.js`, referrer: own(site, path) }))
    }
  },
  'forms downloaded one after the other': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 30, [...hosters.slice(2), ...abroad.slice(0, 3)], computer, '1.1')
    let n = 0
    spray(random, bots, from, to, rate, into, () => ({
      path: `/unduh/c1/${1000 + n++}.pdf`,
      referrer: own(site, '/hasil'),
    }))
  },
  'slow bodies from homes': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 260, providers, (r) => phone(r, 0.3), '1.1')
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: '/cek-tps',
      referrer: own(site, '/cek-tps'),
      status: pick(random, [408, 499, 408, 200]),
    }))
  },
  'old libraries and no agent': (random, _site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      90,
      [...abroad, ...hosters, ...providers],
      (r) => agentOf(pick(r, ['', 'Java/1.8.0_202', 'libwww-perl/6.15', 'python-urllib3/1.26.5'])),
      '1.1',
    )
    spray(random, bots, from, to, rate, into, () => ({ path: pick(random, places) }))
  },
}

const visits = (
  random: Random,
  site: Site,
  bots: ReturnType<typeof botsOf>,
  from: number,
  to: number,
  rate: number,
  into: Parameters<Flood>[5],
): void => {
  for (let t = from; t < to; t += exponential(random, ((1 + site.statics) * 1000) / rate)) {
    const bot = pick(random, bots)
    const path = pick(random, places)
    into.push(asked(bot, t, { path }))
    for (let n = 0; n < site.statics; n += 1)
      into.push(asked(bot, t + 100 + random() * 800, { path: `/assets/img${n}.png`, referrer: own(site, path) }))
  }
}

/** What looks like people in everything that a log holds: told apart, and not expected to be found. */
export const beyondSight: Readonly<Record<string, Flood>> = {
  'phones of voters, one page, HTTP/2': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, mobile)
      into.push(
        asked({ ip: addressIn(random, network, 1, 6), network, agent: phone(random, 0.2), http: '2.0' }, t, {
          path: '/',
        }),
      )
    }
  },
  'phones of voters, whole visits': (random, site, from, to, rate, into) =>
    visits(
      random,
      site,
      botsOf(random, 300, mobile, (r) => phone(r, 0.2), '2.0'),
      from,
      to,
      rate,
      into,
    ),
  'browsers in homes abroad, whole visits': (random, site, from, to, rate, into) =>
    visits(random, site, botsOf(random, 150, abroad, computer, '2.0'), from, to, rate, into),
}

const base: Crowd = {
  shape: 'steady',
  rate: 24,
  where: { mobile: 76, home: 17, office: 4, abroad: 3 },
  blocks: 1,
  hosts: 5,
  old: 0.22,
  desktop: 0.18,
  what: { lookup: 45, results: 18, viral: 10, browse: 20, refresh: 7 },
  returning: 0.3,
  errors: 0.003,
  limited: 0.004,
}

export const heldBackCrowds: Readonly<Record<string, (random: Random) => Crowd>> = {
  'voters before work, two addresses a carrier': (random) => ({
    ...base,
    shape: 'morning',
    rate: between(random, 20, 32),
    hosts: 2,
    what: { lookup: 75, results: 2, viral: 3, browse: 18, refresh: 2 },
  }),
  'quick counts on every screen': (random) => ({
    ...base,
    shape: 'evening',
    rate: between(random, 20, 32),
    what: { lookup: 2, results: 55, viral: 12, browse: 6, refresh: 25 },
    returning: between(random, 0.3, 0.55),
  }),
  'reloading through the night': (random) => ({
    ...base,
    where: { mobile: 82, home: 16, office: 0.5, abroad: 1.5 },
    what: { lookup: 1, results: 28, viral: 2, browse: 4, refresh: 65 },
    returning: between(random, 0.45, 0.7),
  }),
  'a rumour with a link': (random) => ({
    ...base,
    shape: 'viral',
    rate: between(random, 20, 34),
    where: { mobile: 86, home: 12, office: 1, abroad: 1 },
    what: { lookup: 6, results: 8, viral: 78, browse: 6, refresh: 2 },
  }),
  'everybody at once after the news': (random) => ({
    ...base,
    shape: 'push',
    rate: between(random, 24, 38),
    what: { lookup: 20, results: 50, viral: 10, browse: 14, refresh: 6 },
  }),
  'voters in Jeddah, Tokyo and Amsterdam': (random) => ({
    ...base,
    where: { mobile: 50, home: 12, office: 3, abroad: between(random, 20, 38) },
    desktop: 0.22,
  }),
  'civil servants at their desks': (random) => ({
    ...base,
    where: { mobile: 42, home: 13, office: between(random, 35, 50), abroad: 1 },
    desktop: 0.5,
    what: { lookup: 55, results: 12, viral: 3, browse: 28, refresh: 2 },
  }),
  'cheap phones in the east': (random) => ({
    ...base,
    old: between(random, 0.45, 0.65),
    where: { mobile: 93, home: 6, office: 0.7, abroad: 0.3 },
    hosts: 3,
    limited: 0.02,
  }),
}

export const heldBackSites: Readonly<Record<string, Site>> = {
  own: { name: 'pemilu.kpu.example', statics: 10, http2: 0.87, referrers: true, app: 0 },
  'with an app': { name: 'suara.kpu.example', statics: 7, http2: 0.93, referrers: true, app: 0.1 },
  'behind a proxy': { name: 'kota.kpud.example', statics: 9, http2: 0, referrers: true, app: 0.02 },
}

/** Sites whose logs show less: told apart in the table. */
export const blindSites: Readonly<Record<string, Site>> = {
  'parts at a CDN': { name: 'cdn.kpu.example', statics: 0, http2: 0.88, referrers: true, app: 0.05 },
  'no referrers in the log': { name: 'bawaslu.example', statics: 10, http2: 0.85, referrers: false, app: 0 },
}
