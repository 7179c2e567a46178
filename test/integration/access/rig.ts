// What do attacks on rooms run against? A ClickHouse of its own, with rows of several regions and owners in every table that has them.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { type RoomScope, roomUserName, roomUsers } from '../../../deploy/clickhouse/rooms.ts'
import { shardedTables } from '../../../deploy/clickhouse/sharded.ts'
import { tableAccess } from '../../../deploy/clickhouse/tables.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse, quote } from '../../../runtime/clickhouse.ts'
import { mayRead } from '../../../runtime/scope.ts'
import { keepReference } from '../../../sinks/clickhouse/reference.ts'
import { query } from '../../embedded/clickhouse-http.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'

const room = (id: string, region: string, owner: string, sees: string[] = []): RoomScope => {
  return { id, name: '', region, owner, sees }
}

/** The attacker, its neighbours, and enough users with the attacker's rights for attacks that make more errors than a quota allows. */
export const attacker = room('jabar', '32', 'pemda', ['kpu'])
export const rooms = [
  attacker,
  room('bandung', '32.73', 'bawaslu'),
  room('dki', '31', 'pemda'),
  room('kota.jaksel', '31.74', 'pemda'),
  room('pusat', '00', 'bssn'),
  ...Array.from({ length: 24 }, (_, at) => ({ ...attacker, id: `penguji-${at}` })),
]

/** Regions and owners of the rows; `320` and `3` are near to `32` and not within it. */
export const places = ['32', '32.73', '320', '3', '31', '31.74', '00', ''].flatMap((region_code) =>
  ['', 'pemda', 'kpu', 'bawaslu'].map((owner) => ({ region_code, owner })),
)
export const ROWS = 6_400

export interface AccessRig {
  readonly services: Pick<OwnServices, 'clickhouse' | 'masterKey' | 'dataDir' | 'stop'>
  readonly admin: ClickHouse
  /** As the room's user: the answer, or the server's words of refusal. */
  attempt(id: string, sql: string, settings?: Record<string, string>): Promise<Attempt>
  /** A file of this machine with a word that nobody else knows. */
  readonly secretFile: string
  readonly secret: string
  /** Address of a server that counts who comes. */
  readonly canary: string
  visits(): number
  stop(): Promise<void>
}

export interface Attempt {
  readonly answered: boolean
  readonly text: string
}

/** One server; takes a few seconds. */
export async function startAccessRig(): Promise<AccessRig> {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  return accessRig(services, admin, [{ admin, database: 'siaga' }])
}

/** A server that rooms ask; `holders` have the rows of sharded tables, all others lie on it. */
export async function accessRig(
  services: AccessRig['services'],
  admin: ClickHouse,
  holders: readonly { readonly admin: ClickHouse; readonly database: string }[],
): Promise<AccessRig> {
  await keepReference(admin, {
    reference: { regions: new Map(), phases: new Map() },
    assets: [],
    rooms: roomUsers(rooms),
  })
  await fill(admin, holders)
  const secret = `rahasia-${randomBytes(8).toString('hex')}`
  const folder = join(services.dataDir, 'elsewhere')
  await mkdir(folder)
  const secretFile = join(folder, 'secret.txt')
  await writeFile(secretFile, secret)
  let visits = 0
  const server = createServer((_, response) => {
    visits += 1
    response.end(secret)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    services,
    admin,
    ...attemptsAt(services),
    secretFile,
    secret,
    canary: `http://127.0.0.1:${port}/`,
    visits: () => visits,
    async stop() {
      server.closeAllConnections()
      server.close()
      await admin.close()
      await services.stop()
    },
  }
}

/** How a server is tried. */
export function attemptsAt(
  services: Pick<OwnServices, 'clickhouse' | 'masterKey'>,
  database = 'siaga',
): Pick<AccessRig, 'attempt'> {
  return {
    async attempt(id, sql, settings = {}) {
      const username = roomUserName(id)
      const login = { username, password: clickhousePassword(services.masterKey, username) }
      try {
        return { answered: true, text: await query(services, login, sql, { database, ...settings }) }
      } catch (error) {
        // A server that is not there has refused nothing.
        if (!(error instanceof Error) || error instanceof TypeError) throw error
        return { answered: false, text: error.message }
      }
    },
  }
}

/** Every text of a row says whose it is. */
const mark = /R\[([\d.]*)\|(\w*)\]/g

/** Places of rows that stand in a text and that the room may not read. */
export function foreignIn(scope: RoomScope, text: string): string[] {
  return [...text.matchAll(mark)].flatMap(([whole, region_code = '', owner = '']) =>
    mayRead(scope, { region_code, owner }) ? [] : [whole],
  )
}

const Column = z.object({ table: z.string(), name: z.string(), type: z.string() })

/** Rows of all places in every regional table, spread so that most granules hold several regions; every other column says whose row it is. */
async function fill(admin: ClickHouse, holders: Parameters<typeof accessRig>[2]): Promise<void> {
  const columns = await admin.rows(Column, "SELECT table, name, type FROM system.columns WHERE database = 'siaga'")
  const list = (values: readonly string[]): string => `[${values.map(quote).join(', ')}]`
  const region = `${list(places.map(({ region_code }) => region_code))}[1 + number % ${places.length}]`
  const owner = `${list(places.map((place) => place.owner))}[1 + number % ${places.length}]`
  for (const [table, access] of Object.entries(tableAccess)) {
    if (access.kind !== 'regional') continue
    const values = columns
      .filter((column) => column.table === table)
      .flatMap(({ name, type }): [string, string][] => {
        if (name === access.region) return [[name, 'region']]
        if (name === access.owner) return [[name, 'owner']]
        if (name === 'dataset') return [[name, "'siaga.report'"]]
        if (name === 'retain_until') return [[name, 'now() + INTERVAL 1 YEAR']]
        if (/^(?:LowCardinality\()?String/.test(type))
          return [[name, "concat('R[', region, '|', owner, ']', toString(number))"]]
        if (/^DateTime/.test(type)) return [[name, 'now() - number']]
        if (type === 'Date') return [[name, 'today()']]
        return /^U?Int(?:16|32|64)$/.test(type) ? [[name, 'number']] : []
      })
    const servers = shardedTables.includes(table) ? holders : [{ admin, database: 'siaga' }]
    for (const [nth, server] of servers.entries())
      await server.admin.command(
        `INSERT INTO ${server.database}.${table} (${values.map(([name]) => name).join(', ')})
         WITH ${region} AS region, ${owner} AS owner SELECT ${values.map(([, value]) => value).join(', ')} FROM numbers(${ROWS}) WHERE intDiv(number, ${places.length}) % ${servers.length} = ${nth}`,
      )
  }
}
