import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { boundSubject } from '../../../web/accounts/accounts.ts'
import { createOidc, type Oidc } from '../../../web/accounts/oidc.ts'
import { type Browser, type Stack, startStack } from './stack.ts'

const PUBLIC = 'http://siaga.example'
let server: Server
let issuer: string
let oidc: Oidc
let stack: Stack
let clock: number
/** Who is logged in at the provider. */
let person: string

beforeAll(async () => {
  server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'siaga',
        client_secret: 'rahasia-klien-yang-panjang',
        redirect_uris: [`${PUBLIC}/api/oidc/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['kunci'] },
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    interactions: { url: (_context, { uid }) => `/orang/${uid}` },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/orang/')) return void answer(request, response)
    void (async () => {
      const { params, prompt, grantId } = await provider.interactionDetails(request, response)
      if (prompt.name === 'login')
        return provider.interactionFinished(
          request,
          response,
          { login: { accountId: person } },
          { mergeWithLastSubmission: false },
        )
      const grant =
        grantId === undefined
          ? new provider.Grant({ accountId: person, clientId: String(params.client_id) })
          : await provider.Grant.find(grantId)
      grant?.addOIDCScope('openid')
      const consent = { grantId: await grant?.save() }
      return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true })
    })()
  })
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const settings = () => ({
  issuer,
  clientId: 'siaga',
  clientSecret: 'rahasia-klien-yang-panjang',
  name: 'SSO Pemilu',
  scope: 'openid',
  claim: 'sub',
  publicUrl: PUBLIC,
  key: Buffer.alloc(32, 3),
  now: () => clock,
})

beforeEach(async () => {
  clock = Date.now()
  person = 'orang-1'
  oidc = createOidc(settings())
  stack = await startStack({ oidc })
  return () => stack.stop()
})

/** Follows the provider's pages with its cookies until it sends the browser back; answers where to. */
async function atProvider(start: string): Promise<URL> {
  const jar = new Map<string, string>()
  let url = start
  for (let hop = 0; hop < 12 && !url.startsWith(PUBLIC); hop++) {
    const cookie = Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const next = answer.headers.get('location')
    if (next === null) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
    url = new URL(next, url).href
  }
  return new URL(url)
}

const start = async (browser: Browser): Promise<string> => {
  const answer = await browser.ask('GET', '/api/oidc/start')
  return String(answer.headers.location)
}
const back = (browser: Browser, url: URL) => browser.ask('GET', `${url.pathname}${url.search}`)
const failed = '/?masuk=gagal'
const isIn = async (browser: Browser): Promise<boolean> =>
  /"login"/.test(JSON.stringify((await browser.ask('GET', '/api/session')).json))
const lastEntry = () => stack.entries.at(-1)

async function bind(login: string, subject: string): Promise<string> {
  const id = await stack.user(login, 'daerah')
  stack.book.manage.change(id, { subject: boundSubject(issuer, subject) })
  return id
}

describe('log-in with a provider', () => {
  test('is offered, goes with PKCE, state and nonce, and lets in whom an administrator bound', async () => {
    await bind('citra', 'orang-1')
    const browser = stack.browser()
    expect((await browser.ask('GET', '/api/login')).json).toEqual({ oidc: 'SSO Pemilu' })
    const url = await start(browser)
    const asked = new URL(url).searchParams
    expect(asked.get('code_challenge_method')).toBe('S256')
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length, name).toBeGreaterThan(20)
    const answer = await back(browser, await atProvider(url))
    expect(answer.headers.location).toBe('/')
    expect((await browser.ask('GET', '/api/session')).json).toMatchObject({ session: { account: { login: 'citra' } } })
    expect(lastEntry()).toMatchObject({ action: 'login', outcome: 'success', user: 'citra' })
  })

  test('makes no account: who is not bound stays out, and the trail says which subject it was', async () => {
    person = 'orang-asing'
    const browser = stack.browser()
    const answer = await back(browser, await atProvider(await start(browser)))
    expect(answer.headers.location).toBe(failed)
    expect(await isIn(browser)).toBe(false)
    expect(lastEntry()).toMatchObject({ outcome: 'failure', message: expect.stringContaining('orang-asing') })
    expect(stack.book.accounts.list()).toEqual([])
  })

  test('keeps out whose account is disabled, and whose subject is another issuer’s', async () => {
    const id = await bind('citra', 'orang-1')
    const browser = stack.browser()
    stack.book.manage.disable(id)
    expect((await back(browser, await atProvider(await start(browser)))).headers.location).toBe(failed)
    stack.book.manage.enable(id)
    stack.book.manage.change(id, { subject: boundSubject('https://lain.example', 'orang-1') })
    expect((await back(browser, await atProvider(await start(browser)))).headers.location).toBe(failed)
    expect(await isIn(browser)).toBe(false)
  })

  test('is good in the browser that began it, once, and not for long', async () => {
    await bind('citra', 'orang-1')
    const victim = stack.browser()
    const attacker = stack.browser()
    // Another's way back, planted in a browser that began none, or its own.
    const planted = await atProvider(await start(attacker))
    expect((await back(victim, planted)).headers.location).toBe(failed)
    await start(victim)
    expect((await back(victim, planted)).headers.location).toBe(failed)
    expect(await isIn(victim)).toBe(false)
    // The code twice.
    const cookie = new Map(attacker.cookies)
    expect((await back(attacker, planted)).headers.location).toBe('/')
    const again = stack.browser()
    for (const [name, value] of cookie) if (name === 'siaga-oidc') again.cookies.set(name, value)
    expect((await back(again, planted)).headers.location).toBe(failed)
    // Too late.
    const slow = stack.browser()
    const url = await atProvider(await start(slow))
    clock += 10 * 60_000 + 1
    expect((await back(slow, url)).headers.location).toBe(failed)
  })

  test('refuses a state, a code or a cookie that was changed', async () => {
    await bind('citra', 'orang-1')
    for (const change of [
      (url: URL) => url.searchParams.set('state', 'x'.repeat(43)),
      (url: URL) => url.searchParams.set('code', 'x'.repeat(43)),
      (url: URL) => url.searchParams.set('iss', 'https://lain.example'),
      (url: URL) => url.searchParams.delete('state'),
    ]) {
      const browser = stack.browser()
      const url = await atProvider(await start(browser))
      change(url)
      expect((await back(browser, url)).headers.location).toBe(failed)
    }
    const browser = stack.browser()
    const url = await atProvider(await start(browser))
    browser.cookies.set('siaga-oidc', `${browser.cookies.get('siaga-oidc')?.slice(0, -4)}AAAA`)
    expect((await back(browser, url)).headers.location).toBe(failed)
    expect(await isIn(browser)).toBe(false)
  })

  test('says that it did not work where the provider is away, and works when it is back', async () => {
    const away = createOidc({ ...settings(), issuer: 'http://127.0.0.1:1' })
    const other = await startStack({ oidc: away })
    const answer = await other.browser().ask('GET', '/api/oidc/start')
    expect(answer.headers.location).toBe(failed)
    expect(other.entries.at(-1)).toMatchObject({ action: 'login', outcome: 'failure' })
    await other.stop()
  })
})

test('an administrator binds and unbinds a subject; two accounts never share one', async () => {
  await stack.user('admin', 'admin')
  const admin = stack.browser()
  await admin.login('admin')
  const [a, b] = [await stack.user('ani', 'daerah'), await stack.user('budi', 'daerah')]
  const set = (id: string, subject: string) => admin.ask('PATCH', `/api/users/${id}`, { subject })
  expect((await set(a, 'orang-1')).status).toBe(200)
  expect((await set(b, 'orang-1')).json).toMatchObject({ error: 'TAKEN' })
  const ani = stack.browser()
  await back(ani, await atProvider(await start(ani)))
  expect(await isIn(ani)).toBe(true)
  expect((await set(a, '')).status).toBe(200)
  expect(await isIn(ani)).toBe(false)
  expect((await set(b, 'orang-1')).status).toBe(200)
})
