// What may citizens read? The one document of the public awareness page: dates, coarse figures of the whole nation, and nothing else.
import { z } from 'zod'

/** Where the page for the public goes. */
export const PublicPage = z.strictObject({
  public_dir: z
    .string()
    .default('')
    .describe(
      'Folder for the awareness page for citizens: index.html, data.json and style.css, to be served elsewhere; empty: none is made',
    ),
  public_delay_days: z
    .int()
    .min(1)
    .max(60)
    .default(2)
    .describe('The newest day that the page for citizens tells about lies so many days back'),
})
export type PublicPage = z.infer<typeof PublicPage>

/** Figures that may be told; each a sum over the nation. */
export const publicFigures = ['events', 'failed_logins', 'alerts_opened', 'alerts_closed'] as const

/** Rounded to one digit that counts; 0 stands for less than ten. */
const Coarse = z
  .int()
  .min(0)
  .refine((value) => coarse(value) === value, 'a coarse figure')

/** `data.json`. Strict: what is not named here is not written. */
export const PublicData = z.strictObject({
  /** Format of this document. */
  version: z.literal(1),
  /** Last day of the week that is told about. */
  until: z.iso.date(),
  days: z.literal(7),
  figures: z.strictObject({
    events: Coarse,
    failed_logins: Coarse,
    alerts_opened: Coarse,
    alerts_closed: Coarse,
  }),
})
export type PublicData = z.infer<typeof PublicData>

/** One digit that counts: 1.234.567 becomes 1.000.000; less than ten becomes 0, so that no single matter shows. */
export function coarse(value: number): number {
  if (!(value >= 10)) return 0
  const size = 10 ** Math.floor(Math.log10(value))
  return Math.floor(value / size) * size
}
