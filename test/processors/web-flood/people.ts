// Who asks a web site in Indonesia? Networks, devices and random numbers that the generators of crowds and attacks share.
import { createAgentEnricher } from '../../../processors/enrich/agent.ts'

/** Numbers in [0, 1) from a seed (mulberry32). */
export type Random = () => number

export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new RangeError('nothing to pick from')
  return found
}

export function between(random: Random, low: number, high: number): number {
  return low + random() * (high - low)
}

/** Normally distributed logarithm: median and spread. */
export function lognormal(random: Random, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(spread * normal)
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** One of the keys, by weight. */
export function weighted<T>(random: Random, table: readonly (readonly [T, number])[]): T {
  let left = random() * table.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [value, weight] of table) {
    left -= weight
    if (left < 0) return value
  }
  const last = table.at(-1)
  if (last === undefined) throw new RangeError('nothing to pick from')
  return last[0]
}

export interface Network {
  readonly asn: number
  readonly name: string
  readonly country: string
  /** First two numbers of its addresses. */
  readonly prefix: string
}

const net = (asn: number, name: string, country: string, prefix: string): Network => ({ asn, name, country, prefix })

export const carriers = {
  telkomsel: net(23693, 'PT. Telekomunikasi Selular', 'ID', '114.120'),
  indosat: net(4761, 'INDOSAT Internet Network Provider', 'ID', '114.5'),
  xl: net(24203, 'PT XL Axiata', 'ID', '112.215'),
  smartfren: net(18004, 'PT WIRELESS INDONESIA', 'ID', '202.67'),
} as const
export const providers = [
  net(7713, 'PT Telekomunikasi Indonesia', 'ID', '180.244'),
  net(17451, 'BIZNET NETWORKS', 'ID', '103.28'),
  net(23700, 'Linknet-Fastnet ASN', 'ID', '139.192'),
  net(63859, 'PT. Eka Mas Republik', 'ID', '158.140'),
  net(9341, 'PT INDONESIA COMNETS PLUS', 'ID', '103.105'),
] as const
export const hosters = [
  net(14061, 'DigitalOcean, LLC', 'US', '167.99'),
  net(16276, 'OVH SAS', 'FR', '51.89'),
  net(24940, 'Hetzner Online GmbH', 'DE', '116.203'),
  net(16509, 'Amazon.com, Inc.', 'SG', '13.212'),
  net(20473, 'The Constant Company, LLC', 'SG', '45.76'),
  net(51167, 'Contabo GmbH', 'DE', '161.97'),
  net(136052, 'PT Cloud Hosting Indonesia', 'ID', '103.187'),
] as const
export const abroad = [
  net(45899, 'VNPT Corp', 'VN', '14.160'),
  net(7552, 'Viettel Group', 'VN', '27.64'),
  net(55836, 'Reliance Jio Infocomm Limited', 'IN', '49.36'),
  net(28573, 'Claro NXT Telecomunicacoes Ltda', 'BR', '189.4'),
  net(12389, 'PJSC Rostelecom', 'RU', '95.24'),
  net(9121, 'Turk Telekom', 'TR', '78.160'),
  net(4134, 'Chinanet', 'CN', '113.64'),
  net(9299, 'Philippine Long Distance Telephone Company', 'PH', '112.198'),
  net(7922, 'Comcast Cable Communications, LLC', 'US', '73.15'),
  net(17552, 'True Online', 'TH', '124.120'),
] as const
/** Where Indonesians live abroad. */
export const diaspora = [
  net(4788, 'TM Technology Services Sdn. Bhd.', 'MY', '175.136'),
  net(3462, 'Data Communication Business Group', 'TW', '111.240'),
  net(4760, 'HKT Limited', 'HK', '112.118'),
  net(35819, 'Etihad Etisalat', 'SA', '176.44'),
  net(9506, 'Singtel Fibre Broadband', 'SG', '116.86'),
  net(1136, 'KPN B.V.', 'NL', '77.160'),
  net(4713, 'NTT Communications Corporation', 'JP', '153.128'),
] as const

/** An address of a network, among `blocks` of /24. */
export function addressIn(random: Random, { prefix }: Network, blocks: number, hosts = 254): string {
  return `${prefix}.${Math.floor(random() * blocks)}.${1 + Math.floor(random() * hosts)}`
}

export interface Agent {
  readonly text: string
  readonly name: string
  readonly os: string
  readonly bot: number
}

const enrich = createAgentEnricher([])
const known = new Map<string, Agent>()
/** An agent as the enricher sees it. */
export function agentOf(text: string): Agent {
  const before = known.get(text)
  if (before !== undefined) return before
  const event = {
    user_agent_original: text,
    user_agent_name: '',
    user_agent_os: '',
    user_agent_bot: 0,
    source_scanner: '',
  }
  enrich(event)
  const agent = { text, name: event.user_agent_name, os: event.user_agent_os, bot: event.user_agent_bot }
  if (known.size < 50_000) known.set(text, agent)
  return agent
}

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
export const chromeAndroid = (major: number): string =>
  `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/${major}.0.0.0 Mobile Safari/537.36`
export const chromeWindows = (major: number): string =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/${major}.0.0.0 Safari/537.36`
export const chromeLinux = (major: number): string =>
  `Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/${major}.0.0.0 Safari/537.36`
export const firefox = (major: number): string =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${major}.0) Gecko/20100101 Firefox/${major}.0`
export const iphone = (major: number, minor: number): string =>
  `Mozilla/5.0 (iPhone; CPU iPhone OS ${major}_${minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${major}.${minor} Mobile/15E148 Safari/604.1`

const models = [
  'CPH1803',
  'SM-A115F',
  'Redmi Note 8',
  'vivo 1904',
  'RMX2185',
  'SM-J250F',
  'Infinix X657',
  'CPH2185',
  'M2006C3LG',
  'Redmi 9A',
] as const
const release = (random: Random): number =>
  weighted(random, [
    [131, 55],
    [130, 18],
    [129, 7],
    [128, 4],
    [127, 3],
    [124, 3],
    [119, 2],
    [114, 2],
    [109, 2],
    [96, 1],
  ])

/** A phone of a voter; `old`: share of old devices. */
export function phone(random: Random, old: number): Agent {
  if (random() < old)
    return agentOf(
      `Mozilla/5.0 (Linux; Android ${pick(random, [7, 8, 9])}.${pick(random, [0, 1])}.0; ${pick(random, models)}) ${webkit} Chrome/${pick(random, [87, 92, 99, 106, 112, 119])}.0.${Math.floor(random() * 40) + 4000}.${Math.floor(random() * 90)} Mobile Safari/537.36`,
    )
  return weighted(random, [
    [() => agentOf(chromeAndroid(release(random))), 60],
    [() => agentOf(iphone(pick(random, [16, 17, 18]), pick(random, [0, 1, 2, 3, 5, 6]))), 9],
    [
      () =>
        agentOf(
          `Mozilla/5.0 (Linux; Android 13; ${pick(random, models)}; wv) ${webkit} Version/4.0 Chrome/${release(random)}.0.6778.${Math.floor(random() * 12) * 10} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/49${Math.floor(random() * 9)}.0.0.45.109;]`,
        ),
      9,
    ],
    [
      () =>
        agentOf(
          `Mozilla/5.0 (Linux; Android 10; K) ${webkit} SamsungBrowser/${pick(random, [25, 26, 27])}.0 Chrome/${pick(random, [115, 121, 125])}.0.0.0 Mobile Safari/537.36`,
        ),
      10,
    ],
    [
      () =>
        agentOf(
          `Mozilla/5.0 (Linux; U; Android 12; id-id; ${pick(random, models)}) ${webkit} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.${Math.floor(random() * 9)}.0-gn`,
        ),
      5,
    ],
    [
      () =>
        agentOf(
          `Mozilla/5.0 (Linux; Android 10; K) ${webkit} Chrome/${release(random)}.0.0.0 Mobile Safari/537.36 OPR/8${Math.floor(random() * 6)}.0.0.0`,
        ),
      4,
    ],
  ] as const)()
}

/** A computer at home or in an office. */
export function computer(random: Random): Agent {
  return weighted(random, [
    [() => agentOf(chromeWindows(release(random))), 70],
    [() => agentOf(`${chromeWindows(release(random))} Edg/131.0.0.0`), 12],
    [() => agentOf(firefox(pick(random, [115, 128, 131, 132, 133]))), 9],
    [
      () =>
        agentOf(
          `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webkit} Chrome/${release(random)}.0.0.0 Safari/537.36`,
        ),
      7,
    ],
    [() => agentOf(chromeLinux(release(random))), 2],
  ] as const)()
}
