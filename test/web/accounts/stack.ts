// What do tests of accounts run? The page's real server over a store of its own, with a clock that they turn, and browsers that keep cookies.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import type { Role, WebAuditEntry } from '../../../schemas/account.ts'
import { Config } from '../../../schemas/config.ts'
import { Room } from '../../../schemas/room.ts'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { type Book, openBook } from '../../../web/accounts/book.ts'
import type { Oidc } from '../../../web/accounts/oidc.ts'
import { createSessions } from '../../../web/accounts/sessions.ts'
import { openStore, type Store } from '../../../web/accounts/store.ts'
import { servePage } from '../../../web/page.ts'
import { createWebServer } from '../../../web/server.ts'

export const rooms: readonly Room[] = [
  Room.parse({ id: 'pusat', name: 'Pusat', region: '00' }),
  Room.parse({ id: 'jabar', name: 'Ruang Jawa Barat', region: '32', owner: 'pemda' }),
  Room.parse({ id: 'bandung', region: '32.73', owner: 'pemda' }),
  Room.parse({ id: 'bali', region: '51', owner: 'pemda' }),
]

export const PASSWORD = 'kuda baterai stapler benar'

export interface Answer {
  readonly status: number
  readonly json: unknown
  readonly headers: Record<string, string | string[] | number | undefined>
}

export interface Browser {
  readonly cookies: Map<string, string>
  /** With the cookies that it has, and the token of the page where it is logged in. */
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  login(login: string, password?: string, code?: string): Promise<Answer>
}

export interface Stack {
  readonly app: FastifyInstance
  readonly store: Store
  readonly book: Book
  readonly entries: WebAuditEntry[]
  readonly clock: { ms: number }
  /** An account with a password. */
  user(login: string, role: Role, room?: string): Promise<string>
  browser(address?: string): Browser
  stop(): Promise<void>
}

export interface StackOptions {
  readonly http?: Record<string, unknown>
  readonly secure?: boolean
  readonly origin?: string
  readonly oidc?: Oidc
  readonly parts?: (app: FastifyInstance) => void | Promise<void>
  /** Before anything is registered. */
  readonly onApp?: (app: FastifyInstance) => void
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'siaga-accounts-'))
  const clock = { ms: Date.parse('2026-11-20T05:00:00Z') }
  const now = (): number => clock.ms
  const store = openStore(dataDir)
  const accounts = createAccounts(store, now)
  const sessions = createSessions(store, now)
  const masterKey = Buffer.alloc(32, 7)
  const entries: WebAuditEntry[] = []
  const audit = (entry: WebAuditEntry): void => {
    entries.push(entry)
  }
  const app = createWebServer({
    http: Config.parse({ http: options.http ?? {} }).http,
    notReady: async () => [],
    metrics: async () => '',
    metricsContentType: 'text/plain',
    status: async () => ({}),
  })
  options.onApp?.(app)
  const secure = options.secure ?? false
  const stop = async (): Promise<void> => {
    await app.close()
    store.close()
    rmSync(dataDir, { recursive: true })
  }
  const served = servePage(app, {
    store,
    accounts,
    sessions,
    masterKey,
    rooms,
    reference: loadReference({ calendars: [] }, '.'),
    log: silentLog,
    secure,
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.oidc === undefined ? {} : { oidc: options.oidc }),
    now,
    audit,
    onRefused: (viewer, peer, message) =>
      audit({ action: 'access_refused', outcome: 'failure', ...(viewer && { user: viewer.id }), peer, message }),
    parts: options.parts ?? (() => undefined),
  })
  await served
    .then(() => app.ready())
    .catch(async (error: unknown) => {
      await stop()
      throw error
    })
  // Another book over the same store: what stands in memory (brakes) is the server's own.
  const book = openBook({ store, accounts, sessions, masterKey, rooms, now })
  return {
    app,
    store,
    book,
    entries,
    clock,
    async user(login, role, room = role === 'pusat' || role === 'admin' ? 'pusat' : 'jabar') {
      const { id } = accounts.create({ login, name: login.toUpperCase(), role, room, language: 'id' })
      await accounts.setPassword(id, PASSWORD)
      return id
    },
    browser: (address = '198.51.100.7') => browserOf(app, address),
    stop,
  }
}

function browserOf(app: FastifyInstance, address: string): Browser {
  const cookies = new Map<string, string>()
  let csrf = ''
  const send = async (request: InjectOptions): Promise<Answer> => {
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')
    const answer = await app.inject({
      remoteAddress: address,
      ...request,
      headers: { ...(cookie === '' ? {} : { cookie }), ...request.headers },
    })
    for (const { name, value } of answer.cookies) {
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return { status: answer.statusCode, json: parsed(answer.body), headers: answer.headers }
  }
  const readCsrf = async (): Promise<void> => {
    const { json } = await send({ method: 'GET', url: '/api/session' })
    csrf = /"csrf":"([^"]*)"/.exec(JSON.stringify(json))?.[1] ?? ''
  }
  return {
    cookies,
    async ask(method, url, body, headers = {}) {
      const answer = await send({
        method,
        url,
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(method === 'GET' ? {} : { 'x-siaga-csrf': csrf }),
          ...headers,
        },
      })
      // Another session has another token.
      if (answer.headers['set-cookie'] !== undefined) await readCsrf()
      return answer
    },
    async login(login, password = PASSWORD, code) {
      return this.ask('POST', '/api/login', { login, password, ...(code === undefined ? {} : { code }) })
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A text of an answer, by its name, wherever it stands first. */
export function field(json: unknown, name: string): string {
  const found = new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)"`).exec(JSON.stringify(json))?.[1]
  if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(json)}`)
  return JSON.parse(`"${found}"`)
}
