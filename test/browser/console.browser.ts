// Does the SQL console answer, show what is wrong, draw, and stop when it is told to? As an analyst uses it.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { violations } from './axe.ts'
import { look, visit } from './rig.ts'
import { HOSTILE_SOURCE } from './world.ts'

async function write(page: Page, statement: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Pernyataan SQL' })
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Backspace')
  await page.keyboard.insertText(statement)
  // An offer of words may lie over what comes next.
  await page.keyboard.press('Escape')
}

const answer = (page: Page) => page.getByRole('region', { name: 'Hasil', exact: true })

describe('the SQL console', () => {
  look('runs a statement by keyboard and shows rows, numbers and a chart', () =>
    visit({ who: 'analis' }, async (page) => {
      await page.goto('/sql')
      await write(
        page,
        'SELECT region_code, count() AS n FROM siaga.events GROUP BY region_code ORDER BY n DESC LIMIT 50',
      )
      await page.keyboard.press('Control+Enter')
      await answer(page).getByRole('cell', { name: '32', exact: true }).first().waitFor()
      expect(await answer(page).getByRole('row').count()).toBeGreaterThan(35)
      await answer(page).getByRole('button', { name: 'Grafik' }).click()
      await answer(page).locator('canvas, svg').first().waitFor()
      expect(await violations(page)).toEqual([])
    }),
  )

  look('says where a statement is wrong', () =>
    visit({ who: 'analis' }, async (page) => {
      await page.goto('/sql')
      await write(page, 'SELECT tidak_ada FROM siaga.events')
      await page.getByRole('button', { name: 'Jalankan' }).click()
      await page.getByRole('alert').getByText('tidak_ada').first().waitFor()
    }),
  )

  look('stops a statement that takes too long', () =>
    visit({ who: 'analis' }, async (page) => {
      await page.goto('/sql')
      await write(
        page,
        'SELECT sum(cityHash64(a.message, b.message, c.message)) FROM siaga.events a, siaga.events b, siaga.events c',
      )
      await page.getByRole('button', { name: 'Jalankan' }).click()
      await page.getByRole('button', { name: /Batal|Hentikan/ }).click()
      await page.getByText('Dihentikan, di server juga.').waitFor()
      await write(page, 'SELECT 6 * 7 AS jawaban')
      await page.keyboard.press('Control+Enter')
      await answer(page).getByRole('cell', { name: '42' }).waitFor()
    }),
  )

  look('shows hostile rows and names of columns as text', () =>
    visit({ who: 'analis' }, async (page) => {
      await page.goto('/sql')
      await write(
        page,
        `SELECT message, user_name AS "<img src=x onerror=window.siagaHacked=1>", fields FROM siaga.events WHERE source_id = '${HOSTILE_SOURCE}' LIMIT 200`,
      )
      await page.keyboard.press('Control+Enter')
      await answer(page).getByText('siagaHacked').first().waitFor()
      await page.waitForTimeout(300)
    }),
  )
})
