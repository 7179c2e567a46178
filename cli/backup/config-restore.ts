// How does the configuration of a back-up come back? Into a folder that is named, and nowhere else; files from outside of it lie in `outside/`, with where they belong.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'
import { hashFile, readFileBytes, writeHashed } from './files.ts'
import { damaged, type Manifest } from './manifest.ts'

/** Writes siaga.yaml and every file that it names beneath `to`. Answers a line for each; rejects with a CommandError before the first if one is there. */
export async function restoreConfig(folder: string, manifest: Manifest, to: string): Promise<string[]> {
  const { config, files } = manifest
  const sums = new Map(files.map(({ path, sha256 }) => [path, sha256]))
  const targets = config.map(({ file, place }) => ({ file, place, target: join(to, file.replace(/^config\//, '')) }))
  const there = targets.find(({ target }) => existsSync(target))
  if (there !== undefined)
    throw new CommandError(
      `${printable(there.target)} is there already.`,
      'Name an empty folder, and put the files where you want them.',
    )
  const lines: string[] = []
  for (const { file, place, target } of targets) {
    const done = await writeHashed(target, readFileBytes(join(folder, file)))
    if (done.sha256 !== sums.get(file)) throw damaged(folder, `${file} is not what was written`)
    lines.push(file.startsWith('config/outside/') ? `${target} (it was ${place})` : target)
  }
  return lines.map(printable)
}

/** Names of the files of the configuration that are other than in the back-up, or missing. */
export async function changedConfig(
  manifest: Manifest,
  now: readonly { readonly from: string; readonly file: string }[],
): Promise<string[]> {
  const here = new Map(now.map(({ from, file }) => [file, from]))
  const changed: string[] = []
  for (const { file, place } of manifest.config) {
    const from = here.get(file)
    const sum = from === undefined ? undefined : (await hashFile(from)).sha256
    if (sum !== manifest.files.find(({ path }) => path === file)?.sha256) changed.push(place)
  }
  return changed
}
