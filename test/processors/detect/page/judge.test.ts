// What is said of a page beyond single words? Cloaking, what is hidden, what is known already, sitemaps, disguises, and that any text is bearable.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldText, tokensOf } from '../../../../processors/detect/page/fold.ts'
import { LIKELY } from '../../../../processors/detect/page/judge.ts'
import { loadPageWords } from '../../../../processors/detect/page/words.ts'
import { baseline, judge, record, view, words } from './facts.ts'

const office = {
  title: 'Pemerintah Kota',
  text: 'Layanan kependudukan, perizinan, dan pengaduan warga dibuka Senin sampai Jumat.',
}
const offer = { title: 'Slot Gacor Hari Ini', text: 'Situs slot gacor terpercaya, daftar, link alternatif, maxwin' }
const hacked = { title: 'Hacked by Tim Contoh', text: 'Sorry admin, your security is low. Greetz' }

describe('cloaking', () => {
  test('a page that only the crawler gets is hidden, and says how it differs', () => {
    const { gambling, cloaked } = judge(
      record([view(office), view(office, { agent: 'phone' }), view(offer, { agent: 'crawler' })]),
    )
    expect(gambling).toMatchObject({ hidden: true, views: ['crawler'] })
    expect(gambling.score).toBeGreaterThan(0.9)
    expect(cloaked?.agents).toEqual(['crawler'])
    expect(cloaked?.how[0]).toMatch(/^crawler: gambling \(.*slot gacor.*\), desktop: none$/)
  })

  test('a page that all get is not cloaked', () => {
    const { gambling, cloaked } = judge(record([view(offer), view(offer, { agent: 'crawler' })]))
    expect(cloaked).toBeUndefined()
    expect(gambling).toMatchObject({ hidden: false, views: ['desktop', 'crawler'] })
  })

  test('phones that are sent to another domain, not to another name of the site', () => {
    const sent = (location: string) =>
      judge(
        record([
          view(office),
          view({}, { agent: 'phone', status: 302, redirects: [{ status: 302, location, followed: false }] }),
        ]),
      ).cloaked
    expect(sent('https://main.example/')?.how).toEqual(['phone: sent to main.example, desktop: not'])
    expect(sent('https://m.kota.go.id/')).toBeUndefined()
  })

  test('a defacement for one agent', () => {
    expect(judge(record([view(office), view(hacked, { agent: 'phone' })])).cloaked?.agents).toEqual(['phone'])
  })
})

describe('what people do not see', () => {
  test('hidden links to other hosts speak, whatever the page is about', () => {
    const news = { title: 'Polres Tangkap Bandar Judi', text: 'Polisi menangkap tersangka bandar judi slot online.' }
    const links = [
      { href: 'https://a.example/', text: 'slot gacor', why: 'display:none' },
      { href: 'https://b.example/', text: 'togel online', why: 'opacity:0' },
    ]
    expect(judge(record([view(news)])).gambling.score).toBeLessThan(LIKELY)
    expect(judge(record([view({ ...news, hidden_links: links })])).gambling).toMatchObject({ hidden: true })
  })

  test('hosts with names of gambling sites are named', () => {
    const page = { ...office, links: [{ href: 'https://mawar138.example/', text: 'daftar' }] }
    expect(judge(record([view({ ...page, link_hosts: ['mawar138.example'] })])).gambling.hosts).toEqual([
      'mawar138.example',
    ])
  })
})

test('a frame of a gambling site says more than a link to it', () => {
  const links = [{ href: 'https://a.example/lobby', text: 'live casino' }]
  const link = judge(record([view({ ...office, links })])).gambling
  const frame = judge(record([view({ ...office, links, script_hosts: ['a.example'] })])).gambling
  expect(frame.score).toBeGreaterThan(link.score)
  expect(frame.places).toContain('frame')
})

test('a frame or canonical address of a host with the name of a gambling site is enough', () => {
  const links = [{ href: 'https://mawar138.example/', text: '' }]
  const framed = { ...office, links, link_hosts: ['mawar138.example'], script_hosts: ['mawar138.example'] }
  expect(judge(record([view({ ...framed, script_hosts: [] })])).gambling.score).toBeLessThan(LIKELY)
  expect(judge(record([view(framed)])).gambling.score).toBeGreaterThan(LIKELY)
  const canonical = { ...office, canonical: 'https://mawar138.example/' }
  expect(judge(record([view(canonical)])).gambling.score).toBeGreaterThan(LIKELY)
})

test('other addresses of an honest site are no offer, whatever hosts they lead to', () => {
  const links = [1, 2].map((n) => ({ href: `https://daftar${n}.example/`, text: `Link alternatif ${n}` }))
  const page = { title: 'Link Alternatif', text: 'Portal padat, gunakan link alternatif berikut.', links }
  expect(judge(record([view(page)])).gambling.score).toBeLessThan(LIKELY)
})

describe('what speaks of a break-in and is none', () => {
  const defaced = (title: string, text: string, look: string[] = []): number =>
    judge(record([view({ title, text, look })])).defacement.score

  test('topics alone', () => {
    const text = 'Hacker muda meretas masalah kota selama tiga puluh enam jam bersama warga di balai kota, kopi gratis.'
    expect(defaced('Malam Hacking Kota', text)).toBeLessThan(LIKELY)
  })

  test('a black page of a band', () => {
    expect(defaced('Konser', 'Konser malam ini di alun alun, gratis untuk warga.', ['black', 'sound'])).toBeLessThan(
      0.1,
    )
    const claim = 'Web kalian kami datangi. Perbaiki celah.'
    expect(defaced('Halo', claim, ['black', 'sound'])).toBeGreaterThan(defaced('Halo', claim))
  })

  test('who was hit, and what is not so', () => {
    expect(defaced('Bantuan', 'Situs saya kena hack tadi malam')).toBeLessThan(
      defaced('Bantuan', 'Situs ini saya hack tadi malam'),
    )
  })

  test('a quotation, as a whole', () => {
    const text = 'tadi pagi kami lihat tulisan "maaf ya situs ini hacked by tim contoh" di sana'
    expect(defaced('Kabar', text)).toBeLessThan(defaced('Kabar', text.replaceAll('"', '')))
  })
})

test('what was there all the time counts less than what is new', () => {
  const page = { ...office, text: `${office.text} Situs slot gacor` }
  const known = judge(record([view(page)], { before: baseline(), similarity: 1 })).gambling.score
  const fresh = judge(record([view(page)], { before: baseline(), similarity: 0.8, added_text: 'Situs slot gacor' }))
    .gambling.score
  expect(fresh).toBeGreaterThan(known)
})

test('a title and text that were replaced make a signature surer', () => {
  const page = { title: 'Diretas', text: 'peretas' }
  const before = judge(record([view(page)], { before: baseline({ title: 'Diretas' }), similarity: 0.1 }))
  const after = judge(record([view(page)], { before: baseline(), similarity: 0.1 }))
  expect(after.defacement.score).toBeGreaterThan(before.defacement.score)
  expect(after.defacement.words).toContain('title and text replaced')
})

test('addresses of a sitemap: advertising, and news that is none', () => {
  const sample = [
    'https://kota.go.id/slot-gacor/',
    'https://kota.go.id/situs-togel/',
    'https://kota.go.id/polisi-sita-slot/',
  ]
  const { gambling } = judge(record([view(office)], { sitemap: { urls: 3, sample } }))
  expect(gambling.sitemap).toEqual(sample.slice(0, 2))
})

describe('disguises', () => {
  const read = (text: string): string =>
    tokensOf(foldText(text), words.gambling.vocabulary)
      .map(({ text: word }) => word)
      .join(' ')

  test.each([
    ['S1OT g4c0r m@xw1n', 'slot gacor maxwin'],
    ['ＳＬＯＴ ｇａｃｏｒ', 'slot gacor'],
    ['s l o t . g a c o r', 'slot gacor'],
    ['S L O T & T O G E L M A W A R G A C O R', 'slot togel mawar gacor'],
    ['🇸🇱🇴🇹 gacor', 'slot gacor'],
    ['ѕlоt gаcоr', 'slot gacor'],
    ['sl\u200bot ga\u00adcor', 'slot gacor'],
    ['ⓢⓛⓞⓣ 🅶🅰🅲🅾🆁', 'slot gacor'],
    ['slotgacor88', 'slot gacor88'],
    ['slót gàcor', 'slot gacor'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  test.each(['казино', 'COVID19', 'pasal 303', 'info@kota.go.id', 'สล็อต'])('%s stays what it is', (text) => {
    expect(read(text).replaceAll(' ', '')).toBe(foldText(text).replace(/[ @.]/g, ''))
  })
})

test('any text is judged, with scores from 0 to 1', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.webUrl(), (text, href) => {
      const page = { title: text, text, hidden_text: text, script_text: text, refresh: href, canonical: text }
      const links = [
        { href: text, text },
        { href, text },
      ]
      const { gambling, defacement } = judge(
        record([view({ ...page, links, hidden_links: links.map((link) => ({ ...link, why: 'x' })) })], {
          sitemap: { urls: 1, sample: [text, href] },
          added_text: text,
        }),
      )
      for (const { score } of [gambling, defacement]) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 300 },
  )
})

describe('files of words', () => {
  const folder = (text: string): string => {
    const path = mkdtempSync(join(tmpdir(), 'siaga-words-'))
    writeFileSync(join(path, 'own.words.yml'), text)
    return path
  }

  test('an operator adds words of their own', () => {
    const path = folder(
      'judges: gambling\neven: 1\nslope: 1\nsure: [{ about: own, weight: 5, words: [kuda lumping emas] }]\n',
    )
    expect(loadPageWords([path]).gambling.root.next.has('kuda')).toBe(true)
    rmSync(path, { recursive: true })
  })

  test('one that is none is named', () => {
    const path = folder('judges: weather\n')
    expect(() => loadPageWords([path])).toThrow(/own\.words\.yml: judges/)
    rmSync(path, { recursive: true })
  })
})
