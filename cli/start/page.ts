// How does the web page come up? Accounts from the data directory, the rooms of the configuration, and a link for the first administrator.
import type { FastifyInstance } from 'fastify'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import { NATIONAL, type Reference } from '../../runtime/reference.ts'
import { Room } from '../../schemas/room.ts'
import { createAccounts } from '../../web/accounts/accounts.ts'
import { createSessions } from '../../web/accounts/sessions.ts'
import { openStore } from '../../web/accounts/store.ts'
import { servePage } from '../../web/page.ts'
import type { startCollectors } from './collectors.ts'

export interface PageParts {
  readonly config: ResolvedConfig
  readonly reference: Reference
  readonly log: Log
  readonly audit: Awaited<ReturnType<typeof startCollectors>>['audit']
}

export interface ServedPage {
  /** Path with which the first administrator chooses a password; undefined once there is one. */
  readonly firstLink: string | undefined
  stop(): void
}

/** The centre, where the configuration names no room of it. */
const centre = Room.parse({ id: 'pusat', name: 'Pusat', region: NATIONAL })

export async function startPage(
  app: FastifyInstance,
  { config, reference, log, audit }: PageParts,
): Promise<ServedPage> {
  const store = openStore(config.data_dir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const rooms = config.rooms.some(({ region }) => region === NATIONAL) ? config.rooms : [centre, ...config.rooms]
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
    parts: () => undefined,
  })
  return { firstLink: firstLink(accounts, rooms), stop: () => store.close() }
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
