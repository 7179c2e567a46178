import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBrake, createLoginBrake, networksOf } from '../../../web/accounts/brake.ts'
import { createLanes } from '../../../web/accounts/password.ts'
import { WebError } from '../../../web/errors.ts'
import { type Stack, startStack } from './stack.ts'

describe('a brake', () => {
  test('gives so many tries at once, then one each so often, and takes back what was none', () => {
    let now = 1_000_000
    const brake = createBrake({ tries: 3, everyMs: 10_000 }, () => now)
    for (let n = 0; n < 3; n++) {
      expect(brake.wait('a')).toBe(0)
      brake.take('a')
    }
    expect(brake.wait('a')).toBe(10)
    expect(brake.wait('b')).toBe(0)
    now += 9_999
    expect(brake.wait('a')).toBe(1)
    now += 1
    expect(brake.wait('a')).toBe(0)
    brake.take('a')
    expect(brake.wait('a')).toBe(10)
    brake.give('a')
    expect(brake.wait('a')).toBe(0)
  })

  test('keeps a bounded number of keys, the latest', () => {
    const brake = createBrake({ tries: 1, everyMs: 60_000, most: 100 }, () => 0)
    for (let n = 0; n < 1_000; n++) brake.take(`key ${n}`)
    expect(brake.wait('key 999')).toBe(60)
    expect(brake.wait('key 900')).toBe(60)
    expect(brake.wait('key 899')).toBe(0)
  })

  test('counts a whole /64 of IPv6 as one, and a /48 as its neighbourhood', () => {
    expect(networksOf('2001:db8:1:2:3:4:5:6')).toEqual(['2001:db8:1:2::/64', '2001:db8:1::/48'])
    expect(networksOf('2001:DB8::1')).toEqual(['2001:db8:0:0::/64', '2001:db8:0::/48'])
    expect(networksOf('::1')).toEqual(['0:0:0:0::/64', '0:0:0::/48'])
    expect(networksOf('2001:0db8:0001:0002::')).toEqual(['2001:db8:1:2::/64', '2001:db8:1::/48'])
    expect(networksOf('198.51.100.7')).toEqual(['198.51.100.7', '198.51.100'])
  })
})

test('a hundred thousand failures from five thousand addresses leave few guesses, and keep out nobody who is not among them', () => {
  let now = 0
  const brake = createLoginBrake(() => now)
  const login = 'admin'
  let guesses = 0
  const fail = (address: string): void => {
    try {
      brake.enter({ login, address, device: undefined })
      guesses += 1
    } catch (error) {
      if (!(error instanceof WebError)) throw error
    }
  }
  // Within ten minutes.
  for (let n = 0; n < 100_000; n++) {
    now += 6
    fail(`10.${n % 20}.${Math.floor(n / 20) % 250}.1`)
  }
  expect(guesses).toBeGreaterThan(5_000)
  expect(guesses).toBeLessThan(5_000 * 5)
  const back = brake.enter({ login, address: '192.0.2.1', device: undefined })
  back()
  for (let n = 0; n < 10; n++) brake.enter({ login, address: '10.1.1.1', device: 'known' })
  expect(() => brake.enter({ login, address: '10.1.1.1', device: 'known' })).toThrow(WebError)
  expect(() => brake.enter({ login, address: '10.1.1.1', device: 'another' })).not.toThrow()
})

describe('guessing', () => {
  let stack: Stack
  beforeEach(async () => {
    stack = await startStack()
    await stack.user('admin', 'admin')
    await stack.user('citra', 'daerah')
  })
  afterEach(() => stack.stop())
  const guess = (address: string, login = 'admin') => stack.browser(address).login(login, 'salah')

  test('from one address is slowed down, for names that exist and others alike, and says how long to wait', async () => {
    for (const login of ['admin', 'tidak.ada']) {
      const statuses: number[] = []
      for (let n = 0; n < 12; n++) statuses.push((await guess(`203.0.113.${login.length}`, login)).status)
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
    }
    const late = await guess('203.0.113.5')
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(60)
    // The right password makes no difference then: nobody learns by it.
    expect((await stack.browser('203.0.113.5').login('admin')).status).toBe(429)
    stack.clock.ms += 121_000
    expect((await stack.browser('203.0.113.5').login('admin')).status).toBe(200)
  })

  test('at a thousand at once is no way around: tries are taken before the password is looked at', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => guess('203.0.113.9')))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50)
  })

  test('many names from one address is slowed down, too', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 45; n++) statuses.push((await guess('203.0.113.10', `nama${n}`)).status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(40)
  })

  test('a hundred times for admin keeps the real one out nowhere: not in a known browser, not from an address of their own', async () => {
    const known = stack.browser('198.51.100.20')
    expect((await known.login('admin')).status).toBe(200)
    await known.ask('POST', '/api/logout', {})
    // From the address of the administrator as well, and from nineteen others.
    const answers: number[] = []
    for (let n = 0; n < 100; n++)
      answers.push((await guess(n % 20 === 0 ? '198.51.100.20' : `203.0.${n % 20}.1`)).status)
    // As soon as there are sixty, an address that the account does not know has three tries and no more.
    expect(answers.filter((status) => status === 401)).toHaveLength(60)
    expect(answers.filter((status) => status === 429)).toHaveLength(40)
    expect((await known.login('admin')).status).toBe(200)
    expect((await stack.browser('192.0.2.77').login('admin')).status).toBe(200)
    // And nobody else is touched.
    expect((await stack.browser('192.0.2.78').login('citra')).status).toBe(200)
  })

  test('with the cookie of another account’s browser is guessing like any other', async () => {
    const other = stack.browser('203.0.113.30')
    await other.login('citra')
    const statuses: number[] = []
    for (let n = 0; n < 11; n++) statuses.push((await other.login('admin', 'salah')).status)
    expect(statuses.at(-1)).toBe(429)
  })

  test('in a known browser is slowed down for that browser alone', async () => {
    const stolen = stack.browser('203.0.113.40')
    await stolen.login('admin')
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) statuses.push((await stolen.login('admin', 'salah')).status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    const second = stack.browser('203.0.113.40')
    expect((await second.login('admin')).status).toBe(200)
  })

  test('behind a proxy that is trusted is counted by the address that it names, and by no other’s word', async () => {
    const behind = await startStack({ http: { trusted_proxies: ['10.0.0.1'] } })
    await behind.user('admin', 'admin')
    const from = (peer: string, named: string) =>
      behind
        .browser(peer)
        .ask('POST', '/api/login', { login: 'admin', password: 'salah' }, { 'x-forwarded-for': named })
    for (let n = 0; n < 11; n++) await from('10.0.0.1', '203.0.113.1')
    expect((await from('10.0.0.1', '203.0.113.1')).status).toBe(429)
    expect((await from('10.0.0.1', '203.0.113.2')).status).toBe(401)
    for (let n = 0; n < 11; n++) await from('192.0.2.9', `203.0.113.${n + 10}`)
    expect((await from('192.0.2.9', '203.0.113.99')).status).toBe(429)
    await behind.stop()
  })
})

describe('passwords under way', () => {
  test('are looked at one by one in each lane; too many wait no longer, and the other lane is open', async () => {
    const lanes = createLanes()
    let running = 0
    let most = 0
    const gate = Promise.withResolvers<void>()
    const work = async (): Promise<string> => {
      running += 1
      most = Math.max(most, running)
      await gate.promise
      running -= 1
      return 'done'
    }
    const flood = Array.from({ length: 200 }, () => lanes('anybody', work).catch((error: unknown) => String(error)))
    expect(await lanes('known', async () => 'known')).toBe('known')
    gate.resolve()
    const answers = await Promise.all(flood)
    expect(most).toBe(1)
    expect(answers.filter((answer) => answer === 'done').length).toBeGreaterThan(50)
    expect(answers.filter((answer) => answer !== 'done').length).toBeGreaterThan(100)
  })
})
