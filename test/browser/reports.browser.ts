// Does a report get from a phone to its receipt, once, also when the line goes away in the middle?
import type { Page, Route } from 'playwright-core'
import { describe, expect } from 'vitest'
import { look, phone, stage, visit } from './rig.ts'

async function fill(page: Page, description: string): Promise<void> {
  await page.getByRole('button', { name: 'Lapor insiden' }).click()
  await page.getByLabel('Apa yang terjadi?').selectOption('phishing')
  await page.getByRole('radio', { name: /Tinggi/ }).check()
  await page.getByLabel(/^Di mana\?/).fill('situs-32.73')
  await page.getByLabel('Ceritakan apa yang terlihat').fill(description)
  await page.getByLabel(/^Urutan kejadian/).fill('Pukul 8 surel datang, pukul 9 warga bertanya.')
  await page.getByLabel('Apa dampaknya?').fill('Warga membuka tautan palsu.')
  await page.getByLabel('Surel').fill('rina@bandung.example')
}

/** A test that is tried again finds nothing of its first try. */
const unique = (text: string): string => `${text} ${Date.now()}`

/** How many reports of the centre's list hold the text. */
async function filed(text: string): Promise<number> {
  const cookie = stage().cookies.pusat
  const answer = await fetch(`${stage().web}/api/reports?days=1`, {
    headers: { cookie: `${cookie?.name}=${cookie?.value}` },
  })
  return (await answer.text()).split(text).length - 1
}

describe('on a phone', () => {
  look('a report is filed and its receipt opens it', () =>
    // Whoever is quicker than the store is told 404 until the report has landed.
    visit({ who: 'petugas', size: phone, expects: [/404.*api\/reports\/item/] }, async (page) => {
      await page.goto('/laporan')
      await fill(page, 'Surel palsu nomor satu')
      await page.getByRole('button', { name: 'Kirim laporan' }).click()
      await page.getByText('Laporan diterima').waitFor()
      const kept = await page.evaluate('JSON.stringify(Object.entries(localStorage))')
      expect(kept, 'what stays on the device').toContain('rina@bandung.example')
      expect(kept, 'what stays on the device').not.toContain('nomor satu')
      const receipt = page.getByRole('link', { name: /^LAP-32\.?73/ }).first()
      await receipt.click()
      await page.getByText('Surel palsu nomor satu').waitFor({ timeout: 45_000 })
    }),
  )

  look('what is typed survives a lost line and a closed page, and is filed once', () =>
    visit({ who: 'petugas', size: phone, expects: [/ERR_INTERNET_DISCONNECTED|Failed to load/] }, async (page) => {
      const text = unique('Surel palsu nomor dua')
      await page.goto('/laporan')
      await fill(page, text)
      await page.context().setOffline(true)
      await page.getByRole('button', { name: 'Kirim laporan' }).click()
      await page.getByRole('region', { name: 'Laporan di perangkat ini' }).waitFor()
      expect(await page.getByText('Laporan diterima').count()).toBe(0)
      await page.context().setOffline(false)
      await page.reload()
      await page.getByText('Laporan diterima').waitFor({ timeout: 45_000 })
      await page.reload()
      await expect.poll(() => filed(text), { timeout: 45_000 }).toBe(1)
    }),
  )

  const cuts: Record<string, (route: Route) => Promise<void>> = {
    'a line that is cut after the server has the report': async (route) => {
      await route.fetch()
      await route.abort('failed')
    },
    'a line that is cut within the answer': async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).slice(0, 20) })
    },
    'a network that answers with its own log-in page': (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<title>Wi-Fi</title>' }),
  }
  for (const [name, spoil] of Object.entries(cuts))
    look(`${name} files it once`, () =>
      visit({ who: 'petugas', size: phone, expects: [/ERR_FAILED|Failed to load/] }, async (page) => {
        const text = unique('Surel palsu nomor tiga')
        await page.goto('/laporan')
        await fill(page, text)
        let sent = 0
        await page.route('**/api/reports/incident', (route) => {
          sent += 1
          return sent > 1 ? route.continue() : spoil(route)
        })
        await page.getByRole('button', { name: 'Kirim laporan' }).click()
        await page.getByText('Menunggu jaringan').waitFor()
        await page.getByText('Laporan diterima').waitFor({ timeout: 45_000 })
        expect(sent).toBe(2)
        await expect.poll(() => filed(text), { timeout: 45_000 }).toBe(1)
      }),
    )

  look('a draft is there after the page was closed in the middle of a word', () =>
    visit({ who: 'petugas', size: phone }, async (page) => {
      await page.goto('/laporan')
      await fill(page, 'Surel palsu nomor em')
      await page.reload()
      await page
        .getByText(/Surel palsu nomor em|Phishing|Pengelabuan/)
        .first()
        .waitFor()
    }),
  )
})
