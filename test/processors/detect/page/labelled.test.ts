// How often is a page judged right? Precision and recall on the labelled pages of test/fixtures, with which the model was tuned (docs/pages.md).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPage } from '../../../../ingest/probe/page.ts'
import { LIKELY } from '../../../../processors/detect/page/judge.ts'
import { judge, record, view } from './facts.ts'

const fixtures = join(import.meta.dirname, '../../../fixtures')
const classes = ['gambling', 'defaced', 'clean'] as const
type Class = (typeof classes)[number]

interface Judged {
  readonly file: string
  readonly is: Class
  readonly called: Class
  readonly why: string
  /** Files with odd numbers were held out until the whole set was opened. */
  readonly odd: boolean
}

function judged(set: string, is: Class, file: string): Judged {
  const read = readPage(readFileSync(join(fixtures, set, is, file), 'utf8'), 'text/html', 'https://kota.go.id/')
  const facts = read?.facts
  const { gambling, defacement } = judge(record([view(facts)]))
  const called =
    Math.max(gambling.score, defacement.score) < LIKELY
      ? 'clean'
      : gambling.score >= defacement.score
        ? 'gambling'
        : 'defaced'
  const why = [
    `gambling ${gambling.score.toFixed(2)} (${gambling.words.slice(0, 8).join(', ')})`,
    `defacement ${defacement.score.toFixed(2)} (${defacement.words.slice(0, 8).join(', ')})`,
  ].join('; ')
  return { file, is, called, why, odd: Number.parseInt(file, 10) % 2 === 1 }
}

interface Figures {
  readonly precision: number
  readonly recall: number
}

/** Of pages that are (or are called) one of `wanted`. */
function figures(pages: readonly Judged[], ...wanted: Class[]): Figures {
  const called = pages.filter((page) => wanted.includes(page.called))
  const are = pages.filter(({ is }) => wanted.includes(is))
  const right = called.filter(({ is }) => wanted.includes(is)).length
  return { precision: right / Math.max(called.length, 1), recall: right / Math.max(are.length, 1) }
}

function table(name: string, pages: readonly Judged[]): string {
  const percent = ({ precision, recall }: Figures): string =>
    `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`
  const count = (is: Class, called: Class): string =>
    String(pages.filter((page) => page.is === is && page.called === called).length).padStart(9)
  return [
    `${name}: ${pages.length} pages`,
    `  is \\ called ${classes.map((one) => one.padStart(9)).join('')}`,
    ...classes.map((is) => `  ${is.padEnd(11)} ${classes.map((called) => count(is, called)).join('')}`),
    `  hacked (gambling or defaced): ${percent(figures(pages, 'gambling', 'defaced'))}`,
    ...classes.map((one) => `  ${one}: ${percent(figures(pages, one))}`),
    '',
  ].join('\n')
}

function judgedSet(set: string): Judged[] {
  return classes.flatMap((is) => readdirSync(join(fixtures, set, is)).map((file) => judged(set, is, file)))
}

function print(name: string, pages: readonly Judged[]): void {
  process.stdout.write(`${table(name, pages)}\n`)
  for (const { is, called, file, why } of pages) if (is !== called) process.stdout.write(`  ${is}/${file}: ${why}\n`)
}

describe('labelled pages', () => {
  const pages = judgedSet('pages')
  const sets: [name: string, pages: Judged[]][] = [
    ['all', pages],
    ['even files', pages.filter(({ odd }) => !odd)],
    ['odd files (held out until the whole set was opened)', pages.filter(({ odd }) => odd)],
  ]

  test('there are at least 400, half of them clean', () => {
    expect(pages.length).toBeGreaterThanOrEqual(400)
    expect(pages.filter(({ is }) => is === 'clean').length).toBeGreaterThanOrEqual(200)
  })

  test.each(sets)('%s: precision and recall of hacked, and of gambling alone, are 0.95 at least', (name, set) => {
    if (name === 'all') print(name, set)
    else process.stdout.write(`${table(name, set)}\n`)
    for (const wanted of [['gambling', 'defaced'], ['gambling']] as const) {
      const { precision, recall } = figures(set, ...wanted)
      expect(precision).toBeGreaterThanOrEqual(0.95)
      expect(recall).toBeGreaterThanOrEqual(0.95)
    }
  })
})

// The third set has been measured and not looked at: its failures are not named here, so that nobody tunes with them by accident.
describe.each([
  ['second set, opened and tuned with', 'pages-second', true, 0.95, 0.93, 0.93],
  ['third set, never looked at', 'pages-third', false, 0.95, 0.92, 0.88],
] as const)('labelled pages, %s', (name, folder, opened, gambling, hackedPrecision, hackedRecall) => {
  const pages = judgedSet(folder)

  test('there are 120, half of them clean', () => {
    expect(pages.length).toBe(120)
    expect(pages.filter(({ is }) => is === 'clean').length).toBe(60)
  })

  test(`precision and recall of gambling are ${gambling} at least`, () => {
    if (opened) print(name, pages)
    else process.stdout.write(`${table(name, pages)}\n`)
    const { precision, recall } = figures(pages, 'gambling')
    expect(precision).toBeGreaterThanOrEqual(gambling)
    expect(recall).toBeGreaterThanOrEqual(gambling)
  })

  test(`of hacked, ${hackedPrecision} and ${hackedRecall}`, () => {
    const { precision, recall } = figures(pages, 'gambling', 'defaced')
    expect(precision).toBeGreaterThanOrEqual(hackedPrecision)
    expect(recall).toBeGreaterThanOrEqual(hackedRecall)
  })
})
