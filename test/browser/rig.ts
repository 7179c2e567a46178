// How does a test look at the page as somebody? A fresh context of the shared Chromium; whatever goes wrong in it fails the test that saw it.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, expect, inject, type TestFunction, test } from 'vitest'
import type { Language } from '../../schemas/language.ts'
import './global-setup.ts'
import { FLAG, MARK } from './hostile.ts'
import type { Stage } from './stage.ts'
import { PASSWORD, people, type Who } from './world.ts'

const provided = inject('stage')
const inPage = join(import.meta.dirname, 'in-page.js')

/** The shared Siaga. Throws where there is no Chromium: use it inside of {@link look}. */
export function stage(): Stage {
  if (provided === null) throw new Error('there is no Chromium')
  return provided
}

/** A test that needs Chromium. `retry`: how often it may try again where that is not the project's one time, for what is measured while a machine may do something else. */
export function look(name: string, body: TestFunction, timeout = 60_000, retry?: number): void {
  test.skipIf(provided === null)(name, retry === undefined ? { timeout } : { timeout, retry }, body)
}

const desktop = { width: 1280, height: 800 } as const
export const phone = { width: 390, height: 844 } as const

export interface Visit {
  /** Nobody: not logged in. */
  readonly who?: Who | undefined
  readonly size?: { readonly width: number; readonly height: number }
  readonly dark?: boolean
  readonly language?: Language
  /** What goes wrong on purpose: console lines that match are no problem. */
  readonly expects?: readonly RegExp[]
}

let browser: Promise<Browser> | undefined

afterAll(async () => {
  await (await browser)?.close()
})

function connected(): Promise<Browser> {
  browser ??= chromium.connect(stage().browser)
  return browser
}

/** Fills in the log-in and waits for what comes after it. */
export async function logIn(page: Page, who: Who): Promise<void> {
  await page.getByLabel(/Nama masuk|Log-in name/).fill(people[who].login)
  await page.getByLabel(/Kata sandi|Password/).fill(PASSWORD)
  await page.getByRole('button', { name: /^(Masuk|Log in)$/ }).click()
  await page.locator('header.bar nav').waitFor()
}

/** Opens a page as somebody, hands it to `body`, then says everything that went wrong in it. */
export async function visit(options: Visit, body: (page: Page) => Promise<void>): Promise<void> {
  const { who, size = desktop, dark = false, language = 'id', expects = [] } = options
  const context = await (await connected()).newContext({
    baseURL: stage().web,
    viewport: size,
    deviceScaleFactor: 1,
    colorScheme: dark ? 'dark' : 'light',
    locale: 'id-ID',
    timezoneId: 'Asia/Jakarta',
    reducedMotion: 'reduce',
    ...(size === phone ? { hasTouch: true, isMobile: true } : {}),
  })
  const problems: string[] = []
  const say = (what: string): void => {
    if (!expects.some((expected) => expected.test(what))) problems.push(what)
  }
  try {
    await context.addInitScript({ path: inPage })
    await context.addInitScript(
      // A blank page has no storage.
      `if (location.protocol === 'http:' && localStorage.getItem('siaga.language') === null) localStorage.setItem('siaga.language', '${language}')`,
    )
    const cookie = stage().cookies[who ?? '']
    if (cookie !== undefined) await context.addCookies([{ ...cookie, url: stage().web }])
    watch(context, say)
    const page = await context.newPage()
    try {
      await body(page)
      await settled(page, say)
    } catch (error) {
      const file = join(mkdtempSync(join(tmpdir(), 'siaga-browser-')), 'failed.png')
      await page.screenshot({ path: file }).catch(() => undefined)
      if (error instanceof Error) error.message += `\n${[...problems, `at ${page.url()}, seen in ${file}`].join('\n')}`
      throw error
    }
    expect(problems).toEqual([])
  } finally {
    await context.close()
  }
}

function watch(context: BrowserContext, say: (what: string) => void): void {
  const { host } = new URL(stage().web)
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      say(`console ${message.type()}: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => say(`page error: ${error.error().stack ?? error.error().message}`))
  context.on('dialog', (dialog) => {
    say(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== host) say(`request to elsewhere: ${request.url()}`)
  })
  context.on('response', (response) => {
    if (response.status() >= 500) say(`answer ${response.status()}: ${response.url()}`)
  })
}

interface Watched {
  violations: string[]
  shift: number
  firstText: number
}

/** What the script of the test saw inside the page. */
export function watched(page: Page): Promise<Watched> {
  return page.evaluate<Watched>('window.siagaWatch')
}

/** Nothing ran, nothing became markup, no rule of the page's policy was broken. */
async function settled(page: Page, say: (what: string) => void): Promise<void> {
  for (const violation of (await watched(page)).violations) say(`policy: ${violation}`)
  if (await page.evaluate<boolean>(`window.${FLAG} !== undefined`)) say('a hostile string ran')
  const marked = await page.locator(`[${MARK}]`).count()
  if (marked > 0) say(`${marked} hostile strings became markup`)
}

/** Waits until the page is there, by its heading, and no part of it says that it is loading. */
export async function loaded(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await expect.poll(() => page.locator('main .spinner').count(), { timeout: 15_000 }).toBe(0)
}

/** Opens whatever waits behind a disclosure, and points at what shows more under a pointer. */
export async function openAll(page: Page): Promise<void> {
  for (const summary of (await page.locator('main summary:visible').all()).slice(0, 40))
    await summary.click({ timeout: 1_000 }).catch(() => undefined)
  await page.mouse.move(300, 300)
  await page.mouse.wheel(0, 2_000)
  await page.waitForTimeout(300)
}

/** Asks the process that holds Siaga. */
export async function control(path: string): Promise<string> {
  const answer = await fetch(`${stage().control}/${path}`, { signal: AbortSignal.timeout(120_000) })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer.text()
}

/** Sends lines to a source by the HTTP collector. */
export async function send(source: string, lines: readonly string[]): Promise<void> {
  const answer = await fetch(`${stage().web}/v1/events/${source}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage().keys[source] ?? ''}`, 'content-type': 'text/plain' },
    body: lines.join('\n'),
  })
  if (!answer.ok) throw new Error(`${source}: ${answer.status} ${await answer.text()}`)
}
