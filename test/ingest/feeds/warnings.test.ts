// Are values that everybody meets kept out, and values of ours kept back?
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { observableOf } from '../../../ingest/feeds/canonical.ts'
import { createCarrierLookup } from '../../../ingest/feeds/carriers.ts'
import { createProtected, holdReasons, protectedNames } from '../../../ingest/feeds/hold.ts'
import { parseList } from '../../../ingest/feeds/list.ts'
import { createOverlap, spanOf } from '../../../ingest/feeds/spans.ts'
import { createWarningLists, loadWarningLists } from '../../../ingest/feeds/warning-lists.ts'
import { Asset } from '../../../schemas/config.ts'
import { eventually, feed, folder, NOW, serve, settings, start, text } from './rig.ts'

const shipped = createWarningLists(loadWarningLists([], '.'))
const on = (value: string): string | undefined => {
  const observable = observableOf(value)
  return observable === undefined ? 'unreadable' : shipped(observable)
}

describe('shipped warning lists', () => {
  test.each([
    ['8.8.8.8', 'public-resolvers'],
    ['2001:4860:4860::8888', 'public-resolvers'],
    ['199.7.83.42', 'public-resolvers'],
    ['dns.google', 'public-resolvers'],
    ['104.16.3.4', 'cdn'],
    ['151.101.0.0/17', 'cdn'],
    ['8.8.8.0/24', 'public-resolvers'],
    ['45.0.0.0/7', 'too-broad'],
    ['2000::/12', 'too-broad'],
    ['192.168.3.4', 'not-public'],
    ['127.0.0.1', 'not-public'],
    ['fe80::1', 'not-public'],
    ['10.0.0.0/8', 'not-public'],
    ['203.0.113.7', 'not-public'],
    ['google.com', 'top-domains'],
    ['www.google.com', 'top-domains'],
    ['whatsapp.net', 'top-domains'],
    ['go.id', 'public-suffix'],
    ['kpu.co.id', undefined],
    ['co.id', 'public-suffix'],
    ['blogspot.com', 'top-domains'],
    ['gmail.com', 'public-mail'],
    ['r3.o.lencr.org', 'ocsp-crl'],
    ['0.id.pool.ntp.org', 'ntp'],
    // A domain matches what is beneath it: this one would match fonts.gstatic.com.
    ['gstatic.com', 'clouds'],
    ['https://www.google.com/', 'top-domains'],
    ['http://8.8.8.8/', 'public-resolvers'],
    ['http://192.168.1.1/setup.cgi', 'not-public'],
  ])('%s: %s', (value, list) => expect(on(value)).toBe(list))

  test.each([
    'jahat.blogspot.com',
    'https://github.com/jahat/undangan/raw/main/a.apk',
    'https://docs.google.com/forms/d/x',
    '45.9.148.3',
    '45.9.0.0/16',
    'penipu.kpu@gmail.com',
    'jahat.pages.dev',
    'kpu.go.id',
    'd41d8cd98f00b204e9800998ecf8427e',
    // Of carriers people decide.
    '100.64.1.1',
  ])('%s may be an indicator', (value) => expect(on(value)).toBeUndefined())

  test('each says what it is, and holds nothing that is on another by mistake of writing', () => {
    const files = loadWarningLists([], '.')
    expect(files.length).toBeGreaterThanOrEqual(8)
    for (const { text: lines } of files) expect(lines.split('\n')[0]).toMatch(/^# \S.{10,}\.$/)
  })
})

test('lists of people count too; a line that is nothing is told with its place', () => {
  const dir = folder()
  writeFileSync(join(dir, 'kita.txt'), '# milik kita\nmitra.example.com # web\n45.9.148.0/24\n')
  const lists = createWarningLists(loadWarningLists(['kita.txt'], dir))
  expect(lists({ type: 'domain', value: 'mitra.example.com' })).toBe('kita')
  expect(lists({ type: 'ip', value: '45.9.148.77' })).toBe('kita')
  writeFileSync(join(dir, 'salah.txt'), 'ini bukan apa-apa\n')
  expect(() => createWarningLists(loadWarningLists(['salah.txt'], dir))).toThrow(/salah, line 1: "ini bukan apa-apa"/)
  expect(() => loadWarningLists(['tidak-ada.txt'], dir)).toThrow(/warning_lists/)
})

test('what is dropped is counted by list', async () => {
  const server = await serve(text('8.8.8.8\n1.1.1.1\n10.0.0.1\n45.9.148.3\n'))
  const dataDir = folder()
  const { port } = await start([feed({ url: server.url })], dataDir)
  await eventually(() => expect(port.values()).toEqual(['ip 45.9.148.3']))
  const { readMeta } = await import('../../../ingest/feeds/copy.ts')
  const { feedFiles } = await import('../../../ingest/feeds/folders.ts')
  expect((await readMeta(feedFiles(dataDir, 'uji').good))?.warned).toEqual({ 'public-resolvers': 2, 'not-public': 1 })
})

describe('overlap', () => {
  test('is what comparing bit by bit says', () => {
    const network = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 128 }))
      .map(([address, bits]) => {
        const full = address.includes(':') ? 128 : 32
        return `${address}/${bits % (full + 1)}`
      })
    const bitsOf = (cidr: string): string => {
      const span = spanOf(cidr)
      if (span === undefined) return '?'
      const bits = span.first.map((word) => word.toString(2).padStart(32, '0')).join('')
      return `${span.family}${bits.slice(0, span.bits)}`
    }
    fc.assert(
      fc.property(fc.array(network, { maxLength: 20 }), network, (networks, asked) => {
        const found = createOverlap(networks.map((cidr) => ({ cidr, value: cidr })))(asked)
        const bits = bitsOf(asked)
        const expected = networks.some((one) => bits.startsWith(bitsOf(one)) || bitsOf(one).startsWith(bits))
        expect(found !== undefined).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('protected names', () => {
  const names = protectedNames(
    {
      assets: [
        Asset.parse({
          id: 'web',
          hosts: ['sirekap.kpu.go.id', '103.10.7.7'],
          url: 'https://infopemilu.kpu.go.id:8443/x',
          addresses: ['103.10.5.0/24', '2001:df0::/48'],
        }),
      ],
      allow_list: ['103.20.0.9'],
    },
    ['bawaslu.go.id'],
  )
  const match = createProtected(names)
  const of = (value: string): string | undefined => {
    const [indicator] = parseList(Buffer.from(value), settings(), NOW).indicators
    return indicator === undefined ? 'unreadable' : match(indicator)
  }
  test.each([
    ['sirekap.kpu.go.id', 'sirekap.kpu.go.id'],
    ['kpu.go.id', 'sirekap.kpu.go.id'],
    ['api.sirekap.kpu.go.id', 'sirekap.kpu.go.id'],
    ['data.bawaslu.go.id', 'bawaslu.go.id'],
    ['https://infopemilu.kpu.go.id/slot-gacor', 'infopemilu.kpu.go.id'],
    ['https://103.10.5.9/x', '103.10.5.0/24'],
    ['103.10.5.9', '103.10.5.0/24'],
    ['103.10.7.7', '103.10.7.7'],
    ['103.10.0.0/16', '103.10.5.0/24'],
    ['103.10.5.128/25', '103.10.5.0/24'],
    ['103.20.0.9', '103.20.0.9'],
    ['2001:df0::1', '2001:df0::/48'],
    ['admin@bawaslu.go.id', 'bawaslu.go.id'],
    ['kpu-go.id', undefined],
    ['xkpu.go.id', undefined],
    ['https://kpu.go.id.example.com/', undefined],
    ['103.10.6.1', undefined],
  ])('%s: %s', (value, name) => expect(of(value)).toBe(name))
})

test('carriers by autonomous system; the share of traffic only above the limit; nothing new asks nothing', async () => {
  const { indicators } = parseList(Buffer.from('114.120.1.1\n45.9.148.3\n45.9.148.0/24\n'), settings(), NOW)
  const systems = new Map([
    [114, 23693],
    [45, 64500],
  ])
  const carrierOf = createCarrierLookup(({ a }) => systems.get(a >>> 24) ?? 0)
  let asked = 0
  const judge = (matched: number, events: number, some = indicators) =>
    holdReasons(some, {
      names: { domains: [], networks: [] },
      carrierOf,
      share: 0.001,
      traffic: async () => {
        asked++
        return { matched, events }
      },
    })
  const carrier = { kind: 'carrier', count: 1, examples: ['114.120.1.1 (Telkomsel)'] }
  expect(await judge(1, 1000)).toEqual([carrier])
  expect(await judge(2, 1000)).toEqual([
    carrier,
    { kind: 'traffic', count: 2, examples: ['2 of 1000 events of the last hour'] },
  ])
  expect(await judge(0, 0)).toEqual([carrier])
  expect(await judge(5, 5, [])).toEqual([])
  expect(asked).toBe(3)
})
