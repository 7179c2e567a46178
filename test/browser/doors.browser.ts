// How does somebody come in and go out, in both languages, on any line?
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { violations } from './axe.ts'
import { control, loaded, logIn, look, phone, stage, visit } from './rig.ts'
import { PASSWORD } from './world.ts'

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

describe('log-in', () => {
  look('shows itself in Indonesian, and in English by a switch that is remembered', () =>
    visit({}, async (page) => {
      await page.goto('/')
      await heading(page).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('id')
      await page.getByRole('button', { name: 'Masuk', exact: true }).waitFor()
      await page.getByRole('button', { name: 'English' }).click()
      await page.getByRole('button', { name: 'Log in', exact: true }).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      await page.reload()
      await page.getByRole('button', { name: 'Log in', exact: true }).waitFor()
    }),
  )

  look('refuses a wrong password in words, and says nothing of whether the name is known', () =>
    visit({ expects: [/401/] }, async (page) => {
      await page.goto('/')
      const said: (string | null)[] = []
      for (const login of ['sari', 'tidak.ada']) {
        await page.getByLabel('Nama masuk').fill(login)
        await page.getByLabel('Kata sandi').fill('bukan kata sandinya')
        await page.getByRole('button', { name: 'Masuk', exact: true }).click()
        await page.getByRole('alert').waitFor()
        said.push(await page.getByRole('alert').textContent())
      }
      expect(said[0]).not.toBe('')
      expect(said[1]).toBe(said[0])
    }),
  )

  // What was asked for just before is refused once one is out.
  look('by keyboard alone, and out again', () =>
    visit({ expects: [/status of 401 .*\/api\//] }, async (page) => {
      await page.goto('/')
      await page.getByLabel('Nama masuk').focus()
      await page.keyboard.type('sari')
      await page.keyboard.press('Tab')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      await page.locator('header.bar nav').waitFor()
      const who = page.locator('summary', { hasText: 'Sari Wulandari' })
      await who.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Keluar' }).focus()
      await page.keyboard.press('Enter')
      await page.getByLabel('Nama masuk').waitFor()
      await page.goto('/peringatan')
      await page.getByLabel('Nama masuk').waitFor()
    }),
  )

  look('comes back to the page that was asked for', () =>
    visit({}, async (page) => {
      await page.goto('/peringatan')
      await logIn(page, 'pusat')
      expect(new URL(page.url()).pathname).toBe('/peringatan')
      await page.locator('header.bar nav a[aria-current=page]', { hasText: 'Peringatan' }).waitFor()
    }),
  )
})

describe('a link', () => {
  look('of the first start makes the first administrator, once', async () => {
    await visit({}, async (page) => {
      await page.goto(stage().firstLink)
      await page.getByLabel('Kata sandi baru').fill(PASSWORD)
      await page.getByLabel('Sekali lagi').fill('yang lain sama sekali')
      await page.getByRole('button', { name: 'Simpan dan masuk' }).click()
      await page.getByRole('alert').waitFor()
      await page.getByLabel('Sekali lagi').fill(PASSWORD)
      await page.getByRole('button', { name: 'Simpan dan masuk' }).click()
      await page.getByRole('link', { name: 'Pengguna' }).waitFor()
    })
    await visit({ expects: [/4\d\d/] }, async (page) => {
      await page.goto(stage().firstLink)
      await page.getByRole('alert').waitFor()
      expect(await page.getByLabel('Kata sandi baru').count()).toBe(0)
    })
  })

  look('works on a phone, for somebody whose name is hostile', async () => {
    const link = await control('link/jahat')
    await visit({ size: phone }, async (page) => {
      await page.goto(link)
      await page.getByLabel('Kata sandi baru').fill(PASSWORD)
      await page.getByLabel('Sekali lagi').fill(PASSWORD)
      await page.getByRole('button', { name: 'Simpan dan masuk' }).click()
      await page.locator('header.bar nav').waitFor()
    })
  })
})

describe('doors are for everybody', () => {
  for (const dark of [false, true])
    look(`log-in in ${dark ? 'dark' : 'light'}`, () =>
      visit({ dark }, async (page) => {
        await page.goto('/')
        await heading(page).waitFor()
        expect(await violations(page)).toEqual([])
      }),
    )
})

look('a mistyped address says so, with the menu to go on by', () =>
  visit({ who: 'pusat', size: phone, expects: [/status of 404/] }, async (page) => {
    await page.goto('/peringatann')
    await page.getByText('Halaman ini tidak ada').waitFor()
    await page.getByRole('link', { name: 'Peringatan' }).click()
    await page.waitForURL('**/peringatan')
  }),
)

look('on a phone the menu shows where one is, also far to the right', () =>
  visit({ who: 'pusat', size: phone }, async (page) => {
    await page.goto('/aset')
    await loaded(page)
    const here = await page.locator('header.bar nav [aria-current]').boundingBox()
    expect(here?.x).toBeGreaterThanOrEqual(0)
    expect((here?.x ?? 0) + (here?.width ?? 0)).toBeLessThanOrEqual(phone.width)
  }),
)

look('who files reports and nothing else begins with reports', () =>
  visit({ who: 'petugas' }, async (page) => {
    await page.goto('/')
    await page.waitForURL(/\/laporan$/)
    await heading(page).waitFor()
  }),
)

look('a screen on the wall opens once, shows the situation and nothing else, and is taken down from afar', () =>
  visit({ who: 'daerah', expects: [/401/] }, async (page) => {
    await page.goto('/akun')
    await page.getByLabel('Layar yang mana?').fill('Ruang piket')
    await page.getByRole('button', { name: 'Buat tautan' }).click()
    const link = await page.getByLabel('Tautan layar dinding', { exact: true }).inputValue()
    // Taking it down cuts its stream.
    await visit({ expects: [/401|INCOMPLETE_CHUNKED/] }, async (screen) => {
      await screen.goto(link)
      await screen.getByRole('button', { name: 'Jadikan layar dinding' }).click()
      await screen.getByRole('heading', { level: 1, name: /Jawa Barat/ }).waitFor()
      expect(await screen.locator('header.bar').count()).toBe(0)
      expect(await violations(screen)).toEqual([])
      await screen.goto('/peringatan')
      await screen.getByRole('heading', { level: 1, name: /Jawa Barat/ }).waitFor()
      await page.reload()
      await page.getByRole('button', { name: 'Cabut layar Ruang piket' }).click()
      await screen.getByLabel('Nama masuk').waitFor({ timeout: 45_000 })
    })
  }),
)
