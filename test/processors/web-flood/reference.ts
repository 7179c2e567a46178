// What must ClickHouse count? The counts of processors/web-flood/traffic.ts, made in TypeScript of generated requests.
import { classOf, loadNetworks } from '../../../processors/web-flood/networks.ts'
import {
  BEFORE_MS,
  countNames,
  desktops,
  LEAST_BEATS,
  LEAST_REQUESTS,
  MAX_BEATS,
  MAX_PARTS,
  MINUTE_MS,
  type Minute,
  OLD_RELEASES,
  type Part,
  patterns,
  phones,
  SESSION_MS,
  STEADY,
} from '../../../processors/web-flood/traffic.ts'
import type { Request } from './generate.ts'

const networks = loadNetworks()
const statics = new RegExp(patterns.static)
const apis = new RegExp(patterns.api)
const costly = new RegExp(patterns.expensive)
const shared = new RegExp(patterns.shared)
const preview = new RegExp(patterns.preview)
const chrome = new RegExp(patterns.chrome)
const desktop: ReadonlySet<string> = new Set(desktops)
const phone: ReadonlySet<string> = new Set(phones)

interface Client {
  readonly id: number
  readonly ip: string
  readonly network: string
  readonly keys: readonly string[]
  readonly kind: string
  readonly tool: boolean
  readonly major: number
  readonly agent: string
}

/** A request with what is told of it once. */
interface Told {
  readonly request: Request
  readonly client: Client
  readonly path: string
  readonly static: boolean
  readonly api: boolean
  readonly page: boolean
  readonly query: boolean
  readonly post: boolean
  readonly costly: boolean
  readonly due: boolean
  readonly lacks: boolean
  /** Of a part of a page: path of that page. */
  readonly of: string
}

/** Requests in order of time, told. */
export function tell(requests: readonly Request[]): readonly Told[] {
  const clients = new Map<string, Client>()
  const kinds = new Map<string, { static: boolean; api: boolean; costly: boolean }>()
  return requests.map((request) => {
    const { ip, network, agent, path, http } = request
    const old = http.startsWith('1')
    const key = `${old} ${ip} ${agent.text}`
    let client = clients.get(key)
    if (client === undefined) {
      const place = classOf(networks, { scope: 'public', ...network })
      const family = `${agent.name} · ${agent.os}`
      const isPreview = preview.test(agent.text)
      const tool = !isPreview && (agent.text === '' || agent.bot === 1)
      const device = isPreview
        ? 'preview'
        : tool
          ? 'tool'
          : desktop.has(agent.os)
            ? 'desktop'
            : phone.has(agent.os)
              ? 'phone'
              : 'other'
      const kind = `${place} · ${device} · ${old ? 'HTTP/1' : 'HTTP/2'}`
      client = {
        id: clients.size,
        ip,
        network: place,
        kind,
        tool,
        agent: agent.text,
        major: Number(chrome.exec(agent.text)?.[1] ?? 0),
        keys: [
          'all:',
          `network:${place}`,
          `system:${network.asn}`,
          `subnet:${ip.slice(0, ip.lastIndexOf('.'))}`,
          `agent:${agent.text.slice(0, 150)}`,
          `family:${family}`,
          `kind:${kind}`,
        ],
      }
      clients.set(key, client)
    }
    let kind = kinds.get(path)
    if (kind === undefined) {
      const lower = path.toLowerCase()
      const isStatic = statics.test(lower)
      kind = { static: isStatic, api: !isStatic && apis.test(lower), costly: !isStatic && costly.test(lower) }
      kinds.set(path, kind)
    }
    const page = !kind.static && !kind.api
    const post = request.method !== 'GET' && request.method !== 'HEAD'
    const due = post || kind.static || kind.api
    return {
      request,
      client,
      path,
      ...kind,
      page,
      post,
      query: !kind.static && request.query !== '' && !shared.test(request.query),
      due,
      lacks: due && request.referrer === '',
      of: kind.static ? pathOf(request.referrer) : path,
    }
  })
}

function pathOf(referrer: string): string {
  const at = referrer.indexOf('/', referrer.indexOf('://') + 3)
  return referrer === '' || at < 0 ? '' : referrer.slice(at)
}

const zero = () => ({
  requests: 0,
  pages: 0,
  statics: 0,
  apis: 0,
  posts: 0,
  queries: 0,
  unique_queries: 0,
  expensive: 0,
  due: 0,
  due_missing: 0,
  tools: 0,
  old_http: 0,
  desktop: 0,
  old_agents: 0,
  mobile: 0,
  hosting: 0,
  abroad: 0,
  refused: 0,
  cut: 0,
  errors: 0,
  novel: 0,
})
type Counts = ReturnType<typeof zero>

function count(into: Counts, told: Told, newest: number, known: ReadonlySet<string> | undefined): void {
  const { request, client } = told
  const { status, agent } = request
  into.requests += 1
  if (told.page) into.pages += 1
  if (told.static) into.statics += 1
  if (told.api) into.apis += 1
  if (told.post) into.posts += 1
  if (told.query) into.queries += 1
  if (told.costly) into.expensive += 1
  if (told.due) into.due += 1
  if (told.lacks) into.due_missing += 1
  if (client.tool) into.tools += 1
  if (request.http.startsWith('1')) into.old_http += 1
  if (desktop.has(agent.os)) into.desktop += 1
  if (client.major > 0 && client.major + OLD_RELEASES < newest) into.old_agents += 1
  if (client.network === 'mobile') into.mobile += 1
  if (client.network === 'hosting') into.hosting += 1
  if (client.network === 'abroad') into.abroad += 1
  if (status === 400 || status === 401 || status === 403 || status === 404 || status === 405) into.refused += 1
  if (status === 408 || status === 429 || status === 499) into.cut += 1
  if (status >= 500 && status < 600) into.errors += 1
  if (known !== undefined && !told.static && !known.has(told.path)) into.novel += 1
}

/** The minute from `minute` on, of requests in order of time. */
export function minuteOf(told: readonly Told[], minute: number, place: Partial<Minute> = {}): Minute {
  const counts = zero()
  const addresses = new Set<string>()
  const queries = new Set<string>()
  const paths = new Map<string, number>()
  const majors: number[] = []
  const kinds: Record<string, number> = {}
  for (const one of slice(told, minute, minute + MINUTE_MS)) {
    count(counts, one, 0, undefined)
    addresses.add(one.request.ip)
    if (one.query) queries.add(one.path + one.request.query)
    if (!one.static) {
      paths.set(one.path, (paths.get(one.path) ?? 0) + 1)
      kinds[one.client.kind] = (kinds[one.client.kind] ?? 0) + 1
    }
    if (one.client.major > 0) majors.push(one.client.major)
  }
  majors.sort((a, b) => a - b)
  return {
    site: 'asset:site',
    region: '',
    owner: '',
    minute,
    asset: 'site',
    criticality: '',
    phase: '',
    election: '',
    source: '',
    event: '',
    ...counts,
    unique_queries: queries.size,
    addresses: addresses.size,
    chrome: majors[Math.floor(0.9 * majors.length)] ?? 0,
    paths: [...paths]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 40)
      .map(([path]) => path),
    kinds,
    ...place,
  }
}

function slice(told: readonly Told[], from: number, to: number): readonly Told[] {
  const first = (time: number): number => {
    let low = 0
    let high = told.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((told[middle]?.request.t ?? 0) < time) low = middle + 1
      else high = middle
    }
    return low
  }
  return told.slice(first(from), first(to))
}

interface Session {
  readonly client: Client
  readonly counts: Counts
  readonly queries: Set<string>
  before: number
  long: number
  pages: number
  statics: number
  apis: number
  posts: number
  asked: number
  readonly beats: number[]
}

/** Parts of the window that begins at `window`, and how many requests of each were a flood's. */
export function partsOf(
  told: readonly Told[],
  window: number,
  newest: number,
  knownPaths: readonly string[],
): { readonly part: Part; readonly attack: number }[] {
  const known = new Set(knownPaths.length === 0 ? ['/'] : knownPaths)
  const end = window + MINUTE_MS
  const sessions = new Map<number, Session>()
  const byPath = new Map<string, Map<number, Session>>()
  const attacks = new Map<number, number>()
  const attacksByPath = new Map<string, number>()
  const sessionIn = (map: Map<number, Session>, client: Client): Session => {
    let session = map.get(client.id)
    if (session === undefined) {
      session = {
        client,
        counts: zero(),
        queries: new Set(),
        before: 0,
        long: 0,
        pages: 0,
        statics: 0,
        apis: 0,
        posts: 0,
        asked: 0,
        beats: [],
      }
      map.set(client.id, session)
    }
    return session
  }
  for (const one of slice(told, end - SESSION_MS, end)) {
    const { request, client } = one
    const session = sessionIn(sessions, client)
    const recent = request.t >= window
    session.long += 1
    if (one.page && !one.post) {
      session.pages += 1
      if (session.beats.length < MAX_BEATS) session.beats.push(request.t)
    }
    if (one.static) session.statics += 1
    if (one.api) session.apis += 1
    if (one.post) session.posts += 1
    if (one.query) session.asked += 1
    const both = [session]
    if (one.of !== '') {
      let map = byPath.get(one.of)
      if (map === undefined) {
        map = new Map()
        byPath.set(one.of, map)
      }
      const place = sessionIn(map, client)
      if (one.static) place.statics += 1
      else {
        place.long += 1
        if (one.page && !one.post) place.pages += 1
        both.push(place)
      }
      if (recent && request.attack && !one.static) attacksByPath.set(one.path, (attacksByPath.get(one.path) ?? 0) + 1)
    }
    if (recent && request.attack) attacks.set(client.id, (attacks.get(client.id) ?? 0) + 1)
    for (const place of both) {
      if (recent) {
        count(place.counts, one, newest, known)
        if (one.query) place.queries.add(one.path + request.query)
      } else if (request.t >= window - BEFORE_MS) place.before += 1
    }
  }
  const groups = new Map<string, Session[]>()
  const add = (key: string, session: Session): void => {
    const list = groups.get(key)
    if (list === undefined) groups.set(key, [session])
    else list.push(session)
  }
  for (const session of sessions.values()) {
    if (session.counts.requests === 0) continue
    const behaviour = behaviourOf(session)
    for (const key of [
      ...session.client.keys,
      `behaviour:${behaviour}`,
      `session:${behaviour} · ${session.client.network}`,
    ])
      add(key, session)
  }
  const parts: { part: Part; attack: number }[] = []
  for (const [key, list] of groups)
    parts.push({
      part: sum(key, list, true),
      attack: list.reduce((n, { client }) => n + (attacks.get(client.id) ?? 0), 0),
    })
  for (const [path, map] of byPath) {
    const list = [...map.values()]
    if (list.some(({ counts }) => counts.requests > 0))
      parts.push({ part: sum(`path:${path}`, list, false), attack: attacksByPath.get(path) ?? 0 })
  }
  const kept = new Map<string, number>()
  return parts
    .filter(({ part }) => part.requests >= LEAST_REQUESTS)
    .sort((a, b) => b.part.requests - a.part.requests || (a.part.part < b.part.part ? -1 : 1))
    .filter(({ part }) => {
      const kind = part.part.split(':', 1)[0] ?? ''
      const n = (kept.get(kind) ?? 0) + 1
      kept.set(kind, n)
      return n <= MAX_PARTS
    })
}

function behaviourOf({ posts, long, asked, apis, statics, pages }: Session): string {
  if (posts * 2 > long) return 'posts'
  if (asked * 2 > long) return 'queries'
  if (apis * 2 > long) return 'calls'
  if (statics > 0 || apis > 0) return 'browser'
  return pages >= 3 ? 'bare' : 'single'
}

function isSteady(beats: readonly number[]): boolean {
  const span = (beats.at(-1) ?? 0) - (beats[0] ?? 0)
  let squares = 0
  for (let n = 1; n < beats.length; n += 1) squares += ((beats[n] ?? 0) - (beats[n - 1] ?? 0)) ** 2
  return span > 0 && (beats.length - 1) * squares < (1 + STEADY ** 2) * span * span
}

function sum(key: string, sessions: readonly Session[], long: boolean): Part {
  const counts = zero()
  const queries = new Set<string>()
  const byAgent = new Map<string, number>()
  const addresses = new Set<string>()
  let clients = 0
  const more = {
    before: 0,
    requests_long: 0,
    pages_long: 0,
    statics_long: 0,
    squares_long: 0,
    single: 0,
    bare: 0,
    paced: 0,
    steady: 0,
  }
  for (const session of sessions) {
    for (const name of countNames) counts[name] += session.counts[name]
    more.before += session.before
    more.requests_long += session.long
    more.pages_long += session.pages
    more.statics_long += session.statics
    if (session.counts.requests === 0) continue
    clients += 1
    for (const query of session.queries) queries.add(query)
    byAgent.set(session.client.agent, (byAgent.get(session.client.agent) ?? 0) + session.counts.requests)
    addresses.add(session.client.ip)
    if (!long) continue
    more.squares_long += session.long ** 2
    const behaviour = behaviourOf(session)
    if (behaviour === 'single' && session.pages > 0) more.single += 1
    if (behaviour === 'bare') more.bare += 1
    if (session.beats.length >= LEAST_BEATS) {
      more.paced += 1
      if (isSteady(session.beats)) more.steady += 1
    }
  }
  return {
    part: key,
    ...counts,
    unique_queries: queries.size,
    clients,
    addresses: addresses.size,
    agents: byAgent.size,
    top_agent: Math.max(...byAgent.values()),
    ...more,
  }
}
