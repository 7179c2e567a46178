// Which look-alikes are registered, and how far did this round get? Kept in `<data directory>/lookalikes/state.json`.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeJson } from '../../runtime/whole-file.ts'
import { LookalikeMatch } from '../../schemas/lookalike.ts'

const Known = LookalikeMatch.extend({
  addresses: z.array(z.string()),
  nameServers: z.array(z.string()),
  mailServers: z.array(z.string()),
  firstSeen: z.string(),
  /** Rounds in a row in which it was not there. */
  missing: z.int().min(0),
  /** The round that last asked for it, by when it began. */
  checked: z.number(),
})
export type Known = z.infer<typeof Known>

const LookalikeState = z.strictObject({
  version: z.literal(1),
  /** By domain. */
  known: z.record(z.string(), Known),
  /** A round that has not come to its end: when it began, the name it is at, and how many of its permutations are done. */
  round: z.strictObject({ began: z.number(), name: z.string(), done: z.int().min(0) }).optional(),
  /** When the last whole round ended, milliseconds since 1970 UTC; 0 never. */
  ended: z.number(),
})
export type LookalikeState = z.infer<typeof LookalikeState>

const folderOf = (dataDir: string): string => join(dataDir, 'lookalikes')

/** What was saved, or nothing. A damaged file is set aside: what is registered is then told as new once more. */
export async function loadLookalikes(dataDir: string, onDamage: (file: string) => void): Promise<LookalikeState> {
  const file = join(folderOf(dataDir), 'state.json')
  const none: LookalikeState = { version: 1, known: {}, ended: 0 }
  const text = await readIfThere(file)
  if (text === undefined) return none
  try {
    return LookalikeState.parse(JSON.parse(text))
  } catch {
    await rename(file, `${file}.damaged`)
    onDamage(`${file}.damaged`)
    return none
  }
}

export function saveLookalikes(dataDir: string, state: LookalikeState): Promise<void> {
  return writeJson(join(folderOf(dataDir), 'state.json'), state)
}
