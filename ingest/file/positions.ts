// How far was each file read? Kept in `<data directory>/positions/files.json`, only after Kafka has acknowledged.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeJson } from '../../runtime/whole-file.ts'

/** Content of a file up to a place, recognised by its beginning and by what stands before the place. */
export const Position = z.strictObject({
  source: z.string(),
  /** Where it was last seen. */
  path: z.string(),
  /** Device and inode. */
  inode: z.string(),
  /** Keyed hash that stands for this file in ids and Kafka keys; empty until its first line is complete. */
  id: z.string(),
  /** SHA-256 of the first bytes, at most 1 KiB. */
  head: z.strictObject({ length: z.int().min(0), hash: z.string() }),
  /** Everything before this place was acknowledged. For .gz: after decompression. */
  offset: z.int().min(0),
  /** SHA-256 of the last bytes before the place, at most 1 KiB. */
  tail: z.string(),
  /** The place is inside an over-long line that was given already. */
  skipping: z.boolean(),
  /** Read to its end and no longer followed. */
  done: z.boolean(),
  /** Milliseconds since 1970 UTC. */
  seen: z.number(),
})
export type Position = z.infer<typeof Position>

/** `retired`: what a truncated file held, by which its copy is recognised. */
export const Positions = z.strictObject({
  version: z.literal(1),
  files: z.array(Position),
  retired: z.array(Position),
})
export type Positions = z.infer<typeof Positions>

const folderOf = (dataDir: string): string => join(dataDir, 'positions')

/** What was saved, or nothing. A damaged file is set aside: reading again gives the same ids, losing lines would be worse. */
export async function loadPositions(dataDir: string, onDamage: (file: string) => void): Promise<Positions> {
  const file = join(folderOf(dataDir), 'files.json')
  const none: Positions = { version: 1, files: [], retired: [] }
  const text = await readIfThere(file)
  if (text === undefined) return none
  const parsed = Positions.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  await rename(file, `${file}.damaged`)
  onDamage(`${file}.damaged`)
  return none
}

export function savePositions(dataDir: string, positions: Positions): Promise<void> {
  return writeJson(join(folderOf(dataDir), 'files.json'), positions)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
