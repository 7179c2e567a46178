// Which routes need no log-in, and does any of them show something of a region? Written down one by one: one more is one that somebody has to think about.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../runtime/log.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { Oidc } from '../../web/accounts/oidc.ts'
import { noticePages } from '../../web/notices/plugin.ts'
import { rooms, type Stack, startStack } from './accounts/stack.ts'
import { collectRoutes, type WalkedRoute } from './calls/walk.ts'

/** A link of the right form that nobody was given. */
const nobodys = 'x'.repeat(43)

/** Behind the page's door, for everybody; what parts of the page open beside these is walked through by policy.test.ts. With how each is asked by a stranger, and what it then answers. */
const open: Readonly<Record<string, { readonly url?: string; readonly body?: object; readonly status: number }>> = {
  'GET /api/login': { status: 200 },
  'POST /api/login': { body: { login: 'tidak.ada', password: 'bukan kata sandinya' }, status: 401 },
  'GET /api/session': { status: 200 },
  'GET /api/links/:token': { url: `/api/links/${nobodys}`, status: 410 },
  'POST /api/links/:token': {
    url: `/api/links/${nobodys}`,
    body: { password: 'kata sandi yang panjang' },
    status: 410,
  },
  'POST /api/walls/open': { body: { token: nobodys }, status: 410 },
  'GET /api/oidc/start': { status: 302 },
  'GET /api/oidc/callback': { url: '/api/oidc/callback?code=x&state=y', status: 302 },
}

/** Outside of the door: files of the page, health, and the links of notices, each of which is its own proof. */
const outside = [
  'GET /',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /v1/status',
  'GET /status',
  'GET /status.js',
  'GET /status.css',
  'GET /n/:token',
  'GET /n/:token/:step',
  'POST /n/:token/:step',
] as const

/** A provider that sends people to its own page, and knows nobody. */
const oidc: Oidc = {
  issuer: 'https://sso.example',
  name: 'SSO Pemilu',
  begin: async () => ({ url: 'https://sso.example/masuk?state=s', cookie: 'c' }),
  finish: async () => 'seseorang',
}

const { regions } = loadReference({ calendars: [] }, '.')
/** Words that only somebody who is logged in may read. */
const names = [
  ...Array.from(regions.values(), ({ name }) => name).filter((name) => name.length > 4),
  ...rooms.flatMap(({ id, name }) => [id, name]).filter((name) => name.length > 4),
]

describe('without a log-in', () => {
  let stack: Stack
  let behind: WalkedRoute[] = []
  const all: string[] = []
  beforeAll(async () => {
    stack = await startStack({
      oidc,
      onApp: (app) => {
        behind = collectRoutes(app)
        app.addHook('onRoute', ({ method, url, config }) => {
          if (config?.access !== undefined) return
          for (const one of [method].flat()) if (one !== 'HEAD') all.push(`${one} ${url}`)
        })
        void app.register(
          noticePages({
            desk: {
              ready: Promise.resolve(),
              noticeOf: () => undefined,
              ask: async () => undefined,
              text: () => {
                throw new Error('a notice of nobody')
              },
              when: () => '',
            },
            log: silentLog,
            now: () => stack.clock.ms,
          }),
        )
      },
    })
    await stack.user('dedi', 'daerah')
  })
  afterAll(() => stack?.stop())

  test('these routes are open behind the door, with a provider as well, and no other', () => {
    const found = behind.filter(({ access }) => access === 'open' || access === 'asked')
    expect(found.map(({ method, url }) => `${method} ${url}`).sort()).toEqual(Object.keys(open).sort())
  })

  test('what stands outside of the door is files, health and links that prove themselves', () => {
    const page =
      /^GET \/(?:assets\/|[\w.-]+\.(?:js|css|svg|html|ico|png|webmanifest|txt)|region\/|link\/|dinding|peringatan|jelajah|sql|sumber|laporan|aturan|aset|pengguna|audit|akun)/
    const others = all.filter((route) => !page.test(route) && !outside.some((one) => one === route))
    expect([...new Set(others)].sort()).toEqual([])
  })

  test.each(Object.entries(open))('%s shows a stranger nothing of a region, a room or a person', async (name, call) => {
    const [method = '', path = ''] = name.split(' ')
    const answer = await stack.app.inject({
      method: method === 'POST' ? 'POST' : 'GET',
      url: call.url ?? path,
      headers: { 'accept-language': 'id' },
      ...(call.body === undefined ? {} : { payload: call.body }),
    })
    expect(answer.statusCode, answer.body).toBe(call.status)
    const said = `${answer.body} ${JSON.stringify(answer.headers)}`
    expect(names.filter((one) => said.includes(one))).toEqual([])
    expect(said).not.toContain('dedi')
    expect(answer.cookies.filter((cookie) => cookie.name === 'siaga')).toEqual([])
  })

  test('a provider that vouches for somebody whom no account is bound to lets nobody in', async () => {
    const answer = await stack.app.inject({ url: '/api/oidc/callback?code=x&state=y', cookies: { 'siaga-oidc': 'c' } })
    expect(answer.headers.location).toBe('/?masuk=gagal')
    expect(answer.cookies.map(({ name, value }) => [name, value])).toEqual([['siaga-oidc', '']])
    expect(stack.entries.at(-1)).toMatchObject({ action: 'login', outcome: 'failure' })
  })

  test('a mistyped address is answered by the page for people and by a refusal for programs, and is kept by nobody', async () => {
    const page = await stack.app.inject({ url: '/peringatann', headers: { accept: 'text/html,*/*;q=0.8' } })
    expect([page.statusCode, page.headers['content-type'], page.headers.etag]).toEqual([
      404,
      'text/html; charset=utf-8',
      undefined,
    ])
    expect(page.body).toBe((await stack.app.inject({ url: '/' })).body)
    for (const [method, url] of [
      ['GET', '/api/tidak-ada'],
      ['POST', '/peringatan'],
    ] as const) {
      const refusal = await stack.app.inject({ method, url, headers: { accept: 'application/json' } })
      expect(refusal.statusCode).toBe(404)
      expect(refusal.json()).toMatchObject({ error: 'NOT_FOUND', tindakan: 'Periksa alamatnya.' })
    }
  })

  test('a link of a notice that is nobody’s shows no region and cannot be told from one that is spent', async () => {
    for (const url of ['/n/tidak-ada', '/n/tidak-ada/received']) {
      const answer = await stack.app.inject({ url })
      expect(answer.statusCode).toBe(404)
      expect(names.filter((one) => answer.body.includes(one))).toEqual([])
    }
  })
})
