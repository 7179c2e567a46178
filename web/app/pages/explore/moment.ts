// When is a time of ClickHouse? Read as UTC, written in the zone of the viewer, which is named.
import { clock, day, exactTime } from '../../format.ts'

/** `2024-11-27 01:02:03.456` as milliseconds since 1970 UTC. */
function msOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

/** `27 Nov 2024, 08.02.03,456 WIB`. */
export function moment(text: string): string {
  const ms = msOf(text)
  return Number.isFinite(ms) ? exactTime(ms) : text
}

/** In words. */
export function wholeMoment(text: string): string {
  const ms = msOf(text)
  return Number.isFinite(ms) ? `${day(ms)}, ${clock(ms)}` : text
}
