// As whom does the page ask ClickHouse for a room? As the room's own user; the centre that nobody configured has none and reads as `siaga sql` does.
import { roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import type { ClickHouseOptions } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Room } from '../../schemas/room.ts'
import { clickHouseOptions } from '../clickhouse-access.ts'

export interface RoomStoreParts {
  readonly config: ResolvedConfig
  readonly env: NodeJS.ProcessEnv
  readonly masterKey: Buffer
}

/** Address and credentials for the user of a room. */
export function roomStore({ config, env, masterKey }: RoomStoreParts): (room: Pick<Room, 'id'>) => ClickHouseOptions {
  const configured = new Set(config.rooms.map(({ id }) => id))
  return ({ id }) => {
    const reader = clickHouseOptions(config, env, 'reader')
    if (!configured.has(id)) return reader
    const username = roomUserName(id)
    return {
      url: reader.url,
      ...(reader.tls === undefined ? {} : { tls: reader.tls }),
      username,
      password: clickhousePassword(masterKey, username),
      application: 'siaga-web',
    }
  }
}
