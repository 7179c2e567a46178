// What can be set about the web page for people?
import { z } from 'zod'

export const Web = z.strictObject({
  boundaries: z
    .string()
    .default('')
    .describe(
      'TopoJSON file with outlines of regions for the map; the id of each is its Kemendagri code (32, 32.73). Empty: equal tiles only',
    ),
})
