// Is a package what was exported? Every file against the list, the list against the signature, and nothing beside them.
import { createHash, type KeyObject } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { MANIFEST, Manifest, SIGNATURE, SUMS } from './package.ts'
import { fits, readPublicKey } from './signature.ts'
import { readBytes, readTar } from './tar.ts'

export type FileState = 'ok' | 'changed' | 'missing' | 'added' | 'repeated'

export interface Verdict {
  readonly files: readonly { readonly name: string; readonly state: FileState }[]
  /** What is wrong with the archive itself; undefined if nothing. */
  readonly archive: 'broken' | 'not_a_file' | 'cut' | 'more_behind' | undefined
  /** By the key that was given, or (`inside`) only by the one that the package brings along, for which nobody vouches. */
  readonly signature: 'ok' | 'wrong' | 'missing' | 'inside'
  /** The key that the package brings along, in PEM. */
  readonly keyInside: string
  /** Undefined if it cannot be read. */
  readonly manifest: Manifest | undefined
}

/** These are read as well as hashed. A package is somebody else's file: no more of it is held than this, and of no more entries. */
const read: ReadonlySet<string> = new Set([SUMS, SIGNATURE, MANIFEST, 'public-key.pem'])
const MAX_READ = 4 * 1024 * 1024
const MAX_ENTRIES = 1_000

/** Reads a package once, from beginning to end. */
export async function verifyPackage(path: string, key: KeyObject | undefined): Promise<Verdict> {
  const file = await open(path, 'r')
  try {
    return await verifyOpen(file, key)
  } finally {
    await file.close()
  }
}

async function verifyOpen(file: FileHandle, key: KeyObject | undefined): Promise<Verdict> {
  const hashes = new Map<string, string>()
  const kept = new Map<string, Buffer>()
  const repeated = new Set<string>()
  let archive: Verdict['archive']
  let folder: string | undefined
  for await (const entry of readTar(file)) {
    if (entry.kind === 'wrong' || hashes.size >= MAX_ENTRIES) {
      archive = entry.kind === 'wrong' ? entry.why : 'broken'
      break
    }
    const slash = entry.name.indexOf('/')
    folder ??= entry.name.slice(0, slash)
    // Of another folder it is something added, under its whole name.
    const name = slash > 0 && entry.name.slice(0, slash) === folder ? entry.name.slice(slash + 1) : entry.name
    if (hashes.has(name)) repeated.add(name)
    const hash = createHash('sha256')
    const parts: Buffer[] = []
    for await (const part of readBytes(file, entry.at, entry.bytes)) {
      hash.update(part)
      if (entry.bytes <= MAX_READ && read.has(name)) parts.push(part)
    }
    hashes.set(name, hash.digest('hex'))
    if (read.has(name)) kept.set(name, Buffer.concat(parts))
  }
  const list = kept.get(SUMS)
  const listed = readSums(list?.toString('utf8') ?? '')
  const names = new Set([...listed.keys(), ...hashes.keys()])
  names.delete(SUMS)
  names.delete(SIGNATURE)
  const files = [...names].map((name) => ({ name, state: stateOf(name) }))
  for (const name of [SUMS, SIGNATURE]) if (repeated.has(name)) files.push({ name, state: 'repeated' })
  const keyInside = kept.get('public-key.pem')?.toString('utf8') ?? ''
  return {
    files,
    archive,
    signature: signatureOf(list, kept.get(SIGNATURE), key, keyInside),
    keyInside,
    manifest: manifestOf(kept.get(MANIFEST)),
  }

  function stateOf(name: string): FileState {
    if (repeated.has(name)) return 'repeated'
    const wanted = listed.get(name)
    const found = hashes.get(name)
    if (wanted === undefined) return 'added'
    if (found === undefined) return 'missing'
    return wanted === found ? 'ok' : 'changed'
  }
}

function signatureOf(
  list: Buffer | undefined,
  signature: Buffer | undefined,
  key: KeyObject | undefined,
  keyInside: string,
): Verdict['signature'] {
  if (list === undefined || signature === undefined) return 'missing'
  if (key !== undefined) return fits(key, list, signature) ? 'ok' : 'wrong'
  const inside = readPublicKey(keyInside)
  return inside !== undefined && fits(inside, list, signature) ? 'inside' : 'wrong'
}

/** Lines as `sha256sum` writes and reads them. */
function readSums(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].map(([, hash = '', name = '']) => [name, hash]))
}

function manifestOf(bytes: Buffer | undefined): Manifest | undefined {
  try {
    return Manifest.safeParse(JSON.parse(bytes?.toString('utf8') ?? '')).data
  } catch {
    return undefined
  }
}

/** True if nothing at all is wrong, and a key that was given vouches for it. */
export function isGood({ files, archive, signature }: Verdict): boolean {
  return archive === undefined && signature === 'ok' && files.length > 0 && files.every(({ state }) => state === 'ok')
}
