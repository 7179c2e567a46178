// What does the SQL page list of the saved hunts? Their heads, parameters with types, and their SQL; read again when somebody asks, so that a new file shows.
import type { Hunts } from '../../schemas/hunt.ts'
import type { ListedHunt } from '../../schemas/sql-api.ts'
import { huntFolders, readHunts, standardParameters } from './read.ts'

/** How long a reading of the folders holds, in milliseconds: the page may ask often. */
const HOLDS_MS = 30_000

/** Answers every hunt that can be used, in the order of subjects. `baseDir`: the folder of siaga.yaml. */
export function listedHunts(
  config: { readonly hunts: Hunts },
  baseDir: string,
  now: () => number = Date.now,
): () => ListedHunt[] {
  let read: { at: number; hunts: ListedHunt[] } | undefined
  return () => {
    if (read !== undefined && now() - read.at < HOLDS_MS) return read.hunts
    const hunts = Array.from(readHunts(huntFolders(config, baseDir)).hunts.values(), (hunt): ListedHunt => {
      const described: Readonly<Record<string, { id: string; en: string; default?: string | number }>> = {
        ...standardParameters,
        ...hunt.parameters,
      }
      return {
        id: hunt.id,
        title: hunt.title,
        category: hunt.category,
        attack: hunt.attack,
        scope: hunt.scope,
        window: hunt.window,
        finds: hunt.finds,
        matters: hunt.matters,
        action: hunt.action,
        usual: hunt.usual,
        query: hunt.query,
        parameters: Array.from(hunt.types, ([name, type]) => {
          const said = described[name]
          return { name, type, default: String(said?.default ?? ''), id: said?.id ?? name, en: said?.en ?? name }
        }),
      }
    })
    read = { at: now(), hunts }
    return hunts
  }
}
