// Which floods are weights learnt from? Attackers of the training hours; those of the held-back hours are in held-back.ts and differ.
import type { Request, Site } from './generate.ts'
import {
  type Agent,
  abroad,
  addressIn,
  agentOf,
  carriers,
  chromeLinux,
  chromeWindows,
  exponential,
  firefox,
  hosters,
  type Network,
  phone,
  pick,
  providers,
  type Random,
} from './people.ts'

/** Puts the requests of a flood between two times (milliseconds since 1970) into `into`, so many a second. */
export type Flood = (random: Random, site: Site, from: number, to: number, rate: number, into: Request[]) => void

export interface Bot {
  readonly ip: string
  readonly network: Network
  readonly agent: Agent
  readonly http: string
}

/** One request of a bot; what it does not say is what tools do by themselves. */
export function asked(bot: Bot, t: number, values: Partial<Request>): Request {
  return {
    method: 'GET',
    path: '/',
    query: '',
    status: 200,
    referrer: '',
    ...bot,
    ...values,
    t: Math.floor(t),
    attack: true,
  }
}

export function botsOf(
  random: Random,
  count: number,
  networks: readonly Network[],
  agent: (random: Random) => Agent,
  http: string,
): Bot[] {
  return Array.from({ length: count }, () => {
    const network = pick(random, networks)
    return { ip: addressIn(random, network, 200), network, agent: agent(random), http }
  })
}

/** Each request by any of the bots, at random times. */
export function spray(
  random: Random,
  bots: readonly Bot[],
  from: number,
  to: number,
  rate: number,
  into: Request[],
  values: (bot: Bot) => Partial<Request>,
): void {
  for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
    const bot = pick(random, bots)
    into.push(asked(bot, t, values(bot)))
  }
}

export const text = (random: Random, length: number): string =>
  Array.from({ length }, () => pick(random, [...'abcdefghijklmnopqrstuvwxyz0123456789'])).join('')

const listed = (random: Random): Agent =>
  agentOf(
    random() < 0.7
      ? chromeWindows(60 + Math.floor(random() * 60))
      : random() < 0.5
        ? firefox(50 + Math.floor(random() * 60))
        : chromeLinux(70 + Math.floor(random() * 40)),
  )
const modern = (random: Random): Agent =>
  agentOf(random() < 0.8 ? chromeWindows(122 + Math.floor(random() * 10)) : firefox(125 + Math.floor(random() * 8)))

const either = (random: Random): Agent => (random() < 0.6 ? modern(random) : phone(random, 0.05))
/** Tools speak one protocol or the other, by hour. */
const protocol = (random: Random): string => (random() < 0.6 ? '1.1' : '2.0')
/** Rented devices at home, abroad, or both. */
const homes = (random: Random): readonly Network[] =>
  pick(random, [abroad, providers, [...abroad, ...providers], [...Object.values(carriers), ...providers]])

export const floods: Readonly<Record<string, Flood>> = {
  'botnet, one agent': (random, _site, from, to, rate, into) => {
    const agent = random() < 0.6 ? listed(random) : either(random)
    const bots = botsOf(
      random,
      60 + Math.floor(random() * 240),
      [...homes(random), ...hosters.slice(0, 2)],
      () => agent,
      protocol(random),
    )
    spray(random, bots, from, to, rate, into, () => ({}))
  },
  'botnet, agents from a list': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 40 + Math.floor(random() * 100), hosters, listed, protocol(random))
    for (let t = from; t < to; t += exponential(random, 1000 / rate))
      into.push(
        asked({ ...pick(random, bots), agent: listed(random) }, t, { path: pick(random, ['/', '/berita', '/hasil']) }),
      )
  },
  'cache buster': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 100, [...homes(random), ...hosters], either, protocol(random))
    spray(random, bots, from, to, rate, into, () => ({ query: `?${text(random, 5)}=${text(random, 8)}` }))
  },
  'log-in flood': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 80, homes(random), either, protocol(random))
    const referrer = random() < 0.4 && site.referrers ? `https://${site.name}/masuk` : ''
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: '/masuk',
      referrer,
      status: pick(random, [200, 200, 401, 403]),
    }))
  },
  'search flood': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 120, homes(random), either, protocol(random))
    spray(random, bots, from, to, rate, into, () => ({ path: '/cari', query: `?q=${text(random, 7)}` }))
  },
  'residential proxies': (random, _site, from, to, rate, into) => {
    const networks = homes(random)
    const modernShare = random()
    for (let t = from; t < to; t += exponential(random, 1000 / rate)) {
      const network = pick(random, networks)
      const bot = {
        ip: addressIn(random, network, 250),
        network,
        agent: random() < modernShare ? modern(random) : phone(random, 0.1),
        http: random() < 0.5 ? '2.0' : '1.1',
      }
      into.push(asked(bot, t, { path: pick(random, ['/', '/hasil', '/berita', '/cek-tps', '/tps']) }))
    }
  },
  'headless browsers': (random, site, from, to, rate, into) => {
    const headless = random() < 0.5
    const agent = agentOf(headless ? chromeLinux(131).replace('Chrome/', 'HeadlessChrome/') : chromeLinux(131))
    const bots = botsOf(random, 25, hosters, () => agent, '2.0')
    const parts = site.statics
    for (let t = from; t < to; t += ((1 + parts) * 1000) / rate) {
      const bot = pick(random, bots)
      const path = pick(random, ['/', '/hasil', '/cek-tps'])
      into.push(asked(bot, t, { path }))
      for (let n = 0; n < parts; n += 1)
        into.push(
          asked(bot, t + 100 + random() * 700, {
            path: `/assets/app${n}.js`,
            referrer: site.referrers ? `https://${site.name}${path}` : '',
          }),
        )
    }
  },
  'API scraper': (random, _site, from, to, rate, into) => {
    const agent = random() < 0.5 ? agentOf('python-requests/2.31.0') : modern(random)
    const bots = botsOf(random, 12, [...hosters, ...providers.slice(0, 2)], () => agent, protocol(random))
    let n = 0
    spray(random, bots, from, to, rate, into, () => ({ path: '/api/hasil', query: `?prov=${11 + (n++ % 80)}` }))
  },
  'replayed pages': (random, site, from, to, rate, into) => {
    const bots = botsOf(random, 200, homes(random), either, protocol(random))
    const paths = ['/', '/hasil', '/hasil/31', '/berita', '/cek-tps', '/tps', '/jadwal', '/peta-tps']
    spray(random, bots, from, to, rate, into, () => ({
      path: pick(random, paths),
      referrer: site.referrers ? `https://${site.name}${pick(random, paths)}` : '',
    }))
  },
  'slow bodies': (random, _site, from, to, rate, into) => {
    const bots = botsOf(random, 90, [...homes(random), ...hosters], listed, protocol(random))
    spray(random, bots, from, to, rate, into, () => ({
      method: 'POST',
      path: pick(random, ['/', '/kontak', '/cek-tps']),
      status: pick(random, [408, 408, 499, 200]),
    }))
  },
}
