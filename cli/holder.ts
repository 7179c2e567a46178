// Does somebody run Siaga in this data directory now?
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The process that runs Siaga in this data directory, if one does. */
export function holderOf(dataDir: string): string | undefined {
  try {
    const pid = readFileSync(join(dataDir, 'run', 'holder.pid'), 'utf8').trim()
    process.kill(Number(pid), 0)
    return pid
  } catch {
    return undefined
  }
}
