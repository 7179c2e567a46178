// When is somebody on duty? Days and hours of a room, in local time.
import { z } from 'zod'
import { TimeZone } from './place.ts'

/** Days of the week as they are written in rosters. */
export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
export type Weekday = z.infer<typeof Weekday>

/** A stretch of the day in local time; it may go over midnight: 22:00-06:00. 00:00-24:00 is the whole day. */
export const Hours = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'hours such as 08:00-17:00')

/** Who is on duty in a room, and when. */
export const RosterEntry = z.strictObject({
  days: z
    .array(Weekday)
    .default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
    .describe('Days of the week on which the hours begin'),
  hours: Hours.default('00:00-24:00').describe('Hours such as 08:00-17:00; 20:00-06:00 goes over midnight'),
  zone: TimeZone.optional().describe('Default: the zone of the region of the room'),
  recipients: z.array(z.string()).min(1).describe('Ids of recipients (alerts.recipients)'),
})
export type RosterEntry = z.infer<typeof RosterEntry>
