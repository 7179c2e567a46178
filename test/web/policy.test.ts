import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayRead } from '../../runtime/scope.ts'
import { Area, type Role, type Verb } from '../../schemas/account.ts'
import { typed } from '../../web/door.ts'
import { areasOf, viewerOf } from '../../web/viewer.ts'
import { startStack } from './accounts/stack.ts'
import { type Calls, regionOf } from './calls/call.ts'
import { type Actor, actors, collectRoutes, type Grid, type WalkedRoute, walk } from './calls/walk.ts'
import { startWorld, type World } from './world.ts'

/** DESIGN §6, written down a second time: `w` writes, `r` reads, `-` stays out. The token is of an account `daerah`; no token looks after users. */
const written = `
            pusat daerah analis petugas admin wall token token-read
situation   r     r      r      -       r     r    r     r
alerts      w     w      r      -       w     -    w     r
explore     r     r      r      -       r     -    r     r
console     r     -      r      -       r     -    -     -
sources     w     w      -      -       w     -    w     r
reports     w     w      -      w       w     -    w     r
rules       w     -      r      -       w     -    -     -
assets      r     r      -      -       w     -    r     r
users       -     -      -      -       w     -    -     -
audit       -     -      -      -       r     -    -     -
`
const [head = [], ...lines] = written
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))
const verbs: Readonly<Record<string, Verb>> = { r: 'read', w: 'write' }
const cell = (area: Area, actor: Actor): Verb | undefined =>
  verbs[lines.find(([name]) => name === area)?.[head.indexOf(actor) + 1] ?? '-']
const row = (area: Area): Partial<Record<Actor, Verb>> => {
  const granted: Partial<Record<Actor, Verb>> = {}
  for (const actor of actors) {
    const verb = cell(area, actor)
    if (verb !== undefined) granted[actor] = verb
  }
  return granted
}
const grid: Grid = {
  situation: row('situation'),
  alerts: row('alerts'),
  explore: row('explore'),
  console: row('console'),
  sources: row('sources'),
  reports: row('reports'),
  rules: row('rules'),
  assets: row('assets'),
  users: row('users'),
  audit: row('audit'),
}

describe('the policy', () => {
  test('names every area, here as there', () => {
    expect(lines.map(([name]) => name)).toEqual(Area.options)
  })

  test.each(actors.filter((actor) => actor !== 'nobody'))('is what is written for %s', (actor) => {
    const role: Role = actor === 'wall' || actor === 'token' || actor === 'token-read' ? 'daerah' : actor
    const kind = actor === 'wall' ? 'wall' : actor.startsWith('token') ? 'token' : 'session'
    const areas = areasOf({ role, kind, ...(actor === 'token-read' ? { most: 'read' } : {}) })
    for (const area of Area.options) expect(areas[area], area).toBe(grid[area][actor])
  })

  test('lets no token look after accounts, whoever it belongs to', () => {
    for (const most of ['read', undefined] as const)
      expect(areasOf({ role: 'admin', kind: 'token', ...(most && { most }) }).users).toBeUndefined()
  })

  test('lets a screen of an administrator do no more than any other', () => {
    expect(areasOf({ role: 'admin', kind: 'wall' })).toEqual({ situation: 'read' })
  })
})

/** Kafka, ClickHouse and its schema, rules and alerts on a busy machine. */
const START_MS = 300_000

describe('every route of the page', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  }, START_MS)
  afterAll(() => world?.stop())

  // Thousands of requests, some of them with passwords.
  test('does what is written, for everybody, of every region', { timeout: 900_000 }, async () => {
    let routes: WalkedRoute[] = []
    const stack = await startStack({
      onApp: (app) => {
        routes = collectRoutes(app)
      },
      parts: (api) => world.register(api),
    })
    try {
      expect(routes.length).toBeGreaterThan(90)
      expect(await walk({ stack, routes, calls: await allCalls(), grid })).toEqual([])
    } finally {
      await stack.stop()
    }
  })
})

/** What every part says of its routes: each file beside call.ts that exports `calls`. */
async function allCalls(): Promise<Calls> {
  const folder = join(import.meta.dirname, 'calls')
  const all: Record<string, Calls[string]> = {}
  for (const file of readdirSync(folder).sort()) {
    const module: { calls?: Calls } = await import(join(folder, file))
    for (const [name, call] of Object.entries(module.calls ?? {})) {
      if (Object.hasOwn(all, name)) throw new Error(`${name} is called by two files; ${file} is one`)
      all[name] = call
    }
  }
  return all
}

describe('the walk', () => {
  const shows = ({ body }: { body: string }): boolean => body.includes('rahasia')
  test('finds a route that lets in too many, too few, shows another region, takes a forged change, or is not called', async () => {
    let routes: WalkedRoute[] = []
    const stack = await startStack({
      onApp: (app) => {
        routes = collectRoutes(app)
      },
      parts: (api) => {
        const routes = typed(api)
        const alerts = { access: { area: 'alerts', verb: 'read' } } as const
        routes.get('/api/t/good', { config: alerts }, async (request) => {
          const { room } = viewerOf(request)
          const region = new URL(request.url, 'http://x').searchParams.get('region') ?? ''
          return { found: mayRead(room, { region_code: region, owner: '' }) ? 'rahasia' : '' }
        })
        routes.get('/api/t/leaks', { config: alerts }, async () => ({ found: 'rahasia' }))
        routes.get('/api/t/open', { config: { access: 'open' } }, async () => ({}))
        routes.post('/api/t/narrow', { config: { access: { area: 'users', verb: 'write' } } }, async () => ({}))
        routes.get('/api/t/blind', { config: alerts }, async () => ({ found: '' }))
        routes.get('/api/t/forgotten', { config: alerts }, async () => ({}))
      },
    })
    const url = (path: string) => (_: unknown, where: 'own' | 'child' | 'foreign') =>
      `${path}?region=${regionOf[where]}`
    const calls: Calls = {
      'GET /api/t/good': { url: url('/api/t/good'), shows },
      'GET /api/t/leaks': { url: url('/api/t/leaks'), shows },
      'GET /api/t/blind': { url: url('/api/t/blind'), shows },
      'GET /api/t/open': {},
      'POST /api/t/narrow': { body: () => ({}) },
      'GET /api/t/gone': {},
    }
    try {
      const mine = routes
        .filter(({ url }) => url.startsWith('/api/t/'))
        // As if these were meant for others than the door lets in.
        .map(
          (route): WalkedRoute =>
            route.url === '/api/t/open' || route.url === '/api/t/narrow'
              ? { ...route, access: { area: 'reports', verb: 'read' } }
              : route,
        )
      const wrong = await walk({ stack, routes: mine, calls, grid })
      const about = (name: string) => wrong.filter((line) => line.includes(name))
      expect(about('/api/t/good')).toEqual([])
      // Roles of a region, and their tokens: the centre may see it.
      expect(about('/api/t/leaks')).toHaveLength(4)
      expect(about('/api/t/leaks').every((line) => line.includes('of foreign: shows'))).toBe(true)
      expect(about('/api/t/blind').length).toBeGreaterThan(6)
      expect(about('GET /api/t/open').map((line) => line.split(' ')[3])).toEqual(['analis', 'wall', 'nobody'])
      expect(about('POST /api/t/narrow').filter((line) => line.includes('FORBIDDEN'))).toHaveLength(5)
      expect(about('/api/t/forgotten')).toEqual([expect.stringContaining('has no call')])
      expect(about('/api/t/gone')).toEqual([expect.stringContaining('no such route')])
    } finally {
      await stack.stop()
    }
  })

  test('a route that does not say who may use it is refused at start', async () => {
    await expect(startStack({ parts: (api) => void api.get('/api/t/unsaid', async () => ({})) })).rejects.toThrow(
      'GET /api/t/unsaid does not say who may use it',
    )
  })
})
