import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, type Stack, startStack } from './stack.ts'

let stack: Stack
beforeEach(async () => {
  stack = await startStack()
  await stack.user('admin', 'admin')
  await stack.user('citra', 'daerah')
})
afterEach(() => stack.stop())

const who = (json: unknown): string | null => /"login":"([^"]*)"/.exec(JSON.stringify(json))?.[1] ?? null

describe('logging in', () => {
  test('gives a session of its own, which ends with logging out', async () => {
    const browser = stack.browser()
    expect((await browser.login('citra')).status).toBe(200)
    expect(who((await browser.ask('GET', '/api/session')).json)).toBe('citra')
    const cookie = browser.cookies.get('siaga')
    expect((await browser.ask('POST', '/api/logout', {})).status).toBe(200)
    browser.cookies.set('siaga', cookie ?? '')
    expect((await browser.ask('GET', '/api/account')).status).toBe(401)
  })

  test('refuses wrong passwords, unknown names, disabled accounts and accounts without a password with the same words', async () => {
    const gone = await stack.user('pergi', 'daerah')
    stack.book.manage.disable(gone)
    stack.book.accounts.create({ login: 'baru', name: 'Baru', role: 'daerah', room: 'jabar', language: 'id' })
    const answers = [
      await stack.browser().login('citra', 'bukan kata sandi ini'),
      await stack.browser().login('tidak.ada'),
      await stack.browser().login('pergi'),
      await stack.browser().login('baru'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1)
  })

  test('writes down who tried, but no name that does not exist: people type passwords into the wrong field', async () => {
    await stack.browser().login('rahasia-saya-1945', 'x')
    await stack.browser().login('citra', 'x')
    const failed = stack.entries.filter(({ outcome }) => outcome === 'failure')
    expect(failed.map(({ user }) => user)).toEqual([undefined, 'citra'])
    expect(JSON.stringify(failed)).not.toContain('rahasia')
  })

  test('takes a password typed in another Unicode form, and people with any name', async () => {
    const id = await stack.user('sandi', 'daerah')
    await stack.book.accounts.setPassword(id, 'naïve café résumé')
    expect((await stack.browser().login('sandi', 'naïve café résumé'.normalize('NFD'))).status).toBe(200)
  })

  test('takes names for names, whatever stands in them', async () => {
    for (const login of ["' OR 1=1 --", 'admin"; DROP TABLE accounts; --', 'ａｄｍｉｎ', 'admin\u0000'])
      expect((await stack.browser().login(login)).status, login).toBe(400)
    expect((await stack.browser().login(' ADMIN ')).status).toBe(200)
    expect(stack.book.accounts.list()).toHaveLength(2)
  })

  test('takes no large body, no form and no text', async () => {
    const browser = stack.browser()
    expect((await browser.login('citra', 'x'.repeat(5_000))).status).toBe(400)
    const send = (type: string, payload: string) =>
      stack.app.inject({ method: 'POST', url: '/api/login', headers: { 'content-type': type }, payload })
    expect((await send('application/x-www-form-urlencoded', `login=citra&password=${PASSWORD}`)).statusCode).toBe(400)
    expect((await send('text/plain', JSON.stringify({ login: 'citra', password: PASSWORD }))).statusCode).toBe(400)
    const huge = await send(
      'application/json',
      JSON.stringify({ login: 'citra', password: PASSWORD, x: 'y'.repeat(5_000) }),
    )
    expect(huge.statusCode).toBe(400)
    expect(huge.cookies).toEqual([])
  })
})

describe('a session', () => {
  test('is never one that the browser brought along (fixation), and the one that it had is over', async () => {
    const attacker = stack.browser()
    await attacker.login('citra')
    const planted = attacker.cookies.get('siaga') ?? ''
    const victim = stack.browser()
    victim.cookies.set('siaga', planted)
    await victim.login('admin')
    expect(victim.cookies.get('siaga')).not.toBe(planted)
    expect((await attacker.ask('GET', '/api/account')).status).toBe(401)
  })

  test('is nobody’s where a second cookie of its name lies over it (another path, another host)', async () => {
    const own = stack.browser()
    await own.login('admin')
    const other = stack.browser()
    await other.login('citra')
    const both = (first: string | undefined, second: string | undefined) =>
      own.ask('GET', '/api/account', undefined, { cookie: `siaga=${first}; siaga=${second}` })
    const [a, b] = [own.cookies.get('siaga'), other.cookies.get('siaga')]
    expect((await both(a, b)).status).toBe(401)
    expect((await both(b, a)).status).toBe(401)
    expect((await own.ask('GET', '/api/account')).status).toBe(200)
  })

  test('is over after two hours without a request, and after twelve in any case', async () => {
    const idle = stack.browser()
    await idle.login('citra')
    stack.clock.ms += 2 * 3_600_000 + 1
    expect((await idle.ask('GET', '/api/account')).status).toBe(401)
    const busy = stack.browser()
    await busy.login('citra')
    for (let hour = 0; hour < 12; hour++) {
      stack.clock.ms += 3_599_000
      expect((await busy.ask('GET', '/api/account')).status).toBe(200)
    }
    stack.clock.ms += 60_000
    expect((await busy.ask('GET', '/api/account')).status).toBe(401)
  })

  test('has a cookie that no script reads and no other site sends; by https it is bound to the host', async () => {
    const cookies = async (one: Stack) => {
      const answer = await one.app.inject({
        method: 'POST',
        url: '/api/login',
        payload: { login: 'citra', password: PASSWORD },
      })
      return answer.cookies.map(({ name, httpOnly, sameSite, secure, path }) => ({
        name,
        httpOnly,
        sameSite,
        secure,
        path,
      }))
    }
    const same = { httpOnly: true, sameSite: 'Strict', path: '/' }
    expect(await cookies(stack)).toEqual([
      { name: 'siaga', secure: undefined, ...same },
      { name: 'siaga-device', secure: undefined, ...same },
    ])
    const https = await startStack({ secure: true })
    await https.user('citra', 'daerah')
    expect(await cookies(https)).toEqual([
      { name: '__Host-siaga', secure: true, ...same },
      { name: '__Host-siaga-device', secure: true, ...same },
    ])
    await https.stop()
  })
})

describe('a change', () => {
  test('needs the token of its page, of this session', async () => {
    const own = stack.browser()
    await own.login('citra')
    const other = stack.browser()
    await other.login('citra')
    const otherCsrf = /"csrf":"([^"]*)"/.exec(JSON.stringify((await other.ask('GET', '/api/session')).json))?.[1] ?? ''
    for (const token of ['', 'x', otherCsrf]) {
      const answer = await own.ask('PATCH', '/api/account', { name: 'Lain' }, { 'x-siaga-csrf': token })
      expect(answer.json).toMatchObject({ error: 'CSRF' })
    }
    expect((await own.ask('PATCH', '/api/account', { name: 'Lain' })).status).toBe(200)
  })

  test('is refused from another site, even with the token, and even where nobody has to be logged in', async () => {
    const own = stack.browser()
    await own.login('citra')
    for (const headers of [
      { origin: 'https://jahat.example' },
      { origin: 'null' },
      { origin: 'http://localhost:80.jahat.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await own.ask('PATCH', '/api/account', { name: 'Lain' }, headers)).status).toBe(403)
      expect(
        (await stack.browser().ask('POST', '/api/login', { login: 'citra', password: PASSWORD }, headers)).status,
      ).toBe(403)
    }
    const here = { origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }
    expect((await own.ask('PATCH', '/api/account', { name: 'Lain' }, here)).status).toBe(200)
  })

  test('may come from the public address, where a proxy names another host', async () => {
    const proxied = await startStack({ origin: 'https://siaga.example' })
    await proxied.user('citra', 'daerah')
    const login = (origin: string) =>
      proxied.browser().ask('POST', '/api/login', { login: 'citra', password: PASSWORD }, { origin })
    expect((await login('https://siaga.example')).status).toBe(200)
    expect((await login('http://siaga.example')).status).toBe(403)
    await proxied.stop()
  })
})

describe('a link', () => {
  const choose = (token: string, password = 'kata sandi yang baru sekali') =>
    stack.browser().ask('POST', `/api/links/${token}`, { password })

  test('is good once, even for a hundred at the same moment', async () => {
    const id = await stack.user('dewi', 'daerah')
    const token = stack.book.accounts.link(id)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => choose(token, `kata sandi nomor ${n} ya`)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(19)
    const won = answers.findIndex(({ status }) => status === 200)
    expect((await stack.browser().login('dewi', `kata sandi nomor ${won} ya`)).status).toBe(200)
    expect((await choose(token)).status).toBe(410)
  })

  test('is over after three days, when a newer one is made, and when the account is disabled', async () => {
    const id = await stack.user('dewi', 'daerah')
    const old = stack.book.accounts.link(id)
    const newer = stack.book.accounts.link(id)
    expect((await choose(old)).status).toBe(410)
    stack.clock.ms += 3 * 24 * 3_600_000 + 1
    expect((await choose(newer)).status).toBe(410)
    const last = stack.book.accounts.link(id)
    stack.book.manage.disable(id)
    stack.book.manage.enable(id)
    expect((await choose(last)).status).toBe(410)
  })

  test('ends everything that was open, and is not spent by a password that is too short', async () => {
    const browser = stack.browser()
    await browser.login('citra')
    const id = stack.book.accounts.byLogin('citra')?.id ?? ''
    const { text } = stack.book.tokens.create(id, { label: 'x', verb: 'read', days: 1 })
    const token = stack.book.accounts.link(id)
    expect((await choose(token, 'pendek')).status).toBe(400)
    expect((await browser.ask('GET', '/api/account')).status).toBe(200)
    expect((await choose(token)).status).toBe(200)
    expect((await browser.ask('GET', '/api/account')).status).toBe(401)
    expect(stack.book.tokens.find(text)).toBeUndefined()
  })
})
