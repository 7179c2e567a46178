// Where is what of a feed? Under the data directory, a folder for each feed.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Id } from '../../schemas/room.ts'

export interface FeedFiles {
  readonly folder: string
  /** The copy that is in force. */
  readonly good: string
  /** What was fetched last, until it is in force, held or dropped. */
  readonly draft: string
  /** Events or objects of a feed that is fetched piece by piece. */
  readonly pieces: string
  readonly state: string
  /** What people decided to leave out. */
  readonly leftOut: string
  /** Updates that wait, or waited, for a person. */
  readonly held: string
}

function feedsFolder(dataDir: string): string {
  return join(dataDir, 'feeds')
}

/** Ids of feeds that left something here, in the settings or not. */
export async function foldersOfFeeds(dataDir: string): Promise<string[]> {
  try {
    return (await readdir(feedsFolder(dataDir))).filter((name) => Id.safeParse(name).success)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

export function feedFiles(dataDir: string, id: string): FeedFiles {
  const folder = join(feedsFolder(dataDir), id)
  return {
    folder,
    good: join(folder, 'good.ndjson.zst'),
    draft: join(folder, 'draft.ndjson.zst'),
    pieces: join(folder, 'pieces.ndjson.zst'),
    state: join(folder, 'state.json'),
    leftOut: join(folder, 'left-out.ndjson.zst'),
    held: join(folder, 'held'),
  }
}

/** Removes what a process that was killed was writing. Only for the process that alone writes there, before it does. */
export async function removeRemains(dataDir: string, id: string): Promise<void> {
  const { folder } = feedFiles(dataDir, id)
  const names = await readdir(folder).catch(() => [])
  for (const name of names)
    if (/\.(?:zst|json)\.\d+\.[0-9a-f]{8}$/.test(name)) await rm(join(folder, name), { force: true })
}
