// How does the web page come up? Accounts from the data directory, the rooms of the configuration, and a link for the first administrator.
import type { FastifyInstance } from 'fastify'
import { roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import { NATIONAL, type Reference } from '../../runtime/reference.ts'
import { Room } from '../../schemas/room.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { createSessions } from '../../web/accounts/sessions.ts'
import { openStore } from '../../web/accounts/store.ts'
import { servePage } from '../../web/page.ts'
import type { PartDependencies } from '../../web/parts.ts'
import { reportRoutes } from '../../web/reports/plugin.ts'
import { clickHouseOptions } from '../clickhouse-access.ts'
import type { startCollectors } from './collectors.ts'
import { pageDesk } from './page-reports.ts'

export interface PageParts {
  readonly config: ResolvedConfig
  readonly env: NodeJS.ProcessEnv
  readonly masterKey: Buffer
  readonly clickhouse: ClickHouse
  readonly reference: Reference
  readonly log: Log
  readonly audit: Awaited<ReturnType<typeof startCollectors>>['audit']
  /** Where reports are filed. */
  readonly reports: Awaited<ReturnType<typeof startCollectors>>['reports']
}

export interface ServedPage {
  /** Path with which the first administrator chooses a password; undefined once there is one. */
  readonly firstLink: string | undefined
  stop(): Promise<void>
}

/** The centre, where the configuration names no room of it. */
const centre = Room.parse({ id: 'pusat', name: 'Pusat', region: NATIONAL })

export async function startPage(app: FastifyInstance, parts: PageParts): Promise<ServedPage> {
  const { config, reference, log, audit } = parts
  const store = openStore(config.data_dir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const rooms = config.rooms.some(({ region }) => region === NATIONAL) ? config.rooms : [centre, ...config.rooms]
  const stores = storesOf(parts)
  const dependencies: PartDependencies = {
    clickhouseOf: stores.of,
    clickhouse: parts.clickhouse,
    config,
    rooms,
    reference,
    log,
    now: Date.now,
  }
  await servePage(app, {
    accounts,
    sessions,
    rooms,
    reference,
    log,
    secure: false,
    now: Date.now,
    audit,
    onRefused: (viewer, peer, message) =>
      audit({
        action: 'login',
        outcome: 'failure',
        ...(viewer === undefined ? {} : { user: viewer.name }),
        peer,
        message,
      }),
    parts: (api) => registerParts(api, dependencies, parts),
  })
  return {
    firstLink: firstLink(accounts, rooms),
    async stop() {
      await stores.close()
      store.close()
    },
  }
}

/** Parts of the page's API, in the order of the menu. */
function registerParts(api: FastifyInstance, dependencies: PartDependencies, parts: PageParts): void {
  reportRoutes(api, { ...dependencies, desk: pageDesk(parts) })
}

/** ClickHouse as the user of each room, opened when first asked for. The centre that nobody configured has no user: it reads as `siaga sql` does. */
function storesOf({ config, env, masterKey }: PageParts): {
  of: PartDependencies['clickhouseOf']
  close(): Promise<void>
} {
  const open = new Map<string, ClickHouse>()
  const configured = new Set(config.rooms.map(({ id }) => id))
  return {
    of({ room }) {
      const known = open.get(room.id)
      if (known !== undefined) return known
      const reader = clickHouseOptions(config, env, 'reader')
      const username = roomUserName(room.id)
      const own = {
        url: reader.url,
        username,
        password: clickhousePassword(masterKey, username),
        application: 'siaga-web',
      }
      const made = createClickHouse(configured.has(room.id) ? own : reader)
      open.set(room.id, made)
      return made
    },
    async close() {
      await Promise.all(Array.from(open.values(), (store) => store.close()))
    },
  }
}

/** As long as nobody has chosen a password: a new link at each start. */
function firstLink(accounts: ReturnType<typeof createAccounts>, rooms: readonly Room[]): string | undefined {
  const all = accounts.list()
  if (all.some(({ password, oidc_subject }) => password !== null || oidc_subject !== null)) return undefined
  const room = rooms.find(({ region }) => region === NATIONAL) ?? centre
  const admin =
    all.find(({ role }) => role === 'admin') ??
    accounts.create({ login: 'admin', name: 'Admin', role: 'admin', room: room.id, language: 'id' })
  return `/link/${accounts.link(admin.id)}`
}
