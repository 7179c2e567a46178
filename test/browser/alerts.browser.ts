// Does an alert get from the queue to its end? By pointer, and by keyboard alone; what was done stays written beneath it.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { loaded, logIn, look, phone, visit } from './rig.ts'

const rows = (page: Page) => page.locator('main a[href^="/peringatan/A-"]')

describe('an alert', () => {
  look('from log-in to resolved, with a comment', () =>
    visit({}, async (page) => {
      await page.goto('/')
      await logIn(page, 'pusat')
      await page.getByRole('link', { name: 'Peringatan', exact: true }).first().click()
      await rows(page).first().click()
      await page.waitForURL(/peringatan\/A-/)
      const main = page.locator('main')
      await main
        .getByRole('button', { name: /^Tanggapi$/ })
        .first()
        .click()
      await main.locator('header').getByText('Ditanggapi', { exact: true }).waitFor()
      await main.getByLabel(/^Komentar untuk semua/).fill('menunggu jawaban penyedia')
      await main.getByRole('button', { name: 'Komentar', exact: true }).click()
      await main.getByText('menunggu jawaban penyedia').waitFor()
      await main
        .getByRole('button', { name: /^Selesai/ })
        .first()
        .click()
      await page.getByRole('textbox', { name: /Alasan/ }).fill('ditambal, log bersih')
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Selesai/ })
        .click()
      await main.getByText('ditambal, log bersih').waitFor()
      await main.locator('header').getByText('Selesai', { exact: true }).waitFor()
    }),
  )

  look('by keyboard alone: log in, open it, acknowledge it', () =>
    visit({}, async (page) => {
      await page.goto('/peringatan')
      await page.getByLabel('Nama masuk').focus()
      await page.keyboard.type('sari')
      await page.keyboard.press('Tab')
      await page.keyboard.type('hujan turun di atas genteng')
      await page.keyboard.press('Enter')
      await rows(page).first().waitFor()
      await tabTo(page, "/peringatan\\/A-/.test(document.activeElement?.getAttribute('href') ?? '')")
      await page.keyboard.press('Enter')
      await page.waitForURL(/peringatan\/A-/)
      await page.locator('main').getByRole('button', { name: 'Tanggapi', exact: true }).waitFor()
      await tabTo(page, "document.activeElement?.textContent === 'Tanggapi'")
      await page.keyboard.press('Enter')
      await page.locator('main header').getByText('Ditanggapi', { exact: true }).waitFor()
    }),
  )

  look('that does not exist, or is not of this room, is said to be unknown', () =>
    visit({ who: 'kota', expects: [/404/] }, async (page) => {
      await page.goto('/peringatan/A-0000000000')
      await page.locator('main .state.failed, main [role=alert]').first().waitFor()
    }),
  )

  look('on a phone shows why, and what to do first', () =>
    visit({ who: 'kota', size: phone }, async (page) => {
      await page.goto('/peringatan')
      await rows(page).first().click()
      await loaded(page)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(phone.width)
      await page.locator('main').getByRole('heading', { level: 1 }).waitFor()
    }),
  )

  look('changes in a list that somebody else looks at', () =>
    visit({ who: 'daerah' }, async (page) => {
      await page.goto('/peringatan')
      const first = rows(page).first()
      const id = /A-\w+/.exec((await first.getAttribute('href')) ?? '')?.[0] ?? ''
      await page.locator('main .line.live').first().waitFor()
      await visit({ who: 'pusat' }, async (other) => {
        await other.goto(`/peringatan/${id}`)
        await other
          .locator('main')
          .getByRole('button', { name: /^Mulai tangani/ })
          .first()
          .click()
        await other.locator('main').getByText('Ditangani').first().waitFor()
      })
      await page
        .locator('main li', { has: page.locator(`a[href="/peringatan/${id}"]`) })
        .getByText('Ditangani')
        .waitFor()
    }),
  )
})

/** Presses Tab until it holds for what has the focus. */
async function tabTo(page: Page, holds: string): Promise<void> {
  for (let i = 0; i < 120; i += 1) {
    if (await page.evaluate<boolean>(holds)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to where ${holds}`)
}
