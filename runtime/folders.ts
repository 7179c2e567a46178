// How is a folder made with its parents? Step by step: Node's recursive mkdir never returns where the system answers ENOENT for good (/proc).
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Makes the folder and its missing parents. Throws the system's error (EACCES, EROFS, ENOENT, ENOTDIR) where that is impossible. */
export function makeFolder(path: string, mode = 0o777): void {
  const missing: string[] = []
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.push(folder)
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder, { mode })
    } catch (error) {
      // Made by somebody else in the meantime.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** The folder, or the first one above it that is there. */
export function firstThere(folder: string): string {
  let at = folder
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  return at
}
