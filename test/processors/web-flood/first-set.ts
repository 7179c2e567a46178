// Which hours were held back first? Written before the weights were first run on them (docs/web-floods.md has that result); since somebody has looked at
// which were missed, they are hours for learning like others.
import { asked, botsOf, type Flood, spray, text } from './attacks.ts'
import type { Crowd, Site } from './generate.ts'
import {
  abroad,
  addressIn,
  agentOf,
  between,
  carriers,
  chromeAndroid,
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

const pages = [
  '/',
  '/hasil',
  '/hasil/31',
  '/hasil/35/4',
  '/berita',
  '/cek-tps',
  '/tps',
  '/jadwal',
  '/peta-tps',
  '/calon',
]

export const firstFloods: Readonly<Record<string, Flood>> = {
  // Routers and cameras in homes at home and abroad that say they are the commonest phone.
  'home devices, the commonest phone as agent': (random, _site, from, to, rate, into) => {
    const agent = agentOf(chromeAndroid(131))
    const bots = botsOf(random, 400, [...providers, ...providers, ...abroad], () => agent, '1.1')
    spray(random, bots, from, to, rate, into, () => ({}))
  },
  'HTTP/2 tool with faked search referrers': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 70, hosters.slice(3), (r) => (r() < 0.5 ? computer(r) : phone(r, 0)), '2.0')
    spray(random, bots, from, to, rate, into, () => ({
      path: pick(random, pages),
      referrer: site.referrers ? 'https://www.google.co.id/' : '',
    }))
  },
  'cache buster that looks like a campaign': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, [...abroad, ...providers])
      into.push(
        asked(
          {
            ip: addressIn(random, network, 250),
            network,
            agent: phone(random, 0.05),
            http: random() < 0.6 ? '2.0' : '1.1',
          },
          t,
          { path: pick(random, ['/', '/hasil']), query: `?utm_source=wa&_=${Math.floor(t)}${text(random, 3)}` },
        ),
      )
    }
  },
  'log-in flood through VPNs with form and referrer': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 50, hosters, computer, '2.0')
    for (let t = from; t < to; t += exponential(random, 2000 / rate)) {
      const bot = pick(random, bots)
      const referrer = site.referrers ? `https://${site.name}/masuk` : ''
      into.push(
        asked(bot, t, { path: '/masuk' }),
        asked(bot, t + between(random, 200, 900), {
          method: 'POST',
          path: '/masuk',
          referrer,
          status: pick(random, [401, 403, 200]),
        }),
      )
    }
  },
  'flood of the polling place look-up': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 300, [...providers, ...abroad.slice(0, 4)], (r) => phone(r, 0.1), '1.1')
    const referrer = site.referrers ? `https://${site.name}/cek-tps` : ''
    spray(random, bots, from, to, rate, into, () => ({
      path: '/cek-tps/hasil',
      query: `?q=tok_${text(random, 8)}`,
      referrer,
    }))
  },
  // The hardest: proxies on phones of voters, behind the same addresses.
  'proxies behind carrier NAT': (random, _site, from, to, rate, into) => {
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, [carriers.telkomsel, carriers.indosat, carriers.xl])
      into.push(
        asked(
          {
            ip: addressIn(random, network, 4, 40),
            network,
            agent:
              random() < 0.7
                ? agentOf(chromeAndroid(pick(random, [129, 130, 131])))
                : agentOf(iphone(17, pick(random, [1, 4, 5]))),
            http: '1.1',
          },
          t,
          { path: pick(random, ['/', '/hasil', '/berita']) },
        ),
      )
    }
  },
  'headless browsers in homes abroad, without pictures': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 150, abroad, (r) => agentOf(chromeWindows(126 + Math.floor(r() * 6))), '2.0')
    const parts = Math.ceil(site.statics * 0.6)
    for (let t = from; t < to; t += ((1 + parts) * 1000) / rate) {
      const bot = pick(random, bots)
      const path = pick(random, pages)
      into.push(asked(bot, t, { path }))
      for (let n = 0; n < parts; n += 1)
        into.push(
          asked(bot, t + 80 + random() * 500, {
            path: `/assets/style${n}.css`,
            referrer: site.referrers ? `https://${site.name}${path}` : '',
          }),
        )
    }
  },
  'scraper with the agent of an app': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 20, [...hosters, ...providers], () => agentOf('okhttp/3.9.0'), '1.1')
    let n = 0
    spray(random, bots, from, to, rate, into, () => ({
      path: `/api/tps/${11 + (n % 80)}/${n++}`,
      status: random() < 0.2 ? 429 : 200,
    }))
  },
  'whole visits replayed from rented servers': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 60, hosters, (r) => phone(r, 0.1), '1.1')
    const parts = site.statics
    for (let t = from; t < to; t += exponential(random, ((1 + parts) * 1000) / rate)) {
      const bot = pick(random, bots)
      const path = pick(random, pages)
      into.push(asked(bot, t, { path, referrer: site.referrers ? 'https://www.google.com/' : '' }))
      for (let n = 0; n < parts; n += 1)
        into.push(
          asked(bot, t + 120 + random() * 900, {
            path: `/assets/img${n}.png`,
            referrer: site.referrers ? `https://${site.name}${path}` : '',
          }),
        )
    }
  },
  'uploads that never end': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 150, [...abroad, ...providers], computer, '1.1')
    const referrer = site.referrers ? `https://${site.name}/kontak` : ''
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: '/kontak',
      referrer,
      status: pick(random, [408, 499, 413, 200]),
    }))
  },
  'made-up paths': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 30, [...providers, ...hosters], computer, '1.1')
    spray(random, bots, from, to, rate, into, () => ({ path: `/${text(random, 9)}`, status: 404 }))
  },
  'low and slow, thousands of homes': (random, _site, from, to, rate, into) => {
    const bots = botsOf(
      random,
      2500,
      [...abroad, ...providers],
      (r) => (r() < 0.5 ? computer(r) : phone(r, 0.1)),
      '1.1',
    )
    let n = 0
    for (let t = from; t < to; t += 1000 / rate) {
      const bot = bots[n++ % bots.length]
      if (bot !== undefined) into.push(asked(bot, t, { path: pick(random, ['/', '/berita', '/hasil']) }))
    }
  },
}

const base: Crowd = {
  shape: 'morning',
  rate: 36,
  where: { mobile: 70, home: 20, office: 6, abroad: 2 },
  blocks: 2,
  hosts: 5,
  old: 0.2,
  desktop: 0.2,
  what: { lookup: 60, results: 10, viral: 5, browse: 20, refresh: 5 },
  returning: 0.25,
  errors: 0.005,
  limited: 0,
}

export const firstCrowds: Readonly<Record<string, (random: Random) => Crowd>> = {
  'voters look up polling places': (random) => ({
    ...base,
    rate: between(random, 30, 45),
    blocks: 1,
    hosts: Math.floor(between(random, 3, 12)),
  }),
  'waiting for results behind carrier NAT': (random) => ({
    ...base,
    shape: 'evening',
    what: { lookup: 5, results: 45, viral: 5, browse: 10, refresh: 35 },
    returning: between(random, 0.3, 0.6),
    hosts: 4,
  }),
  'a link goes around': (random) => ({
    ...base,
    shape: 'viral',
    where: { mobile: 88, home: 10, office: 1, abroad: 1 },
    what: { lookup: 2, results: 5, viral: 85, browse: 6, refresh: 2 },
    hosts: Math.floor(between(random, 4, 20)),
  }),
  'a push message': (random) => ({
    ...base,
    shape: 'push',
    what: { lookup: 20, results: 60, viral: 5, browse: 5, refresh: 10 },
    rate: between(random, 30, 50),
  }),
  'voters abroad': (random) => ({
    ...base,
    where: { mobile: 25, home: 10, office: 2, abroad: between(random, 45, 70) },
    desktop: 0.35,
  }),
  'offices and campuses': (random) => ({
    ...base,
    where: { mobile: 20, home: 15, office: between(random, 50, 65), abroad: 1 },
    desktop: 0.7,
  }),
  'old phones': (random) => ({
    ...base,
    old: between(random, 0.5, 0.75),
    where: { mobile: 92, home: 7, office: 1, abroad: 0.5 },
    hosts: 3,
  }),
  'limits are hit': (random) => ({
    ...base,
    shape: 'evening',
    limited: between(random, 0.03, 0.12),
    errors: 0.03,
    what: { lookup: 10, results: 40, viral: 5, browse: 10, refresh: 35 },
  }),
}

export const firstSites: Readonly<Record<string, Site>> = {
  own: { name: 'info.kpu.example', statics: 9, http2: 0.9, referrers: true, app: 0 },
  'with an app': { name: 'hasil.kpu.example', statics: 5, http2: 0.92, referrers: true, app: 0.15 },
  'behind a proxy': { name: 'kpud.example', statics: 7, http2: 0, referrers: true, app: 0 },
}
