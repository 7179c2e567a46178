// Where and when does the watch take place? Regions by Kemendagri code, their zones, election calendars and phases.
import { z } from 'zod'

/** Kemendagri code: province `31`, kabupaten/kota `31.71`, national `00`. */
export const RegionCode = z.string().regex(/^(?:\d{2}|\d{2}\.\d{2})$/, 'a Kemendagri code such as 31 or 31.71')

export const TimeZone = z.enum(['WIB', 'WITA', 'WIT'])
export type TimeZone = z.infer<typeof TimeZone>

/** Hours east of UTC; Indonesia has no daylight saving. */
export const zoneOffsetHours: Record<TimeZone, number> = { WIB: 7, WITA: 8, WIT: 9 }

export const Region = z.object({
  code: RegionCode,
  name: z.string().min(1),
  zone: TimeZone,
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
})
export type Region = z.infer<typeof Region>

/** Phases of an election in the order in which they come. */
export const Phase = z.enum(['persiapan', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'])
export type Phase = z.infer<typeof Phase>

const LocalDate = z.iso.date()

/** A phase in local dates, both inclusive; `to` may be open for the dispute phase. */
export const PhaseWindow = z.strictObject({ phase: Phase, from: LocalDate, to: LocalDate.optional() })
export type PhaseWindow = z.infer<typeof PhaseWindow>

/** An election calendar file. */
export const Calendar = z.strictObject({
  election: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  note: z.string().optional(),
  /** `all`, or the codes of the regions that vote (a kabupaten inherits its province's election). */
  regions: z.union([z.literal('all'), z.array(RegionCode).min(1)]),
  phases: z.array(PhaseWindow).min(1),
  /**
   * Regions whose phases differ. They are laid over the calendar's and win on the days that they cover (a re-vote, PSU); with
   * `replace` they stand instead of the calendar's phases. A kabupaten without an exception of its own has its province's.
   */
  exceptions: z
    .array(
      z.strictObject({
        regions: z.array(RegionCode).min(1),
        phases: z.array(PhaseWindow).min(1),
        replace: z.boolean().default(false),
        note: z.string().optional(),
      }),
    )
    .default([]),
})
export type Calendar = z.infer<typeof Calendar>
