// How long from the HTTP answer 202 of an event until everybody who may see it has it on the page, with 300 viewers of 30 rooms while events flow?
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKey } from '../../runtime/keys.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { createSessions } from '../../web/accounts/sessions.ts'
import { openStore } from '../../web/accounts/store.ts'
import { type Home, makeHome, startSiaga } from '../e2e/siaga.ts'
import { nginxLines } from './lines.ts'
import { cpuSeconds, memory } from './rig.ts'

const ROOMS = 30
const BATCH = 100
/** Before anything is measured: Kafka's JVM and V8 compile what is hot in the first minute of a start. */
const WARM_UP_SECONDS = 45
const SETTLE_MS = 30_000
/** Every so often each room is attacked once; its viewers must be told. */
const MARK_MS = 1_000

/** Provinces of the first 30 rooms. */
const provinces = [
  ...['11', '12', '13', '14', '15', '16', '17', '18', '19', '21', '31', '32', '33', '34', '35'],
  ...['36', '51', '52', '53', '61', '62', '63', '64', '65', '71', '72', '73', '74', '75', '76'],
]

interface Mark {
  readonly room: number
  acceptedAt: number
  /** When each viewer of the room had it, as performance.now() tells time. */
  readonly seenAt: number[]
}

/** `viewers` in all, spread over the rooms; `rate` events a second. Prints latency and memory. */
export async function viewers(
  count: number,
  rate: number,
  seconds: number,
  say: (line: string) => void,
): Promise<void> {
  const rooms = provinces.slice(0, ROOMS)
  const home = await makeHome(`
http: {events_per_second: 1000000}
sources:
${rooms.map((code) => `  - {id: s${code}, region: "${code}", format: nginx}`).join('\n')}
rooms:
${rooms.map((code) => `  - {id: r${code}, region: "${code}"}`).join('\n')}
alerts: {thresholds: [{score: 100, severity: critical}]}
`)
  const keys = new Map<string, string>()
  for (const code of rooms) keys.set(code, (await createKey(home.dataDir, `s${code}`)).text)
  const cookies = openSessions(home, rooms, count)
  const siaga = await startSiaga({ home })
  const marks = new Map<number, Mark>()
  const streams = cookies.map(({ room, cookie }) => watch(siaga.web, cookie, (id) => marks.get(id), room))
  let peak = 0
  try {
    await Promise.all(streams.map(({ opened }) => opened))
    const ordinary = nginxLines(BATCH * 50, Date.now(), 7)
    const began = performance.now()
    const measuredFrom = began + WARM_UP_SECONDS * 1_000
    const ends = measuredFrom + seconds * 1_000
    const cpuBefore = cpuSeconds([siaga.pid])
    const post = async (room: number, lines: readonly string[]): Promise<void> => {
      const source = `s${rooms[room] ?? ''}`
      const { status, body } = await siaga.post(lines.join('\n'), { source, key: keys.get(rooms[room] ?? '') ?? '' })
      if (status !== 202) throw new Error(`${status} ${body}`)
    }
    const pace = async (perSecond: number, push: (n: number) => Promise<void>): Promise<void> => {
      const open = new Set<Promise<void>>()
      for (let n = 0; ; n += 1) {
        const wait = began + (n / perSecond) * 1_000 - performance.now()
        if (wait > 0) await sleep(wait)
        if (performance.now() > ends) break
        const sent = push(n).finally(() => open.delete(sent))
        open.add(sent)
      }
      await Promise.all(open)
    }
    await Promise.all([
      pace(rate / BATCH, (n) => {
        const from = (n % 50) * BATCH
        peak = Math.max(peak, memory([siaga.pid]).now)
        return post(n % rooms.length, ordinary.slice(from, from + BATCH))
      }),
      pace((rooms.length * 1_000) / MARK_MS, async (n) => {
        const mark: Mark = { room: n % rooms.length, acceptedAt: Number.NaN, seenAt: [] }
        marks.set(n, mark)
        await post(mark.room, [attack(n)])
        mark.acceptedAt = performance.now()
      }),
    ])
    const cpu = cpuSeconds([siaga.pid]) - cpuBefore
    const measured = () => Array.from(marks.values()).filter(({ acceptedAt }) => acceptedAt >= measuredFrom)
    const expected = (): number =>
      measured().reduce((sum, { room }) => sum + cookies.filter((each) => each.room === room).length, 0)
    const told = () => measured().flatMap(({ acceptedAt, seenAt }) => seenAt.map((at) => Math.max(0, at - acceptedAt)))
    for (const end = performance.now() + SETTLE_MS; performance.now() < end && told().length < expected(); )
      await sleep(100)
    const took = told().toSorted((a, b) => a - b)
    const at = (share: number) =>
      Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN)
    say(
      `event accepted → update at the viewer, ${count} viewers of ${rooms.length} rooms, ${rate.toLocaleString('en')} events/s for ${seconds} s: ` +
        `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, slowest ${at(1)} ms (${took.length} of ${expected()} updates)`,
    )
    const lost = streams.filter(({ broken }) => broken()).length
    say(
      `web process (collector, alerts and page in one): ${Math.max(peak, memory([siaga.pid]).now)} MB at most, ` +
        `${(cpu / (seconds + WARM_UP_SECONDS)).toFixed(2)} cores; ${lost} streams broke`,
    )
  } finally {
    for (const { leave } of streams) leave()
    await siaga.stop()
    await siaga.remove()
  }
}

/** A session for each viewer, as if its person had logged in. */
function openSessions(home: Home, rooms: readonly string[], count: number): { room: number; cookie: string }[] {
  const store = openStore(home.dataDir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  try {
    return Array.from({ length: count }, (_, index) => {
      const room = index % rooms.length
      const name = `penonton-${index}`
      const { id } = accounts.create({
        login: name,
        name,
        role: 'daerah',
        room: `r${rooms[room] ?? ''}`,
        language: 'id',
      })
      const { token } = sessions.begin(id, 'session', { address: '127.0.0.1', agent: 'bench' })
      return { room, cookie: `siaga=${token}` }
    })
  } finally {
    store.close()
  }
}

/** One viewer's stream; a mark that it is told is written down once. */
function watch(
  web: string,
  cookie: string,
  find: (id: number) => Mark | undefined,
  room: number,
): { readonly opened: Promise<void>; readonly broken: () => boolean; leave(): void } {
  let broken = false
  let leaving = false
  const seen = new Set<number>()
  const opening = Promise.withResolvers<void>()
  const request = get(`${web}/api/live`, { headers: { cookie }, agent: false }, (response) => {
    if (response.statusCode !== 200) opening.reject(new Error(`HTTP ${response.statusCode}`))
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      rest += part
      const whole = rest.lastIndexOf('\n\n')
      if (whole < 0) return
      const now = performance.now()
      for (const [, id] of rest.slice(0, whole).matchAll(/tanda-(\d+)-/g)) {
        const mark = find(Number(id))
        if (mark === undefined || seen.has(Number(id))) continue
        if (mark.room !== room) throw new Error(`room ${room} was told of room ${mark.room}`)
        seen.add(Number(id))
        mark.seenAt.push(now)
      }
      rest = rest.slice(whole)
      opening.resolve()
    })
    response.on('close', () => {
      broken ||= !leaving
    })
  })
  request.on('error', (error) => {
    broken ||= !leaving
    opening.reject(error)
  })
  return {
    opened: opening.promise,
    broken: () => broken,
    leave() {
      leaving = true
      request.destroy()
    },
  }
}

/** A line of nginx that a rule knows, with a mark that is found again. */
function attack(mark: number): string {
  const time = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')
  return `198.18.${(mark >> 8) & 255}.${mark & 255} - - [${time}] "GET /tanda-${mark}-?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
}
