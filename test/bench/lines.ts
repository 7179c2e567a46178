// Which lines does the bench feed? nginx combined lines from a seeded generator: many addresses, agents and paths, some attacks.

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 13; SM-A145F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'okhttp/4.12.0',
  'curl/8.5.0',
  'python-requests/2.32.3',
]
const paths = [
  '/',
  '/hasil/pilkada',
  '/api/v1/tps?kode=',
  '/dpt/cek?nomor=',
  '/assets/app.js?v=',
  '/berita/',
  '/sirekap/unggah',
  '/login',
  '/favicon.ico',
  '/peta/wilayah/',
]
const attacks = [
  "/dpt/cek?nomor=1'%20UNION%20SELECT%20user,password%20FROM%20users--",
  '/../../../../etc/passwd',
  '/wp-login.php',
  '/.env',
  '/?q=%3Cscript%3Ealert(1)%3C/script%3E',
]
const statuses = [200, 200, 200, 200, 200, 304, 302, 404, 500, 403]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A small seeded generator (mulberry32): the same lines on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const two = (n: number) => String(n).padStart(2, '0')

/** `count` nginx combined lines of about 220 bytes ending at `now`; 2 % are attacks, addresses come from a pool of 20,000. */
export function nginxLines(count: number, now: number, seed = 1): string[] {
  const next = random(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  // The same visitors on every page of lines.
  const pool = random(4242)
  const addresses = Array.from(
    { length: 20_000 },
    () =>
      `${1 + Math.floor(pool() * 222)}.${Math.floor(pool() * 256)}.${Math.floor(pool() * 256)}.${1 + Math.floor(pool() * 254)}`,
  )
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(now - (count - i))
    const time = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
    const path = next() < 0.02 ? pick(attacks) : `${pick(paths)}${Math.floor(next() * 100_000)}`
    return `${pick(addresses)} - - [${time}] "GET ${path} HTTP/1.1" ${pick(statuses)} ${Math.floor(next() * 50_000)} "https://kpu.example/" "${pick(agents)}"`
  })
}
