// How much of a rush does the election itself explain? By the phase and by the clock of the region: polling places in the morning, results in the evening.
import { type TimeZone, zoneOffsetHours } from '../../schemas/place.ts'

/** Hours of the local day in which people look for something: polling places while the polls are open and before, results from the first count on. */
const busy: Readonly<Record<string, readonly (readonly [from: number, to: number, demand: number])[]>> = {
  masa_tenang: [[17, 23, 0.5]],
  pemungutan: [
    [5, 13, 1],
    [13, 24, 1],
  ],
  rekapitulasi: [
    [0, 2, 0.5],
    [8, 18, 0.5],
    [18, 24, 1],
  ],
}

/** 0 (nothing) to 1 at a time in milliseconds since 1970 UTC; the phase is that of the region, empty for none. */
export function demandAt(phase: string, zone: TimeZone, ms: number): number {
  const hour = new Date(ms + zoneOffsetHours[zone] * 3_600_000).getUTCHours()
  return (busy[phase] ?? []).find(([from, to]) => hour >= from && hour < to)?.[2] ?? 0
}
