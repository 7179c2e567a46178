// How often is a page judged right that the model was not written with? Precision and recall on the labelled pages of test/fixtures/pages.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPage } from '../../../../ingest/probe/page.ts'
import { LIKELY } from '../../../../processors/detect/page/judge.ts'
import { judge, record, view } from './facts.ts'

const folder = join(import.meta.dirname, '../../../fixtures/pages')
const classes = ['gambling', 'defaced', 'clean'] as const
type Class = (typeof classes)[number]

interface Judged {
  readonly file: string
  readonly is: Class
  readonly called: Class
  readonly why: string
  /** Failures of even files may be looked at when the model is mended; those of odd ones never. */
  readonly heldOut: boolean
}

function judged(is: Class, file: string): Judged {
  const read = readPage(readFileSync(join(folder, is, file), 'utf8'), 'text/html', 'https://kota.go.id/')
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
  return { file, is, called, why, heldOut: Number.parseInt(file, 10) % 2 === 1 }
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

describe('labelled pages', () => {
  const pages = classes.flatMap((is) => readdirSync(join(folder, is)).map((file) => judged(is, file)))
  // The goal is 0.95 of each. What is reached on pages that nobody looked at is less, and may not become less still (docs/pages.md).
  const sets: [name: string, pages: Judged[], least: Figures][] = [
    ['all', pages, { precision: 0.95, recall: 0.93 }],
    ['even files', pages.filter(({ heldOut }) => !heldOut), { precision: 0.95, recall: 0.95 }],
    ['odd files (held out)', pages.filter(({ heldOut }) => heldOut), { precision: 0.91, recall: 0.88 }],
  ]

  test('there are at least 400, half of them clean', () => {
    expect(pages.length).toBeGreaterThanOrEqual(400)
    expect(pages.filter(({ is }) => is === 'clean').length).toBeGreaterThanOrEqual(200)
  })

  test.each(sets)('%s: precision and recall are what they were at least', (name, set, least) => {
    process.stdout.write(`${table(name, set)}\n`)
    const wrong = set.filter(({ is, called, heldOut }) => is !== called && !heldOut)
    if (name === 'even files') for (const { is, file, why } of wrong) process.stdout.write(`  ${is}/${file}: ${why}\n`)
    const { precision, recall } = figures(set, 'gambling', 'defaced')
    expect(precision).toBeGreaterThanOrEqual(least.precision)
    expect(recall).toBeGreaterThanOrEqual(least.recall)
  })
})
