// What does the made election year look like? Places by population, days by weight, pools of addresses, agents, paths; all as data.
import { phaseAt, type Reference, zoneMinutes } from '../../../runtime/reference.ts'

const DAY_MS = 86_400_000

/** Voting day of pilkada-2024, local date. */
export const VOTING_DAY = '2024-11-27'
/** 14:00 WIB on voting day: "now" of every question, so that answers are the same in every run. The year ends there; the writer lands what comes after it. */
export const NOW = Date.UTC(2024, 10, 27, 7)
/** Streams of what lands while questions are asked begin so. */
export const LANDED_STREAM = 'kafka-bench-landing-'
/** A time in the words of a query. */
export const utc = (ms: number): string => `toDateTime(${ms / 1000}, 'UTC')`
/** Landing days of the year, UTC: both elections of 2024 with their campaigns. */
export const YEAR = { from: Date.UTC(2023, 10, 28), to: NOW } as const
/** Phases are looked up by local day, from here on: events may be late by three days. */
const firstPhaseDay = Date.UTC(2023, 10, 20)

/** Inhabitants in hundred thousands (rounded, BPS 2023); what is not named has 10. */
const population: Readonly<Record<string, number>> = {
  '11': 55,
  '12': 154,
  '13': 58,
  '14': 67,
  '15': 37,
  '16': 88,
  '17': 21,
  '18': 93,
  '19': 15,
  '21': 22,
  '31': 107,
  '32': 500,
  '33': 378,
  '34': 37,
  '35': 415,
  '36': 123,
  '51': 44,
  '52': 56,
  '53': 56,
  '61': 56,
  '62': 28,
  '63': 43,
  '64': 40,
  '65': 7,
  '71': 27,
  '72': 31,
  '73': 94,
  '74': 28,
  '75': 12,
  '76': 15,
  '81': 19,
  '82': 13,
}

export interface Place {
  readonly code: string
  /** Hours east of UTC. */
  readonly offset: number
  readonly weight: number
  /** Which list of phases it goes by: places with the same one share it. */
  readonly phases: number
}

export interface World {
  readonly places: readonly Place[]
  /** Index of a place, 8,192 times by weight. */
  readonly slots: readonly number[]
  /** For each list of phases and local day since {@link firstPhaseDay}: election and phase. */
  readonly elections: readonly string[]
  readonly phases: readonly string[]
  readonly phaseDays: number
  readonly firstPhaseDay: number
}

const SLOTS = 8_192

/** Every region of the reference with its share of events: a fifth is national, a quarter of a province's is its own, 1 % is of nowhere. */
export function makeWorld(reference: Pick<Reference, 'regions' | 'phases'>): World {
  const codes = [...reference.regions.keys()].filter((code) => code !== '00').sort()
  const provinces = codes.filter((code) => code.length === 2)
  const people = provinces.reduce((sum, code) => sum + (population[code] ?? 10), 0)
  const weights = new Map<string, number>([
    ['00', 0.2],
    ['', 0.01],
  ])
  for (const province of provinces) {
    const share = (0.79 * (population[province] ?? 10)) / people
    const districts = codes.filter((code) => code.startsWith(`${province}.`))
    weights.set(province, districts.length === 0 ? share : share * 0.25)
    // The first of them are three times the last: districts differ, though not as much as provinces.
    const parts = districts.map((_, i) => 1 / (1 + (2 * i) / districts.length))
    const whole = parts.reduce((a, b) => a + b, 0)
    for (const [i, code] of districts.entries()) weights.set(code, (share * 0.75 * (parts[i] ?? 0)) / whole)
  }
  const phaseDays = Math.ceil((YEAR.to - firstPhaseDay) / DAY_MS) + 3
  const classes = new Map<string, number>()
  const elections: string[] = []
  const phases: string[] = []
  const places = [...weights].map(([code, weight]) => {
    const zone = reference.regions.get(code)?.zone ?? 'WIB'
    const offset = zoneMinutes(zone) / 60
    const days = Array.from({ length: phaseDays }, (_, day) => {
      const noon = firstPhaseDay + day * DAY_MS - offset * 3_600_000 + DAY_MS / 2
      return code === '' ? undefined : phaseAt(reference, code, noon)
    })
    const signature = days.map((hit) => `${hit?.election}/${hit?.phase}`).join()
    if (!classes.has(signature)) {
      classes.set(signature, classes.size)
      elections.push(...days.map((hit) => hit?.election ?? ''))
      phases.push(...days.map((hit) => hit?.phase ?? ''))
    }
    return { code, offset, weight, phases: classes.get(signature) ?? 0 }
  })
  // Everybody has at least one slot; the rest by weight, largest first.
  const counts = places.map(({ weight }) => Math.max(1, Math.floor(weight * SLOTS)))
  let spare = SLOTS - counts.reduce((a, b) => a + b, 0)
  for (let i = 0; spare !== 0; i = (i + 1) % counts.length) {
    const step = Math.sign(spare)
    if ((counts[i] ?? 0) + step < 1) continue
    counts[i] = (counts[i] ?? 0) + step
    spare -= step
  }
  const slots = counts.flatMap((count, place) => Array.from({ length: count }, () => place))
  return { places, slots, elections, phases, phaseDays, firstPhaseDay }
}

/** A landing day, midnight UTC in milliseconds since 1970, with its rows and how many the days before it have. */
export interface Day {
  readonly day: number
  readonly rows: number
  readonly first: number
  /** Seconds of the day in which events land: all of it, or up to {@link NOW}. */
  readonly seconds: number
}

/** Landing days with the rows of each: voting days stand out, campaigns are busier than quiet months. Sums to `events` exactly. */
export function daysOf(events: number, wanted: (day: number) => boolean = () => true): Day[] {
  const days = Array.from(
    { length: Math.ceil((YEAR.to - YEAR.from) / DAY_MS) },
    (_, i) => YEAR.from + i * DAY_MS,
  ).filter(wanted)
  const weights = days.map(weightOf)
  const whole = weights.reduce((a, b) => a + b, 0)
  let passed = 0
  let first = 0
  return days.map((day, i) => {
    passed += weights[i] ?? 0
    const last = i === days.length - 1 ? events : Math.floor((events * passed) / whole)
    const made = { day, rows: last - first, first, seconds: Math.min(DAY_MS, NOW - day) / 1000 }
    first = last
    return made
  })
}

function weightOf(day: number): number {
  const from = (date: string) => (day - Date.parse(date)) / DAY_MS
  const pilkada = from(VOTING_DAY)
  const pemilu = from('2024-02-14')
  // The busiest seven hours of a day that would have had 15.
  if (pilkada === 0) return 6
  if (pemilu === 0) return 12
  if (pemilu === 1) return 6
  if (pilkada > -7 || (pemilu > -7 && pemilu < 7)) return 2.5
  if (pilkada > -63 || (pemilu > -45 && pemilu < 30)) return 1.3
  const weekday = new Date(day).getUTCDay()
  return weekday === 0 || weekday === 6 ? 0.7 : 0.9
}

/** Networks of visitors, the busiest first: number and name. */
export const visitorNetworks: readonly (readonly [number, string])[] = [
  [7713, 'PT Telekomunikasi Indonesia'],
  [23693, 'PT Telekomunikasi Selular'],
  [4761, 'PT Indosat Tbk'],
  [24203, 'PT XL Axiata'],
  [17451, 'PT Biznet Networks'],
  [23700, 'PT First Media Tbk'],
  [45727, 'PT Hutchison 3 Indonesia'],
  [18004, 'PT Wireless Indonesia'],
  [38511, 'PT Remala Abadi'],
  [55655, 'PT Solnet Indonesia'],
  [58495, 'PT Bina Informatika Solusi'],
  [131111, 'PT Mora Telematika Indonesia'],
]
/** Networks of scanners, the busiest first: number, name, country, research scanner or ''. */
export const scannerNetworks: readonly (readonly [number, string, string, string])[] = [
  [14061, 'DigitalOcean, LLC', 'US', ''],
  [398324, 'Censys, Inc.', 'US', 'Censys'],
  [4134, 'Chinanet', 'CN', ''],
  [202425, 'IP Volume inc', 'SC', ''],
  [16509, 'Amazon.com, Inc.', 'US', ''],
  [10439, 'CariNet, Inc.', 'US', 'Shodan'],
  [45090, 'Tencent Building', 'CN', ''],
  [24940, 'Hetzner Online GmbH', 'DE', ''],
  [16276, 'OVH SAS', 'FR', ''],
  [37963, 'Alibaba', 'CN', ''],
  [20473, 'The Constant Company, LLC', 'US', ''],
  [9009, 'M247 Europe SRL', 'RO', ''],
  [63949, 'Akamai Connected Cloud', 'SG', ''],
  [8075, 'Microsoft Corporation', 'US', ''],
  [213412, 'ONYPHE SAS', 'FR', 'ONYPHE'],
  [396982, 'Google LLC', 'US', ''],
  [51396, 'Pfcloud UG', 'DE', ''],
  [57523, 'Chang Way Technologies', 'RU', ''],
  [49505, 'JSC Selectel', 'RU', ''],
  [212238, 'Datacamp Limited', 'GB', ''],
]

/** User agents of visitors and then of tools; the number between the parts is a version. Name, system, robot. */
export const agents: readonly (readonly [string, string, string, string, 0 | 1])[] = [
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/',
    '.0.0.0 Mobile Safari/537.36',
    'Chrome',
    'Android',
    0,
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/',
    '.0.0.0 Safari/537.36',
    'Chrome',
    'Windows',
    0,
  ],
  [
    'Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/',
    '.0.6478.122 Mobile Safari/537.36',
    'Chrome',
    'Android',
    0,
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E',
    ' Safari/604.1',
    'Safari',
    'iOS',
    0,
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/', '.0', 'Firefox', 'Windows', 0],
  ['okhttp/4.', '.0', 'okhttp', '', 1],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) W/', '', 'Googlebot', '', 1],
  ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php) r/', '', 'facebookexternalhit', '', 1],
]
export const tools: readonly (readonly [string, string, string, string, 0 | 1])[] = [
  ['Mozilla/5.0 zgrab/0.', '', 'zgrab', '', 1],
  ['python-requests/2.', '.3', 'python-requests', '', 1],
  ['curl/7.', '.1', 'curl', '', 1],
  ['Go-http-client/1.', '', 'Go-http-client', '', 1],
  ['Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/) v', '', 'CensysInspect', '', 1],
  ['Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:', ')', 'Nikto', '', 1],
  ['sqlmap/1.7.', '#stable (https://sqlmap.org)', 'sqlmap', '', 1],
  ['Fuzz Faster U Fool v2.', '.0-dev', 'ffuf', '', 1],
]

/** Paths of visitors; where one ends in a slash a number follows. */
export const paths: readonly string[] = [
  '/',
  '/assets/app.js',
  '/assets/style.css',
  '/api/v1/hasil/',
  '/hasil/pilkada/',
  '/favicon.ico',
  '/api/v1/tps/',
  '/berita/',
  '/dpt/cek',
  '/images/logo.png',
  '/peta/wilayah/',
  '/login',
  '/pengumuman/',
  '/sirekap/unggah',
  '/profil/calon/',
  '/unduh/formulir-c/',
]
/** What scanners ask for: target, and the points of the rule that it matches. */
export const probes: readonly (readonly [string, string, number])[] = [
  ['/wp-login.php', 'siaga.web.scan', 10],
  ['/.env', 'siaga.web.secret_file', 25],
  ['/xmlrpc.php', 'siaga.web.scan', 10],
  ['/.git/config', 'siaga.web.secret_file', 25],
  ['/phpmyadmin/index.php', 'siaga.web.scan', 10],
  ['/robots.txt', '', 0],
  ['/admin/login.php', 'siaga.web.scan', 10],
  ['/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php', 'siaga.web.exploit', 45],
  ["/dpt/cek?nomor=1'%20UNION%20SELECT%20user,password%20FROM%20users--", 'siaga.web.sqli', 45],
  ['/cgi-bin/.%2e/.%2e/.%2e/.%2e/bin/sh', 'siaga.web.exploit', 45],
  ['/api/v1/hasil/1%20OR%201=1', 'siaga.web.sqli', 45],
  ['/uploads/2024/shell.php?cmd=id', 'siaga.web.shell', 65],
]
export const guessed: readonly string[] = [
  'root',
  'admin',
  'user',
  'test',
  'ubuntu',
  'postgres',
  'oracle',
  'git',
  'deploy',
  'ftpuser',
  'mysql',
  'pi',
  'guest',
  'nagios',
  'operator',
  'kpu',
  'sirekap',
  'hadoop',
  'tomcat',
  'jenkins',
  'administrator',
  'support',
  'backup',
  'www-data',
]
export const signatures: readonly (readonly [string, number])[] = [
  ['ET SCAN Suspicious inbound to mySQL port 3306', 40],
  ['ET SCAN Potential SSH Scan', 40],
  ['ET DROP Dshield Block Listed Source group 1', 40],
  ['ET CINS Active Threat Intelligence Poor Reputation IP group 12', 40],
  ['ET SCAN Zmap User-Agent (Inbound)', 20],
  ['ET WEB_SERVER Possible SQL Injection Attempt UNION SELECT', 80],
  ['ET EXPLOIT Apache log4j RCE Attempt', 90],
  ['ET POLICY SSH session in progress on Unusual Port', 20],
]
