// Where is what is known of each site kept? A file for each target under the data directory; people may adopt what is there now, or begin anew.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson, writeJson } from '../../runtime/whole-file.ts'
import { acceptKnown, emptyKnown, Known } from './known.ts'
import type { Target } from './target.ts'

export interface Baselines {
  /** What is known of a target; nothing of one that has another address now, or whose file cannot be read. */
  load(target: Pick<Target, 'key' | 'url'>): Promise<Known>
  save(target: Pick<Target, 'key'>, known: Known): Promise<void>
  /** Adopts what the last probe saw. False if nothing is known of the target. */
  accept(target: Pick<Target, 'key' | 'url'>): Promise<boolean>
  /** Forgets a target: its next probes make a new baseline. */
  forget(target: Pick<Target, 'key'>): Promise<void>
  /** Removes what is known of targets of a room that are no longer listed, for rooms may list ever new ones. */
  prune(rooms: readonly string[], keep: ReadonlySet<string>): Promise<void>
}

export function createBaselines(dataDir: string): Baselines {
  const folder = join(dataDir, 'probe', 'baselines')
  const file = ({ key }: Pick<Target, 'key'>): string => join(folder, `${key}.json`)
  const load: Baselines['load'] = async (target) => {
    const parsed = Known.safeParse(await readJson(file(target)).catch(() => undefined))
    return parsed.success && parsed.data.url === target.url ? parsed.data : emptyKnown(target.url)
  }
  return {
    load,
    save: (target, known) => writeJson(file(target), known),
    async accept(target) {
      const known = await load(target)
      if (known.dns.good + known.tls.good + known.page.good === 0) return false
      await writeJson(file(target), acceptKnown(known))
      return true
    },
    forget: (target) => rm(file(target), { force: true }),
    async prune(rooms, keep) {
      const names = await readdir(folder).catch(() => [])
      for (const name of names) {
        const key = /^(.+)\.json$/.exec(name)?.[1]
        // Keys of what rooms list end in sixteen hex digits behind the name of the room.
        const room = /^(.+)\.[0-9a-f]{16}$/.exec(key ?? '')?.[1]
        if (key !== undefined && room !== undefined && rooms.includes(room) && !keep.has(key))
          await rm(join(folder, name), { force: true })
      }
    },
  }
}
