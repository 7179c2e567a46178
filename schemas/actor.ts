// Who acts, and on which level are rooms?
import { z } from 'zod'

/** Who acts: a person with a key of a room, or Siaga itself (room empty). */
export const Actor = z.object({
  name: z.string(),
  /** Operation Room; empty for Siaga itself. */
  room: z.string(),
  /** Region of the room: `00` is the centre. */
  region: z.string(),
  /** Address that the request came from; empty if there is none. */
  from: z.string(),
  /** Id of the API key (never the key). Two persons need two; where it is missing, only another room proves another key. */
  key: z.string().optional(),
})
export type Actor = z.infer<typeof Actor>

/** Siaga itself, where it acts without anybody. */
export const siagaActor: Actor = { name: 'siaga', room: '', region: '00', from: '' }

/** Rooms by what they are responsible for. */
export const Level = z.enum(['kabupaten', 'provinsi', 'pusat'])
export type Level = z.infer<typeof Level>
