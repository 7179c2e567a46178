// How long are events kept? Longer inside election windows.
import { z } from 'zod'
import { Phase } from './place.ts'

export const Retention = z.strictObject({
  days: z.int().min(1).default(180).describe('How long ordinary events are kept, counted from landing'),
  election_days: z.int().min(1).default(1095).describe('For events inside an election window'),
  long_phases: z
    .array(Phase)
    .default(['kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'])
    .describe('Phases that are kept for election_days'),
})
