// Where is what of a feed? Under the data directory, a folder for each feed.
import { readdir } from 'node:fs/promises'
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
    held: join(folder, 'held'),
  }
}
