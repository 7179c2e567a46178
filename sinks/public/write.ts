// How does the page for citizens reach its folder? Each file whole, and only when it says something new.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PublicData } from '../../schemas/public.ts'
import { publicPage, publicStyle } from './page.ts'

/** Names of the files, in the order in which they are written: the page last, so that what it names is there. */
const publicFiles = ['style.css', 'data.json', 'index.html'] as const

/** Writes the page. Answers the files that were changed. */
export async function writePublic(folder: string, data: PublicData): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const contents = {
    'style.css': publicStyle,
    'data.json': `${JSON.stringify(data, null, 2)}\n`,
    'index.html': publicPage(data),
  }
  const changed: string[] = []
  for (const name of publicFiles) {
    const file = join(folder, name)
    const before = await readFile(file, 'utf8').catch(() => undefined)
    if (before === contents[name]) continue
    // Whoever serves the folder never sees half a file; it is to be read by another user.
    await writeFile(`${file}.new`, contents[name], { mode: 0o644 })
    await rename(`${file}.new`, file)
    changed.push(name)
  }
  return changed
}
