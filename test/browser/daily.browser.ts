// Does the daily report open, of the own room and of one beneath it, and come as a PDF?
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { violations } from './axe.ts'
import { loaded, look, phone, visit } from './rig.ts'

/** Made by itself within minutes of a start; who looks too early is told when it comes. */
async function opened(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.goto('/laporan/harian')
        await page.locator('main h1, main .state').first().waitFor()
        await page.waitForTimeout(500)
        return page.locator('.rep-daily h1').count()
      },
      { timeout: 280_000, interval: 5_000 },
    )
    .toBe(1)
}

describe('the daily report', () => {
  look(
    'opens with figures, regions beneath and the query behind a figure, and is a PDF',
    () =>
      visit({ who: 'pusat' }, async (page) => {
        await opened(page)
        await page.getByRole('heading', { level: 1, name: 'Laporan harian · Ruang Operasi Nasional' }).waitFor()
        const events = page.getByRole('row', { name: /^Kejadian / }).first()
        const [own = 0, beneath = 0, all = 0] = (await events.locator('td.number').allInnerTexts()).map((figure) =>
          Number(figure.replaceAll('.', '')),
        )
        expect(all).toBeGreaterThan(0)
        expect(own + beneath).toBe(all)
        await events.getByText('SQL').first().click()
        await events
          .getByText(/SELECT/)
          .first()
          .waitFor()
        expect(await violations(page)).toEqual([])

        const waits = page.waitForEvent('download')
        await page.getByRole('link', { name: 'PDF' }).click()
        const download = await waits
        expect(download.suggestedFilename()).toMatch(/^laporan-harian-pusat-\d{4}-\d\d-\d\d\.pdf$/)
        const stream = await download.createReadStream()
        stream.setEncoding('latin1')
        const pdf = await text(stream)
        expect(pdf.slice(0, 7)).toMatch(/^%PDF-1/)
        expect(pdf.trimEnd().endsWith('%%EOF')).toBe(true)
        expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1)
      }),
    330_000,
  )

  look(
    'of a region is its own, also on a phone',
    () =>
      visit({ who: 'daerah', size: phone }, async (page) => {
        await opened(page)
        await page.getByRole('heading', { level: 1, name: 'Laporan harian · Ruang Operasi Jawa Barat' }).waitFor()
        await loaded(page)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect(width).toBeLessThanOrEqual(phone.width)
        expect(await page.locator('main').innerText()).not.toContain('Sulawesi')
      }),
    330_000,
  )
})
