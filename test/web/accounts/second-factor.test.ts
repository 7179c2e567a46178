import { URI } from 'otpauth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Browser, field, PASSWORD, type Stack, startStack } from './stack.ts'

let stack: Stack
let browser: Browser
let codeAt: (ms: number) => string
let recovery: readonly string[]

/** Switches the second factor of `citra` on. */
async function switchOn(): Promise<void> {
  const begun = await browser.ask('POST', '/api/account/second-factor/begin', { password: PASSWORD })
  const totp = URI.parse(field(begun.json, 'uri'))
  codeAt = (timestamp) =>
    'generate' in totp ? totp.generate({ timestamp, counter: Math.floor(timestamp / 30_000) }) : ''
  const on = await browser.ask('POST', '/api/account/second-factor', { code: codeAt(stack.clock.ms) })
  expect(on.status).toBe(200)
  recovery = z.object({ codes: z.array(z.string()) }).parse(on.json).codes
}

beforeEach(async () => {
  stack = await startStack()
  await stack.user('citra', 'daerah')
  browser = stack.browser()
  await browser.login('citra')
})
afterEach(() => stack.stop())

const next = (): void => {
  stack.clock.ms += 30_000
}
const login = (code?: string) => stack.browser().login('citra', PASSWORD, code)

test('codes are those of RFC 6238 (appendix B, SHA-1, the last six digits)', async () => {
  const begun = await browser.ask('POST', '/api/account/second-factor/begin', { password: PASSWORD })
  expect(field(begun.json, 'uri')).toMatch(
    /^otpauth:\/\/totp\/Siaga:citra\?.*secret=[A-Z2-7]{32}&.*digits=6&period=30$/,
  )
  const rfc = URI.parse('otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&period=30&algorithm=SHA1')
  expect('counter' in rfc && rfc.generate()).toBeTruthy()
})

describe('logging in with a second factor', () => {
  test('needs password and code; the code is asked for only when the password is right', async () => {
    await switchOn()
    next()
    expect((await stack.browser().login('citra', 'salah')).json).toMatchObject({ error: 'LOGIN_REFUSED' })
    expect((await login()).json).toMatchObject({ error: 'CODE_NEEDED' })
    expect((await login('000000')).json).toMatchObject({ error: 'LOGIN_REFUSED' })
    expect((await login(codeAt(stack.clock.ms))).status).toBe(200)
  })

  test('takes a code once, and none of an earlier step', async () => {
    await switchOn()
    next()
    next()
    const [before, now] = [codeAt(stack.clock.ms - 30_000), codeAt(stack.clock.ms)]
    const answers = await Promise.all([login(now), login(now), login(now)])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await login(before)).status).toBe(401)
  })

  test('takes the code of a clock that is off by a step, not of two', async () => {
    await switchOn()
    stack.clock.ms += 300_000
    expect((await login(codeAt(stack.clock.ms - 60_000))).status).toBe(401)
    expect((await login(codeAt(stack.clock.ms + 60_000))).status).toBe(401)
    expect((await login(codeAt(stack.clock.ms - 30_000))).status).toBe(200)
    expect((await login(codeAt(stack.clock.ms + 30_000))).status).toBe(200)
  })

  test('the code that switched it on is used', async () => {
    await switchOn()
    expect((await login(codeAt(stack.clock.ms))).status).toBe(401)
  })

  test('takes each of ten recovery codes once, as people write them', async () => {
    await switchOn()
    expect(recovery).toHaveLength(10)
    const [first = '', second = ''] = recovery
    expect((await login(first)).status).toBe(200)
    expect((await login(first)).status).toBe(401)
    expect((await login(` ${second.toUpperCase().replace('-', ' ')} `)).status).toBe(200)
    const { json } = await browser.ask('GET', '/api/account')
    expect(json).toMatchObject({ codes_left: 8 })
  })

  test('guessing codes from many addresses is slowed down, and only whoever knows the password can do that', async () => {
    await switchOn()
    next()
    const statuses: number[] = []
    for (let n = 0; n < 12; n++)
      statuses.push((await stack.browser(`203.0.113.${n}`).login('citra', PASSWORD, '123123')).status)
    expect(statuses.slice(-2)).toEqual([429, 429])
    // The browser that the account knows is not touched.
    next()
    expect((await browser.login('citra', PASSWORD, codeAt(stack.clock.ms))).status).toBe(200)
  })

  test('a link for a new password does not go round it', async () => {
    await switchOn()
    next()
    const token = stack.book.accounts.link(stack.book.accounts.byLogin('citra')?.id ?? '')
    const thief = stack.browser('203.0.113.66')
    expect((await thief.ask('POST', `/api/links/${token}`, { password: 'kata sandi milik pencuri' })).status).toBe(200)
    expect((await thief.ask('GET', '/api/account')).status).toBe(401)
    expect((await thief.login('citra', 'kata sandi milik pencuri')).json).toMatchObject({ error: 'CODE_NEEDED' })
  })
})

describe('the secret', () => {
  test('stands encrypted in the file, for its account alone', async () => {
    const begun = await browser.ask('POST', '/api/account/second-factor/begin', { password: PASSWORD })
    const secret = field(begun.json, 'secret')
    const rows = stack.store.rows(z.record(z.string(), z.unknown()), 'SELECT * FROM accounts')
    expect(JSON.stringify(rows)).not.toContain(secret)
    // Put at another account's place it opens nothing.
    const other = await stack.user('dewi', 'daerah')
    stack.store.run(
      'UPDATE accounts SET totp = (SELECT totp_waiting FROM accounts WHERE login = ?) WHERE id = ?',
      'citra',
      other,
    )
    expect(() => stack.book.factors.check({ id: other }, '123456')).toThrow()
  })

  test('is not in force before a code of it was shown, and changes only with password and code', async () => {
    await browser.ask('POST', '/api/account/second-factor/begin', { password: PASSWORD })
    expect((await login()).status).toBe(200)
    expect((await browser.ask('POST', '/api/account/second-factor', { code: '000000' })).status).toBe(403)
    await switchOn()
    for (const path of ['second-factor/begin', 'second-factor/remove', 'recovery-codes'])
      expect((await browser.ask('POST', `/api/account/${path}`, { password: PASSWORD })).status, path).toBe(403)
    next()
    const code = codeAt(stack.clock.ms)
    expect((await browser.ask('POST', '/api/account/recovery-codes', { password: PASSWORD, code })).status).toBe(200)
    expect((await login(recovery[0])).status).toBe(401)
    next()
    const last = codeAt(stack.clock.ms)
    expect(
      (await browser.ask('POST', '/api/account/second-factor/remove', { password: PASSWORD, code: last })).status,
    ).toBe(200)
    expect((await login()).status).toBe(200)
    expect(stack.entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['second_factor_on', 'recovery_codes_created', 'second_factor_off']),
    )
  })
})
