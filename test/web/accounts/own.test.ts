import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Browser, field, PASSWORD, type Stack, startStack } from './stack.ts'

let stack: Stack
let browser: Browser
let id: string
beforeEach(async () => {
  stack = await startStack()
  id = await stack.user('citra', 'daerah')
  await stack.user('admin', 'admin')
  browser = stack.browser()
  await browser.login('citra')
})
afterEach(() => stack.stop())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const newToken = async (fields: object = {}, of = browser) =>
  field(
    (
      await of.ask('POST', '/api/account/tokens', {
        password: PASSWORD,
        label: 'Grafana',
        verb: 'read',
        days: 30,
        ...fields,
      })
    ).json,
    'token',
  )

describe('the own password', () => {
  test('changes with the old one, ends all sessions and goes on in a new one', async () => {
    const other = stack.browser()
    await other.login('citra')
    const before = browser.cookies.get('siaga')
    const change = (password: string) =>
      browser.ask('POST', '/api/account/password', { password, chosen: 'kata sandi yang lebih baru' })
    expect((await change('salah sekali ini')).json).toMatchObject({ error: 'PASSWORD_WRONG' })
    expect((await change(PASSWORD)).status).toBe(200)
    expect(browser.cookies.get('siaga')).not.toBe(before)
    expect((await browser.ask('GET', '/api/account')).status).toBe(200)
    expect((await other.ask('GET', '/api/account')).status).toBe(401)
    expect((await stack.browser().login('citra')).status).toBe(401)
  })

  test('is guessed slowly in a stolen session, which keeps nobody else out', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 12; n++)
      statuses.push((await browser.ask('POST', '/api/account/second-factor/begin', { password: `salah ${n}` })).status)
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429, 429])
    expect((await stack.browser().login('citra')).status).toBe(200)
  })

  test('is asked of nobody who has none: a log-in must then be fresh', async () => {
    stack.store.run('UPDATE accounts SET password = NULL WHERE id = ?', id)
    expect((await browser.ask('POST', '/api/account/second-factor/begin', {})).status).toBe(200)
    stack.clock.ms += 16 * 60_000
    expect((await browser.ask('POST', '/api/account/second-factor/begin', {})).json).toMatchObject({
      error: 'LOGIN_AGAIN',
    })
  })
})

describe('the own name', () => {
  test('may be any, in any script, but turns no text around', async () => {
    const rename = (name: string) => browser.ask('PATCH', '/api/account', { name })
    for (const name of ['Siti Nurhaliza, S.Kom.', 'ᮊᮠᮤᮕ᮪ ꦱꦶꦠꦶ', "O'Brien <b>&amp;</b>", '李小龙 🙂']) {
      expect((await rename(name)).status, name).toBe(200)
      expect((await browser.ask('GET', '/api/account')).json).toMatchObject({ account: { name } })
    }
    for (const name of ['', '   ', 'a\nb', 'admin\u202etxt', 'x'.repeat(101)])
      expect((await rename(name)).status).toBe(400)
  })

  test('and nothing more than it: not the role, not the room', async () => {
    expect((await browser.ask('PATCH', '/api/account', { role: 'admin' })).status).toBe(400)
    expect((await browser.ask('PATCH', '/api/account', { room: 'pusat' })).status).toBe(400)
    expect(stack.book.accounts.byId(id)).toMatchObject({ role: 'daerah', room: 'jabar' })
  })
})

describe('own sessions', () => {
  test('are listed and ended, one or all others, and nobody else’s', async () => {
    const other = stack.browser('203.0.113.8')
    stack.clock.ms += 1_000
    await other.login('citra')
    const admin = stack.browser()
    await admin.login('admin')
    const listed = (await browser.ask('GET', '/api/account')).json
    expect(listed).toMatchObject({ sessions: [{ current: false, address: '203.0.113.8' }, { current: true }] })
    const [theirs] = stack.book.sessions.list(stack.book.accounts.byLogin('admin')?.id ?? '', 'session')
    expect((await browser.ask('DELETE', `/api/account/sessions/${theirs?.id}`)).status).toBe(404)
    const [first] = stack.book.sessions.list(id, 'session').filter(({ address }) => address === '203.0.113.8')
    expect((await browser.ask('DELETE', `/api/account/sessions/${first?.id}`)).status).toBe(200)
    expect((await other.ask('GET', '/api/account')).status).toBe(401)
    await other.login('citra')
    expect((await browser.ask('POST', '/api/account/sessions/end-others', {})).json).toEqual({ ended: 1 })
    expect((await other.ask('GET', '/api/account')).status).toBe(401)
    expect((await browser.ask('GET', '/api/account')).status).toBe(200)
    expect((await admin.ask('GET', '/api/account')).status).toBe(200)
  })

  test('of one account are bounded: the oldest gives way', async () => {
    for (let n = 0; n < 60; n++) {
      stack.clock.ms += 1000
      stack.book.sessions.begin(id, 'session', { address: '', agent: 'x'.repeat(1000) })
    }
    expect(stack.book.sessions.list(id, 'session')).toHaveLength(50)
  })
})

describe('a token', () => {
  test('asks without cookie and without the token of a page, as its account’s role and never for what is a person’s', async () => {
    const token = await newToken({}, browser)
    const program = stack.browser()
    const session = await program.ask('GET', '/api/session', undefined, bearer(token))
    expect(session.json).toMatchObject({
      session: { kind: 'token', account: { login: 'citra' }, areas: { alerts: 'read' } },
    })
    for (const path of ['/api/account', '/api/users'])
      expect((await program.ask('GET', path, undefined, bearer(token))).status, path).toBe(403)
    expect(
      (await program.ask('POST', '/api/account/tokens', { label: 'x', verb: 'write', days: 1 }, bearer(token))).status,
    ).toBe(403)
  })

  test('of an administrator makes no accounts: it must not outlive itself', async () => {
    const admin = stack.browser()
    await admin.login('admin')
    const token = await newToken({ verb: 'write' }, admin)
    const answer = await stack.browser().ask('GET', '/api/users', undefined, bearer(token))
    expect(answer.status).toBe(403)
  })

  test('is over when it expires, is revoked, or its account is disabled or gets another role', async () => {
    const asks = async (token: string) =>
      /"login"/.test(JSON.stringify((await stack.browser().ask('GET', '/api/session', undefined, bearer(token))).json))
    const short = await newToken({ days: 1 })
    expect(await asks(short)).toBe(true)
    stack.clock.ms += 24 * 3_600_000 + 1
    expect(await asks(short)).toBe(false)
    await browser.login('citra')
    const revoked = await newToken()
    const listed = stack.book.tokens.list(id)
    expect((await browser.ask('DELETE', `/api/account/tokens/${listed[0]?.id}`)).status).toBe(200)
    expect(await asks(revoked)).toBe(false)
    const demoted = await newToken()
    stack.book.manage.change(id, { role: 'petugas' })
    expect(await asks(demoted)).toBe(false)
    await browser.login('citra')
    const disabled = await newToken()
    expect(await asks(disabled)).toBe(true)
    stack.book.manage.disable(id)
    expect(await asks(disabled)).toBe(false)
    stack.book.manage.enable(id)
    expect(await asks(disabled)).toBe(false)
  })

  test('is kept as a hash, needs the password to be made, and there are twenty at most', async () => {
    const token = await newToken()
    expect(JSON.stringify(stack.book.tokens.list(id))).not.toContain(token.slice(-20))
    const make = (password: string) =>
      browser.ask('POST', '/api/account/tokens', { password, label: 'x', verb: 'read', days: 1 })
    expect((await make('salah')).status).toBe(403)
    for (let n = 0; n < 19; n++) await newToken()
    expect((await make(PASSWORD)).json).toMatchObject({ error: 'FULL' })
  })

  test('is none if it is something else, however long', async () => {
    for (const text of ['x', 'siaga-token-', `siaga-token-${'a'.repeat(43)}`, 'a'.repeat(5_000)])
      expect((await stack.browser().ask('GET', '/api/account', undefined, bearer(text))).status).toBe(401)
  })
})
