// What do people say about events? Verdicts, as they are appended to table `verdicts` and as files of them are read.
import { z } from 'zod'

/** `true`: worth a look; `false`: a false positive; `withdrawn`: neither, as before anybody said anything. */
export const Verdict = z.enum(['true', 'false', 'withdrawn'])
export type Verdict = z.infer<typeof Verdict>

/** One line of a file of verdicts: about an event that is in ClickHouse, or about factors that stand in the line. */
export const VerdictLine = z.union([
  z.object({ event_id: z.string().min(1), verdict: z.boolean() }),
  z.object({
    factors: z
      .array(
        z.object({
          name: z.string().min(1),
          points: z.number().optional(),
          detail: z.string().optional(),
          /** How often or to what part the weight counts. */
          value: z.number().optional(),
        }),
      )
      .min(1),
    /** Event time, ISO 8601. */
    timestamp: z.iso.datetime({ offset: true }).optional(),
    verdict: z.boolean(),
  }),
])
export type VerdictLine = z.infer<typeof VerdictLine>
