// Which rows may an Operation Room read? Those of its region and beneath it, of owners that it has to do with.
import type { Room } from '../schemas/room.ts'
import { NATIONAL } from './reference.ts'

/** A row as far as the right to read it goes: empty region unknown, empty owner nobody's. */
export interface ScopedRow {
  readonly region_code: string
  readonly owner: string
}

/**
 * Whether a room may read a row. The centre (`00`) reads all; other rooms read what is of their region or beneath it and belongs to nobody,
 * to their own owner, or to one that lets them see it (`sees`). National rows and those without a region are for the centre alone.
 */
export function mayRead(room: Pick<Room, 'region' | 'owner' | 'sees'>, row: ScopedRow): boolean {
  if (room.region === NATIONAL) return true
  const { region_code, owner } = row
  if (region_code !== room.region && !region_code.startsWith(`${room.region}.`)) return false
  return owner === '' || owner === room.owner || room.sees.includes(owner)
}
