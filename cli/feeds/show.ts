// How are feeds, their next updates and what waits for a person shown?
import type { CopyMeta } from '../../ingest/feeds/copy.ts'
import { type HeldUpdate, type HoldReason, isWaiting } from '../../ingest/feeds/held.ts'
import type { FeedState } from '../../ingest/feeds/state.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { type Language, localTime, number, type Paint, printable, table } from '../terminal.ts'

export interface FeedRow extends FeedState {
  readonly id: string
  readonly name: string
  readonly format: string
  readonly waiting: boolean
  readonly next: number | undefined
}

/** What the next update of a feed would be. */
export interface Plan {
  readonly feed: string
  readonly meta: CopyMeta
  /** Indicators in force now. */
  readonly before: number
  readonly reasons: readonly HoldReason[]
  readonly types: Readonly<Record<string, number>>
  readonly examples: readonly Indicator[]
}

interface Words {
  readonly list: readonly string[]
  readonly none: string
  readonly never: string
  readonly outcomes: Readonly<Record<FeedState['outcome'], string>>
  readonly failing: (state: FeedState, since: string) => string
  readonly waiting: string
  readonly same: string
  readonly entries: (plan: Plan, n: (value: number) => string) => string
  readonly change: (plan: Plan, n: (value: number) => string) => string
  readonly problems: string
  readonly warned: string
  readonly mustWait: string
  readonly passes: string
  readonly noTraffic: string
  readonly reasons: Readonly<Record<HoldReason['kind'], string>>
  readonly nothingWaits: string
  readonly held: (update: HeldUpdate, n: (value: number) => string) => string
  readonly states: {
    readonly waits: string
    readonly superseded: string
    readonly approved: string
    readonly rejected: string
  }
  readonly by: string
  readonly how: (feed: string) => string
  readonly decided: (update: HeldUpdate) => string
}

const words: Readonly<Record<Language, Words>> = {
  id: {
    list: ['Feed', 'Format', 'Terakhir berhasil', 'Indikator', 'Keadaan', 'Berikutnya'],
    none: 'Belum ada feed dalam siaga.yaml (intelligence.feeds).',
    never: 'belum pernah',
    outcomes: {
      never: 'belum diambil',
      updated: 'diperbarui',
      same: 'tidak berubah',
      failed: 'gagal',
      held: 'menunggu keputusan',
      rejected: 'isi ditolak',
    },
    failing: ({ failures, failure }, since) => `gagal ${failures}x sejak ${since}: ${failure?.message ?? ''}`,
    waiting: 'menunggu keputusan: siaga feeds held',
    same: 'Isi feed tidak berubah sejak terakhir diambil.',
    entries: ({ meta }, n) => `${n(meta.total)} entri terbaca, ${n(meta.indicators)} indikator`,
    change: ({ meta, before }, n) =>
      `${n(meta.added)} baru, ${n(meta.removed)} hilang; yang berlaku sekarang ${n(before)}`,
    problems: 'Tidak terbaca atau dilewati',
    warned: 'Dikeluarkan oleh daftar peringatan',
    mustWait: 'Pembaruan ini akan menunggu keputusan:',
    passes: 'Pembaruan ini akan langsung berlaku.',
    noTraffic: 'Bagian lalu lintas sejam terakhir tidak diperiksa di sini.',
    reasons: {
      protected: 'nama atau alamat yang dilindungi',
      carrier: 'alamat bersama operator seluler',
      traffic: 'cocok dengan terlalu banyak kejadian',
      shrunk: 'hampir semua indikator hilang',
    },
    nothingWaits: 'Tidak ada pembaruan yang menunggu.',
    held: ({ indicators, added, removed }, n) => `${n(indicators)} indikator, ${n(added)} baru, ${n(removed)} hilang`,
    states: { waits: 'menunggu', superseded: 'digantikan', approved: 'disetujui', rejected: 'ditolak' },
    by: 'oleh',
    how: (feed) => `siaga feeds approve ${feed} --by NAMA --reason ALASAN   (atau reject)`,
    decided: ({ feed, id, decision }) =>
      `${feed}: ${id} ${decision?.verdict === 'approved' ? 'disetujui' : 'ditolak'}. Siaga yang berjalan menindaklanjutinya dalam beberapa detik.`,
  },
  en: {
    list: ['Feed', 'Format', 'Last success', 'Indicators', 'State', 'Next'],
    none: 'There are no feeds in siaga.yaml (intelligence.feeds).',
    never: 'never',
    outcomes: {
      never: 'not fetched yet',
      updated: 'updated',
      same: 'unchanged',
      failed: 'failed',
      held: 'waits for a person',
      rejected: 'content rejected',
    },
    failing: ({ failures, failure }, since) => `failed ${failures}x since ${since}: ${failure?.message ?? ''}`,
    waiting: 'waits for a person: siaga feeds held',
    same: 'The feed has not changed since it was fetched last.',
    entries: ({ meta }, n) => `${n(meta.total)} entries read, ${n(meta.indicators)} indicators`,
    change: ({ meta, before }, n) => `${n(meta.added)} new, ${n(meta.removed)} gone; in force now ${n(before)}`,
    problems: 'Not read or left out',
    warned: 'Kept out by warning lists',
    mustWait: 'This update would wait for a person:',
    passes: 'This update would come into force at once.',
    noTraffic: 'How much of the last hour it would match is not looked up here.',
    reasons: {
      protected: 'protected names or addresses',
      carrier: 'shared addresses of mobile carriers',
      traffic: 'would match too many events',
      shrunk: 'nearly all indicators are gone',
    },
    nothingWaits: 'No update waits.',
    held: ({ indicators, added, removed }, n) => `${n(indicators)} indicators, ${n(added)} new, ${n(removed)} gone`,
    states: { waits: 'waits', superseded: 'superseded', approved: 'approved', rejected: 'rejected' },
    by: 'by',
    how: (feed) => `siaga feeds approve ${feed} --by NAME --reason WHY   (or reject)`,
    decided: ({ feed, id, decision }) =>
      `${feed}: ${id} ${decision?.verdict ?? ''}. A running Siaga acts on it within seconds.`,
  },
}

/** Feeds as a table. */
export function showFeeds(rows: readonly FeedRow[], language: Language, paint: Paint): string {
  const text = words[language]
  if (rows.length === 0) return `${text.none}\n`
  const cells = rows.map((row) => [
    row.id,
    row.format,
    row.succeeded === 0 ? text.never : localTime(row.succeeded),
    number(row.indicators, language),
    stateOf(row, text, paint),
    row.next === undefined ? '-' : localTime(row.next),
  ])
  const columns = text.list.map((title, at) => ({ title, align: at === 3 ? ('right' as const) : ('left' as const) }))
  return table(columns, cells, paint)
}

function stateOf(row: FeedRow, text: Words, paint: Paint): string {
  const failing =
    row.outcome === 'failed' ? paint('red', short(text.failing(row, localTime(row.failing_since)), 100)) : ''
  if (row.waiting) return [paint('yellow', text.waiting), failing].filter((part) => part !== '').join('; ')
  return failing || text.outcomes[row.outcome]
}

/** What a fetch would change. */
export function showPlan(plan: Plan | undefined, language: Language, paint: Paint): string {
  const text = words[language]
  if (plan === undefined) return `${text.same}\n`
  const n = (value: number): string => number(value, language)
  const types = Object.entries(plan.types).map(([type, count]) => `${type} ${n(count)}`)
  const lines = [
    paint('bold', `${plan.feed}: ${text.entries(plan, n)}${types.length === 0 ? '' : ` (${types.join(', ')})`}`),
    `  ${text.change(plan, n)}`,
    ...plan.examples.map(
      ({ type, value, confidence, tlp, threat }) =>
        `  ${type}  ${short(value, 80)}  ${confidence} %  TLP:${tlp.toUpperCase()}${threat === '' ? '' : `  ${short(threat, 60)}`}`,
    ),
  ]
  if (plan.meta.problems.length > 0) {
    lines.push(paint('yellow', `${text.problems}:`))
    for (const { reason, count, examples } of plan.meta.problems)
      lines.push(
        `  ${reason} ${n(count)}: ${examples
          .slice(0, 3)
          .map((one) => short(one, 60))
          .join(' | ')}`,
      )
  }
  const warned = Object.entries(plan.meta.warned)
  if (warned.length > 0)
    lines.push(`${text.warned}: ${warned.map(([list, count]) => `${list} ${n(count)}`).join(', ')}`)
  if (plan.reasons.length === 0) lines.push(paint('green', text.passes))
  else lines.push(paint('yellow', text.mustWait), ...reasonLines(plan.reasons, text, n))
  lines.push(text.noTraffic)
  return `${lines.join('\n')}\n`
}

function reasonLines(reasons: readonly HoldReason[], text: Words, n: (value: number) => string): string[] {
  return reasons.map(
    ({ kind, count, examples }) =>
      `  ${text.reasons[kind]} (${n(count)}): ${examples.map((one) => short(one, 80)).join(', ')}`,
  )
}

/** Updates that wait or waited. */
export function showHeld(updates: readonly HeldUpdate[], language: Language, paint: Paint): string {
  const text = words[language]
  const n = (value: number): string => number(value, language)
  if (updates.length === 0) return `${text.nothingWaits}\n`
  const parts = updates.map((update) => {
    const { feed, id, at, reasons, decision } = update
    const state =
      decision === undefined
        ? isWaiting(update)
          ? text.states.waits
          : text.states.superseded
        : text.states[decision.verdict]
    const lines = [
      paint('bold', `${feed}  ${id}  ${localTime(at)}  ${state}`),
      `  ${text.held(update, n)}`,
      ...reasonLines(reasons, text, n),
    ]
    if (decision !== undefined)
      lines.push(
        `  ${state} ${text.by} ${short(decision.by, 60)}, ${localTime(decision.at)}: ${short(decision.reason, 200)}`,
      )
    else if (isWaiting(update)) lines.push(`  ${text.how(feed)}`)
    return `${lines.join('\n')}\n`
  })
  return parts.join('\n')
}

export function showDecision(update: HeldUpdate, language: Language, paint: Paint): string {
  return `${paint('green', words[language].decided(update))}\n`
}

function short(text: string, length: number): string {
  const line = printable(text.replace(/\s+/g, ' '))
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}
