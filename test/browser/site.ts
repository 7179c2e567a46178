// What do the browser tests run against? One real `siaga start` with its own Kafka and ClickHouse, accounts of every role, and a day of data.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { createKey, createRoomKey } from '../../runtime/keys.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { openStore } from '../../web/accounts/store.ts'
import { type Home, makeHome, type Siaga, startSiaga } from '../e2e/siaga.ts'
import { landHistory } from './history.ts'
import { seedLive } from './seed.ts'
import { HOSTILE_SOURCE, kpuPlaces, type Mood, PASSWORD, people, places, type Who, whosIn, worldYaml } from './world.ts'

/** So long that some day is over, and reported on, at whatever hour the tests run: a day's report is made at six in the morning after. */
const HOURS = 36
/** Landings an hour. */
const PAGES = 2

const ROOMS = ['pusat', 'jabar', 'sulsel', 'bandung', 'kpu-jabar'] as const

export interface Site {
  readonly web: string
  /** Path of the link that the first start printed for the first administrator. */
  readonly firstLink: string
  /** By source. */
  readonly keys: ReadonlyMap<string, string>
  /** By room. */
  readonly roomKeys: ReadonlyMap<string, string>
  /** Name and value of the cookie of each person, logged in once: log-ins are counted, and tests are many. */
  readonly cookies: ReadonlyMap<Who, { name: string; value: string }>
  /** Path of a new link for an account. */
  link(login: string): string
  /** Sets the format of a source in siaga.yaml and starts again. */
  setFormat(source: string, format: string): Promise<void>
  /** Ctrl-C, then the same again with the same data; resolves when it is ready. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface SiteOptions {
  /** Events of a day. */
  readonly events: number
  readonly mood: Mood
  readonly say: (line: string) => void
}

/** Starts everything and fills it. `language` of all accounts is Indonesian. */
export async function startSite({ events, mood, say }: SiteOptions): Promise<Site> {
  const began = performance.now()
  const done = (what: string): void => say(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`)
  const home = await makeHome(`calendars: [uji.yaml]\n${worldYaml(mood)}`)
  await writeFile(join(home.folder, 'uji.yaml'), calendarAround(Date.now()))
  const keys = new Map<string, string>()
  for (const id of [
    ...places.map(({ source }) => source),
    ...kpuPlaces.map(({ code }) => `kpu-${code}`),
    ...(mood === 'hostile' ? [HOSTILE_SOURCE] : []),
  ])
    keys.set(id, (await createKey(home.dataDir, id)).text)
  const roomKeys = new Map<string, string>()
  for (const id of ROOMS) roomKeys.set(id, (await createRoomKey(home.dataDir, id, `piket ${id}`)).text)
  let siaga = await startOrAgain(home)
  const firstLink = /\/link\/[A-Za-z0-9_-]{43}/.exec(siaga.stdout())?.[0] ?? ''
  done('siaga start is ready')
  const cookies = new Map<Who, { name: string; value: string }>()
  try {
    await makeAccounts(home, mood)
    for (const who of whosIn(mood)) cookies.set(who, await logIn(siaga.web, who))
    const clickhouse = createClickHouse({
      url: `http://127.0.0.1:${home.ports.clickhouse}`,
      database: 'siaga',
      ...clickhouseCredentials(loadMasterKey(home.dataDir), 'pipeline'),
    })
    try {
      const all = Math.round((events / 24) * HOURS)
      const past = { now: Date.now(), hours: HOURS, events: all, pages: HOURS * PAGES }
      const landed = await landHistory({ ...home, clickhouse, ...past })
      done(`${landed} events of the past ${HOURS} hours have landed`)
    } finally {
      await clickhouse.close()
    }
    await seedLive({ siaga, mood, keys, roomKeys, say: done })
  } catch (error) {
    await siaga.stop()
    await home.remove()
    throw error
  }
  const restart = async (): Promise<void> => {
    await siaga.stop()
    siaga = await startOrAgain(home)
  }
  return {
    web: siaga.web,
    firstLink,
    keys,
    roomKeys,
    cookies,
    link(login) {
      const store = openStore(home.dataDir)
      try {
        const accounts = createAccounts(store, Date.now)
        return `/link/${accounts.link(accounts.byLogin(login)?.id ?? '')}`
      } finally {
        store.close()
      }
    },
    async setFormat(source, format) {
      const file = join(home.folder, 'siaga.yaml')
      const text = await readFile(file, 'utf8')
      const changed = text.replace(new RegExp(`(\\{id: ${source}, .*?format: )\\w+`), `$1${format}`)
      if (changed === text) throw new Error(`no source ${source} of another format`)
      await writeFile(file, changed)
      await restart()
    },
    restart,
    async stop() {
      await siaga.stop()
      await home.remove()
    },
  }
}

/** A machine that does much else may need longer than the first time allows. */
async function startOrAgain(home: Home): Promise<Siaga> {
  try {
    return await startSiaga({ home })
  } catch {
    return await startSiaga({ home })
  }
}

/** Beside the first administrator, who is there already: that of the printed link, which stays in force for its test. */
async function makeAccounts(home: Home, mood: Mood): Promise<void> {
  const store = openStore(home.dataDir)
  try {
    const accounts = createAccounts(store, Date.now)
    for (const { login, name, role, room } of whosIn(mood).map((who) => people[who])) {
      const { id } = accounts.create({ login, name, role, room, language: 'id' })
      await accounts.setPassword(id, PASSWORD)
    }
  } finally {
    store.close()
  }
}

async function logIn(web: string, who: Who): Promise<{ name: string; value: string }> {
  const answer = await fetch(`${web}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: people[who].login, password: PASSWORD }),
  })
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(answer.headers.getSetCookie()[0] ?? '') ?? []
  if (!answer.ok || value === '') throw new Error(`${who}: ${answer.status} ${await answer.text()}`)
  return { name, value }
}

/** An election whose quiet days are today, so that phase and countdown show. */
function calendarAround(now: number): string {
  const day = (days: number): string => new Date(now + 7 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)
  const phase = (name: string, from: number, to: number): string =>
    `  - {phase: ${name}, from: ${day(from)}, to: ${day(to)}}`
  const phases = [
    phase('kampanye', -40, -1),
    phase('masa_tenang', 0, 2),
    phase('pemungutan', 3, 3),
    phase('rekapitulasi', 3, 20),
    phase('sengketa', 21, 80),
  ]
  return `election: pemilihan-serentak\nname: Pemilihan Serentak\nregions: all\nphases:\n${phases.join('\n')}\n`
}
