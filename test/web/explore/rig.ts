// On what are Explore and the SQL console tried? A ClickHouse of its own with rooms and hostile rows, and the page's routes behind the real door.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import { listedHunts } from '../../../cli/hunt/listed.ts'
import { roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from '../../../runtime/clickhouse.ts'
import { watchQuery } from '../../../runtime/clickhouse-watched.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import type { Role } from '../../../schemas/account.ts'
import { Config } from '../../../schemas/config.ts'
import { Room } from '../../../schemas/room.ts'
import { installDoor } from '../../../web/door.ts'
import { exploreRoutes } from '../../../web/explore/plugin.ts'
import type { WatchingDependencies } from '../../../web/parts.ts'
import { sqlRoutes } from '../../../web/sql/plugin.ts'
import type { Viewer } from '../../../web/viewer.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

const rooms = [
  { id: 'pusat', region: '00', owner: 'bssn' },
  { id: 'jabar', region: '32', owner: 'pemda' },
  { id: 'kpu-jabar', region: '32', owner: 'kpu' },
  { id: 'bali', region: '51', owner: 'pemda', sees: ['bawaslu'] },
].map((room) => Room.parse(room))

/** Tokens of people: role and room. A token comes in where a session does. */
export const people = {
  ani: { role: 'pusat', room: 'pusat' },
  budi: { role: 'daerah', room: 'jabar' },
  citra: { role: 'analis', room: 'jabar' },
  dewi: { role: 'analis', room: 'bali' },
  eko: { role: 'petugas', room: 'jabar' },
  fajar: { role: 'daerah', room: 'kpu-jabar' },
} as const satisfies Record<string, { role: Role; room: string }>
export type Person = keyof typeof people

export interface Rig {
  readonly app: FastifyInstance
  readonly admin: ClickHouse
  readonly services: OwnServices
  readonly optionsOf: (room: string) => ClickHouseOptions
  insert(rows: readonly Readonly<Record<string, unknown>>[]): Promise<void>
  /** Pieces of an answer, whatever its status is. */
  post(person: Person, url: string, payload: object): Promise<{ status: number; pieces: Piece[]; text: string }>
  stop(): Promise<void>
}
export type Piece = Readonly<Record<string, unknown>> & { readonly kind?: string }

export async function startRig(): Promise<Rig> {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  const { assets: _, ...parsed } = Config.parse({})
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-explore-'))
  const config = { ...parsed, assets: [], data_dir: dataDir }
  const optionsOf = (id: string): ClickHouseOptions => {
    const username = roomUserName(id)
    return { url, username, password: clickhousePassword(services.masterKey, username), database: 'siaga' }
  }
  const open = new Map(rooms.map(({ id }) => [id, createClickHouse(optionsOf(id))]))
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const deps: WatchingDependencies = {
    clickhouseOf: ({ room }) => open.get(room.id) ?? pipeline,
    watchOf:
      ({ room }) =>
      (query, watched) =>
        watchQuery(optionsOf(room.id), query, watched),
    clickhouse: pipeline,
    config,
    rooms,
    reference: loadReference(config, process.cwd()),
    log: silentLog,
    now: Date.now,
  }
  const app = fastify({ forceCloseConnections: true })
  await app.register(async (api) => {
    await installDoor(api, {
      sessions: { find: () => undefined },
      token: (text) => viewerOfToken(text),
      rooms,
      log: silentLog,
      secure: false,
      now: Date.now,
      onRefused: () => undefined,
    })
    exploreRoutes(api, deps)
    sqlRoutes(api, deps, listedHunts({ hunts: config.hunts }, process.cwd()))
  })
  await app.ready()
  return {
    app,
    admin,
    services,
    optionsOf,
    async insert(rows) {
      await admin.insert({
        statement: 'INSERT INTO siaga.events FORMAT JSONEachRow',
        body: [Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))],
        queryId: `rig-${Math.random()}`,
        settings: { date_time_input_format: 'best_effort' },
        timeoutMs: 60_000,
      })
    },
    async post(person, path, payload) {
      const answer = await app.inject({
        method: 'POST',
        url: path,
        headers: { authorization: `Bearer ${person}` },
        payload,
      })
      const text = answer.body
      return {
        status: answer.statusCode,
        pieces: text.split('\n').flatMap((line): Piece[] => (line.startsWith('{') ? [JSON.parse(line)] : [])),
        text,
      }
    },
    async stop() {
      await app.close()
      await Promise.all([admin, pipeline, ...open.values()].map((client) => client.close()))
      await services.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function viewerOfToken(text: string): Viewer | undefined {
  const found = Object.entries(people).find(([name]) => name === text)
  const room = rooms.find(({ id }) => id === found?.[1].room)
  if (found === undefined || room === undefined) return undefined
  const [name, { role }] = found
  return { id: name, name, role, room, kind: 'token', session: `token-${name}` }
}

let offset = 0

/** A row of events. `at`: milliseconds since 1970 UTC. */
export function event(at: number, columns: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const time = new Date(at).toISOString()
  offset += 1
  return {
    timestamp: time,
    received_at: time,
    ingested_at: new Date(Math.max(at, Date.now() - 60_000)).toISOString(),
    retain_until: Math.floor(Date.now() / 1000) + 40 * 86_400,
    event_id: `e${offset}`,
    _stream: 'rig',
    _partition: offset % 3,
    _offset: offset,
    ...columns,
  }
}

/** What attackers write into logs. */
export const hostile = [
  `<script>document.title='owned'</script>`,
  `"><img src=x onerror="document.title='owned'">`,
  `'; DROP TABLE siaga.events; --`,
  `\\' OR 1=1 --`,
  '{q0:String} {from:Int64} {{ 7*7 }} %{7*7}',
  `\u202Egnp.exe \u200bhidden\u0007 bell`,
  `=cmd|'/C calc'!A0`,
  '%_\\%\\_ * ? \\',
  'a\tb\nc\rd\u0000e',
  '漢字 emoji 🗳️ ñandú',
] as const
