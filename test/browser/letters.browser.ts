// Does what could not be read come in after all? A source of the wrong format fills the dead letters; it is put right, they are replayed, and none is left.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { control, loaded, look, send, visit } from './rig.ts'

/** A web server by siaga.yaml, from which lines of another program come. */
const SOURCE = 'web-53'
const USER = 'surat-gagal'
const LINES = 3

const lines = (): string[] =>
  Array.from(
    { length: LINES },
    (_, i) =>
      `${new Date(Date.now() - i * 1_000).toISOString()} srv-53 sshd[${900 + i}]: Failed password for ${USER} from 203.0.113.77 port ${5000 + i} ssh2`,
  )

/** What the list of sources says of its dead letters. */
async function deadOf(page: Page): Promise<string> {
  await page.goto('/sumber')
  await loaded(page)
  const row = page.locator('main tbody tr', { hasText: SOURCE })
  return (await row.locator('td').last().innerText()).trim()
}

describe('dead letters', () => {
  look(
    'are shown with their reason, replayed once the source is put right, land, and are gone',
    async () => {
      await send(SOURCE, lines())
      let id = ''
      await visit({ who: 'pusat' }, async (page) => {
        await expect.poll(() => deadOf(page), { timeout: 60_000, interval: 2_000 }).toBe(String(LINES))
        await page.goto(`/sumber?bagian=gagal&dari=${SOURCE}`)
        await page.locator('main tbody').getByText(USER).first().waitFor()
        expect(await page.locator('main tbody tr').count()).toBe(LINES)
        id = (await page.locator('main tbody tr a').first().getAttribute('href')) ?? ''
      })
      // The mistake was in siaga.yaml: this machine writes more than its web server's log.
      await control(`format/${SOURCE}/auto`)
      await visit({ who: 'pusat' }, async (page) => {
        await page.goto(`/sumber?bagian=gagal&dari=${SOURCE}`)
        await page.locator('main tbody').getByText(USER).first().waitFor()
        await page.getByLabel('Pilih semua di halaman ini').check()
        await page.getByRole('button', { name: `Putar ulang yang dipilih (${LINES})` }).click()
        await page.getByRole('button', { name: 'Ya, putar ulang' }).click()
        await page.getByText(`${LINES} kejadian dikirim ulang`).waitFor()
        await page.getByText('Tidak ada kejadian gagal.').waitFor({ timeout: 30_000 })
        await page.goto(id)
        await page.getByText('✓ Sudah diputar ulang dan tersimpan sebagai kejadian.').waitFor({ timeout: 60_000 })
        await expect.poll(() => deadOf(page), { timeout: 60_000, interval: 2_000 }).toBe('0')
        await page.goto(`/jelajah?${new URLSearchParams({ q: `user.name:${USER}` })}`)
        await loaded(page)
        await expect.poll(() => page.locator('.rows tbody tr').count()).toBe(LINES)
        expect(await page.locator('.rows tbody tr').first().innerText()).toContain('masuk lewat SSH')
      })
    },
    300_000,
    // The source stays put right: a second time no letter would die.
    0,
  )
})
