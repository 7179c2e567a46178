// Whose answers are still under way? Streams last for hours: one of a session that has ended is cut off within a second.
import type { ServerResponse } from 'node:http'

const EVERY_MS = 1_000

interface OpenAnswers {
  add(session: string, response: Pick<ServerResponse, 'once' | 'destroy'>): void
  stop(): void
}

/** @param inForce which of these sessions are in force: one question a second for all, and none where nothing is open */
export function createOpenAnswers(inForce: (ids: readonly string[]) => ReadonlySet<string>): OpenAnswers {
  const open = new Map<string, Set<Pick<ServerResponse, 'destroy'>>>()
  const look = (): void => {
    if (open.size === 0) return
    const known = inForce(Array.from(open.keys()))
    for (const [session, responses] of open) if (!known.has(session)) for (const one of responses) one.destroy()
  }
  const timer = setInterval(look, EVERY_MS).unref()
  return {
    add(session, response) {
      const own = open.get(session) ?? new Set()
      open.set(session, own)
      own.add(response)
      const gone = (): void => {
        own.delete(response)
        if (own.size === 0 && open.get(session) === own) open.delete(session)
      }
      response.once('finish', gone)
      response.once('close', gone)
    },
    stop: () => clearInterval(timer),
  }
}
