// Who may see what? An Operation Room sees its region and what lies beneath, of nobody, of its own organisation and of those that agreed.
import type { Room } from '../schemas/room.ts'
import { NATIONAL } from './reference.ts'

/** A row as far as the right to read it goes: empty region unknown, empty owner nobody's. */
export interface ScopedRow {
  readonly region_code: string
  readonly owner: string
}

/** True if a region is the other one or lies beneath it. `00` holds itself only, and an unknown region ('') is within none. */
export function within(region: string, outer: string): boolean {
  return outer !== '' && (region === outer || region.startsWith(`${outer}.`))
}

/** True for a room of the centre. */
export function isCentre({ region }: Pick<Room, 'region'>): boolean {
  return region === NATIONAL
}

/**
 * May this room read a row of that region and owner? The centre reads all. Others read rows of their region and beneath, of no owner, of their own
 * and of those in `sees`; rows without a region are the centre's alone.
 */
export function mayRead(room: Pick<Room, 'region' | 'owner' | 'sees'>, row: ScopedRow): boolean {
  if (isCentre(room)) return true
  if (!within(row.region_code, room.region)) return false
  return row.owner === '' || row.owner === room.owner || room.sees.includes(row.owner)
}
