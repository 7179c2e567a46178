// Are log lines, names, reports and comments that were written by attackers ever more than text? On every page that shows them.
import { describe, expect } from 'vitest'
import { hostile } from './hostile.ts'
import { pages } from './pages.ts'
import { loaded, look, visit } from './rig.ts'
import { HOSTILE_SOURCE } from './world.ts'

const day = 86_400_000
const since = (): string => {
  const to = new Date()
  const from = new Date(to.getTime() - day)
  return `dari=${from.toISOString()}&sampai=${to.toISOString()}`
}

describe('what is hostile stays text', () => {
  for (const { path, id, who } of pages) {
    look(`on ${id}, with everything opened that can be`, () =>
      visit({ who: who[0] }, async (page) => {
        await page.goto(path)
        await loaded(page)
        // Whatever waits behind a disclosure is markup too.
        for (const summary of await page.locator('main summary').all()) await summary.click().catch(() => undefined)
        await page.mouse.move(300, 300)
        await page.mouse.wheel(0, 2_000)
        await page.waitForTimeout(300)
      }),
    )
  }

  look('in the search for its own source: every kind is seen as it was written', () =>
    visit({ who: 'pusat' }, async (page) => {
      await page.goto(`/jelajah?q=source_id:${HOSTILE_SOURCE}&${since()}`)
      await loaded(page)
      await page.getByText('siagaHacked').first().waitFor()
      const text = await page.locator('main').textContent()
      expect(text).toContain('<script')
    }),
  )

  look('in the address of a page', () =>
    visit({ who: 'pusat', expects: [/4\d\d/] }, async (page) => {
      for (const text of [hostile.script, hostile.image, hostile.url, hostile.template, hostile.prototype]) {
        await page.goto(`/jelajah?q=${encodeURIComponent(text)}&${since()}`)
        await loaded(page)
        await page.goto(`/peringatan?q=${encodeURIComponent(text)}`)
        await loaded(page)
        await page.goto(`/#${encodeURIComponent(text)}`)
        await loaded(page)
      }
    }),
  )
})
