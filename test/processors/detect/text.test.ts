// Is a request read the way a server would read it, however it is written?
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, MAX_TEXT } from '../../../processors/detect/text.ts'

describe('decode', () => {
  it.each([
    ['/a%41%62', '/aab'],
    ['/%2527', "/'"],
    ['/%252527', "/'"],
    ['/%25252527', '/%27'],
    ['/a+b?c+d', '/a+b?c d'],
    ['/x?a=1&b=%26', '/x?a=1\xffb=&'],
    ['/%u0041%u003c', '/a<'],
    ['/%uff1cscript', '/<script'],
    ['/\\x22\\x3C', '/"<'],
    ['/%c0%ae%c0%ae%c0%af', '/../'],
    ['/%ef%bc%87%ef%bc%a1', "/'a"],
    ['/ＡＢ＜', '/ab<'],
    ['/%zz%4', '/%zz%4'],
    ['/%', '/%'],
    ['/?a%20%09%0bb', '/?a b'],
    ['/?a/**/b/*x*/c', '/?a b c'],
    ['/?a/*!50000select*/b', '/?a select b'],
    ['/?a/*b', '/?a/*b'],
    ['/?%0d%0aX', '/?\r\nx'],
    ['', ''],
  ])('reads %j as %j', (raw, text) => {
    expect(decode(raw, false).text).toBe(text)
  })

  it.each(['/%2e%2e/', '/.%2e/', '/..%2fa', '/..%5ca', '/%252e', '/%c0%af', '/%u002e'])(
    'notes the disguise in %s',
    (raw) => {
      expect(decode(raw, false).disguised).toBe(true)
    },
  )

  it.each(['/../', '/a%2fb', '/a%20b', '/%25'])('sees no disguise in %s', (raw) => {
    expect(decode(raw, false).disguised).toBe(false)
  })

  it('reads no more than 16 KiB, never grows a text, and never throws', () => {
    const piece = fc.constantFrom(
      '%',
      '%2',
      '%25',
      '%u00',
      '\\x',
      '%c0',
      '%af',
      '/*',
      '*/',
      '/*!',
      '+',
      '&',
      '?',
      ' ',
      'a',
      '\ud800',
      '\0',
      'é',
      '＜',
      '%ef%bc',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), fc.integer({ min: 1, max: 200 }), (pieces, times) => {
        const { text } = decode(pieces.join('').repeat(times), false)
        expect(text.length).toBeLessThanOrEqual(MAX_TEXT)
      }),
    )
  })
})
