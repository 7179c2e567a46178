// When is a time of ClickHouse? Read as UTC, written in the zone of the viewer with milliseconds, since rows of one second stand side by side.
import { clock, day, localIso, zone } from '../../format.ts'

/** `2024-11-27 01:02:03.456` as milliseconds since 1970 UTC. */
function msOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

/** `2024-11-27 08:02:03,456`, of the zone of the viewer, which the heading of its column names: it sorts as it reads. */
export function localMoment(text: string): string {
  const ms = msOf(text)
  if (!Number.isFinite(ms)) return text
  return localIso(ms, zone(), 23).replace('T', ' ').replace('.', ',')
}

/** The same with its zone. */
export const moment = (text: string): string => `${localMoment(text)} ${zone()}`

/** In words. */
export function wholeMoment(text: string): string {
  const ms = msOf(text)
  return Number.isFinite(ms) ? `${day(ms)}, ${clock(ms)}` : text
}
