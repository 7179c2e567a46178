// How does every page look with 38 provinces of data? `npm run screenshots [FOLDER]`: each page as each role sees it, on a desk and a phone, light and dark.
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { chromiumPath, HOW_TO_GET_IT } from './chromium.ts'
import { pages } from './pages.ts'
import { openStage, type Stage } from './stage.ts'
import type { Who } from './world.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const
/** Shown in the dark and in English too. */
const main = ['/', '/peringatan']

interface Shot {
  readonly who: Who
  readonly path: string
  readonly name: string
  readonly size: keyof typeof sizes
  readonly dark: boolean
  readonly language: 'id' | 'en'
}

function shots(): Shot[] {
  return pages.flatMap(({ path, id, who }) => {
    const name = id.toLowerCase()
    const of = (person: Who): Shot[] => [
      { who: person, path, name, size: 'desk', dark: false, language: 'id' },
      { who: person, path, name, size: 'phone', dark: false, language: 'id' },
    ]
    const [first = 'admin'] = who.includes('pusat') ? (['pusat'] as const) : who
    const more: Shot[] = [
      { who: first, path, name, size: 'desk', dark: true, language: 'id' },
      ...(main.includes(path)
        ? ([
            { who: first, path, name, size: 'phone', dark: true, language: 'id' },
            { who: first, path, name, size: 'desk', dark: false, language: 'en' },
          ] as const)
        : []),
    ]
    return [...who.flatMap(of), ...more]
  })
}

async function take(browser: Browser, stage: Stage, folder: string, wanted: readonly Shot[]): Promise<void> {
  for (const [key, own] of Map.groupBy(wanted, ({ who, size, dark, language }) =>
    [who, size, dark ? 'dark' : 'light', language].join('-'),
  )) {
    const [first] = own
    if (first === undefined) continue
    const { who, size, dark, language } = first
    const context = await browser.newContext({
      baseURL: stage.web,
      viewport: sizes[size],
      colorScheme: dark ? 'dark' : 'light',
      locale: 'id-ID',
      timezoneId: 'Asia/Jakarta',
      reducedMotion: 'reduce',
    })
    await context.addInitScript(`localStorage.setItem('siaga.language', '${language}')`)
    const cookie = stage.cookies[who]
    if (cookie !== undefined) await context.addCookies([{ ...cookie, url: stage.web }])
    const page = await context.newPage()
    for (const { path, name } of own) {
      await page.goto(path)
      await page.locator('main h1').first().waitFor()
      for (let i = 0; i < 75 && (await page.locator('main .spinner').count()) > 0; i += 1)
        await page.waitForTimeout(200)
      await page.waitForTimeout(1_200)
      // Two screens of a phone: what comes without much scrolling.
      const { width, height } = sizes[size]
      const clip = { x: 0, y: 0, width, height: size === 'phone' ? 2 * height : height }
      await page.screenshot({ path: join(folder, `${name}-${key}.png`), fullPage: size === 'phone', clip })
    }
    await context.close()
    say(`${key}: ${own.map(({ name }) => name).join(', ')}`)
  }
}

const path = chromiumPath()
if (path === undefined) {
  process.stderr.write(`${HOW_TO_GET_IT}\n`)
  process.exitCode = 2
} else {
  const [given = 'docs/images', ...names] = process.argv.slice(2)
  const folder = resolve(given)
  mkdirSync(folder, { recursive: true })
  const standing = process.env.SIAGA_BROWSER_STAGE ?? ''
  const opened =
    standing === ''
      ? await openStage(path, 12_000, say)
      : { stage: JSON.parse(readFileSync(standing, 'utf8')) as Stage, close: async () => undefined }
  try {
    const browser = await chromium.connect(opened.stage.browser)
    const wanted = shots().filter(({ name }) => names.length === 0 || names.includes(name))
    await take(browser, opened.stage, folder, wanted)
    await browser.close()
  } finally {
    await opened.close()
  }
}
