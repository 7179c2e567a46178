// Which addresses do rooms want probed? A file for each room; what of it is beneath the room's domains today is for roomTargets to say, each time.
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, writeJson } from '../../runtime/whole-file.ts'
import { isBeneath, webAddress } from './target.ts'

export const MAX_ROOM_URLS = 50
export const MAX_URL_LENGTH = 2000

const Listed = z.object({ urls: z.array(z.string().max(MAX_URL_LENGTH)).max(MAX_ROOM_URLS) })

/** What is wrong with an address that a room lists. */
export type UrlProblem = 'not_http' | 'too_long' | 'not_verified'

export interface Watchlist {
  /** What the room has listed, whether it may be probed today (`roomTargets`) or not; nothing if its file cannot be read. */
  read(room: string): Promise<string[]>
  /** Replaces what the room has listed. */
  write(room: string, urls: readonly string[]): Promise<void>
}

/** Lists under `<data_dir>/probe/rooms`. Ids of rooms are names of files (schemas/room.ts). */
export function createWatchlist(dataDir: string): Watchlist {
  const file = (room: string): string => join(dataDir, 'probe', 'rooms', `${room}.json`)
  const read: Watchlist['read'] = async (room) => {
    const parsed = Listed.safeParse(await readJson(file(room)).catch(() => undefined))
    return parsed.success ? parsed.data.urls : []
  }
  return {
    read,
    write: (room, urls) => writeJson(file(room), { urls }),
  }
}

/** The address as it is kept, or what is wrong with it. */
export function checkUrl(text: string, domains: readonly string[]): { url: string; problem?: UrlProblem } {
  if (text.length > MAX_URL_LENGTH) return { url: text.slice(0, 100), problem: 'too_long' }
  const url = webAddress(text)
  if (url === undefined) return { url: text, problem: 'not_http' }
  if (url.href.length > MAX_URL_LENGTH) return { url: text.slice(0, 100), problem: 'too_long' }
  return isBeneath(url.hostname, domains) ? { url: url.href } : { url: text, problem: 'not_verified' }
}
