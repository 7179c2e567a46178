// Do indicators and events meet in one form, however either is written?
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalAddress,
  canonicalDomain,
  canonicalEmail,
  canonicalHash,
  canonicalJa3,
  canonicalJa4,
  canonicalNetwork,
  canonicalTarget,
  canonicalUrl,
} from '../../runtime/indicator-value.ts'

describe('addresses', () => {
  test.each([
    ['8.8.4.4', '8.8.4.4'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    // RFC 5952 section 4.2: one group of zeros is not shortened, of two equal runs the first is.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::1', '::1'],
    ['fe80::1%eth0', undefined],
    ['1.2.3', undefined],
    ['01.2.3.4', undefined],
    ['1.2.3.4.', undefined],
  ])('%s', (text, expected) => expect(canonicalAddress(text)).toBe(expected))

  test.each([
    ['1.2.3.4/24', '1.2.3.0/24'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['1.2.3.4/32', '1.2.3.4/32'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
    ['2001:db8::1/127', '2001:db8::/127'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['1.2.3.4/33', undefined],
    ['1.2.3.4/', undefined],
    ['1.2.3.4/8/9', undefined],
    ['1.2.3.4', undefined],
  ])('network %s', (text, expected) => expect(canonicalNetwork(text)).toBe(expected))

  test('what an address is written as is read as the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const once = canonicalAddress(text)
        expect(once).toBeDefined()
        expect(canonicalAddress(once ?? '')).toBe(once)
      }),
    )
  })
})

describe('domains', () => {
  test.each([
    ['Evil.EXAMPLE.com.', 'evil.example.com'],
    ['münchen.example.de', 'xn--mnchen-3ya.example.de'],
    ['kpu。example。com', 'kpu.example.com'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    ['localhost', undefined],
    ['1.2.3.4', undefined],
    ['a..com', undefined],
    ['-a.com', undefined],
    ['a b.com', undefined],
    [`${'a'.repeat(64)}.com`, undefined],
    ['example.123', undefined],
    ['a1.x2', 'a1.x2'],
  ])('%s', (text, expected) => expect(canonicalDomain(text)).toBe(expected))
})

describe('URLs', () => {
  test.each([
    ['http://Evil.Example.com', 'evil.example.com/'],
    ['https://evil.example.com:443/a?b=C#d', 'evil.example.com/a?b=C'],
    ['https://evil.example.com:80/A', 'evil.example.com/A'],
    ['evil.example.com:8080/x', 'evil.example.com:8080/x'],
    ['http://user:p@ss@evil.example.com/', 'evil.example.com/'],
    ['http://evil.example.com?', 'evil.example.com/'],
    ['http://evil.example.com?q', 'evil.example.com/?q'],
    ['//evil.example.com/x', 'evil.example.com/x'],
    ['http://[2001:DB8::1]:8443/x', '[2001:db8::1]:8443/x'],
    ['http://[::ffff:8.8.4.4]/x', '8.8.4.4/x'],
    ['http://8.8.4.4/./a/../%7euser/%2e%2E/b%2fc', '8.8.4.4/b%2Fc'],
    ['http://evil.example.com\\a\\b', 'evil.example.com/a/b'],
    ['http://evil.example.com/a b/ü"', 'evil.example.com/a%20b/%C3%BC%22'],
    ['http://evil.example.com/100%/%zz?x=%41%2b', 'evil.example.com/100%25/%25zz?x=A%2B'],
    ['http://evil.example.com/a/..', 'evil.example.com/'],
    ['http://evil.example.com:99999/', undefined],
    ['http:///x', undefined],
    ['http://localhost/x', undefined],
    ['/x/y', undefined],
    ['', undefined],
  ])('%s', (text, expected) => expect(canonicalUrl(text)).toBe(expected))

  test('a request target and the URL it belongs to meet, whatever its escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const target = canonicalTarget(`/${text}`)
        expect(canonicalTarget(target)).toBe(target)
        const url = canonicalUrl(`https://evil.example.com/${text}`)
        if (url !== undefined) expect(url).toBe(`evil.example.com${target}`)
      }),
    )
  })

  test('any text: no throw, and the form of a form is itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true })), (text) => {
        for (const canonical of [canonicalUrl, canonicalDomain, canonicalEmail, canonicalNetwork]) {
          const once = canonical(text)
          if (once !== undefined) expect(canonical(once)).toBe(once)
        }
      }),
    )
  })
})

test('hashes, e-mail and fingerprints', () => {
  expect(canonicalHash('D41D8CD98F00B204E9800998ECF8427E')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(canonicalHash('a'.repeat(40))).toBe('a'.repeat(40))
  expect(canonicalHash('a'.repeat(41))).toBeUndefined()
  expect(canonicalHash('g'.repeat(32))).toBeUndefined()
  expect(canonicalEmail('Penipu@Evil.Example.COM')).toBe('penipu@evil.example.com')
  expect(canonicalEmail('@example.com')).toBeUndefined()
  expect(canonicalEmail('a b@example.com')).toBeUndefined()
  expect(canonicalJa3('E7D705A3286E19EA42F587B344EE6865')).toBe('e7d705a3286e19ea42f587b344ee6865')
  expect(canonicalJa4('T13d1516h2_8daaf6152771_b186095e22b6')).toBe('t13d1516h2_8daaf6152771_b186095e22b6')
  expect(canonicalJa4('t13d1516h2_8daaf6152771')).toBeUndefined()
})
