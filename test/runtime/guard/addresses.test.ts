import { afterEach, describe, expect, test } from 'vitest'
import { createPermitted, createResolve } from '../../../runtime/guard/addresses.ts'
import { createGuard } from '../../../runtime/guard/fetch.ts'
import { isOneOf } from '../../../runtime/guard/pinned.ts'
import { addressZone, closeAll, serve, serveDns } from './serve.ts'

afterEach(closeAll)

describe('an address may be connected to', () => {
  const permitted = createPermitted([])
  test.each([
    '8.8.8.8',
    '103.10.20.30',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
    '2606:4700::5efe:808:808',
  ])('if it is public: %s', (address) => {
    expect(permitted(address)).toBe(true)
  })

  test.each([
    '127.0.0.1',
    '127.255.0.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1%lo',
    'fc00::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2002:c0a8:101::1',
    '2606:4700::5efe:a00:1',
    '2606:4700::200:5efe:7f00:1',
    '2001:0:7f00:1::1',
    'ff02::1',
    '2001:db8::1',
    'no address',
    '2130706433',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
    '',
  ])('not if it is private, special, inside another, or none: %s', (address) => {
    expect(permitted(address)).toBe(false)
  })

  test('if it is allowed by name, and then itself alone', () => {
    const some = createPermitted(['127.0.0.1/32', '10.0.0.0/8'])
    expect(some('127.0.0.1')).toBe(true)
    expect(some('::ffff:127.0.0.1')).toBe(true)
    expect(some('64:ff9b::a01:203')).toBe(true)
    expect(some('127.0.0.2')).toBe(false)
    expect(some('::1')).toBe(false)
  })

  test('not if it is an address of this machine, however public', () => {
    const own = createPermitted([], () => ['103.10.20.30', '2606:4700::42'])
    expect(own('103.10.20.30')).toBe(false)
    expect(own('::ffff:103.10.20.30')).toBe(false)
    expect(own('2606:4700:0:0::42')).toBe(false)
    expect(own('103.10.20.31')).toBe(true)
    expect(createPermitted(['103.10.20.30'], () => ['103.10.20.30'])('103.10.20.30')).toBe(true)
  })
})

describe('hosts', () => {
  test.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://127.1/',
    'http://0/',
    'http://①②⑦.⓪.⓪.①/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://localhost/',
    'http://user:password@127.0.0.1/',
  ])('that lead inside are refused: %s', async (url) => {
    await expect(createGuard().fetch(url, { timeoutMs: 5000, maxBytes: 10 })).rejects.toMatchObject({ kind: 'blocked' })
  })

  test.each(['ftp://example.org/', 'file:///etc/passwd', 'http://[fe80::1%25eth0]/', 'http://', 'javascript:1'])(
    'of no web address are refused: %s',
    async (url) => {
      await expect(createGuard().fetch(url, { timeoutMs: 5000, maxBytes: 10 })).rejects.toMatchObject({
        kind: 'blocked',
      })
    },
  )

  test.each(['0x7f.1', '2130706433', '127.1'])('written for getaddrinfo are refused too: %s', async (host) => {
    await expect(createResolve()(host)).rejects.toMatchObject({ kind: expect.stringMatching(/^(?:blocked|dns_.*)$/) })
  })

  test('with public and private answers are refused whole', async () => {
    const { address } = await serveDns(
      addressZone({
        'both.test': ['8.8.8.8', '10.0.0.1'],
        'six.test': ['8.8.8.8', '::1'],
        'mapped.test': ['::ffff:10.0.0.1'],
        'nat.test': ['64:ff9b::a00:1'],
        'good.test': ['8.8.8.8', '2606:4700::1'],
      }),
    )
    const resolve = createResolve({ resolvers: [address] })
    for (const host of ['both.test', 'six.test', 'mapped.test', 'nat.test'])
      await expect(resolve(host)).rejects.toMatchObject({ kind: 'blocked' })
    expect(await resolve('good.test')).toEqual(['8.8.8.8', '2606:4700::1'])
  })

  test('with a private address behind many public ones are refused, and no more than sixteen are tried', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `8.8.8.${n + 1}`)
    const { address } = await serveDns(addressZone({ 'hidden.test': [...many, '10.0.0.1'], 'many.test': many }))
    const resolve = createResolve({ resolvers: [address] })
    await expect(resolve('hidden.test')).rejects.toMatchObject({ kind: 'blocked' })
    expect(await resolve('many.test')).toHaveLength(16)
  })

  test('that are not there and servers that do not answer are told apart', async () => {
    const { address } = await serveDns((name, type) => {
      if (name === 'none.test') return 3
      if (name === 'half.test') return type === 'A' ? [] : 2
      return 2
    })
    const resolve = createResolve({ resolvers: [address], dnsTimeoutMs: 500 })
    await expect(resolve('none.test')).rejects.toMatchObject({ kind: 'dns_not_found' })
    await expect(resolve('broken.test')).rejects.toMatchObject({ kind: 'dns_failed' })
    await expect(resolve('half.test')).rejects.toMatchObject({ kind: 'dns_failed' })
    await expect(resolve(`${'x'.repeat(70)}.test`)).rejects.toMatchObject({ kind: 'dns_not_found' })
  })
})

describe('an answer that changes between look-up and connection', () => {
  test('changes nothing: the connection goes where was looked, and the name is asked for once', async () => {
    const seen: string[] = []
    const server = await serve((request, response) => {
      seen.push(request.headers.host ?? '')
      response.end('here')
    })
    const { address, asked } = await serveDns((name, type, times) =>
      type === 'A' ? [{ name, type: 'A', ttl: 0, data: times === 1 ? '127.0.0.1' : '169.254.169.254' }] : [],
    )
    const guard = createGuard({ resolvers: [address], allowPrivate: ['127.0.0.1'] })
    const options = { timeoutMs: 5000, maxBytes: 100 }
    const fetched = await guard.fetch(`http://rebind.test:${server.port}/`, options)
    expect(fetched.body.toString()).toBe('here')
    expect(fetched.address).toBe('127.0.0.1')
    expect(asked.filter((one) => one === 'A rebind.test')).toHaveLength(1)
    // The next request looks again, and is refused.
    await expect(guard.fetch(`http://rebind.test:${server.port}/`, options)).rejects.toMatchObject({ kind: 'blocked' })
    expect(seen).toEqual([`rebind.test:${server.port}`])
  })

  test('an IPv4 address that is written as IPv6 is connected to and known again', async () => {
    const server = await serve((_request, response) => response.end('mapped'))
    const guard = createGuard({ allowPrivate: ['127.0.0.1'] })
    const { body, address } = await guard.fetch(`http://[::ffff:127.0.0.1]:${server.port}/`, {
      timeoutMs: 5000,
      maxBytes: 100,
    })
    expect(body.toString()).toBe('mapped')
    expect(address).toBe('127.0.0.1')
    expect(isOneOf(['127.0.0.1'], '127.0.0.2')).toBe(false)
    expect(isOneOf(['127.0.0.1'], '')).toBe(false)
  })
})
