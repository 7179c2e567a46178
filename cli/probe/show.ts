// How does a person read a probe? What was seen in a few lines, then what is wrong with it and why.
import type { Severity } from '../../schemas/detection.ts'
import type { PageView, ProbeRecord } from '../../schemas/probe.ts'
import type { Language, Paint } from '../terminal.ts'
import type { Judged } from './judge.ts'

const words = {
  id: {
    dns: 'DNS',
    tls: 'TLS',
    page: 'Halaman',
    agents: { desktop: 'komputer', phone: 'telepon', crawler: 'mesin pencari' },
    until: 'berlaku sampai',
    days: 'hari',
    untrusted: 'tidak tepercaya',
    nothing: 'Tidak ada temuan.',
    found: 'Temuan',
    score: 'skor',
    todo: 'Lakukan',
    changed: 'berubah',
    learning: 'Belum ada yang dikenal dari situs ini; perubahan baru diketahui setelah tiga pemeriksaan.',
    elsewhere: 'tidak diikuti',
  },
  en: {
    dns: 'DNS',
    tls: 'TLS',
    page: 'Page',
    agents: { desktop: 'desktop', phone: 'phone', crawler: 'search engine' },
    until: 'valid until',
    days: 'days',
    untrusted: 'not trusted',
    nothing: 'No findings.',
    found: 'Findings',
    score: 'score',
    todo: 'Do',
    changed: 'changed',
    learning: 'Nothing is known of this site yet; changes are told once it has been probed three times.',
    elsewhere: 'not followed',
  },
} as const

const colours: Readonly<Record<Severity, Parameters<Paint>[0]>> = {
  informational: 'dim',
  low: 'cyan',
  medium: 'yellow',
  high: 'red',
  critical: ['bold', 'red'],
}
const MAX_VALUE = 160

/** The probe of one site as text. */
export function showProbe(
  records: readonly ProbeRecord[],
  judged: readonly Judged[],
  language: Language,
  paint: Paint,
): string {
  const text = words[language]
  const lines: string[] = []
  const say = (label: string, ...parts: readonly string[]): void => {
    lines.push(`  ${paint('bold', label.padEnd(15))} ${parts.filter((part) => part !== '').join(', ')}`)
  }
  const [first] = records
  lines.push(paint('bold', first === undefined ? '' : first.url))
  for (const record of records) {
    const change = record.changed.length > 0 ? paint('yellow', `${text.changed}: ${record.changed.join(', ')}`) : ''
    if (record.kind === 'page') {
      say(text.page, change || (record.views[0]?.page?.title ?? ''))
      for (const view of record.views) say(`  ${text.agents[view.agent]}`, ...viewParts(view, text.elsewhere))
    } else if (record.now === undefined) say(text[record.kind], paint('red', record.failure ?? ''), record.detail)
    else if (record.kind === 'dns') say(text.dns, ...record.now.addresses.slice(0, 4), change)
    else {
      const { now, days_left } = record
      const left = days_left === undefined ? '' : ` (${days_left} ${text.days})`
      const problem = now.problem === '' ? '' : paint('red', `${text.untrusted}: ${now.problem}`)
      say(text.tls, now.version, `${text.until} ${now.not_after}${left}`, now.issuer, problem, change)
    }
  }
  if (records.every((record) => record.before === undefined)) lines.push('', `  ${paint('dim', text.learning)}`)
  lines.push('')
  const found = judged.flatMap(({ detections, score }) => detections.map((detection) => ({ ...detection, score })))
  if (found.length === 0) return `${[...lines, `  ${paint('green', text.nothing)}`].join('\n')}\n`
  lines.push(`  ${paint('bold', text.found)}`)
  for (const { severity, title, judul, response, evidence, score } of found) {
    const name = language === 'id' ? judul : title
    lines.push(`  ${paint(colours[severity], severity.padEnd(13))} ${name} (${text.score} ${score})`)
    if (response[language] !== '') lines.push(`      ${text.todo}: ${response[language]}`)
    for (const { field, value } of evidence.slice(0, 6))
      lines.push(paint('dim', `      ${field.replace(/^fields\./, '')}: ${cut(value)}`))
  }
  return `${lines.join('\n')}\n`
}

function viewParts(view: PageView, elsewhere: string): string[] {
  if (view.failure !== undefined) return [view.failure, view.detail]
  const away = view.redirects.filter(({ followed }) => !followed).map(({ location }) => `→ ${location} (${elsewhere})`)
  return [`HTTP ${view.status}`, `${view.timing_ms.total} ms`, `${view.bytes} bytes`, ...away]
}

function cut(value: string): string {
  const line = value.replace(/\s+/g, ' ')
  return line.length > MAX_VALUE ? `${line.slice(0, MAX_VALUE - 1)}…` : line
}
