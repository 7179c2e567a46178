import { describe, expect, test } from 'vitest'
import { createSourceDirectory, parseAddress } from '../../../ingest/peer.ts'
import { normalizeAddress } from '../../../runtime/peer-address.ts'
import { Source } from '../../../schemas/config.ts'

function directory(
  ...sources: { id: string; networks?: string[]; certificates?: string[]; format?: string; loopback_only?: boolean }[]
) {
  return createSourceDirectory(sources.map((source) => Source.parse(source)))
}

describe('source directory', () => {
  const sources = directory(
    { id: 'all', networks: ['0.0.0.0/0'] },
    { id: 'ten', networks: ['10.0.0.0/8', '2001:db8::/32'], format: 'nginx' },
    { id: 'jatim', networks: ['10.35.0.0/16', '2001:db8:35::/48'], certificates: ['syslog.jatim.example'] },
    { id: 'host', networks: ['10.35.1.2', '2001:db8:35::7/128'] },
    { id: 'clothed', networks: ['::ffff:192.0.2.0/120'] },
    { id: 'odd', networks: ['172.16.99.99/12'] },
  )

  test.each([
    ['10.35.1.2', 'host'],
    ['10.35.1.3', 'jatim'],
    ['10.36.1.3', 'ten'],
    ['8.8.8.8', 'all'],
    ['::ffff:10.35.1.2', 'host'],
    ['::ffff:a23:0102', 'host'],
    ['2001:db8:35::7', 'host'],
    ['2001:0db8:0035:0:0:0:0:8', 'jatim'],
    ['2001:db8:36::', 'ten'],
    ['2001:db9::', undefined],
    ['192.0.2.77', 'clothed'],
    ['172.31.255.255', 'odd'],
    ['fe80::1%eth0', undefined],
    ['', undefined],
    ['not an address', undefined],
  ])('%s belongs to %s', (address, id) => {
    expect(sources.byPeer(address)?.id).toBe(id)
    expect(sources.byPeer(address)?.id).toBe(id)
  })

  test('a certificate name is compared without case', () => {
    expect(sources.byCertificate(['other', 'Syslog.JATIM.example'])?.id).toBe('jatim')
    expect(sources.byCertificate([])).toBeUndefined()
  })

  test('auto is no format, and an unknown peer has a source of its own', () => {
    expect(sources.byId('ten')).toEqual({ id: 'ten', format: 'nginx', loopbackOnly: false })
    expect(sources.byId('jatim')?.format).toBe('')
    expect(sources.byId('nobody')).toBeUndefined()
    expect(sources.unknownPeer).toEqual({ id: 'unknown-peer', format: '' })
  })

  test.each(['10.0.0.0/33', '10.0.0/8', '::/129', '::ffff:10.0.0.0/95', '1:2:3', '10.0.0.0/-1'])(
    '%s is refused',
    (network) => {
      expect(() => createSourceDirectory([{ ...Source.parse({ id: 'a' }), networks: [network] }])).toThrow(/Source a/)
    },
  )

  test('a network or certificate that two sources claim is refused', () => {
    const a = { id: 'a', networks: ['10.0.0.0/8'], certificates: ['x.example'] }
    expect(() => directory(a, { id: 'b', networks: ['10.255.0.0/8'] })).toThrow(/two sources, a and b/)
    expect(() => directory(a, { id: 'b', certificates: ['X.example'] })).toThrow(/two sources, a and b/)
  })

  test('more addresses than the cache holds change nothing', () => {
    for (let n = 0; n < 30_000; n++) expect(sources.byPeer(`10.1.${n >> 8}.${n & 255}`)?.id).toBe('ten')
  })

  test('addresses', () => {
    expect(normalizeAddress('::FFFF:10.0.0.1')).toBe('10.0.0.1')
    expect(normalizeAddress('fe80::1%eth0')).toBe('fe80::1')
    expect(parseAddress('::')).toEqual({ bits: 128, value: 0n })
    expect(parseAddress('1::')?.value).toBe(1n << 112n)
    expect(parseAddress('64:ff9b::192.0.2.1')?.value).toBe((0x64ff9bn << 96n) | 0xc0000201n)
    expect(parseAddress('1:2:3:4:5:6:7:8')?.value).toBe(0x00010002000300040005000600070008n)
  })
})
