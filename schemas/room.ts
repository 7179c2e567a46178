// Who reports for a region, and when? Operation Rooms and their schedule, as they stand in siaga.yaml.
import { z } from 'zod'
import { RegionCode } from './place.ts'
import { RosterEntry } from './roster.ts'

/** What sources, assets and rooms are called by. */
export const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a name of at most 64 small letters, digits, dots, dashes and underscores')

export const Room = z.strictObject({
  id: Id.describe('Name of the room, as in the column source_id of its reports; no source may have it'),
  name: z.string().default('').describe('Name that people read'),
  region: RegionCode.describe('Kemendagri code of the region that it reports for, 00 national'),
  owner: z.string().default('').describe('Organisation that runs it'),
  contact: z.string().default('').describe('How the centre reaches it; shown beside its reports and sent nowhere'),
  domains: z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/, 'a domain such as kpu-jabar.go.id'),
    )
    .default([])
    .describe('Domains that the centre has verified as its own: the room may list addresses beneath them to be probed'),
  sees: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Other owners whose alerts it may see and is told of, by agreement; those of its own owner and of nobody it always sees',
    ),
  roster: z.array(RosterEntry).default([]).describe('Who is on duty, and when; empty: nobody, the next level is told'),
})
export type Room = z.infer<typeof Room>

export const ReportSchedule = z.strictObject({
  nihil_time: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 20:00')
    .default('20:00')
    .describe('When each room must have reported, nothing (nihil) included; local time of its region'),
  voting_day_hours: z
    .union(
      [1, 2, 3, 4, 6, 8, 12, 24].map((hours) => z.literal(hours)),
      { error: 'a divisor of 24' },
    )
    .default(3)
    .describe('On voting day instead: every so many hours, counted from local midnight'),
  grace_minutes: z.int().min(0).max(720).default(30).describe('How long a late report is waited for'),
  days: z
    .enum(['every', 'election'])
    .default('every')
    .describe('Days on which rooms must report: every day, or only inside an election window of their region'),
  daily_time: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 06:00')
    .default('06:00')
    .describe('When the daily report on the day before is made; local time of each region'),
})
export type ReportSchedule = z.infer<typeof ReportSchedule>
