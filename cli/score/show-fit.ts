// How are learned weights shown to people? Weights, how far to trust them, reliability before and after, and the YAML to paste.
import type { Bin } from '../../processors/score/reliability.ts'
import { type Language, number, type Paint, printable, table } from '../terminal.ts'
import type { FitResult } from './fit.ts'

interface Words {
  readonly weights: readonly string[]
  readonly bins: readonly string[]
  readonly basis: (result: FitResult, text: (value: number) => string) => string
  readonly split: Readonly<Record<'time' | 'hash', string>>
  readonly missing: (count: string) => string
  readonly unknown: (count: string, factor: string) => string
  readonly reliability: string
  readonly before: string
  readonly after: string
  readonly brier: string
  readonly better: string
  readonly worse: string
  readonly paste: string
}

const words: Record<Language, Words> = {
  id: {
    weights: ['Bobot', 'Sekarang', 'Hasil', 'Selisih', 'Putusan', 'Benar'],
    bins: ['Peluang', 'Putusan', 'Dikatakan', 'Terlihat', 'Putusan', 'Dikatakan', 'Terlihat'],
    basis: ({ fitted, heldBack, confirmed }, text) =>
      `${text(fitted + heldBack)} putusan (${text(confirmed)} benar): belajar dari ${text(fitted)}, diuji pada ${text(heldBack)} yang disisihkan.`,
    split: { time: 'Disisihkan: yang terbaru.', hash: 'Disisihkan: menurut hash id.' },
    missing: (count) => `${count} putusan tidak dipakai: kejadiannya tidak ada di ClickHouse.`,
    unknown: (count, factor) => `${count} putusan tidak dipakai: tidak ada bobot untuk suatu faktor (${factor}).`,
    reliability: 'Keandalan pada putusan yang disisihkan (sekarang | hasil):',
    before: 'sekarang',
    after: 'hasil',
    brier: 'Skor Brier (0 sempurna, 0,25 menebak)',
    better: 'Bobot hasil lebih cocok dengan putusan. Tidak ada yang diterapkan; tempel ini ke siaga.yaml bila setuju:',
    worse:
      'Bobot hasil TIDAK lebih cocok pada putusan yang disisihkan: jangan dipakai, kumpulkan lebih banyak putusan.',
    paste: '# siaga.yaml',
  },
  en: {
    weights: ['Weight', 'Present', 'Learned', 'Change', 'Verdicts', 'True'],
    bins: ['Chance', 'Verdicts', 'Said', 'Seen', 'Verdicts', 'Said', 'Seen'],
    basis: ({ fitted, heldBack, confirmed }, text) =>
      `${text(fitted + heldBack)} verdicts (${text(confirmed)} true): learned from ${text(fitted)}, judged on ${text(heldBack)} held back.`,
    split: { time: 'Held back: the newest.', hash: 'Held back: by hash of the id.' },
    missing: (count) => `${count} verdicts are not used: their event is not in ClickHouse.`,
    unknown: (count, factor) => `${count} verdicts are not used: no weight was found for a factor (${factor}).`,
    reliability: 'Reliability on the verdicts held back (present | learned):',
    before: 'present',
    after: 'learned',
    brier: 'Brier score (0 is perfect, 0.25 is guessing)',
    better:
      'The learned weights agree better with the verdicts. Nothing is applied; paste this into siaga.yaml if you agree:',
    worse:
      'The learned weights do NOT agree better with the verdicts held back: do not use them, gather more verdicts.',
    paste: '# siaga.yaml',
  },
}

/** The result for people. */
export function showFit(result: FitResult, language: Language, paint: Paint): string {
  const text = words[language]
  const whole = (value: number): string => number(value, language)
  const { weights, before, after } = result
  const better = after.brier < before.brier
  const rows = weights.map(({ name, points, learned, verdicts, confirmed }) => {
    const change = learned - points
    const colour = verdicts === 0 || change === 0 ? 'dim' : change > 0 ? 'red' : 'green'
    return [name, String(points), String(learned), paint(colour, signed(change)), whole(verdicts), whole(confirmed)]
  })
  const right = (titles: readonly string[]) =>
    titles.map((title, at) => ({ title, align: at === 0 ? ('left' as const) : ('right' as const) }))
  const brier = (value: number): string => number(value, language, 4)
  const lines = [
    text.basis(result, whole),
    text.split[result.split],
    ...(result.missing > 0 ? [paint('yellow', text.missing(whole(result.missing)))] : []),
    ...(result.unknown > 0
      ? [paint('yellow', text.unknown(whole(result.unknown), printable(result.unknownFactor)))]
      : []),
    '',
    table(right(text.weights), rows, paint).trimEnd(),
    '',
    text.reliability,
    table(
      right(text.bins),
      before.bins.map((bin, at) => binRow(bin, after.bins[at] ?? bin, whole)),
      paint,
    ).trimEnd(),
    '',
    `${text.brier}: ${text.before} ${brier(before.brier)}, ${text.after} ${paint(better ? 'green' : 'red', brier(after.brier))}`,
    paint(better ? 'bold' : 'yellow', better ? text.better : text.worse),
    ...(better ? ['', text.paste, result.yaml.trimEnd()] : []),
  ]
  return `${lines.join('\n')}\n`
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value)
}

function binRow(before: Bin, after: Bin, whole: (value: number) => string): string[] {
  const percent = (value: number): string => `${Math.round(value * 100)} %`
  const cells = ({ verdicts, predicted, seen }: Bin): string[] =>
    verdicts === 0 ? ['0', '-', '-'] : [whole(verdicts), percent(predicted), percent(seen)]
  return [`${Math.round(before.from * 100)}–${Math.round(before.to * 100)} %`, ...cells(before), ...cells(after)]
}
