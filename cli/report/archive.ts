// How does evidence leave? Inside a ZIP whose entries are encrypted (AES-256): nothing opens, runs or scans a web shell by accident.
import { createHash, randomInt } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { TextReader, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js'
import { CommandError } from '../frame.ts'

export interface ArchiveEntry {
  readonly name: string
  readonly sha256: string
  readonly file: string
}

/** AES with a key of 256 bits (WinZip AE-2). */
const AES_256 = 3

/**
 * Writes the archive; its own file is new, and readable for its owner only. Names of entries are numbered and have no path. Rejects with
 * CommandError, leaving no archive, if an attachment is not there or is not what was filed.
 */
export async function writeArchive(target: string, entries: readonly ArchiveEntry[], password: string): Promise<void> {
  const output = createWriteStream(target, { flags: 'wx', mode: 0o600 })
  await new Promise<void>((resolve, reject) => output.once('open', () => resolve()).once('error', reject))
  try {
    const zip = new ZipWriter(Writable.toWeb(output), {
      password,
      encryptionStrength: AES_256,
      useWebWorkers: false,
      useCompressionStream: false,
    })
    for (const [n, entry] of entries.entries()) {
      await zip.add(`${n + 1}-${safeName(entry.name)}`, new Uint8ArrayReader(await evidence(entry)))
    }
    const manifest = entries.map(({ name, sha256 }, n) => ({ entry: `${n + 1}-${safeName(name)}`, name, sha256 }))
    await zip.add('manifest.json', new TextReader(`${JSON.stringify(manifest, null, 2)}\n`))
    await zip.close()
  } catch (error) {
    output.destroy()
    await rm(target, { force: true })
    throw error
  }
}

async function evidence({ file, name, sha256 }: ArchiveEntry): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new CommandError(
      `The attachment ${name} is not in this data directory.`,
      'Attachments lie with the collector that received them: run this there, or name its folder with SIAGA_DATA_DIR.',
    )
  })
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new CommandError(
      `The attachment ${name} is not what was filed: its SHA-256 is another.`,
      'Nothing was written. Find out who changed the file; restore it from your backup.',
    )
  }
  return bytes
}

/** What people called it, without path, control and other characters that programs take to mean something. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  return last.replace(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 100) || 'attachment'
}

const passwordCharacters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'

/** A password of about 116 bits that can be read out. */
export function makePassword(): string {
  const one = (): string => passwordCharacters[randomInt(passwordCharacters.length)] ?? ''
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, one).join('')).join('-')
}
