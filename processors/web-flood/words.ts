// How is a verdict said to people, in Indonesian and in English? Signs with their figures, the part they are about, and the sentence in front.
import type { SignName } from './features.ts'
import type { NetworkClass } from './traffic.ts'
import { type JudgedPart, kindOf, type SignPoints, type Verdict } from './verdict.ts'

export interface Words {
  readonly id: string
  readonly en: string
}

const percent = (share: number): string => `${Math.round(100 * share)} %`
const number = (value: number): string => String(Math.round(10 * value) / 10)

/** A sign by shares of requests: what it is called, with what was seen and what is usual. */
const ofShare =
  (id: string, en: string) =>
  ({ seen, usual }: SignPoints): Words => ({
    id: `${id}: ${percent(seen)} (biasanya ${percent(usual)})`,
    en: `${en}: ${percent(seen)} (usually ${percent(usual)})`,
  })
const alone =
  (id: string, en: string) =>
  ({ seen }: SignPoints): Words => ({ id: `${id}: ${percent(seen)}`, en: `${en}: ${percent(seen)}` })
const parts = ({ seen, usual }: SignPoints): Words => ({
  id: `bagian halaman (gambar, gaya, skrip) per halaman: ${number(seen)} (biasanya ${number(usual)})`,
  en: `parts of pages (images, styles, scripts) a page: ${number(seen)} (usually ${number(usual)})`,
})

const signWords: Readonly<Record<SignName, (sign: SignPoints) => Words>> = {
  no_parts: parts,
  few_parts: parts,
  path_bare: parts,
  no_referrer: ofShare(
    'permintaan tanpa Referer padahal peramban mengirimnya',
    'requests without the Referer that browsers send',
  ),
  abroad: ofShare('dari penyedia di luar negeri', 'from providers abroad'),
  hosting: ofShare('dari pusat data, cloud atau VPN', 'from hosters, clouds or VPNs'),
  few_mobile: ofShare('dari operator seluler Indonesia', 'from Indonesian mobile carriers'),
  tools: ofShare('alat, robot, atau tanpa User-Agent', 'tools, robots, or no User-Agent'),
  one_agent: alone('satu User-Agent yang sama', 'one and the same User-Agent'),
  old_agents: alone('peramban yang sudah lama usang', 'browsers long out of date'),
  desktop: ofShare('komputer meja atau laptop', 'desktop computers'),
  old_http: ofShare('HTTP/1.x', 'HTTP/1.x'),
  unique_queries: ofShare(
    'halaman dengan parameter yang semuanya berbeda',
    'pages with a query that is always another',
  ),
  posts: ofShare('POST dan sejenisnya', 'POST and the like'),
  refused: ofShare('jawaban 400 sampai 405', 'answers 400 to 405'),
  cut: ofShare('jawaban 408, 429, 499', 'answers 408, 429, 499'),
  expensive: ofShare('pencarian, login, unduhan', 'searches, log-ins, downloads'),
  novel: alone('halaman yang jarang ada sebelumnya', 'paths that this site hardly had before'),
  sudden: ({ seen, usual }) => ({
    id: `muncul tiba-tiba: ${Math.round(seen)} permintaan semenit, sebelumnya ${Math.round(usual)}`,
    en: `sudden: ${Math.round(seen)} requests a minute, ${Math.round(usual)} before`,
  }),
  swollen: ofShare('bagian dari semua halaman', 'share of all pages'),
  rented: ofShare('pusat data mengambil bagian yang tidak biasa', 'hosters take an unusual part'),
  familiar: ofShare(
    'jenis klien yang biasa ada di situs ini, bagian dari semua halaman',
    'kind of client that this site always has, share of all pages',
  ),
  even: ({ seen }) => ({
    id: `semua klien meminta sama banyak (sebaran ${number(seen)})`,
    en: `every client asks equally often (spread ${number(seen)})`,
  }),
  steady: alone('klien dengan irama tetap', 'clients with a steady beat'),
  single: alone(
    'klien dengan satu halaman saja tanpa bagiannya',
    'clients with one page and nothing that belongs to it',
  ),
  bare: alone(
    'klien dengan banyak halaman tanpa bagiannya',
    'clients with several pages and nothing that belongs to them',
  ),
  carrier: alone(
    'dari operator seluler (satu alamat dipakai banyak orang)',
    'from mobile carriers (many people behind an address)',
  ),
  demand: alone('kunjungan yang dijelaskan oleh tahapan pemilu', 'rush that the election itself explains'),
}

/** A sign with its figures. */
export function wordsOfSign(sign: SignPoints): Words {
  return signWords[sign.name](sign)
}

const classWords: Readonly<Record<NetworkClass, Words>> = {
  mobile: { id: 'operator seluler', en: 'mobile carriers' },
  indonesia: { id: 'penyedia di Indonesia', en: 'providers in Indonesia' },
  hosting: { id: 'pusat data dan VPN', en: 'hosters and VPNs' },
  abroad: { id: 'luar negeri', en: 'abroad' },
  inside: { id: 'jaringan dalam', en: 'inside networks' },
  unknown: { id: 'jaringan tak dikenal', en: 'unknown networks' },
}

const behaviourWords: Readonly<Record<string, Words>> = {
  posts: { id: 'klien yang terutama mengirim POST', en: 'clients that mostly POST' },
  queries: {
    id: 'klien yang terutama meminta halaman dengan parameter',
    en: 'clients that mostly ask for pages with a query',
  },
  calls: { id: 'klien yang terutama memanggil API', en: 'clients that mostly call the API' },
  browser: { id: 'klien yang memuat halaman lengkap', en: 'clients that load whole pages' },
  bare: { id: 'klien dengan banyak halaman tanpa bagiannya', en: 'clients with several bare pages' },
  single: { id: 'klien dengan satu halaman tanpa bagiannya', en: 'clients with one bare page' },
}

const deviceWords: Readonly<Record<string, Words>> & { readonly other: Words } = {
  phone: { id: 'ponsel', en: 'phones' },
  desktop: { id: 'komputer', en: 'computers' },
  preview: { id: 'pratinjau tautan', en: 'previews of links' },
  tool: { id: 'alat dan robot', en: 'tools and robots' },
  other: { id: 'perangkat lain', en: 'other devices' },
}

function ofClass(text: string): Words {
  for (const [name, words] of Object.entries(classWords)) if (name === text) return words
  return { id: text, en: text }
}

/** Whose requests a part is. */
export function wordsOfPart({ part }: JudgedPart): Words {
  const kind = kindOf(part)
  const value = part.part.slice(part.part.indexOf(':') + 1)
  const [first = '', ...rest] = value.split(' · ')
  const more = rest.filter((text) => text !== '').join(' · ')
  switch (kind) {
    case undefined:
    case 'all':
      return { id: 'semua permintaan', en: 'all requests' }
    case 'network':
      return ofClass(value)
    case 'system':
      return { id: `jaringan AS${value}`, en: `network AS${value}` }
    case 'subnet':
      return { id: `blok alamat ${value}`, en: `address block ${value}` }
    case 'agent':
      return {
        id: `User-Agent ${value === '' ? '(kosong)' : value}`,
        en: `User-Agent ${value === '' ? '(empty)' : value}`,
      }
    case 'family':
      return { id: `peramban ${value}`, en: `browser ${value}` }
    case 'kind': {
      const [device = '', protocol = ''] = rest
      const words = deviceWords[device] ?? deviceWords.other
      return {
        id: `${words.id} dari ${ofClass(first).id} lewat ${protocol}`,
        en: `${words.en} from ${ofClass(first).en} by ${protocol}`,
      }
    }
    case 'behaviour':
      return behaviourWords[value] ?? { id: value, en: value }
    case 'session': {
      const words = behaviourWords[first] ?? { id: first, en: first }
      return { id: `${words.id}, ${ofClass(more).id}`, en: `${words.en}, ${ofClass(more).en}` }
    }
    case 'path':
      return { id: `halaman ${value}`, en: `page ${value}` }
  }
}

/** The verdict in a sentence, and its reasons. */
export function wordsOf(verdict: Verdict): { readonly summary: Words; readonly reasons: readonly Words[] } {
  const { minute, usual, outage, worst } = verdict
  const rate = Math.round(minute.requests / 60)
  const times = usual.requests > 0 ? Math.round((10 * minute.requests) / usual.requests) / 10 : 0
  const load: Words = {
    id: `${rate} permintaan per detik${times > 0 ? `, ${times} kali biasanya pada jam ini` : ''}`,
    en: `${rate} requests a second${times > 0 ? `, ${times} times the usual at this hour` : ''}`,
  }
  const what: Readonly<Record<Verdict['verdict'], Words>> = {
    crowd: { id: 'Keramaian pengunjung', en: 'A crowd of visitors' },
    attack: { id: 'Banjir serangan', en: 'A flood' },
    mixed: { id: 'Serangan di tengah keramaian', en: 'A flood inside a crowd' },
    ordinary: { id: 'Lalu lintas biasa', en: 'Ordinary traffic' },
  }
  const reasons: Words[] = [load]
  if (outage !== undefined) {
    if (outage.errors > 0)
      reasons.push({
        id: `galat server 5xx: ${percent(outage.errors)} (biasanya ${percent(outage.errorsUsual)})`,
        en: `server errors 5xx: ${percent(outage.errors)} (usually ${percent(outage.errorsUsual)})`,
      })
    if (outage.failures > 0)
      reasons.push({
        id: `pemeriksaan dari luar gagal: ${outage.failures} dari ${outage.probes}`,
        en: `probes from outside failed: ${outage.failures} of ${outage.probes}`,
      })
  }
  if (worst !== undefined) {
    const part = wordsOfPart(worst)
    reasons.push({
      id: `yang paling mencurigakan: ${part.id} (${percent(worst.share)} permintaan, ${worst.part.addresses} alamat), peluang serangan ${worst.score} %`,
      en: `most suspicious: ${part.en} (${percent(worst.share)} of requests, ${worst.part.addresses} addresses), chance of a flood ${worst.score} %`,
    })
    for (const sign of worst.signs.slice(0, 6)) reasons.push(wordsOfSign(sign))
  }
  const name = what[verdict.verdict]
  return { summary: { id: `${name.id}: ${load.id}`, en: `${name.en}: ${load.en}` }, reasons }
}
