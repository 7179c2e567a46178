// When is a time of ClickHouse? Read as UTC, written in the zone of the viewer with milliseconds, since rows of one second stand side by side.
import { clock, day, zone } from '../../format.ts'

/** `2024-11-27 01:02:03.456` as milliseconds since 1970 UTC. */
function msOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

const hours = { WIB: 7, WITA: 8, WIT: 9 } as const

/** `2024-11-27 08:02:03,456`, of the zone of the viewer, which the heading of its column names: it sorts as it reads. */
export function localMoment(text: string): string {
  const ms = msOf(text)
  if (!Number.isFinite(ms)) return text
  const where = zone()
  return `${new Date(ms + hours[where] * 3_600_000).toISOString().slice(0, 23).replace('T', ' ').replace('.', ',')}`
}

/** The same with its zone. */
export const moment = (text: string): string => `${localMoment(text)} ${zone()}`

/** In words. */
export function wholeMoment(text: string): string {
  const ms = msOf(text)
  return Number.isFinite(ms) ? `${day(ms)}, ${clock(ms)}` : text
}
