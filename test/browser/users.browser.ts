// Does a new colleague come in? Made by an administrator with role and room, by a one-time link to their own password, and then only to their region.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { loaded, look, visit } from './rig.ts'

const LOGIN = 'wayan'
const OWN_PASSWORD = 'ombak kecil di pantai losari'

/** Answer of a route, asked by whoever is logged in on the page. */
const statusOf = (page: Page, path: string): Promise<number> =>
  page.evaluate<number>(`fetch(${JSON.stringify(path)}).then(({ status }) => status)`)

describe('a new account', () => {
  let link = ''

  look('is made with role and room, and its one-time link is shown once', () =>
    visit({ who: 'admin' }, async (page) => {
      await page.goto('/pengguna')
      await loaded(page)
      await page.getByRole('button', { name: 'Akun baru' }).click()
      await page.getByLabel('Nama masuk').fill(LOGIN)
      await page.getByLabel('Nama orang').fill('Wayan Sudarma')
      await page.getByRole('combobox', { name: /^Peran/ }).selectOption('daerah')
      await page.getByRole('combobox', { name: /^Ruang/ }).selectOption('sulsel')
      await page.getByRole('button', { name: 'Buat akun' }).click()
      link = new URL(await page.getByLabel('Tautan sekali pakai', { exact: true }).inputValue()).pathname
      expect(link).toMatch(/^\/link\/[\w-]{43}$/)
      await page.getByRole('button', { name: 'Sudah saya berikan' }).click()
      const card = page.locator('main').locator('li, article, section', { hasText: 'Wayan Sudarma' }).last()
      await card.getByText('Ruang Operasi Sulawesi Selatan').waitFor()
      await card.getByText('menunggu memilih kata sandi').waitFor()
    }),
  )

  look('chooses its own password by the link, sees its region and nothing of another', () =>
    visit({ expects: [/40[34]/] }, async (page) => {
      await page.goto(link)
      await page.getByLabel('Kata sandi baru').fill(OWN_PASSWORD)
      await page.getByLabel('Sekali lagi').fill(OWN_PASSWORD)
      await page.getByRole('button', { name: 'Simpan dan masuk' }).click()
      await page.getByRole('heading', { level: 1, name: /Sulawesi Selatan/ }).waitFor()
      const menu = await page.locator('header.bar nav').getByRole('link').allTextContents()
      expect(menu).toEqual(['Situasi', 'Peringatan', 'Jelajah', 'Sumber', 'Laporan', 'Aset'])

      await page.goto('/peringatan')
      await page.locator('.queue a[data-id]').first().waitFor()
      for (const row of await page.locator('.queue li').allInnerTexts())
        expect(row).toMatch(/Sulawesi Selatan|Kota Makassar/)

      await page.goto('/sumber')
      await loaded(page)
      const sources = await page.locator('main tbody th').allInnerTexts()
      expect(sources.length).toBeGreaterThan(0)
      for (const source of sources) expect(source).toMatch(/Sulawesi Selatan|Kota Makassar/)

      await page.goto('/jelajah')
      await loaded(page)
      await page.getByRole('link', { name: 'Semua kejadian' }).first().click()
      await page.locator('.rows tbody tr').first().waitFor()
      const regions = await page.locator('.rows tbody tr td:nth-child(3)').allInnerTexts()
      expect(regions.length).toBeGreaterThan(0)
      expect(regions.filter((name) => !/^(?:Sulawesi Selatan|Kota Makassar)$/.test(name))).toEqual([])

      // What is not in the menu is not behind it either.
      expect(await statusOf(page, '/api/situation?region=32&span=1h')).toBe(404)
      expect(await statusOf(page, '/api/assets/by-id/situs-32')).toBe(404)
      expect(await statusOf(page, '/api/users')).toBe(403)
      expect(await statusOf(page, '/api/situation?region=73&span=1h')).toBe(200)
    }),
  )

  look('comes in with that password the next time; the link is spent', async () => {
    await visit({}, async (page) => {
      await page.goto('/')
      await page.getByLabel('Nama masuk').fill(LOGIN)
      await page.getByLabel('Kata sandi').fill(OWN_PASSWORD)
      await page.getByRole('button', { name: 'Masuk', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: /Sulawesi Selatan/ }).waitFor()
    })
    await visit({ expects: [/4\d\d/] }, async (page) => {
      await page.goto(link)
      await page.getByRole('alert').waitFor()
      expect(await page.getByLabel('Kata sandi baru').count()).toBe(0)
    })
  })
})
