// Where do clients, dashboards and the notebook connect in tests? A ClickHouse of their own, with rooms and made rows.
import { type RoomScope, roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { type Credentials, type OwnServices, startOwnServices } from '../services.ts'
import { seed, seedReference } from './seed.ts'

/** A room of 32 that sees kpu, and one of the centre. */
const rooms: readonly RoomScope[] = [
  { id: 'jabar', name: '', region: '32', owner: 'pemda', sees: ['kpu'] },
  { id: 'pusat', name: '', region: '00', owner: 'bssn', sees: [] },
]

export interface ClientRig {
  readonly services: OwnServices
  readonly admin: ClickHouse
  readonly host: string
  readonly port: number
  /** Name and password of a room's user. */
  login(room: string): Credentials
  /** As the room's user; close it. */
  as(room: string): ClickHouse
  stop(): Promise<void>
}

/** Starts and fills it; takes some seconds. */
export async function startClientRig(): Promise<ClientRig> {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  await seed(admin)
  await seedReference(admin)
  const login = (room: string): Credentials => {
    const username = roomUserName(room)
    return { username, password: clickhousePassword(services.masterKey, username) }
  }
  const { hostname, port } = new URL(url)
  return {
    services,
    admin,
    host: hostname,
    port: Number(port),
    login,
    as: (room) => createClickHouse({ url, ...login(room), database: 'siaga' }),
    async stop() {
      await admin.close()
      await services.stop()
    },
  }
}
