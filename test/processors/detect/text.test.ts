// Is a request read the way a server would read it, however it is written?
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScan, decode, has, MAX_TEXT, wordBit } from '../../../processors/detect/text.ts'

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

describe('scan', () => {
  const scan = createScan([
    { slash: '.env wp- c99', dot: 'bak' },
    { parameter: 'cmd= information_schema', dash: 'slot' },
  ])

  it.each([
    ['/.env', wordBit(0)],
    ['/a/wp-login', wordBit(0)],
    ['/WP-ADMIN', wordBit(0)],
    ['/a.bak', wordBit(0)],
    ['/?cmd=x', wordBit(1)],
    ['/?t=information_schema', wordBit(1)],
    ['/a&cmd=x', wordBit(1)],
    ['/link-slot-gacor', wordBit(1)],
    ['/a..b', has.dots],
    ['/a__b', has.underscores],
    ["/'", has.quote],
    ['/x.php', has.script],
  ])('sees %s', (text, bit) => {
    expect(scan(text) & bit).toBe(bit)
  })

  it.each(['/', '/berita/pemilu-2024', '/assets/app.3f.css', '/api/v1/hasil?wilayah=31.71&halaman=2', '/xwp-', '/env'])(
    'sees nothing in %s',
    (text) => {
      expect(scan(text)).toBe(0)
    },
  )

  it('finds a word wherever it starts', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.constantFrom('/.env', '/wp-login.php', '/C99.php', '/a.bak'), (path, word) => {
        expect(scan(`${path}${word}`) & wordBit(0)).toBe(wordBit(0))
      }),
    )
  })
})
