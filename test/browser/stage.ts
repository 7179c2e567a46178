// What is set up before anybody looks at a page? The page as it stands in this clone, one Siaga, one Chromium, and a door for those who need it changed.
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BrowserServer, chromium } from 'playwright-core'
import { launchOptions } from './chromium.ts'
import { type Site, startSite } from './site.ts'
import type { Mood } from './world.ts'

/** What whoever looks needs to know; plain, for it travels between processes. */
export interface Stage {
  readonly web: string
  readonly firstLink: string
  /** By source. */
  readonly keys: Readonly<Record<string, string>>
  /** By room. */
  readonly roomKeys: Readonly<Record<string, string>>
  /** Name and value, by person. */
  readonly cookies: Readonly<Record<string, { readonly name: string; readonly value: string }>>
  /** Of Chromium. */
  readonly browser: string
  /** Where restarts, links and changes of siaga.yaml are asked for. */
  readonly control: string
}

export interface OpenStage {
  readonly stage: Stage
  close(): Promise<void>
}

/** @param chromiumFile of the browser; @param events of the past day */
export async function openStage(
  chromiumFile: string,
  { events, mood }: { readonly events: number; readonly mood: Mood },
  say: (line: string) => void,
): Promise<OpenStage> {
  // What is tested is what stands here, not what was built some time ago.
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../web/build.ts')])
  const site = await startSite({ events, mood, say })
  let browser: BrowserServer | undefined
  let door: Server | undefined
  const close = async (): Promise<void> => {
    door?.close()
    await browser?.close()
    await site.stop()
  }
  try {
    browser = await chromium.launchServer(launchOptions(chromiumFile))
    door = await openDoor(site)
    const { port } = door.address() as AddressInfo
    const stage: Stage = {
      web: site.web,
      firstLink: site.firstLink,
      keys: Object.fromEntries(site.keys),
      roomKeys: Object.fromEntries(site.roomKeys),
      cookies: Object.fromEntries(site.cookies),
      browser: browser.wsEndpoint(),
      control: `http://127.0.0.1:${port}`,
    }
    return { stage, close }
  } catch (error) {
    await close()
    throw error
  }
}

function openDoor(site: Site): Promise<Server> {
  const answers: Readonly<Record<string, (rest: string) => Promise<string>>> = {
    restart: async () => {
      await site.restart()
      return ''
    },
    link: async (login) => site.link(login),
    format: async (rest) => {
      const [source = '', format = ''] = rest.split('/')
      await site.setFormat(source, format)
      return ''
    },
  }
  const server = createServer((request, response) => {
    const [, verb = '', ...parts] = (request.url ?? '').split('/')
    const done = (status: number, text: string): void => void response.writeHead(status).end(text)
    const answer = answers[verb]
    if (answer === undefined) return done(404, 'no such verb')
    answer(decodeURIComponent(parts.join('/'))).then(
      (text) => done(200, text),
      (error: unknown) => done(500, error instanceof Error ? error.message : String(error)),
    )
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
