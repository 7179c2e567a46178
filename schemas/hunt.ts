// What is a hunt? The head of a file of hunts/ (docs/hunts.md), and what siaga.yaml says about hunts.
import { z } from 'zod'
import { Cron } from './watch.ts'

const Both = z.strictObject({
  id: z.string().trim().min(1).max(800).describe('In Indonesian'),
  en: z.string().trim().min(1).max(800).describe('In English'),
})

const HuntId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{2,63}$/, 'a name of 3 to 64 small letters, digits and underscores that begins with a letter')

/** A span of time back from now: `30m`, `24h`, `7d`. */
const Span = z.string().regex(/^[1-9]\d{0,3}[mhd]$/, 'a span of time such as 30m, 24h or 7d')

const Name = z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/, 'a name of small letters, digits and underscores')

/** Subjects of hunts, in the order in which they are listed. */
export const HuntCategory = z.enum(['login', 'host', 'web', 'election', 'network', 'intelligence', 'regions', 'siaga'])

/**
 * Whose are the rows? `regional`: each is made of events of one region and one owner, and says which. `central`: of several, so that the centre
 * alone may read what is kept.
 */
const HuntScope = z.enum(['regional', 'central'])

/** The head of a hunt, YAML between two lines `-- ---`, each line behind `-- `. */
export const HuntHead = z.strictObject({
  id: HuntId,
  title: Both,
  category: HuntCategory,
  attack: z
    .array(z.string().regex(/^T\d{4}(?:\.\d{3})?$/, 'an ATT&CK technique such as T1110 or T1110.003'))
    .min(1)
    .max(8),
  scope: HuntScope,
  window: Span,
  finds: Both.describe('What it finds'),
  matters: Both.describe('Why it matters in an election'),
  action: Both.describe('What to do with a hit'),
  usual: Both.describe('What is a usual false positive'),
  parameters: z.record(Name, Both.extend({ default: z.union([z.string().max(2_000), z.number()]) })).default({}),
  columns: z.array(Name).min(1).max(40).describe('Columns of its answer, in order'),
})
export type HuntHead = z.infer<typeof HuntHead>

const ScheduledHunt = z.strictObject({
  id: HuntId.describe('Id of the hunt: siaga hunt list'),
  cron: Cron.describe('When it runs, UTC'),
  since: Span.optional().describe('How far it looks back from then; the window of the hunt unless told'),
  params: z
    .record(Name, z.union([z.string().max(2_000), z.number()]))
    .default({})
    .describe('Values of its parameters, such as region'),
})
export type ScheduledHunt = z.infer<typeof ScheduledHunt>

export const Hunts = z.strictObject({
  dir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of hunts of your own (*.sql); relative to the folder of siaga.yaml'),
  schedule: z.array(ScheduledHunt).max(200).default([]).describe('Hunts that run by the clock; their rows are kept'),
})
export type Hunts = z.infer<typeof Hunts>
