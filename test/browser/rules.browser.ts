// Does somebody see on the page what a rule would have found? Over the stored day, of all regions and of one.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { loaded, look, visit } from './rig.ts'

const RULE = 'Webshell diminta dengan nama yang dikenal'

async function run(page: Page): Promise<number> {
  await page.getByRole('button', { name: 'Jalankan' }).click()
  // The answer before this one is gone once this one has begun.
  await page.locator('progress').or(page.getByText('Menunggu giliran')).first().waitFor()
  const said = page.getByText(/^[\d.]+ dari [\d.]+ kejadian kena$/)
  await said.waitFor({ timeout: 90_000 })
  const [, matches = '', read = ''] = /^([\d.]+) dari ([\d.]+)/.exec((await said.textContent()) ?? '') ?? []
  const [found, of] = [matches, read].map((text) => Number(text.replaceAll('.', '')))
  expect(of).toBeGreaterThan(found ?? 0)
  return found ?? 0
}

describe('a back-test', () => {
  look(
    'of a rule counts what it finds in the stored day, by day and region, with lines',
    () =>
      visit({ who: 'pusat' }, async (page) => {
        await page.goto('/aturan')
        await loaded(page)
        await page.getByRole('searchbox').first().fill(RULE)
        await page.getByRole('link', { name: RULE, exact: true }).first().click()
        await page.getByRole('heading', { name: 'Uji riwayat' }).waitFor()
        const all = await run(page)
        expect(all).toBeGreaterThan(0)
        const rows = page.locator('table', { hasText: 'Hari (WIB)' }).locator('tbody tr')
        const sum = (await rows.locator('td:nth-child(3)').allInnerTexts()).reduce(
          (total, text) => total + Number(text.replaceAll('.', '')),
          0,
        )
        expect(sum).toBe(all)
        await page.locator('.samples pre').getByText('/uploads/shell.php').first().waitFor()

        await page.getByRole('combobox', { name: /^Wilayah/ }).selectOption({ label: 'Jawa Barat' })
        const own = await run(page)
        expect(own).toBeLessThan(all)
        const regions = await rows.locator('td:nth-child(2)').allInnerTexts()
        for (const region of regions) expect(region).toMatch(/Jawa Barat|Bandung|Bogor/)
      }),
    240_000,
  )
})
