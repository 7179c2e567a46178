// How is the page on a slow line, on a line that breaks, and while events come in? Measured in the page.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { attackLine } from './lines.ts'
import { control, loaded, look, phone, send, stage, visit, watched } from './rig.ts'

/** 1.6 Mbit/s down, 750 kbit/s up, 150 ms: the "3G" of the issue. */
const slow = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
const MOST_BYTES = 350_000
const FIRST_PAINT_MS = 3_000
const LIVE_MS = 2_000
/** What is measured may be measured again: the bound is the page's, not that of a machine that is busy. */
const TRIES = 2
const TEST_MS = 60_000

interface Load {
  readonly bytes: number
  readonly usefulMs: number
}

/** Loads a page on a slow line with nothing kept from before: compressed bytes, and when there was something to read. */
async function onSlowLine(page: Page, path: string, useful: string): Promise<Load> {
  const line = await page.context().newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.setCacheDisabled', { cacheDisabled: true })
  await line.send('Network.emulateNetworkConditions', slow)
  let bytes = 0
  line.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await page.goto(path, { waitUntil: 'commit' })
  await page.locator(useful).first().waitFor()
  const { firstText } = await watched(page)
  return { bytes, usefulMs: Math.round(firstText) }
}

describe('at the speed of 3G', () => {
  for (const [path, who] of [
    ['/', undefined],
    ['/', 'daerah'],
    ['/peringatan', 'daerah'],
    ['/laporan', 'petugas'],
  ] as const) {
    const name = who === undefined ? 'the log-in' : path
    look(
      `${name} can be read`,
      () =>
        visit({ who, size: phone }, async (page) => {
          const { bytes, usefulMs } = await onSlowLine(page, path, 'main h1, main form')
          process.stdout.write(`  3G, ${name}: ${bytes} bytes, ${usefulMs} ms\n`)
          expect(bytes).toBeLessThan(MOST_BYTES)
          expect(usefulMs).toBeLessThan(FIRST_PAINT_MS)
        }),
      TEST_MS,
      TRIES,
    )
  }
})

describe('live', () => {
  let address = 100
  look(
    'an event is seen within two seconds of when it happened',
    () =>
      visit({ who: 'pusat' }, async (page) => {
        await page.goto('/')
        await loaded(page)
        await page.locator('.line.live').waitFor()
        const took: number[] = []
        for (let turn = 0; turn < 5; turn += 1) {
          address += 1
          const from = `203.0.113.${address}`
          const at = Date.now()
          const seen = page.locator('main').getByText(from, { exact: true }).first().waitFor()
          await send('web-32', [attackLine(from, at)])
          await seen
          took.push(Date.now() - at)
        }
        process.stdout.write(`  event to page: ${took.join(', ')} ms\n`)
        // The middle one: a machine that does something else for a moment is no fault of the page.
        expect(took.sort((a, b) => a - b)[2]).toBeLessThan(LIVE_MS)
      }),
    TEST_MS,
    TRIES,
  )

  look(
    'comes back by itself after the server was restarted, and nobody is logged out',
    () =>
      visit({ who: 'pusat', expects: [/ERR_|5\d\d|Failed to load|EventSource/] }, async (page) => {
        await page.goto('/')
        await page.locator('.line.live').waitFor()
        const away = page.locator('.line.waiting').waitFor({ timeout: 60_000 })
        const restarted = control('restart')
        await away
        await restarted
        await page.locator('.line.live').waitFor({ timeout: 45_000 })
        const address = '203.0.113.121'
        await send('web-32', [attackLine(address, Date.now())])
        await page.locator('main').getByText(address).first().waitFor()
        expect(new URL(page.url()).origin).toBe(stage().web)
      }),
    240_000,
  )
})
