// Which hours were held back after the first? Since somebody has looked at which were missed (docs/web-floods.md), they are hours for learning like others.
import { asked, botsOf, type Flood, spray, text } from './attacks.ts'
import type { Crowd, Site } from './generate.ts'
import {
  abroad,
  addressIn,
  agentOf,
  between,
  carriers,
  chromeWindows,
  computer,
  exponential,
  hosters,
  iphone,
  phone,
  pick,
  providers,
  type Random,
} from './people.ts'

const televisions = [
  'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1',
  'Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36 WebAppManager',
  'Mozilla/5.0 (Linux; Android 9; MIBOX4) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.85 Safari/537.36',
  'Dalvik/2.1.0 (Linux; U; Android 7.1.2; TX3 Mini Build/NHG47L)',
]
const own = (site: Site, path: string): string => (site.referrers ? `https://${site.name}${path}` : '')

export const secondFloods: Readonly<Record<string, Flood>> = {
  'television boxes': (random, _site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      350,
      [...providers, ...providers, ...abroad],
      (r) => agentOf(pick(r, televisions)),
      '1.1',
    )
    spray(random, bots, from, to, rate, into, () => ({ path: pick(random, ['/', '/hasil']) }))
  },
  'functions in clouds, HTTP/2, each address once': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, hosters.slice(0, 5))
      into.push(
        asked({ ip: addressIn(random, network, 250), network, agent: computer(random), http: '2.0' }, t, {
          path: pick(random, ['/', '/calon', '/hasil/32', '/jadwal']),
        }),
      )
    }
  },
  // Phones with a malicious library, behind the addresses and with the protocol of voters.
  'phones of voters, HTTP/2': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, Object.values(carriers))
      into.push(
        asked({ ip: addressIn(random, network, 2, 12), network, agent: phone(random, 0.3), http: '2.0' }, t, {
          path: '/hasil',
        }),
      )
    }
  },
  'log-in page of another system': (random, _site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      70,
      [...hosters, ...providers],
      (r) => agentOf(chromeWindows(118 + Math.floor(r() * 14))),
      '1.1',
    )
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: pick(random, ['/wp-login.php', '/xmlrpc.php']),
      status: pick(random, [200, 404, 404, 403]),
    }))
  },
  'downloads that cost much': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 40, [...hosters, ...abroad.slice(5)], computer, '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      path: '/unduh/rekap',
      query: `?wilayah=${11 + Math.floor(random() * 80)}.${Math.floor(random() * 20)}`,
      referrer: own(site, '/hasil'),
    }))
  },
  'searches by browsers without a window': (random, site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      60,
      [...hosters.slice(4), ...abroad.slice(0, 3)],
      (r) => agentOf(chromeWindows(128 + Math.floor(r() * 4))),
      '2.0',
    )
    spray(random, bots, from, to, rate, into, () => ({
      path: '/cari',
      query: `?q=${text(random, 4)}+${text(random, 5)}`,
      referrer: own(site, '/'),
    }))
  },
  'answers read slowly': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 200, [...abroad, ...providers], (r) => (r() < 0.5 ? computer(r) : phone(r, 0.2)), '1.1')
    spray(random, bots, from, to, rate, into, () => ({
      path: pick(random, ['/', '/peta-tps']),
      status: pick(random, [499, 499, 408, 200]),
    }))
  },
  'voter roll asked through from a few servers': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 15, [...hosters.slice(5), ...providers.slice(1)], (r) => phone(r, 0.1), '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      path: '/cek-tps/hasil',
      query: `?q=tok_${text(random, 8)}`,
      referrer: own(site, '/cek-tps'),
    }))
  },
  'open proxies': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, [...abroad, ...hosters, ...providers])
      into.push(
        asked(
          {
            ip: addressIn(random, network, 30, 20),
            network,
            agent: agentOf(chromeWindows(70 + Math.floor(random() * 60))),
            http: '1.1',
          },
          t,
          { path: pick(random, ['/', '/berita', '/kontak']), referrer: 'https://www.google.com/' },
        ),
      )
    }
  },
  'cache buster on the API': (random, _site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      180,
      [...abroad, ...providers],
      (r) => (r() < 0.5 ? computer(r) : agentOf(iphone(17, 4))),
      '2.0',
    )
    spray(random, bots, from, to, rate, into, () => ({ path: '/api/hasil', query: `?prov=31&_=${text(random, 10)}` }))
  },
  // People who open a page that floods: their browsers, their networks.
  'browsers of supporters': (random, _site, from, to, rate, into) => {
    const bots = Array.from({ length: 120 }, () => {
      const mobile = random() < 0.6
      const network = mobile ? pick(random, Object.values(carriers)) : pick(random, providers)
      return {
        ip: addressIn(random, network, 3, 20),
        network,
        agent: mobile ? phone(random, 0.1) : computer(random),
        http: '2.0',
      }
    })
    spray(random, bots, from, to, rate, into, () => ({
      path: '/',
      query: `?${text(random, 8)}`,
      referrer: 'https://serbu.example/',
    }))
  },
  'browsers that say they are phones, in clouds, whole pages': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 45, hosters.slice(0, 4), (r) => phone(r, 0), '2.0')
    for (let t = from; t < to; t += exponential(random, ((1 + site.statics) * 1000) / rate)) {
      const bot = pick(random, bots)
      const path = pick(random, ['/', '/hasil', '/berita', '/cek-tps'])
      into.push(asked(bot, t, { path }))
      for (let n = 0; n < site.statics; n += 1)
        into.push(asked(bot, t + 100 + random() * 800, { path: `/assets/img${n}.png`, referrer: own(site, path) }))
    }
  },
}

const base: Crowd = {
  shape: 'steady',
  rate: 26,
  where: { mobile: 74, home: 18, office: 5, abroad: 2 },
  blocks: 1,
  hosts: 6,
  old: 0.25,
  desktop: 0.15,
  what: { lookup: 50, results: 15, viral: 8, browse: 20, refresh: 7 },
  returning: 0.35,
  errors: 0.004,
  limited: 0.002,
}

export const secondCrowds: Readonly<Record<string, (random: Random) => Crowd>> = {
  'hundreds of voters behind each address': (random) => ({
    ...base,
    shape: 'morning',
    rate: between(random, 22, 34),
    hosts: Math.floor(between(random, 2, 5)),
  }),
  'first results in the evening': (random) => ({
    ...base,
    shape: 'evening',
    rate: between(random, 22, 34),
    what: { lookup: 3, results: 62, viral: 8, browse: 7, refresh: 20 },
  }),
  'reloading until the result stands': (random) => ({
    ...base,
    what: { lookup: 2, results: 20, viral: 3, browse: 5, refresh: 70 },
    returning: between(random, 0.5, 0.75),
  }),
  'a link in family groups': () => ({
    ...base,
    shape: 'viral',
    where: { mobile: 92, home: 7, office: 0.5, abroad: 0.5 },
    what: { lookup: 3, results: 3, viral: 90, browse: 3, refresh: 1 },
  }),
  'named on television': (random) => ({
    ...base,
    shape: 'push',
    rate: between(random, 24, 36),
    what: { lookup: 70, results: 5, viral: 3, browse: 20, refresh: 2 },
  }),
  'workers in Malaysia, Taiwan and Hong Kong': (random) => ({
    ...base,
    where: { mobile: 45, home: 14, office: 3, abroad: between(random, 25, 45) },
    desktop: 0.12,
  }),
  'schools and offices': (random) => ({
    ...base,
    where: { mobile: 35, home: 15, office: between(random, 35, 55), abroad: 1 },
    desktop: 0.6,
  }),
  'overloaded servers': (random) => ({
    ...base,
    shape: 'evening',
    errors: between(random, 0.05, 0.15),
    limited: 0.04,
    what: { lookup: 10, results: 50, viral: 5, browse: 10, refresh: 25 },
  }),
}

export const secondSites: Readonly<Record<string, Site>> = {
  own: { name: 'portal.kpu.example', statics: 11, http2: 0.86, referrers: true, app: 0.03 },
  'with an app': { name: 'rekap.kpu.example', statics: 6, http2: 0.95, referrers: true, app: 0.12 },
  'behind a proxy': { name: 'kab.kpud.example', statics: 8, http2: 0, referrers: true, app: 0 },
}
