// What does the page know of every region? Its Kemendagri code and its name.
import { z } from 'zod'

export const RegionNames = z.object({ regions: z.array(z.object({ code: z.string(), name: z.string() })) })
export type RegionNames = z.infer<typeof RegionNames>
