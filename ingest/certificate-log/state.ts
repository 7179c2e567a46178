// How far was a log read? Kept in `<data directory>/certificate-logs/<log>.json`, only after Kafka has acknowledged.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readIfThere, writeJson } from '../../runtime/whole-file.ts'
import { Frontier, HASH_BYTES, MAX_TREE_SIZE } from './merkle.ts'

const Hash = z.string().regex(/^[0-9a-f]{64}$/)

/** Where a topic ended before something was written to it. */
export const TopicMark = z.array(z.strictObject({ partition: z.int().min(0), offset: z.int().min(0) }))
export type TopicMark = z.infer<typeof TopicMark>

export const LogState = z.strictObject({
  version: z.literal(1),
  /** LogID, hex: another key is another log. */
  log: Hash,
  /** Entries before this one are read, proven to be of the signed tree, and their matches acknowledged. */
  size: z.int().min(0).max(MAX_TREE_SIZE),
  root: Hash,
  frontier: z.array(Hash),
  /** Of the newest head that was proven, milliseconds since 1970 UTC. */
  timestamp: z.int().min(0),
  /** Certificates that were told lately: hashes of issuer and serial, oldest first. */
  recent: z.array(z.string().length(22)),
  /** Events of the entries up to `to` that are about to be written, and where the topic ended before. */
  pending: z.strictObject({ ids: z.array(z.string()), to: z.int().min(0), mark: TopicMark }).optional(),
  /** Why the log is not read further. */
  distrust: z.strictObject({ reason: z.string(), detail: z.string(), since: z.string() }).optional(),
})
export type LogState = z.infer<typeof LogState>

const folderOf = (dataDir: string): string => join(dataDir, 'certificate-logs')
const fileOf = (dataDir: string, log: string): string => join(folderOf(dataDir), `${log}.json`)

/** What was saved, or undefined. What cannot be read is set aside and told: the log then begins anew at its end. */
export async function loadState(
  dataDir: string,
  log: string,
  logId: Buffer,
  onDamage: (file: string) => void,
): Promise<LogState | undefined> {
  const file = fileOf(dataDir, log)
  const text = await readIfThere(file)
  if (text === undefined) return undefined
  const state = readState(text)
  if (state !== undefined && state.log === logId.toString('hex')) return state
  await rename(file, `${file}.damaged`)
  onDamage(`${file}.damaged`)
  return undefined
}

function readState(text: string): LogState | undefined {
  try {
    const state = LogState.parse(JSON.parse(text))
    return frontierOf(state).root().toString('hex') === state.root ? state : undefined
  } catch {
    return undefined
  }
}

/** Throws a RangeError if the hashes do not fit the size. */
export function frontierOf({ size, frontier }: Pick<LogState, 'size' | 'frontier'>): Frontier {
  return new Frontier(
    size,
    frontier.map((hex) => Buffer.from(hex, 'hex').subarray(0, HASH_BYTES)),
  )
}

export function saveState(dataDir: string, log: string, state: LogState): Promise<void> {
  return writeJson(fileOf(dataDir, log), state)
}
