// Which day is it where? A local day in absolute time, and the zone of a region as daily reports take it.
import { type TimeZone, zoneOffsetHours } from '../schemas/place.ts'
import type { Reference } from './reference.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const zones: readonly TimeZone[] = ['WIB', 'WITA', 'WIT']

/** Beginning and end of a day (`2024-11-27`) in a zone, milliseconds since 1970 UTC. */
export function dayBounds(day: string, zone: TimeZone): { readonly begins: number; readonly ends: number } {
  const begins = Date.parse(`${day}T00:00:00Z`) - zoneOffsetHours[zone] * HOUR_MS
  return { begins, ends: begins + DAY_MS }
}

/** The day that a clock of the zone shows, as `2024-11-27`. */
export function dayOf(ms: number, zone: TimeZone): string {
  return new Date(ms + zoneOffsetHours[zone] * HOUR_MS).toISOString().slice(0, 10)
}

/**
 * Zone of a region as daily reports take it: that of its province, each of which lies in one zone, so that a province's day is that of all beneath it.
 * What is national or unknown goes by WIB.
 */
export function provinceZone({ regions }: Pick<Reference, 'regions'>, region: string): TimeZone {
  return regions.get(region.slice(0, 2))?.zone ?? 'WIB'
}

/** Provinces of a zone, in order. */
function provincesOf({ regions }: Pick<Reference, 'regions'>, zone: TimeZone): string[] {
  return [...regions.values()]
    .filter((region) => region.code.length === 2 && region.code !== '00' && region.zone === zone)
    .map(({ code }) => code)
    .sort()
}

/**
 * A condition that keeps the rows whose region is of the zone, for a query. Codes are of the reference, digits alone.
 * @param column of the region's code
 */
export function zoneFilter(reference: Pick<Reference, 'regions'>, zone: TimeZone, column = 'region_code'): string {
  const list = (codes: readonly string[]): string => codes.map((code) => `'${code}'`).join(', ')
  if (zone !== 'WIB') return `substring(${column}, 1, 2) IN (${list(provincesOf(reference, zone))})`
  const others = zones.filter((other) => other !== 'WIB').flatMap((other) => provincesOf(reference, other))
  return `substring(${column}, 1, 2) NOT IN (${list(others)})`
}
