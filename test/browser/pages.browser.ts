// Does every page open for every role that may see it, in both languages and both looks, without an error, a jump or a barrier?
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { violations } from './axe.ts'
import { type PageOf, pages } from './pages.ts'
import { loaded, look, openAll, phone, visit, watched } from './rig.ts'
import { whosIn } from './world.ts'

/** Google's bound of a good page for what moves by itself. */
const MOST_SHIFT = 0.1
const ALL_PAGES_MS = 180_000
/** Words that only the Indonesian page has. */
const INDONESIAN =
  /\b(?:Memuat|Belum ada|Wilayah|Tingkat|Sumber log|Peringatan|Kejadian|Cari|Simpan|Batal|Tutup|Perbarui)\b/

const roles = whosIn('hostile').filter((who) => pages.some((page) => page.who.some((one) => one === who)))

async function open(page: Page, { path }: PageOf, name: string): Promise<void> {
  await page.goto(path)
  await loaded(page)
  await page.locator('header.bar nav a[aria-current=page]', { hasText: name }).waitFor()
  expect(await page.locator('main .state.failed').allTextContents(), path).toEqual([])
}

describe('each role finds its pages in the menu and opens them, and no other', () => {
  for (const who of roles) {
    look(
      who,
      () =>
        visit({ who }, async (page) => {
          await page.goto('/akun')
          await page.locator('header.bar nav').waitFor()
          const menu = await page.locator('header.bar nav').getByRole('link').allTextContents()
          expect(menu).toEqual(pages.filter((one) => one.who.some((role) => role === who)).map(({ id }) => id))
          for (const one of pages) {
            if (one.who.some((role) => role === who)) {
              await open(page, one, one.id)
              continue
            }
            // Whoever may not see the situation begins with what is theirs.
            if (one.path === '/') continue
            await page.goto(one.path)
            await page.locator('main').getByText('bukan untuk peran Anda').waitFor()
          }
        }),
      ALL_PAGES_MS,
    )
  }

  look(
    'in English, without an Indonesian word of the page',
    () =>
      visit({ who: 'admin', language: 'en' }, async (page) => {
        for (const one of pages) {
          await open(page, one, one.en)
          // Titles of rules and names are data: headings, labels, buttons and columns are the page's own.
          const words = await page.locator('main').locator('h1, h2, th, label, button, summary').allTextContents()
          expect(
            words.filter((text) => INDONESIAN.test(text)),
            one.path,
          ).toEqual([])
        }
      }),
    ALL_PAGES_MS,
  )
})

/** Pages whose first screen holds what was written by attackers: that it is there proves that it was looked at. */
const SHOWS_HOSTILE = ['/', '/jelajah', '/sumber', '/laporan', '/aset', '/pengguna']

for (const one of pages) {
  const { path, id, who } = one
  describe(id, () => {
    look('on a desk, light: no serious barrier, does not jump once it stands, what is hostile stays text', () =>
      visit({ who: who[0] }, async (page) => {
        await open(page, one, id)
        const before = (await watched(page)).shift
        expect(await violations(page)).toEqual([])
        await page.waitForTimeout(1_000)
        expect((await watched(page)).shift - before).toBeLessThan(MOST_SHIFT)
        await openAll(page)
        if (SHOWS_HOSTILE.includes(path)) expect(await page.locator('main').textContent()).toContain('siagaHacked')
      }),
    )

    look('on a phone, dark: nothing is wider than the screen, no serious barrier', () =>
      visit({ who: who.includes('petugas') ? 'petugas' : who[0], size: phone, dark: true }, async (page) => {
        await open(page, one, id)
        const width = await page.evaluate<number>('document.documentElement.scrollWidth')
        expect(width).toBeLessThanOrEqual(phone.width)
        expect(await violations(page)).toEqual([])
      }),
    )
  })
}
