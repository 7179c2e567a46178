// Are addresses read as the RFCs say, and is the scope what the IANA registries say?
import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileNetworks, emptyAddress, parseAddress } from '../../runtime/address.ts'
import { scopeOf } from '../../runtime/address-scope.ts'

function read(text: string) {
  const address = emptyAddress()
  return parseAddress(text, address) ? address : undefined
}

/** Hex words of a text as the engine's own URL parser canonises it. */
function wordsByUrl(text: string): number[] {
  const host = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const [head = '', tail] = host.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return [0, 2, 4, 6].map((at) => (all[at] ?? 0) * 65_536 + (all[at + 1] ?? 0))
}

describe('parseAddress', () => {
  it.each([
    ['192.0.2.1', 4, 0xc0000201],
    ['0.0.0.0', 4, 0],
    ['255.255.255.255', 4, 0xffffffff],
    ['::ffff:192.0.2.1', 4, 0xc0000201],
    ['::FFFF:c000:201', 4, 0xc0000201],
    ['2001:db8::1', 6, 0x20010db8],
    ['::', 6, 0],
    ['64:ff9b::192.0.2.1', 6, 0x0064ff9b],
  ])('reads %s', (text, family, first) => {
    expect(read(text)).toMatchObject({ family, a: first })
  })

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1..2.3',
    '-1.2.3.4',
    '1.2.3.4/8',
    '1.2.3.4:80',
    ':',
    ':1',
    '1:',
    ':::',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    '::1.2.3',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::ffff:1.2.3.4.5',
    'localhost',
    '-',
    '１.2.3.4',
    '0x7f.0.0.1',
    '2130706433',
    `${'1'.repeat(60)}`,
  ])('refuses %j', (text) => {
    expect(read(text)).toBeUndefined()
  })

  it('agrees with the engine on what an address is', () => {
    const part = fc.constantFrom('0', '1', 'ff', 'fffff', '255', '256', '1.2.3.4', '01', '', 'g')
    const separator = fc.constantFrom(':', '::', '.', ':::')
    const shaped = fc
      .array(fc.tuple(part, separator), { maxLength: 9 })
      .map((parts) => parts.flat().slice(0, -1).join(''))
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), shaped, fc.string({ maxLength: 20 }))
    fc.assert(
      fc.property(text, (candidate) => {
        expect(read(candidate) !== undefined).toBe(isIPv4(candidate) || isIPv6(candidate))
      }),
      { numRuns: 3_000 },
    )
  })

  it('reads the same words as the URL parser', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = read(text)
        const [a, b, c, d] = wordsByUrl(text)
        if (a === 0 && b === 0 && c === 0xffff) expect(address).toMatchObject({ family: 4, a: d })
        else expect(address).toEqual({ family: 6, a, b, c, d })
      }),
    )
  })
})

describe('compileNetworks', () => {
  const find = compileNetworks(
    [
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3',
      '0.0.0.0/0',
      '2001:db8::/32',
      '2001:db8:1::/48',
      '2001:db8:1::5',
      '2001:db8:1:2::/63',
      '::ffff:198.51.100.0/120',
    ].map((cidr) => ({ cidr, value: cidr })),
  )
  const at = (text: string) => {
    const address = read(text)
    return address === undefined ? undefined : find(address)
  }

  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.4', '10.1.0.0/16'],
    ['10.2.0.1', '10.0.0.0/8'],
    ['11.0.0.1', '0.0.0.0/0'],
    ['2001:db8:1::5', '2001:db8:1::5'],
    ['2001:db8:1:3::5', '2001:db8:1:2::/63'],
    ['2001:db8:1:4::5', '2001:db8:1::/48'],
    ['2001:db8:2::', '2001:db8::/32'],
    ['2001:db9::', undefined],
    ['198.51.100.9', '::ffff:198.51.100.0/120'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
  ])('finds the longest network of %s', (text, expected) => {
    expect(at(text)).toBe(expected)
  })

  it('keeps the first of two equal networks', () => {
    const twice = compileNetworks([
      { cidr: '10.0.0.0/8', value: 'first' },
      { cidr: '10.9.9.9/8', value: 'second' },
    ])
    expect(twice({ family: 4, a: 0x0a000001, b: 0, c: 0, d: 0 })).toBe('first')
  })

  it.each(['', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/a', '10.0.0/8', '2001:db8::/129', 'kpu.go.id'])(
    'refuses %j',
    (cidr) => {
      expect(() => compileNetworks([{ cidr, value: 1 }])).toThrow(/is not an address or a network/)
    },
  )
})

describe('scopeOf', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['10.1.2.3', 'private'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['169.254.169.254', 'link_local'],
    ['100.64.0.1', 'cgnat'],
    ['100.128.0.0', 'public'],
    ['0.0.0.0', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['203.0.113.9', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['192.0.0.9', 'public'],
    ['192.0.0.8', 'reserved'],
    ['::1', 'loopback'],
    ['::', 'reserved'],
    ['::ffff:10.0.0.1', 'private'],
    ['fe80::1', 'link_local'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['ff02::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['2001:4860:4860::8888', 'public'],
    ['2001::1', 'reserved'],
    ['3fff::1', 'reserved'],
    ['5f00::1', 'reserved'],
    ['64:ff9b::808:808', 'public'],
    ['64:ff9b:1::1', 'private'],
    ['100::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['2002:808:808::1', 'public'],
  ])('puts %s into %s', (text, scope) => {
    const address = read(text)
    expect(address && scopeOf(address)).toBe(scope)
  })
})
