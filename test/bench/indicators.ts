// What do a million indicators cost? Time to write and load the table, memory, and look-ups for events that carry none and for events that do.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIndicatorMatch } from '../../processors/detect/indicators/match.ts'
import { openTable } from '../../processors/detect/indicators/table.ts'
import { createTableWriter } from '../../processors/detect/indicators/write.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'
import type { Indicator, IndicatorType } from '../../schemas/indicator.ts'

const DAY = 86_400_000

/** Parts of the mix that feeds bring, in a hundred. */
const mix: readonly (readonly [IndicatorType, number])[] = [
  ['ip', 35],
  ['domain', 25],
  ['url', 20],
  ['file_hash', 12],
  ['network', 5],
  ['email', 2],
  ['ja3', 1],
]

const types = mix.flatMap(([type, share]) => Array<IndicatorType>(share).fill(type))

/** Loads `count` indicators and matches `events` events against them. */
export async function indicatorsCost(count: number, events: number, say: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-indicators-'))
  const file = join(folder, 'table')
  try {
    const now = Date.now()
    const writeBegan = performance.now()
    const writer = await createTableWriter(file, 'bench', count)
    for (let n = 0; n < count; n++) {
      writer.add(indicatorOf(n, now))
      if (n % 10_000 === 0) await writer.flush()
    }
    await writer.finish()
    const writeMs = performance.now() - writeBegan
    globalThis.gc?.()
    const before = process.memoryUsage()
    const loadBegan = performance.now()
    const table = await openTable(file)
    const loadMs = performance.now() - loadBegan
    globalThis.gc?.()
    const after = process.memoryUsage()
    say(
      `indicators: ${count.toLocaleString('en')} written in ${(writeMs / 1000).toFixed(1)} s, ${mib((await stat(file)).size)} on disk`,
    )
    say(
      `  loaded in ${loadMs.toFixed(0)} ms; ${mib(table.bytes)} of tables, process grew by ${mib(after.rss - before.rss)} (RSS)`,
    )
    const match = createIndicatorMatch(table)
    for (const [name, share] of [
      ['none matches', 0],
      ['one in a thousand matches', 0.001],
      ['one in a hundred matches', 0.01],
    ] as const) {
      const made = Array.from({ length: 4_000 }, (_, n) => eventOf(n, share, count, now))
      let hits = 0
      for (const event of made) hits += match(event).length
      hits = 0
      const began = performance.now()
      for (let n = 0; n < events; n++) hits += match(made[n % made.length] as Event).length
      const micros = ((performance.now() - began) * 1000) / events
      say(
        `  ${name}: ${micros.toFixed(3)} µs an event, ${Math.round(1e6 / micros).toLocaleString('en')} events/s, ${hits} matches in ${events.toLocaleString('en')} events with 2 addresses, 3 names, a URL, a referrer, a hash and a fingerprint each`,
      )
    }
    table.close()
  } finally {
    await rm(folder, { recursive: true })
  }
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** A number that looks random and is the same each time. */
function scrambled(n: number): number {
  let h = Math.imul(n ^ 0x5bd1e995, 0x9e3779b1)
  h ^= h >>> 15
  h = Math.imul(h, 0x85ebca6b)
  return (h ^ (h >>> 13)) >>> 0
}

function indicatorOf(n: number, now: number): Indicator {
  const r = scrambled(n)
  const type = types[n % 100] ?? 'ip'
  return {
    type,
    value: madeValue(type, r),
    source: `feed-${n % 7}`,
    confidence: 40 + (n % 60),
    first_seen: now - 20 * DAY,
    last_seen: now - (n % 20) * DAY,
    expires: now + 30 * DAY,
    tlp: 'green',
    threat: `Family ${n % 500}`,
    reference: `https://feed.example/indicator/${n}`,
    labels: ['botnet', `campaign-${n % 90}`],
  }
}

function madeValue(type: IndicatorType, r: number): string {
  const hex = r.toString(16).padStart(8, '0')
  switch (type) {
    case 'ip':
      return ipOf(r)
    case 'network':
      return `${1 + (r >>> 25)}.${(r >>> 16) & 255}.${(r >>> 8) & 255}.0/24`
    case 'domain':
      return `${hex}.evil-${hex.slice(0, 3)}.example`
    case 'url':
      return `${hex}.phish.example/login/${hex}?id=${r & 1023}`
    case 'email':
      return `${hex}@mail.example`
    case 'file_hash':
      return hex.repeat(8)
    default:
      return hex.repeat(4)
  }
}

function ipOf(r: number): string {
  return `${1 + (r >>> 25)}.${(r >>> 16) & 255}.${(r >>> 8) & 255}.${r & 255}`
}

/** An event with as many texts to look up as one can have; `share` of them carry an indicator. */
function eventOf(n: number, share: number, count: number, now: number): Event {
  const event = emptyEvent()
  const r = scrambled(n + 0x1000_0000)
  const hex = r.toString(16).padStart(8, '0')
  event.timestamp = now
  event.source_ip = `2001:db8:${hex.slice(0, 4)}::${hex.slice(4)}`
  event.destination_ip = `10.${(r >>> 16) & 255}.${(r >>> 8) & 255}.${r & 255}`
  event.url_domain = `www.${hex}.pemda.example`
  event.url_original = `/layanan/${hex}?halaman=${r & 63}`
  event.http_referrer = `https://www.${hex}.search.example/cari?q=${hex}`
  event.dns_question_name = `cdn.${hex}.host.example`
  event.tls_server_name = `api.${hex}.host.example`
  event.tls_ja3 = `${hex}${hex}${hex}${hex.slice(0, 7)}z`
  event.file_hash = `${hex.repeat(7)}zzzzzzzz`
  if (scrambled(n + 0x2000_0000) / 2 ** 32 < share) {
    const known = indicatorOf(Math.floor(((scrambled(n + 7) / 2 ** 32) * count) / 100) * 100, now)
    event.source_ip = known.value
  }
  return event
}
