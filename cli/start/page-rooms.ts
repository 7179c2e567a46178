// Which rooms can accounts be of? Those of the configuration, and the centre where it names none.
import type { ResolvedConfig } from '../../runtime/config.ts'
import { NATIONAL } from '../../runtime/reference.ts'
import { Room } from '../../schemas/room.ts'

/** The centre, where the configuration names no room of it. */
export const centre = Room.parse({ id: 'pusat', name: 'Pusat', region: NATIONAL })

export function roomsOfPage({ rooms }: Pick<ResolvedConfig, 'rooms'>): readonly Room[] {
  return rooms.some(({ region }) => region === NATIONAL) ? rooms : [centre, ...rooms]
}
