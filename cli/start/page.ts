// How does the web page come up? Accounts from the data directory, the rooms of the configuration, and a link for the first administrator.
import type { FastifyInstance } from 'fastify'
import type { ClickHouse, ClickHouseOptions } from '../../runtime/clickhouse.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { watchQuery } from '../../runtime/clickhouse-watched.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import { NATIONAL, type Reference } from '../../runtime/reference.ts'
import { deriveKey } from '../../runtime/secrets.ts'
import type { Room } from '../../schemas/room.ts'
import { secretReader } from '../../sinks/alerts/channels/secrets.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { createOidc, type Oidc } from '../../web/accounts/oidc.ts'
import { sendKept } from '../../web/accounts/outbox.ts'
import { createSessions } from '../../web/accounts/sessions.ts'
import { openStore, type Store } from '../../web/accounts/store.ts'
import { servePage } from '../../web/page.ts'
import type { PartDependencies, WatchingDependencies } from '../../web/parts.ts'
import type { startCollectors } from './collectors.ts'
import { centre, roomsOfPage } from './page-rooms.ts'
import { roomStore } from './room-store.ts'

export interface PageParts {
  readonly config: ResolvedConfig
  /** Folder that paths of the configuration start from. */
  readonly baseDir: string
  readonly env: NodeJS.ProcessEnv
  readonly masterKey: Buffer
  readonly clickhouse: ClickHouse
  readonly reference: Reference
  readonly log: Log
  readonly audit: Awaited<ReturnType<typeof startCollectors>>['audit']
  /** Registers the parts of the page's API (cli/start/page-parts.ts). */
  readonly register: (api: FastifyInstance, dependencies: WatchingDependencies) => void | Promise<void>
}

export interface ServedPage {
  /** Path with which the first administrator chooses a password; undefined once there is one. */
  readonly firstLink: string | undefined
  stop(): Promise<void>
}

const KEPT_MS = 1_000

export async function startPage(app: FastifyInstance, parts: PageParts): Promise<ServedPage> {
  const { config, baseDir, env, masterKey, reference, log, audit } = parts
  const oidc = oidcOf(config, masterKey, secretReader(env, baseDir))
  const store = openStore(config.data_dir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const rooms = roomsOfPage(config)
  const stores = storesOf(parts)
  const dependencies: WatchingDependencies = {
    clickhouseOf: stores.of,
    watchOf: (viewer) => (query, watched) => watchQuery(stores.optionsOf(viewer), query, watched),
    clickhouse: parts.clickhouse,
    config,
    rooms,
    reference,
    log,
    now: Date.now,
  }
  const { public_url: publicUrl } = config.http
  await servePage(app, {
    store,
    masterKey,
    accounts,
    sessions,
    rooms,
    reference,
    log,
    ...(oidc === undefined ? {} : { oidc }),
    ...(publicUrl === '' ? {} : { origin: new URL(publicUrl).origin }),
    secure: publicUrl.startsWith('https:'),
    now: Date.now,
    audit,
    onRefused: (viewer, peer, message) =>
      audit({
        action: 'access_refused',
        outcome: 'failure',
        ...(viewer === undefined ? {} : { user: accounts.byId(viewer.id)?.login ?? viewer.id }),
        peer,
        message,
      }),
    parts: (api) => parts.register(api, dependencies),
  })
  // What the command line did to accounts while this runs, and before.
  const kept = setInterval(() => sendIfThere(store, audit, log), KEPT_MS).unref()
  return {
    firstLink: firstLink(accounts, rooms),
    async stop() {
      clearInterval(kept)
      await stores.close()
      store.close()
    },
  }
}

/** The command line may hold the file for a moment: then the next second is early enough. */
function sendIfThere(store: Store, audit: PageParts['audit'], log: Log): void {
  try {
    sendKept(store, audit)
  } catch (error) {
    log.error({ cause: errorText(error) }, 'audit entries of siaga accounts wait')
  }
}

function oidcOf(
  { http, web }: Pick<ResolvedConfig, 'http' | 'web'>,
  masterKey: Buffer,
  secret: ReturnType<typeof secretReader>,
): Oidc | undefined {
  if (web.oidc === undefined) return undefined
  const { issuer, client_id, client_secret, name, scope, claim } = web.oidc
  return createOidc({
    issuer,
    clientId: client_id,
    clientSecret: client_secret === undefined ? '' : secret(client_secret, 'web.oidc.client_secret'),
    name,
    scope,
    claim,
    publicUrl: http.public_url,
    key: deriveKey(masterKey, 'web-oidc'),
    now: Date.now,
  })
}

/** ClickHouse as the user of each room, opened when first asked for. The centre that nobody configured has no user: it reads as `siaga sql` does. */
export function storesOf(parts: Pick<PageParts, 'config' | 'env' | 'masterKey'>): {
  of: PartDependencies['clickhouseOf']
  optionsOf(viewer: Parameters<PartDependencies['clickhouseOf']>[0]): ClickHouseOptions
  close(): Promise<void>
} {
  const open = new Map<string, ClickHouse>()
  const roomOptions = roomStore(parts)
  const optionsOf = ({ room }: { room: Room }): ClickHouseOptions => ({
    ...roomOptions(room),
    database: 'siaga',
    application: 'siaga-web',
  })
  return {
    optionsOf,
    of(viewer) {
      const { id } = viewer.room
      const known = open.get(id)
      if (known !== undefined) return known
      const made = createClickHouse(optionsOf(viewer))
      open.set(id, made)
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
