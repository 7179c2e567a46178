// How does every page look with 38 provinces of data? `npm run screenshots` makes the three of the README; with FOLDER each page as each role sees it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumPath, HOW_TO_GET_IT } from './chromium.ts'
import { pages } from './pages.ts'
import { openStage, type Stage } from './stage.ts'
import { type Who, whosIn } from './world.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
/** Shown in the dark on a phone too. */
const main = ['/', '/peringatan']
/** Of a picture in the README, which people on slow lines open too. */
const MOST_BYTES = 300_000

interface Shot {
  readonly who: Who
  readonly path: string
  readonly name: string
  readonly size: keyof typeof sizes
  readonly dark: boolean
  readonly language: 'id' | 'en'
}

function shots(): Shot[] {
  const there = whosIn('believable')
  return pages.flatMap(({ path, id, who: all }) => {
    const name = id.toLowerCase()
    const who = all.filter((one) => there.includes(one))
    const of = (person: Who): Shot[] => [
      { who: person, path, name, size: 'desk', dark: false, language: 'id' },
      { who: person, path, name, size: 'phone', dark: false, language: 'id' },
    ]
    const [first = 'admin'] = who.includes('pusat') ? (['pusat'] as const) : who
    const more: Shot[] = [
      { who: first, path, name, size: 'desk', dark: true, language: 'id' },
      { who: first, path, name, size: 'desk', dark: false, language: 'en' },
      ...(main.includes(path)
        ? ([{ who: first, path, name, size: 'phone', dark: true, language: 'id' }] as const)
        : []),
    ]
    return [...who.flatMap(of), ...more]
  })
}

type Look = Pick<Shot, 'who' | 'size' | 'dark' | 'language'>

async function contextFor(
  browser: Browser,
  stage: Stage,
  { who, size, dark, language }: Look,
  scale = 1,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: stage.web,
    viewport: sizes[size],
    deviceScaleFactor: scale,
    colorScheme: dark ? 'dark' : 'light',
    locale: 'id-ID',
    timezoneId: 'Asia/Jakarta',
    reducedMotion: 'reduce',
    ...(size === 'phone' ? { hasTouch: true, isMobile: true } : {}),
  })
  await context.addInitScript(`localStorage.setItem('siaga.language', '${language}')`)
  const cookie = stage.cookies[who]
  if (cookie !== undefined) await context.addCookies([{ ...cookie, url: stage.web }])
  return context
}

async function stands(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  for (let i = 0; i < 75 && (await page.locator('main .spinner').count()) > 0; i += 1) await page.waitForTimeout(200)
  await page.waitForTimeout(1_200)
}

async function takeAll(browser: Browser, stage: Stage, folder: string, wanted: readonly Shot[]): Promise<void> {
  for (const [key, own] of Map.groupBy(wanted, ({ who, size, dark, language }) =>
    [who, size, dark ? 'dark' : 'light', language].join('-'),
  )) {
    const [first] = own
    if (first === undefined) continue
    const context = await contextFor(browser, stage, first)
    const page = await context.newPage()
    for (const { path, name } of own) {
      await page.goto(path)
      await stands(page)
      // Two screens of a phone: what comes without much scrolling.
      const { width, height } = sizes[first.size]
      const phone = first.size === 'phone'
      const clip = { x: 0, y: 0, width, height: phone ? 2 * height : height }
      await page.screenshot({ path: join(folder, `${name}-${key}.png`), fullPage: phone, clip })
    }
    await context.close()
    say(`${key}: ${own.map(({ name }) => name).join(', ')}`)
  }
}

/** The three of the README. */
async function takeFew(browser: Browser, stage: Stage, folder: string): Promise<void> {
  const take = async (
    name: string,
    size: Shot['size'],
    go: (page: Page) => Promise<void>,
    height: number,
  ): Promise<void> => {
    const look: Look = { who: 'pusat', size, dark: false, language: 'id' }
    const context = await contextFor(browser, stage, look, size === 'phone' ? 2 : 1)
    const page = await context.newPage()
    await page.setViewportSize({ width: sizes[size].width, height })
    await go(page)
    await stands(page)
    const file = await page.screenshot()
    if (file.length > MOST_BYTES) throw new Error(`${name}: ${file.length} bytes are too many for the README`)
    writeFileSync(join(folder, `${name}.png`), file)
    await context.close()
    say(`${name}.png: ${file.length} bytes`)
  }
  const situation = async (page: Page): Promise<void> => void (await page.goto('/'))
  await take('situasi', 'desk', situation, 1_000)
  await take('situasi-ponsel', 'phone', situation, sizes.phone.height)
  await take(
    'peringatan',
    'desk',
    async (page) => {
      await page.goto('/peringatan')
      await page
        .locator('.queue li', { hasText: 'sirekap-32' })
        .locator('a[data-id]', { hasText: 'Tebak sandi SSH yang berhasil' })
        .first()
        .click()
      await page.waitForURL(/peringatan\/A-/)
    },
    1_000,
  )
}

const path = chromiumPath()
if (path === undefined) {
  process.stderr.write(`${HOW_TO_GET_IT}\n`)
  process.exitCode = 2
} else {
  const [given, ...names] = process.argv.slice(2)
  const folder = resolve(given ?? 'docs/images')
  mkdirSync(folder, { recursive: true })
  const standing = process.env.SIAGA_BROWSER_STAGE ?? ''
  const opened =
    standing === ''
      ? await openStage(path, { events: 12_000, mood: 'believable' }, say)
      : { stage: JSON.parse(readFileSync(standing, 'utf8')) as Stage, close: async () => undefined }
  try {
    const browser = await chromium.connect(opened.stage.browser)
    if (given === undefined) await takeFew(browser, opened.stage, folder)
    else {
      const wanted = shots().filter(({ name }) => names.length === 0 || names.includes(name))
      await takeAll(browser, opened.stage, folder, wanted)
    }
    await browser.close()
  } finally {
    await opened.close()
  }
}
