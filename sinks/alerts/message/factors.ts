// Why this score? Factors as docs/scoring.md names them, in words, with points and what they saw.
import type { Alert, AlertFactor } from '../../../schemas/alert.ts'
import { factorNames } from '../../../schemas/factor-words.ts'
import { oneLanguage } from '../../../schemas/one-language.ts'
import { foreign, plainText } from './clean.ts'
import type { MessageOptions } from './options.ts'
import { severityWords } from './words.ts'

/** How many factors are shown. */
const MAX_FACTORS = 8

/** Lines that explain the score of an alert: what it means, the factors of its worst finding, and their sum. */
export function whyLines(alert: Pick<Alert, 'score' | 'worst' | 'rules'>, options: MessageOptions): string[] {
  const { language } = options
  const worst = alert.worst[0]
  const meaning =
    language === 'id'
      ? `Skor ${alert.score}: dari 100 temuan seperti ini, kira-kira ${alert.score} perlu diperiksa orang.`
      : `Score ${alert.score}: of 100 findings like this, about ${alert.score} need a person to look.`
  if (worst === undefined || worst.factors.length === 0) {
    const none =
      language === 'id'
        ? 'Temuan ini dirangkai dari beberapa peristiwa; rincian poinnya ada pada peristiwa di tautan bukti.'
        : 'This finding was put together from several events; their points stand with the events behind the link.'
    return [meaning, none]
  }
  const shown = [...worst.factors].sort(byWeight).slice(0, MAX_FACTORS)
  const lines = shown.map((factor) => factorLine(factor, alert.rules, options))
  const sum = shown.reduce((total, { points }) => total + points, 0)
  const whole = Math.round(100 / (1 + Math.exp(-sum / 10))) === worst.score
  const total =
    language === 'id'
      ? `Jumlah ${signed(sum)} poin = ${worst.score} dari 100.`
      : `Sum ${signed(sum)} points = ${worst.score} in a hundred.`
  const partial =
    language === 'id'
      ? `Skor temuan ini ${worst.score} dari 100; faktor lain tidak ditampilkan di sini.`
      : `The score of this finding is ${worst.score} in a hundred; other factors are not shown here.`
  return [meaning, ...lines, whole ? total : partial]
}

/** The prior first, as in `siaga score explain`, then the weightiest. */
function byWeight(a: AlertFactor, b: AlertFactor): number {
  return Number(b.name === 'prior') - Number(a.name === 'prior') || Math.abs(b.points) - Math.abs(a.points)
}

function factorLine({ name, points, detail }: AlertFactor, rules: Alert['rules'], options: MessageOptions): string {
  // Details of the crowd-or-attack verdict are in both languages.
  const own = name === 'prior' || name.startsWith('web_flood:') ? oneLanguage(detail, options.language) : detail
  const saw = foreign(own, 120)
  return `${signed(points)} ${factorName(name, rules, options)}${saw === '' ? '' : `: ${saw}`}`
}

/** A factor in words; `rules` of its alert. */
export function factorName(
  name: string,
  rules: Alert['rules'],
  { language, rules: texts }: Pick<MessageOptions, 'language' | 'rules'>,
): string {
  if (!name.startsWith('rule:'))
    return factorNames[name.startsWith('web_flood:') ? 'web_flood' : name]?.[language] ?? foreign(name, 60)
  const id = name.slice('rule:'.length)
  const text = texts?.get(id)
  const known = rules.find(({ rule_id }) => rule_id === id)
  const title =
    text === undefined
      ? foreign(known?.title ?? id, 100)
      : plainText((language === 'id' && text.judul) || text.title, 100)
  const level = known === undefined ? '' : ` (${severityWords[known.severity][language].toLowerCase()})`
  return language === 'id' ? `aturan "${title}"${level}` : `rule "${title}"${level}`
}

/** Points as in docs/scoring.md: with a sign, and a real minus. */
function signed(points: number): string {
  const rounded = Math.round(points * 10) / 10
  return rounded < 0 ? `−${Math.abs(rounded)}` : `+${rounded}`
}
