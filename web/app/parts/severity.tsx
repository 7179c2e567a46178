// How severe is it? One shape, one word and one colour for each severity, the same on every page.
import type { ComponentChildren } from 'preact'
import type { Severity } from '../../../schemas/detection.ts'
import { t } from '../language.ts'
import './severity.css'

/** The most severe first. */
export const severities = ['critical', 'high', 'medium', 'low', 'informational'] as const satisfies readonly Severity[]

/** `none`: an event of a score too low for any. */
export type Marked = Severity | 'none'

const words: Readonly<Record<Marked, readonly [id: string, en: string]>> = {
  critical: ['Kritis', 'Critical'],
  high: ['Tinggi', 'High'],
  medium: ['Sedang', 'Medium'],
  low: ['Rendah', 'Low'],
  informational: ['Informasi', 'Information'],
  none: ['Tanpa tingkat', 'None'],
}

/** Paths in a square of 16: the more corners stand out, the worse. */
const shapes: Readonly<Record<Marked, string>> = {
  critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  high: 'M8 1l7.5 14H.5z',
  medium: 'M2 2h12v12H2z',
  low: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z',
  informational: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zm0 3a3 3 0 1 1 0 6 3 3 0 1 1 0-6z',
  none: 'M8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4z',
}

export const isMarked = (text: string): text is Marked => Object.hasOwn(words, text)

/** `informational` for a word that nobody knows: rules of others may have any. */
export const markedOf = (text: string): Marked => (isMarked(text) ? text : 'informational')

export const severityWord = (severity: Marked): string => t(...words[severity])

/** Scores from which severities begin: the borders of the rollups (migration 0016). */
export const scoreFrom: readonly (readonly [severity: Marked, from: number])[] = [
  ['critical', 90],
  ['high', 70],
  ['medium', 40],
  ['low', 20],
  ['none', 0],
]

export const severityOfScore = (score: number): Marked => scoreFrom.find(([, from]) => score >= from)?.[0] ?? 'none'

export function SeverityShape({ severity }: { severity: Marked }) {
  return (
    <svg class="severity-shape" viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[severity]} />
    </svg>
  )
}

/** Shape and word; `children` (a count, a score) stand before the word, or instead of it where it is only `said`. */
export function SeverityMark({
  severity,
  said = true,
  children,
}: {
  severity: Marked
  said?: boolean
  children?: ComponentChildren
}) {
  const word = severityWord(severity)
  return (
    <span class={`severity ${severity}`} {...(said ? {} : { title: word })}>
      <SeverityShape severity={severity} />
      {children}
      <span class={said ? '' : 'unseen'}>{word}</span>
    </span>
  )
}
