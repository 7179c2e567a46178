// How is a backtest shown? For people by day and region, with sample lines; for programs as one JSON object.

import type { Region } from '../../schemas/place.ts'
import { atLeast } from '../../sinks/findings.ts'
import type { Frame } from '../frame.ts'
import { type Language, languageOf, localTime, number, printable, table } from '../terminal.ts'
import type { Backtest, BacktestOptions } from './backtest.ts'

interface Words {
  readonly headers: readonly string[]
  readonly none: string
  readonly total: (matches: string, read: string) => string
  /** Of a correlation. */
  readonly entities: string
  readonly fired: (times: string, events: string) => string
  readonly noBase: string
  readonly stopped: (read: string, events: string) => string
  readonly nothing: (source: string) => string
  readonly quiet: (level: string, threshold: string) => string
  readonly samples: string
}

const words: Record<Language, Words> = {
  id: {
    headers: ['Hari (WIB)', 'Wilayah', '', 'Kena', 'Alamat'],
    none: 'Tidak ada yang kena.',
    total: (matches, read) => `${matches} dari ${read} kejadian kena`,
    entities: 'Entitas',
    fired: (times, events) => `Kena ${times} kali, dari ${events} kejadian yang kena aturan dasarnya`,
    noBase:
      'Tidak ada kejadian pada waktu itu yang membawa ID aturan dasarnya: yang dihitung hanya kejadian yang masuk ketika aturan itu sudah dipakai.',
    stopped: (read, events) => `Dihentikan setelah ${read} dari ${events} kejadian; hasil di atas baru sebagian.`,
    nothing: (source) => `Tidak ada kejadian dari ${source} pada waktu itu.`,
    quiet: (level, threshold) =>
      `Tingkat ${level} di bawah finding_severity (${threshold}): tidak seorang pun diberi tahu.`,
    samples: 'Contoh:',
  },
  en: {
    headers: ['Day (WIB)', 'Region', '', 'Matches', 'Addresses'],
    none: 'Nothing matched.',
    total: (matches, read) => `${matches} of ${read} events matched`,
    entities: 'Entities',
    fired: (times, events) => `Fired ${times} times, over ${events} events that matched the rules it names`,
    noBase:
      'No event of that time carries the ids of the rules that it names: only events count that came while those rules were in use.',
    stopped: (read, events) => `Stopped after ${read} of ${events} events; what is shown is a part.`,
    nothing: (source) => `There are no events of ${source} in that time.`,
    quiet: (level, threshold) => `Level ${level} is below finding_severity (${threshold}): nobody would be told.`,
    samples: 'Samples:',
  },
}

export function backtestReport(
  found: Backtest,
  options: Pick<BacktestOptions, 'json' | 'lang'>,
  regions: ReadonlyMap<string, Region>,
  frame: Frame,
): string {
  if (options.json) return `${JSON.stringify(asJson(found))}\n`
  const language = languageOf(options.lang, frame.env)
  const text = words[language]
  const n = (value: number): string => number(value, language)
  const { rule, tally } = found
  const { finding_severity: threshold } = frame.config().config
  const title = language === 'id' ? (rule.guidance?.judul ?? rule.title) : rule.title
  const lines = [
    `${frame.paint('bold', printable(title))}  ${rule.level}  ${printable(rule.id)}`,
    `${localTime(found.from)} – ${localTime(found.to)}  ${found.datasets.join(', ')}`.trimEnd(),
    '',
  ]
  const correlation = found.kind === 'correlation'
  if (found.events === 0) return `${[...lines, correlation ? text.noBase : text.nothing(found.source)].join('\n')}\n`
  if (tally.total === 0) lines.push(text.none)
  else {
    const rows = tally
      .rows()
      .map(({ day, region, matches, addresses, more }) => [
        day,
        region || '-',
        regions.get(region)?.name ?? '',
        n(matches),
        `${n(addresses)}${more ? '+' : ''}`,
      ])
    const right = new Set([3, 4])
    const headers = correlation ? [...text.headers.slice(0, -1), text.entities] : text.headers
    const columns = headers.map((header, at) => ({
      title: header,
      ...(right.has(at) ? { align: 'right' as const } : {}),
    }))
    lines.push(
      table(columns, rows, frame.paint).trimEnd(),
      '',
      correlation ? text.fired(n(tally.total), n(found.read)) : text.total(n(tally.total), n(found.read)),
    )
    if (!atLeast(rule.level, threshold)) lines.push(text.quiet(rule.level, threshold))
  }
  if (!found.complete) lines.push(frame.paint('yellow', text.stopped(n(found.read), n(found.events))))
  if (found.samples.length > 0) {
    lines.push('', frame.paint('bold', text.samples))
    for (const { timestamp, region, line } of found.samples)
      lines.push(`  ${localTime(timestamp)} ${region || '-'}  ${printable(line.trim()).slice(0, 500)}`)
  }
  return `${lines.join('\n')}\n`
}

function asJson({ rule, tally, ...found }: Backtest): Record<string, unknown> {
  return {
    kind: found.kind,
    rule: rule.id,
    title: rule.title,
    level: rule.level,
    from: new Date(found.from).toISOString(),
    to: new Date(found.to).toISOString(),
    region: found.region,
    datasets: found.datasets,
    events: found.events,
    read: found.read,
    complete: found.complete,
    matches: tally.total,
    days: tally.rows(),
    samples: found.samples.map((sample) => ({ ...sample, timestamp: new Date(sample.timestamp).toISOString() })),
  }
}
