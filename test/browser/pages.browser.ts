// Does every page open for every role that may see it, in both languages and both looks, without an error, a jump or a barrier?
import { describe, expect } from 'vitest'
import { violations } from './axe.ts'
import { pages } from './pages.ts'
import { loaded, look, phone, visit, watched } from './rig.ts'

/** Google's bound of a good page for what moves by itself. */
const MOST_SHIFT = 0.1

for (const { path, id, en, who } of pages) {
  describe(id, () => {
    look(`opens for ${who.join(', ')}`, async () => {
      for (const person of who) {
        await visit({ who: person }, async (page) => {
          await page.goto(path)
          await loaded(page)
          await page.locator('header.bar nav a[aria-current=page]', { hasText: id }).waitFor()
          expect(await page.locator('.state.failed').allTextContents()).toEqual([])
          // Whoever hears the page needs its name first.
          expect(await page.locator('main').getByRole('heading').first().textContent()).not.toBe('')
        })
      }
    })

    look('speaks English too, and leaves no Indonesian word of the other behind', () =>
      visit({ who: who[0], language: 'en' }, async (page) => {
        await page.goto(path)
        await loaded(page)
        await page.locator('header.bar nav a[aria-current=page]', { hasText: en }).waitFor()
        const text = await page.locator('main').textContent()
        expect(text).not.toMatch(
          /\b(?:Memuat|Belum ada|Wilayah|Tingkat|Sumber log|Peringatan|Cari|Simpan|Batal|Tutup)\b/,
        )
      }),
    )

    for (const dark of [false, true]) {
      look(`has no serious barrier, ${dark ? 'dark' : 'light'}, and does not jump once it stands`, () =>
        visit({ who: who[0], dark }, async (page) => {
          await page.goto(path)
          await loaded(page)
          const before = (await watched(page)).shift
          expect(await violations(page)).toEqual([])
          await page.waitForTimeout(1_500)
          expect((await watched(page)).shift - before).toBeLessThan(MOST_SHIFT)
        }),
      )
    }

    look('fits on a phone: nothing is wider than the screen, no barrier', () =>
      visit({ who: who.includes('petugas') ? 'petugas' : who[0], size: phone }, async (page) => {
        await page.goto(path)
        await loaded(page)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect(width).toBeLessThanOrEqual(phone.width)
        expect(await violations(page)).toEqual([])
      }),
    )

    look('is no page for others', async () => {
      // Whoever may not see the situation begins with what is theirs.
      const others = (['daerah', 'analis', 'petugas'] as const).filter((one) => !who.includes(one) && path !== '/')
      for (const person of others) {
        await visit({ who: person, expects: [/403/] }, async (page) => {
          await page.goto(path)
          await page.locator('main').getByText('bukan untuk peran Anda').waitFor()
        })
      }
    })
  })
}
