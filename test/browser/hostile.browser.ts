// Are log lines, names, reports and comments that were written by attackers ever more than text? On every page that shows them.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { hostile } from './hostile.ts'
import { pages } from './pages.ts'
import { loaded, look, visit } from './rig.ts'
import { HOSTILE_ASSET, HOSTILE_SOURCE } from './world.ts'

const day = 86_400_000
const since = (): string => {
  const to = new Date()
  const from = new Date(to.getTime() - day)
  return `dari=${from.toISOString()}&sampai=${to.toISOString()}`
}

/** Pages whose first screen holds what was written by attackers: that it is there proves that it was looked at. */
const SHOWN = ['/', '/jelajah', '/sumber', '/laporan', '/aset', '/pengguna']

/** Opens whatever waits behind a disclosure, and points at what shows more under a pointer. */
async function openAll(page: Page): Promise<void> {
  for (const summary of await page.locator('main summary:visible').all())
    await summary.click({ timeout: 1_000 }).catch(() => undefined)
  await page.mouse.move(300, 300)
  await page.mouse.wheel(0, 2_000)
  await page.waitForTimeout(300)
}

describe('what is hostile stays text', () => {
  for (const { path, id, who } of pages) {
    look(`on ${id}, with everything opened that can be`, () =>
      visit({ who: who[0] }, async (page) => {
        await page.goto(path)
        await loaded(page)
        await openAll(page)
        if (SHOWN.includes(path)) expect(await page.locator('main').textContent()).toContain('siagaHacked')
      }),
    )
  }

  look('in the detail of alerts with hostile comments and evidence', () =>
    visit({ who: 'pusat' }, async (page) => {
      await page.goto(`/peringatan?cari=${HOSTILE_ASSET}`)
      await loaded(page)
      const links = page.locator('main li', { hasText: HOSTILE_ASSET }).locator('a[href^="/peringatan/A-"]')
      await links.first().waitFor()
      const paths = await Promise.all((await links.all()).slice(0, 2).map((link) => link.getAttribute('href')))
      expect(paths.length).toBeGreaterThan(0)
      for (const path of paths) {
        await page.goto(path ?? '')
        await loaded(page)
        await openAll(page)
        expect(await page.locator('main').textContent()).toContain('siagaHacked')
      }
    }),
  )

  look('in the detail of a report, an asset, a source and an event', () =>
    visit({ who: 'pusat' }, async (page) => {
      await page.goto('/laporan')
      await page.locator('main').getByText('siagaHacked').first().waitFor()
      await page
        .getByRole('link', { name: /Data bocor/ })
        .first()
        .click()
      await page.waitForURL(/laporan\/LAP-/)
      await loaded(page)
      expect(await page.locator('main').textContent()).toContain('onerror')
      for (const path of [`/aset?aset=${HOSTILE_ASSET}`, `/sumber?sumber=${HOSTILE_SOURCE}`]) {
        await page.goto(path)
        await loaded(page)
        await openAll(page)
        expect(await page.locator('main').textContent()).toContain('siagaHacked')
      }
      await page.goto(`/jelajah?q=source_id:${HOSTILE_SOURCE}&${since()}`)
      await loaded(page)
      for (const row of (await page.locator('main tbody button').all()).slice(0, 8)) {
        await row.click()
        await loaded(page)
      }
    }),
  )

  look('in the search for its own source: every kind is seen as it was written', () =>
    visit({ who: 'pusat' }, async (page) => {
      await page.goto(`/jelajah?q=source_id:${HOSTILE_SOURCE}&${since()}`)
      await loaded(page)
      await page.getByText('siagaHacked').first().waitFor()
      const text = await page.locator('main').textContent()
      expect(text).toContain('<script')
    }),
  )

  look(
    'in the address of a page',
    () =>
      visit({ who: 'pusat', expects: [/4\d\d/] }, async (page) => {
        for (const text of [hostile.script, hostile.image, hostile.url, hostile.template, hostile.prototype]) {
          await page.goto(`/jelajah?q=${encodeURIComponent(text)}&${since()}`)
          await loaded(page)
          await page.goto(`/peringatan?cari=${encodeURIComponent(text)}`)
          await loaded(page)
          await page.goto(`/#${encodeURIComponent(text)}`)
          await loaded(page)
        }
      }),
    120_000,
  )
})
