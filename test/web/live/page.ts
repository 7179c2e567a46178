// How do tests ask the page's routes as people of rooms? The real door and real sessions, without what else the page has.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { createLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import type { Role } from '../../../schemas/account.ts'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { createSessions } from '../../../web/accounts/sessions.ts'
import { openStore } from '../../../web/accounts/store.ts'
import { installDoor } from '../../../web/door.ts'
import type { Hub } from '../../../web/live/hub.ts'
import { type LiveOptions, liveRoutes } from '../../../web/live/plugin.ts'
import { situationRoutes } from '../../../web/situation/plugin.ts'
import { type LiveRig, rooms } from './rig.ts'

export interface LivePage {
  readonly app: FastifyInstance
  readonly live: Hub
  /** Questions that were put to ClickHouse as the pipeline's user. */
  asked(): number
  /** A session of somebody in a room: its cookie, and a way to end it. */
  login(room: string, role?: Role, kind?: 'session' | 'wall'): { readonly cookie: string; end(): void }
  stop(): Promise<void>
}

export async function openLivePage(
  rig: LiveRig,
  options: Pick<LiveOptions, 'tickMs' | 'streams'> & { readonly now?: () => number } = {},
): Promise<LivePage> {
  const { now = Date.now } = options
  const dir = await mkdtemp(join(tmpdir(), 'siaga-page-'))
  const store = openStore(dir)
  const accounts = createAccounts(store, Date.now)
  const sessions = createSessions(store, Date.now)
  const { config, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: dir }, cwd: dir })
  const reference = loadReference(config, baseDir)
  const log = createLog('silent')
  let asked = 0
  const clickhouse: ClickHouse = {
    ...rig.pipeline,
    rows(...query) {
      asked += 1
      return rig.pipeline.rows(...query)
    },
  }
  const app = fastify({ forceCloseConnections: true })
  let live: Hub | undefined
  await app.register(async (api) => {
    await installDoor(api, { sessions, rooms, log, secure: false, now: Date.now, onRefused: () => undefined })
    const deps = {
      clickhouse,
      clickhouseOf: (viewer: { room: { id: string } }) => rig.of(viewer.room),
      config,
      rooms,
      reference,
      log,
      now,
    }
    live = liveRoutes(api, { ...deps, ...options, now })
    situationRoutes(api, deps, live)
  })
  await app.ready()
  if (live === undefined) throw new Error('the routes were not registered')
  let people = 0
  return {
    app,
    live,
    asked: () => asked,
    login(room, role = 'daerah', kind = 'session') {
      people += 1
      const name = `orang-${people}`
      const { id } = accounts.create({ login: name, name, role, room, language: 'id' })
      const { token } = sessions.begin(id, kind, { address: '127.0.0.1', agent: 'test' })
      return { cookie: `siaga=${token}`, end: () => void sessions.endAllOf(id) }
    },
    async stop() {
      await app.close()
      store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
