// Are our own small pages judged right? With them the model was written.
import { expect, test } from 'vitest'
import { readPage } from '../../../../ingest/probe/page.ts'
import { LIKELY } from '../../../../processors/detect/page/judge.ts'
import { htmlPages } from './dev/html.ts'
import { morePages } from './dev/more.ts'
import { type DevPage, devPages } from './dev/pages.ts'
import { judge, record, view } from './facts.ts'

function judged(page: DevPage) {
  const { title = '', description = '', text = '', hidden = '', script = '', refresh = '', canonical = '' } = page
  return judge(
    record(
      [
        view({
          title,
          description,
          text,
          hidden_text: hidden,
          script_text: script,
          refresh,
          canonical,
          hidden_links: (page.hiddenLinks ?? []).map(([href, label]) => ({ href, text: label, why: 'display:none' })),
          links: (page.links ?? []).map(([href, label]) => ({ href, text: label })),
        }),
      ],
      page.sitemap === undefined ? {} : { sitemap: { urls: page.sitemap.length, sample: [...page.sitemap] } },
    ),
  )
}

test('there are enough of them, of each class', () => {
  const counts = Map.groupBy(devPages, ({ is }) => is)
  expect(devPages.length).toBeGreaterThanOrEqual(60)
  for (const is of ['gambling', 'defaced', 'clean'] as const) expect(counts.get(is)?.length).toBeGreaterThanOrEqual(12)
})

test.each(devPages.map((page) => [page.is, page.name, page] as const))('%s: %s', (is, _, page) => {
  const { gambling, defacement } = judged(page)
  expect({
    gambling: gambling.score >= LIKELY,
    defaced: defacement.score >= LIKELY,
    why: [gambling.score, gambling.words, defacement.score, defacement.words],
  }).toMatchObject({ gambling: is === 'gambling', defaced: is === 'defaced' })
})

test('whole pages are called what they are, but for three defacements that hardly say so', () => {
  const wrong = Object.entries(htmlPages).flatMap(([is, pages]) =>
    pages.flatMap((html) => {
      const { gambling, defacement } = judge(record([view(readPage(html, 'text/html', 'https://kota.go.id/')?.facts)]))
      const likely = Math.max(gambling.score, defacement.score) >= LIKELY
      const called = !likely ? 'clean' : gambling.score >= defacement.score ? 'gambling' : 'defaced'
      return called === is ? [] : [`${is}, called ${called}: ${html}`]
    }),
  )
  expect(wrong).toEqual(
    ['Hening', 'SapuJagat', 'Ronda Siber'].map((name) => expect.stringMatching(new RegExp(`^defaced.*${name}`))),
  )
})

test('of those that are as subtle as we could make them, hardly any clean one is called, and most others are', () => {
  const called = morePages.filter((page) => {
    const { gambling, defacement } = judged(page)
    return Math.max(gambling.score, defacement.score) >= LIKELY
  })
  const right = called.filter(({ is }) => is !== 'clean').length
  const all = morePages.filter(({ is }) => is !== 'clean').length
  process.stdout.write(
    `own subtle pages: ${morePages.length}, precision ${(right / called.length).toFixed(3)}, recall ${(right / all).toFixed(3)}\n`,
  )
  expect(right / called.length).toBeGreaterThanOrEqual(0.95)
  expect(right / all).toBeGreaterThanOrEqual(0.65)
})
