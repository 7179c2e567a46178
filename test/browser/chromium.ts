// Which browser do the tests drive, and what does it never do by itself? Debian's Chromium with a fresh profile, no network of its own.
import { existsSync } from 'node:fs'
import type { LaunchOptions } from 'playwright-core'

export const HOW_TO_GET_IT =
  'Chromium is missing: `apt-get install chromium` (Debian), or set SIAGA_CHROMIUM to the path of a Chromium or Chrome.'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Path of the browser: that of SIAGA_CHROMIUM, or a usual one; undefined if there is none. */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = env.SIAGA_CHROMIUM ?? ''
  return (own === '' ? usual : [own]).find((path) => existsSync(path))
}

/** Headless, without sandbox (containers have no user namespaces) and graphics card; no name but this machine's is ever looked up. */
export function launchOptions(executablePath: string): LaunchOptions {
  return {
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-sync',
      '--no-first-run',
      '--no-pings',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  }
}
