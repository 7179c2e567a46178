// How did an event come to its score? A waterfall of its factors, for people and for programs.
import { scoreOf } from '../../processors/score/index.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { type Language, localTime, type Paint, printable, table } from '../terminal.ts'
import type { ScoredEvent } from './event.ts'

/** One factor with what had been added up when it was counted. */
export interface Step {
  readonly name: string
  readonly points: number
  readonly detail: string
  /** Points so far. */
  readonly sum: number
  /** Chance in a hundred so far. */
  readonly chance: number
  /** Title of the rule, where the factor is one that is known. */
  readonly title?: string
}

export interface Explanation {
  readonly event: ScoredEvent
  /** Rows with the same event id: what a sender sent more than once. */
  readonly copies: number
  readonly steps: readonly Step[]
  /** The stored factors give the stored score. */
  readonly addsUp: boolean
  /** Version that events get now. */
  readonly presentVersion: string
}

/** Adds the factors up one by one. `titleOf` names rules. */
export function explain(
  event: ScoredEvent,
  copies: number,
  presentVersion: string,
  titleOf: (ruleId: string) => string | undefined,
): Explanation {
  let sum = 0
  const steps = event.factors.map(({ name, points, detail }): Step => {
    sum += points
    const title = name.startsWith('rule:') ? titleOf(name.slice('rule:'.length)) : undefined
    const step = { name, points, detail, sum, chance: scoreOf([{ points: sum }]) }
    return title === undefined ? step : { ...step, title }
  })
  return { event, copies, steps, addsUp: scoreOf(event.factors) === event.score, presentVersion }
}

/** The explanation as one JSON value. */
export function explanationJson({ event, copies, steps, addsUp, presentVersion }: Explanation): unknown {
  const { at, factors: _, ...rest } = event
  return {
    ...rest,
    timestamp: new Date(at).toISOString(),
    copies,
    factors: steps,
    adds_up: addsUp,
    present_version: presentVersion,
    version_is_present: event.score_version === presentVersion,
  }
}

interface Words {
  readonly headers: readonly string[]
  readonly score: string
  readonly event: string
  readonly whose: string
  readonly when: string
  readonly noPlace: string
  readonly present: (version: string) => string
  readonly other: (version: string, present: string) => string
  readonly wrong: string
  readonly copies: (count: number) => string
  readonly factors: Readonly<Record<string, string>>
}

const words: Record<Language, Words> = {
  id: {
    headers: ['Faktor', 'Poin', 'Jumlah', 'Peluang', '', 'Yang terlihat'],
    score: 'Skor',
    event: 'Kejadian',
    whose: 'Milik',
    when: 'Waktu',
    noPlace: '(wilayah tidak diketahui)',
    present: (version) => `Versi bobot ${version}: versi yang berlaku sekarang.`,
    other: (version, present) =>
      `Versi bobot ${version} bukan yang berlaku sekarang (${present}): bobot, daftar izin atau cara hitung sudah berubah sejak itu.`,
    wrong: 'Faktor yang tersimpan tidak menghasilkan skor yang tersimpan. Ini kesalahan; laporkan.',
    copies: (count) => `Pengirim mengirimnya ${count} kali; yang tampil adalah yang pertama.`,
    factors: {
      prior: 'sebelum ada bukti',
      asset: 'kekritisan aset',
      phase: 'tahapan pemilu',
      device_severity: 'tingkat menurut perangkat',
      failed_login: 'gagal masuk',
      failed_login_privileged: 'akun istimewa',
      indicator: 'dikenal intelijen ancaman',
      attack_succeeded: 'serangan dijawab sukses',
      known_scanner: 'pemindai yang dikenal',
      allow_listed: 'ada di daftar izin',
    },
  },
  en: {
    headers: ['Factor', 'Points', 'Sum', 'Chance', '', 'What it saw'],
    score: 'Score',
    event: 'Event',
    whose: 'Whose',
    when: 'When',
    noPlace: '(region unknown)',
    present: (version) => `Weights ${version}: the version in force now.`,
    other: (version, present) =>
      `Weights ${version} are not those in force now (${present}): weights, allow list or arithmetic have changed since.`,
    wrong: 'The stored factors do not give the stored score. That is a fault; please report it.',
    copies: (count) => `The sender sent it ${count} times; this is the first.`,
    factors: {
      prior: 'before any evidence',
      asset: 'criticality of the asset',
      phase: 'phase of the election',
      device_severity: 'severity by the device',
      failed_login: 'failed login',
      failed_login_privileged: 'privileged account',
      indicator: 'known by threat intelligence',
      attack_succeeded: 'attack answered with success',
      known_scanner: 'known scanner',
      allow_listed: 'on the allow list',
    },
  },
}

const BAR = 24
const MAX_DETAIL = 100

/** The explanation as text, times in the zone of the event's region. */
export function showExplanation(explanation: Explanation, zone: TimeZone, language: Language, paint: Paint): string {
  const { event, copies, steps, addsUp, presentVersion } = explanation
  const text = words[language]
  const place = [event.region_code || text.noPlace, event.owner, event.asset_id].filter((part) => part !== '')
  const head: readonly (readonly [string, string])[] = [
    [text.event, `${event.event_id}  (${event.position})`],
    [text.when, `${localTime(event.at, zone)}  ${event.source_id}  ${event.dataset}`],
    [text.whose, place.join('  ')],
  ]
  const label = Math.max(...head.map(([name]) => name.length))
  const rows = steps.map(({ name, points, detail, sum, chance, title }, at) => {
    const before = at === 0 ? chance : (steps[at - 1]?.chance ?? chance)
    const saw = name === 'prior' ? '' : cut(detail)
    const says = title ?? text.factors[name] ?? ''
    return [
      printable(name),
      paint(points > 0 ? 'red' : points < 0 ? 'green' : 'dim', points > 0 ? `+${points}` : String(points)),
      String(sum),
      `${chance} %`,
      bar(before, chance, paint),
      [printable(says), printable(saw)].filter((part) => part !== '').join(': '),
    ]
  })
  const lines = [
    ...head.map(([name, value]) => `${paint('bold', name.padEnd(label))}  ${printable(value)}`),
    '',
    cut(event.message, 400),
    '',
    table(
      text.headers.map((title, at) => ({ title, align: at >= 1 && at <= 3 ? 'right' : 'left' })),
      rows,
      paint,
    ).trimEnd(),
    '',
    paint('bold', `${text.score}: ${event.score}`),
    event.score_version === presentVersion
      ? text.present(event.score_version)
      : paint('yellow', text.other(event.score_version, presentVersion)),
    ...(addsUp ? [] : [paint('red', text.wrong)]),
    ...(copies > 1 ? [text.copies(copies)] : []),
  ]
  return `${lines.join('\n')}\n`
}

function cut(text: string, length = MAX_DETAIL): string {
  const line = printable(text.replace(/\s+/g, ' ').trim())
  return line.length > length ? `${line.slice(0, length - 1)}…` : line
}

/** From the chance before to the chance after, on a line of fixed width: what was there already is light, what moved is solid. */
function bar(before: number, after: number, paint: Paint): string {
  const place = (chance: number): number => Math.round((chance * BAR) / 100)
  const [low, high] = [Math.min(place(before), place(after)), Math.max(place(before), place(after))]
  const moved = '█'.repeat(high - low)
  return `${'░'.repeat(low)}${paint(after >= before ? 'red' : 'green', moved)}${' '.repeat(BAR - high)}`
}
