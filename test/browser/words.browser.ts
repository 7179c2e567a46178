// Does the page speak to people? Records and keys of programs stay behind what is said in words; the map fits a phone; statements of links arrive.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { loaded, look, phone, stage, visit } from './rig.ts'
import { incident } from './world.ts'

/** All that a page says, without what is folded away. */
const said = async (page: Page): Promise<string> => (await page.locator('main').allInnerTexts()).join('\n')

/** One that is newer than whatever else has happened: the feed holds thirty. */
async function fileReport(): Promise<void> {
  const answer = await fetch(`${stage().web}/v1/reports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage().roomKeys.jabar ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify(incident('critical', 'web_defacement', 'Halaman depan diganti.', 'situs-32')),
  })
  expect(answer.status, await answer.text()).toBeLessThan(300)
}

describe('records and keys are not shown in place of words', () => {
  look('audit: who did what, from where and when; the record opens', () =>
    visit({ who: 'admin' }, async (page) => {
      await page.goto('/audit')
      await loaded(page)
      expect(await said(page)).toMatch(/\d\d\.\d\d\.\d\d WIB[\s\S]*sari masuk · dari 127\.0\.0\.1/)
      expect(await said(page)).not.toContain('{"')
      await page.locator('.trail summary').first().click()
      expect(await said(page)).toContain('"event.action"')
    }),
  )

  look('situation: reports have their words, and events stand in the order of their times', () =>
    visit({ who: 'pusat' }, async (page) => {
      await fileReport()
      await page.goto('/')
      await loaded(page)
      const feed = page.locator('.feed li')
      await feed.first().waitFor()
      await page.locator('.feed').getByText('Laporan insiden: ').first().waitFor()
      expect((await feed.allInnerTexts()).join('\n')).not.toContain('{"')
      const times = await page.locator('.feed .when').allInnerTexts()
      expect(times).toEqual(times.toSorted().reverse())
    }),
  )

  look('alerts: titles are Indonesian, reports are reports, phases and spans are words', () =>
    visit({ who: 'pusat' }, async (page) => {
      await page.goto('/peringatan')
      await loaded(page)
      await page.locator('.queue').getByText('Tebak sandi SSH yang berhasil').first().waitFor()
      const text = await said(page)
      expect(text).not.toMatch(/SSH guessing that worked|Peringatan perangkat keamanan|Incident report/)
      expect(text).toMatch(/\d+ (?:mnt \d\d dtk|jam \d\d mnt|dtk)/)
      await page.locator('.queue a[data-id]').first().click()
      await page.getByText('Masa tenang').first().waitFor()
      expect(await said(page)).not.toContain('masa_tenang')
      // There are more than a page of them: found by the words that are read.
      await page.goto('/peringatan')
      await page.getByLabel('Cari').fill('laporan insiden')
      await page.locator('.queue').getByText('Laporan insiden: ').first().waitFor()
      await expect.poll(() => page.locator('.queue').getByText('Tebak sandi SSH yang berhasil').count()).toBe(0)
    }),
  )
})

look('the map stands whole on a phone, with names that can be read', () =>
  visit({ who: 'pusat', size: phone }, async (page) => {
    await page.goto('/')
    await loaded(page)
    const tiles = page.locator('svg.map .spot')
    expect(await tiles.count()).toBe(38)
    for (const tile of await tiles.all()) {
      const box = await tile.boundingBox()
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= phone.width).toBe(true)
    }
    const name = await page.locator('svg.map text.name').first().boundingBox()
    expect(name?.height).toBeGreaterThan(11)
  }),
)

look('explore begins with what is worth a look, and shows everything when asked', () =>
  visit({ who: 'pusat' }, async (page) => {
    await page.goto('/jelajah')
    await loaded(page)
    await page.locator('.rows tbody tr').first().waitFor()
    expect((await page.locator('.rows').allInnerTexts()).join()).not.toContain('heartbeat')
    await page.getByRole('link', { name: 'Semua kejadian' }).first().click()
    await page.locator('.rows').getByText('heartbeat').first().waitFor()
  }),
)

look('a statement of a link stands in the editor of the page SQL', () =>
  visit({ who: 'pusat' }, async (page) => {
    await page.goto(`/sql?${new URLSearchParams({ q: 'SELECT 40 + 2 AS jawaban' })}`)
    await page.locator('.editor').getByText('jawaban').waitFor()
  }),
)
