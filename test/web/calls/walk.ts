// Does every route do what the policy says? Each × each role, a screen, tokens and nobody × own region, child region, foreign region.
import { text } from 'node:stream/consumers'
import type { FastifyInstance, HTTPMethods, InjectOptions } from 'fastify'
import { z } from 'zod'
import type { Area, Role, Verb } from '../../../schemas/account.ts'
import type { Access } from '../../../web/door.ts'
import type { Stack } from '../accounts/stack.ts'
import type { Answer, Call, Calls, Made, Where } from './call.ts'

export interface WalkedRoute {
  readonly method: HTTPMethods
  readonly url: string
  readonly access: Access
}

/** Collects what is registered from now on and stands behind the door. */
export function collectRoutes(app: FastifyInstance): WalkedRoute[] {
  const routes: WalkedRoute[] = []
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined) return
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url, access: config.access })
  })
  return routes
}

export const actors = [
  'pusat',
  'daerah',
  'analis',
  'petugas',
  'admin',
  'wall',
  'token',
  'token-read',
  'nobody',
] as const
export type Actor = (typeof actors)[number]

/** What each may enter, as it is written in the test and not as the code says. */
export type Grid = Readonly<Record<Area, Readonly<Partial<Record<Actor, Verb>>>>>

/** Screen and tokens are of accounts of the room of region 32; an administrator and the centre are at the centre. */
const accountOf: Readonly<Record<Exclude<Actor, 'nobody'>, Role>> = {
  pusat: 'pusat',
  daerah: 'daerah',
  analis: 'analis',
  petugas: 'petugas',
  admin: 'admin',
  wall: 'daerah',
  token: 'daerah',
  'token-read': 'daerah',
}
const atCentre = (actor: Actor): boolean => actor === 'pusat' || actor === 'admin'

export interface Walk {
  readonly stack: Stack
  readonly routes: readonly WalkedRoute[]
  readonly calls: Calls
  readonly grid: Grid
}

/** What is wrong, one sentence each; nothing if all is as written. */
export async function walk({ stack, routes, calls, grid }: Walk): Promise<string[]> {
  const wrong: string[] = []
  const known = new Set(routes.map(({ method, url }) => `${method} ${url}`))
  for (const name of Object.keys(calls))
    if (!known.has(name)) wrong.push(`${name} has a call, but there is no such route`)
  const ids = new Map<Role, string>()
  for (const role of new Set(Object.values(accountOf))) ids.set(role, await stack.user(`jalan-${role}`, role))
  const tokens = new Map(
    (['token', 'token-read'] as const).map((actor) => [
      actor,
      stack.book.tokens.create(ids.get('daerah') ?? '', {
        label: actor,
        verb: actor === 'token' ? 'write' : 'read',
        days: 366,
      }).text,
    ]),
  )
  const sessions = new Map<Actor, string>()
  let scratches = 0
  const scratch = (): string =>
    stack.book.accounts.create({
      login: `bekas-${++scratches}`,
      name: 'Bekas',
      role: 'daerah',
      room: 'bali',
      language: 'id',
    }).id

  for (const route of routes) {
    const name = `${route.method} ${route.url}`
    const call = calls[name]
    if (call === undefined) {
      wrong.push(`${name} has no call: say how it is called in test/web/calls/<part>.ts`)
      continue
    }
    for (const actor of actors)
      for (const where of call.shows === undefined ? (['own'] as const) : (['own', 'child', 'foreign'] as const)) {
        const answer = await asked(route, call, actor, where)
        const expected = expectedOf(route.access, actor, grid, call)
        const problem = problemOf(answer, call, expected, where === 'foreign' && !atCentre(actor), where)
        if (problem !== undefined) wrong.push(`${name} by ${actor} of ${where}: ${problem}`)
      }
    if (route.method !== 'GET' && route.access !== 'open') {
      const by = forgersOf(route.access, grid)
      for (const forgery of ['no token', 'another site'] as const) {
        const answer = await asked(route, call, by, 'own', forgery)
        if (errorOf(answer) !== 'CSRF') wrong.push(`${name} by ${by}, ${forgery}: ${answer.status} instead of CSRF`)
      }
    }
  }
  return wrong

  async function asked(
    route: WalkedRoute,
    call: Call,
    actor: Actor,
    where: Where,
    forgery?: 'no token' | 'another site',
  ): Promise<Answer> {
    // Time for the limits of requests to pass.
    stack.clock.ms += 1_000
    const account = actor === 'nobody' ? '' : (ids.get(accountOf[actor]) ?? '')
    const made: Made = {
      stack,
      account,
      get scratch() {
        return scratch()
      },
    }
    const body = await call.body?.(made, where)
    const url = (await call.url?.(made, where)) ?? route.url
    const request: InjectOptions = {
      method: route.method,
      url,
      headers: {
        ...headersOf(actor, account, forgery === 'no token'),
        ...call.headers?.(made, where),
        ...(forgery === 'another site' ? { origin: 'https://jahat.example' } : {}),
      },
      ...(body === undefined ? {} : { payload: body }),
    }
    return answerOf(stack, request)
  }

  function headersOf(actor: Actor, account: string, withoutCsrf: boolean): Record<string, string> {
    if (actor === 'nobody') return {}
    const token = actor === 'token' || actor === 'token-read' ? tokens.get(actor) : undefined
    if (token !== undefined) return { authorization: `Bearer ${token}` }
    // Some routes end it.
    let session = sessions.get(actor) ?? ''
    if (stack.book.sessions.find(session) === undefined) {
      const kind = actor === 'wall' ? 'wall' : 'session'
      session = stack.book.sessions.begin(account, kind, { address: '', agent: '' }, 'jalan').token
      sessions.set(actor, session)
    }
    const csrf = stack.book.sessions.find(session)?.csrf ?? ''
    return { cookie: `siaga=${session}`, ...(withoutCsrf ? {} : { 'x-siaga-csrf': csrf }) }
  }
}

/** A stream of events does not end by itself: what it tells at once is its answer. */
async function answerOf({ app }: Stack, request: InjectOptions): Promise<Answer> {
  const answer = await app.inject({ ...request, payloadAsStream: true })
  const stream = answer.stream()
  if (String(answer.headers['content-type']).startsWith('text/event-stream')) {
    const body = String(stream.read() ?? '')
    answer.raw.res.destroy()
    stream.destroy()
    return { status: answer.statusCode, body }
  }
  return { status: answer.statusCode, body: await text(stream) }
}

type Expected = 'in' | 'LOGIN_NEEDED' | 'FORBIDDEN' | 'KEY_MISSING' | 'CENTRE_ONLY'

function expectedOf(access: Access, actor: Actor, grid: Grid, call: Pick<Call, 'centre'> = {}): Expected {
  const entered = enteredBy(access, actor, grid)
  return entered === 'in' && call.centre && !atCentre(actor) ? 'CENTRE_ONLY' : entered
}

function enteredBy(access: Access, actor: Actor, grid: Grid): Expected {
  if (access === 'open' || access === 'asked') return 'in'
  if (actor === 'nobody') return typeof access !== 'string' && access.keys ? 'KEY_MISSING' : 'LOGIN_NEEDED'
  if (access === 'anybody') return 'in'
  if (access === 'person') return actor === 'wall' || actor === 'token' || actor === 'token-read' ? 'FORBIDDEN' : 'in'
  if (access.person === true && enteredBy('person', actor, grid) !== 'in') return 'FORBIDDEN'
  const granted = grid[access.area][actor]
  return granted === 'write' || granted === access.verb ? 'in' : 'FORBIDDEN'
}

/** Somebody who might, were it not forged. */
function forgersOf(access: Access, grid: Grid): Actor {
  return (
    (['admin', 'pusat', 'daerah', 'petugas'] as const).find((actor) => expectedOf(access, actor, grid) === 'in') ??
    'admin'
  )
}

const Refusal = z.object({ error: z.string() })
function errorOf({ body }: Answer): string {
  try {
    return Refusal.safeParse(JSON.parse(body)).data?.error ?? ''
  } catch {
    return ''
  }
}

function problemOf(answer: Answer, call: Call, expected: Expected, hidden: boolean, where: Where): string | undefined {
  const { status, body } = answer
  const error = errorOf(answer)
  const said = `${status} ${body.slice(0, 160)}`
  if (expected !== 'in') return error === expected ? undefined : `should be ${expected} and is ${said}`
  if (error === 'LOGIN_NEEDED' || error === 'CSRF' || status >= 500) return `should be let in and is ${said}`
  if (hidden) return call.shows?.(answer, where) ? `shows what is not to be seen: ${said}` : undefined
  if (error === 'FORBIDDEN') return `should be let in and is ${said}`
  if (call.status === undefined ? status >= 400 : ![call.status].flat().includes(status))
    return `should be answered and is ${said}`
  return call.shows === undefined || call.shows(answer, where) ? undefined : `should show what is there: ${said}`
}
