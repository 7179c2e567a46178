// Planted identifiers never survive, whatever way they are written; what is no identifier stays as it was.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitsNik } from '../../ingest/identifiers/nik.ts'
import { createTokeniser } from '../../ingest/tokenise.ts'

const tokenise = createTokeniser(Buffer.alloc(32, 7))
const run = (text: string): string => tokenise(Buffer.from(text)).toString()
const nik = '3171014107900001'
const phone = '081234567890'
const nikToken = run(nik)
const phoneToken = run(phone)

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** Every NIK that the structure allows, but those that look like an epoch in microseconds. */
const niks = fc
  .record({
    province: fc.constantFrom(
      11,
      12,
      13,
      21,
      31,
      32,
      33,
      34,
      35,
      36,
      51,
      52,
      53,
      61,
      64,
      71,
      73,
      76,
      81,
      82,
      91,
      94,
      96,
    ),
    regency: fc.oneof(fc.integer({ min: 1, max: 39 }), fc.integer({ min: 71, max: 79 })),
    district: fc.integer({ min: 1, max: 99 }),
    day: fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 41, max: 71 })),
    month: fc.integer({ min: 1, max: 12 }),
    year: fc.integer({ min: 0, max: 99 }),
    serial: fc.integer({ min: 1, max: 9999 }),
  })
  .map(
    (v) =>
      pad(v.province) + pad(v.regency) + pad(v.district) + pad(v.day) + pad(v.month) + pad(v.year) + pad(v.serial, 4),
  )

const group = (digits: string, lengths: number[], separator: string): string => {
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0))
  return lengths.map((length, i) => digits.slice(starts[i], (starts[i] ?? 0) + length)).join(separator)
}

const nikForms: Record<string, (digits: string) => string> = {
  plain: (d) => d,
  fours: (d) => group(d, [4, 4, 4, 4], ' '),
  foursDashed: (d) => group(d, [4, 4, 4, 4], '-'),
  foursDotted: (d) => group(d, [4, 4, 4, 4], '.'),
  sixes: (d) => group(d, [6, 6, 4], ' '),
  sixesDashed: (d) => group(d, [6, 6, 4], '-'),
  official: (d) => group(d, [2, 2, 2, 6, 4], '.'),
  percentSpaces: (d) => group(d, [4, 4, 4, 4], '%20'),
  encoded: (d) => d.replace(/./g, (c) => `%3${c}`),
  unicode: (d) => d.replace(/./g, (c) => `\\u003${c}`),
  halfUnicode: (d) => d.replace(/[02468]/g, (c) => `\\u003${c}`),
  oneUnicode: (d) => `${d.slice(0, 15)}\\u003${d.slice(15)}`,
  pandas: (d) => `${d}.0`,
  java: (d) => `${d[0]}.${d.slice(1)}E15`,
}

const mobiles = fc
  .tuple(
    fc.constantFrom('11', '12', '13', '21', '22', '31', '52', '57', '78', '81', '95', '99'),
    fc.integer({ min: 100_000, max: 999_999_999 }),
  )
  .map(([prefix, rest]) => `8${prefix}${rest}`)

const phoneForms: Record<string, (national: string) => string> = {
  trunk: (d) => `0${d}`,
  plus: (d) => `+62${d}`,
  country: (d) => `62${d}`,
  idd: (d) => `0062${d}`,
  encodedPlus: (d) => `%2B62${d}`,
  dashes: (d) => `0${d.slice(0, 3)}-${d.slice(3, 6)}-${d.slice(6)}`,
  spaces: (d) => `0${d.slice(0, 3)} ${d.slice(3, 6)} ${d.slice(6)}`,
  dots: (d) => `0${d.slice(0, 3)}.${d.slice(3, 6)}.${d.slice(6)}`,
  plusDashes: (d) => `+62 ${d.slice(0, 3)}-${d.slice(3, 6)}-${d.slice(6)}`,
  plusSpaces: (d) => `+62 ${d.slice(0, 3)} ${d.slice(3, 6)} ${d.slice(6)}`,
  brackets: (d) => `(+62) ${d.slice(0, 3)}-${d.slice(3, 6)}-${d.slice(6)}`,
  trunkBrackets: (d) => `+62 (0) ${d.slice(0, 3)} ${d.slice(3, 6)} ${d.slice(6)}`,
  countryDashes: (d) => `62-${d.slice(0, 3)}-${d.slice(3, 6)}-${d.slice(6)}`,
  urlSpaces: (d) => `0${d.slice(0, 3)}%20${d.slice(3, 6)}%20${d.slice(6)}`,
  unicode: (d) => `0${d}`.replace(/./g, (c) => `\\u003${c}`),
  oneUnicode: (d) => `0${d.slice(0, -1)}\\u003${d.slice(-1)}`,
  firstUnicode: (d) => `\\u0030${d}`,
  halfUnicode: (d) => `0${d}`.replace(/[02468]/g, (c) => `\\u003${c}`),
  halfEncoded: (d) => `0${d}`.replace(/[13579]/g, (c) => `%3${c}`),
}

const surroundings = fc.constantFrom<[string, string]>(
  ['', ''],
  [' ', ' '],
  ['nama=Budi&q=', '&x=1'],
  ['"', '"'],
  ['(', ')'],
  ['%20', '%20'],
  ['%3D', '%26'],
  ['\\x22', '\\x22'],
  ['\\x20', '\\x20'],
  ['Jos\\u00e9', ''],
  ['\\u0020', '\\u0020'],
  ['%C3%A9', '%20'],
  ['#011', '#012'],
  ['user_', '_x'],
  ['/foto/', '.jpg'],
  ['<13>1 2024-11-27T10:11:12Z h a - - - ', ''],
  ['2024-11-27 10:11:12 ', ' OK'],
  ["LIKE '%", "%'"],
  ['192.168.1.1 - ', ' - x'],
  ['é', 'é'],
  ['a,b,', ',c'],
  ['key:', ';'],
  ['\t', '\t'],
  ['\0', '\0'],
  ['x', 'y'],
)

describe('what is planted does not survive', () => {
  it('replaces a NIK in every form and place by the token of the plain one', () => {
    fc.assert(
      fc.property(
        niks,
        fc.constantFrom(...Object.keys(nikForms)),
        surroundings,
        fc.integer({ min: 0, max: 40 }),
        (digits, form, [before, after], filler) => {
          // Two digits and a dot after a percent sign are an escape and text.
          fc.pre(!(form === 'official' && before.endsWith('%')))
          const written = nikForms[form]?.(digits) ?? ''
          const out = run('x'.repeat(filler) + before + written + after)
          expect(out).toBe('x'.repeat(filler) + before + run(digits) + after)
        },
      ),
      { numRuns: 4000 },
    )
  })

  it('replaces a mobile number in every form and place by one token', () => {
    fc.assert(
      fc.property(
        mobiles,
        fc.constantFrom(...Object.keys(phoneForms)),
        surroundings,
        fc.integer({ min: 0, max: 40 }),
        (national, form, [before, after], filler) => {
          // %00 is an escape; the number after it is found without the zeros.
          fc.pre(!(form === 'idd' && before.endsWith('%')))
          const written = phoneForms[form]?.(national) ?? ''
          const out = run('z'.repeat(filler) + before + written + after)
          expect(out).toBe('z'.repeat(filler) + before + run(`0${national}`) + after)
        },
      ),
      { numRuns: 4000 },
    )
  })

  it('replaces many in one text, one after the other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(niks, mobiles), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(',', ';', ' | ', '\n', ', ', '/'),
        (people, separator) => {
          const text = people.map(([n, p]) => `${n}${separator}0${p}`).join(separator)
          const out = run(text)
          for (const [n, p] of people) {
            expect(out).not.toContain(n)
            expect(out).not.toContain(p)
          }
          expect(out.match(/nik-[0-9a-f]{16}/g)).toHaveLength(people.length)
        },
      ),
    )
  })

  it('keeps JSON valid, with identifiers as strings, numbers, in arrays and in JSON inside JSON', () => {
    const leaf = fc.oneof(
      niks.map(Number),
      niks,
      mobiles.map((d) => Number(`62${d}`)),
      mobiles.map((d) => `+62${d}`),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.constant(null),
      niks.map((d) => `nomor: ${d}, "benar"`),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), tree, { minKeys: 1, maxKeys: 5 }),
        fc.constantFrom(0, 1, 3),
        fc.boolean(),
        (value, indent, nested) => {
          const text = nested
            ? JSON.stringify({ at: 1, body: JSON.stringify(value) })
            : JSON.stringify(value, null, indent)
          const out = run(text)
          expect(() => JSON.parse(out)).not.toThrow()
          if (nested) {
            const body = JSON.parse(out).body
            // A bare array in nested JSON stays as valid as a token without quotes lets it; objects stay valid.
            if (!JSON.stringify(value).includes('[')) expect(() => JSON.parse(body)).not.toThrow()
          }
        },
      ),
      { numRuns: 1500 },
    )
  })
})

describe('of two readings of the same text the whole identifier counts, not a part of it', () => {
  it.each([
    ['a NIK whose last digit is an escape, with a phone number in the digits before', '7108104101000001', 'nik'],
    ['a phone number whose last digit is an escape, complete without it', '0812345678901', 'tel'],
  ])('%s', (_, digits, kind) => {
    const out = run(`LIKE '%${digits.slice(0, -1)}\\u003${digits.slice(-1)}%'`)
    expect(out).toBe(`LIKE '%${run(digits)}%'`)
    expect(run(digits)).toMatch(new RegExp(`^${kind}-[0-9a-f]{16}$`))
  })
})

describe('what programs encode is seen through', () => {
  const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase()
  it.each([
    ['percent signs that were encoded once more', `q=${nik.replace(/./g, '%253$&')}&x=1`, `q=${nikToken}&x=1`],
    ['the plus of a URL inside a URL', 'next=%252B6281234567890', `next=${phoneToken}`],
    ['%u of old JavaScript', nik.replace(/./g, '%u003$&'), nikToken],
    ['JSON inside JSON', `"{\\"a\\":\\"${nik.replace(/./g, '\\\\u003$&')}\\"}"`, `"{\\"a\\":\\"${nikToken}\\"}"`],
    ['references of XML', `<a>${nik.replace(/./g, '&#x3$&;')}</a>`, `<a>${nikToken}</a>`],
    ['decimal ones', nik.replace(/./g, (digit) => `&#${48 + Number(digit)};`), nikToken],
    ['dashes as JSON writes them', '0812\\u20133456\\u20137890', phoneToken],
    ['dashes as URLs write them', 'hp=0812%E2%80%933456%E2%80%937890', `hp=${phoneToken}`],
    ['no-break spaces as JSON writes them', '3171\\u00a00141\\u00a00790\\u00a00001', nikToken],
    ['fullwidth digits', nik.replace(/./g, (digit) => String.fromCodePoint(0xff10 + Number(digit))), nikToken],
    ['hex, in which the token stays hex', `a1=${hex(`cek ${nik} ya`)} x`, `a1=${hex(`cek ${nikToken} ya`)} x`],
    ['a user of a Windows domain', `KPU\\${nik} masuk`, `KPU\\${nikToken} masuk`],
    ['the same in JSON', `"KPU\\\\${nik}"`, `"KPU\\\\${nikToken}"`],
    ['behind a number sign', `pemilih #${nik}`, `pemilih #${nikToken}`],
  ])('%s', (_, text, expected) => {
    expect(run(text)).toBe(expected)
  })
  it.each([
    'proctitle=2F7573722F7362696E2F73736864002D44',
    'saddr=020000357F0000350000000000000000',
    'GET /cgi-bin/.%2e/.%2e/.%2e/etc/passwd',
    '"path":"C:\\\\users\\\\x33"',
    '3f3e3d3c3b3a393837363534333231303f3e3d3c',
  ])('what holds none stays: %s', (text) => {
    const payload = Buffer.from(text)
    expect(tokenise(payload)).toBe(payload)
  })
})

describe('labels', () => {
  it.each([
    'nik=1234567890123456',
    'NIK : 1234567890123456',
    '"no_kk":"1234567890123456"',
    '"noKk": 1234567890123456',
    'nomorKTP=1234567890123456',
    'no. KK 1234567890123456',
    'nomor induk kependudukan 1234567890123456',
    'nik%3A1234567890123456',
    '<nik>1234567890123456</nik>',
    'e-ktp: 1234-5678-9012-3456',
    '"nik_pemilih":"1234567890123456"',
  ])('16 digits that fit no NIK are replaced after a label: %s', (text) => {
    expect(run(text)).toMatch(/nik-[0-9a-f]{16}/)
    expect(run(text)).not.toContain('3456')
  })
  it.each([
    '"flow_id":1234567890123456',
    'teknik 1234567890123456',
    'nikah=1234567890123456',
    '"nik":null,"flow_id":1234567890123456',
    'kk\n1234567890123456',
  ])('and stay without one: %s', (text) => {
    expect(run(text)).toBe(text)
  })
  it.each([
    ['telp (021) 765-4321', 'telp '],
    ['no_hp=0361 123456', 'no_hp='],
    ['"phone":81234567890', '"phone":'],
    ['phone: 02112345678', 'phone: '],
    ['+62 21 7654321', ''],
    ['tel:+622112345678', 'tel:'],
    ['wa 812-3456-7890', 'wa '],
    ['"noHp": "0812 345 67 890"', '"noHp": "'],
  ])('a landline or a short form is replaced after a label or with the country code: %s', (text, head) => {
    expect(run(text)).toMatch(new RegExp(`^${head.replace(/[(]/g, '\\(')}tel-[0-9a-f]{16}"?$`))
  })
})

describe('what stays', () => {
  it.each([
    '{"flow_id":2138629792252828,"tx":1}',
    '"flow_id":1258832998001901',
    '20241127101112',
    '1732700000123',
    '1732700000123456',
    '192.168.100.200',
    '62.81.23.45 62.81.23.46',
    '192.168.100.200 - - [27/Nov/2024:10:11:12 +0700] "GET / HTTP/1.1" 200 35122',
    '2024-11-27 08:12:20',
    '08-12-2024 10:11:12',
    '0.0812345678',
    '106.8166660000000',
    '-6.2088000000000001',
    '0.3171014107900001',
    '4111111111111111',
    '31710141079000011',
    '317101410790000',
    '8812345678901',
    '550e8400-e29b-41d4-a716-081234567890',
    'e0813366-0407-449a-9869-123456789012',
    'd41d8cd98f00b204e98008123456789f',
    '2018-10-10T10:11:12.123456+0700',
    '0000000000100000',
    '"bytes":62812345678.25',
    'Chrome/120.0.6099.129 Safari/537.36',
    '2001:db8::812:3456:7890',
    '021 7654321',
    '3171010000900001',
  ])('%s', (text) => {
    expect(run(text)).toBe(text)
  })

  it('a payload without candidates is the same buffer', () => {
    const payload = Buffer.from('Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186')
    expect(tokenise(payload)).toBe(payload)
  })

  it('the fields beside a number', () => {
    expect(run('0812345678 200 512')).toMatch(/^tel-\w{16} 200 512$/)
    expect(run(`"GET /?hp=${phone} HTTP/1.1" 200 12`)).toBe(`"GET /?hp=${phoneToken} HTTP/1.1" 200 12`)
    expect(run(`${phone} 10:11:12`)).toBe(`${phoneToken} 10:11:12`)
  })
})

describe('structure of a NIK', () => {
  it.each([
    [nik, true],
    ['3171010000900001', false],
    ['3171011390900001', false],
    ['3171012713900001', false],
    ['3171010107900000', false],
    ['3140010107900001', false],
    ['2071010107900001', false],
    ['1720010107900001', false],
    ['1715010107900001', true],
    ['1771010107900001', true],
    ['5401010107600001', true],
  ])('%s %s', (digits, fits) => {
    expect(fitsNik(digits)).toBe(fits)
  })
})

describe('any bytes', () => {
  it('never fails, and what is left holds no plain identifier', () => {
    const soup = fc.array(
      fc.constantFrom(
        ...'0123456789',
        '08',
        '62',
        '+62',
        '3171',
        '0107',
        ...' .-+%()\\ux"{}[]:,',
        '%20',
        '\\u003',
        '\\x3',
        '\xc2\xa0',
        'nik',
        'hp',
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(soup, fc.nat(80), (parts, keep) => {
        const payload = Buffer.from(parts.join(''), 'latin1')
        const out = tokenise(payload).toString('latin1')
        for (const [, digits = ''] of out.matchAll(/(?<![0-9.%\\xu])(\d{16})(?![0-9.])/g))
          expect(fitsNik(digits)).toBe(false)
        tokenise(payload, Math.min(keep, payload.length))
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('cost', () => {
  it.each([
    '0812 ',
    '3171',
    '62 8',
    '08123-',
    '%33',
    '%71 0',
    '%30%20',
    '+62 ',
    '0 ',
    '\\u0033',
    '{"a":3171014107900001,',
  ])('512 KiB of %j are read in linear time', (unit) => {
    const once = Buffer.from(unit.repeat(Math.floor((512 * 1024) / unit.length)))
    const start = performance.now()
    tokenise(once)
    expect(performance.now() - start).toBeLessThan(15_000)
  })
  it('keeps the token apart from other tokenisers', () => {
    expect(createTokeniser(Buffer.alloc(32, 8))(Buffer.from(nik)).toString()).not.toBe(nikToken)
  })
})
