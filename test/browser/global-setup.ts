// What do all browser tests share? One stage for the whole run, or one that stands already (test/browser/serve.ts), for whoever works on a page.
import { readFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { chromiumPath, HOW_TO_GET_IT } from './chromium.ts'
import { openStage, type Stage } from './stage.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `null` where there is no Chromium. */
    stage: Stage | null
  }
}

const EVENTS = 4_000

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => undefined
  const standing = process.env.SIAGA_BROWSER_STAGE ?? ''
  if (standing !== '') {
    project.provide('stage', JSON.parse(readFileSync(standing, 'utf8')))
    return nothing
  }
  const path = chromiumPath()
  if (path === undefined) {
    if ((process.env.CI ?? '') !== '') throw new Error(HOW_TO_GET_IT)
    process.stderr.write(`browser tests are skipped. ${HOW_TO_GET_IT}\n`)
    project.provide('stage', null)
    return nothing
  }
  const { stage, close } = await openStage(path, { events: EVENTS, mood: 'hostile' }, (line) =>
    process.stdout.write(`  ${line}\n`),
  )
  project.provide('stage', stage)
  return close
}
