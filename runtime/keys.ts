// Who may push events? API keys: made, listed and revoked in a file that holds only hashes, and read live by a running server.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiKey, KeyFile } from '../schemas/key.ts'
import { DEMO_SOURCE } from '../schemas/raw-event.ts'
import { SiagaError } from './errors.ts'
import { writeWhole } from './whole-file.ts'

const POLL_MS = 500
/** A writer holds the lock for milliseconds; one this old was left behind by a process that died. */
const STALE_LOCK_MS = 10_000
const keyText = /^siaga_([0-9a-z]{10})_([0-9A-Za-z_-]{43})$/
const nobody = hash('sha256', 'no key has this hash', 'buffer')

/** Makes a key for a source. Its text is returned once and kept nowhere. */
export async function createKey(dataDir: string, source: string, label = ''): Promise<{ key: ApiKey; text: string }> {
  return addKey(dataDir, { source }, label)
}

/** Makes a key with which an Operation Room files reports; it opens no source. */
export async function createRoomKey(dataDir: string, room: string, label = ''): Promise<{ key: ApiKey; text: string }> {
  return addKey(dataDir, { source: '', room }, label)
}

function addKey(dataDir: string, holder: KeyHolder, label: string): Promise<{ key: ApiKey; text: string }> {
  return change(dataDir, (file) => {
    const made = newKey(holder, label)
    file.keys.push(made.key)
    return made
  })
}

/** All keys, revoked ones too, oldest first. Throws KEYS_INVALID if the file was damaged. */
export async function listKeys(dataDir: string): Promise<ApiKey[]> {
  return (await readKeys(dataDir)).keys
}

/** Revokes a key; running servers refuse it within a second. `undefined` if there is no such key. */
export async function revokeKey(dataDir: string, id: string, now = new Date()): Promise<ApiKey | undefined> {
  return change(dataDir, (file) => {
    const key = file.keys.find((candidate) => candidate.id === id)
    if (key !== undefined) key.revoked ??= now.toISOString()
    return key
  })
}

/**
 * The key of the source `demo`, made at the first start and kept in `secrets/demo.key` so that it can be printed at each start.
 * `undefined` if somebody revoked it.
 */
export async function demoKey(dataDir: string): Promise<string | undefined> {
  return (await keptKey(dataDir, 'demo.key', { source: DEMO_SOURCE }, 'made at the first start'))?.text
}

/** Label of the key of the machine of the centre: whoever may read its data directory acts by it, so that it stands for no person. */
export const OPERATOR = 'operator'

/**
 * The key of whoever works on the machine of the centre, for a room there: made when it is first asked for and kept in `secrets/operator.key`. `made`: just
 * now, so that a running server may not know it for a moment. `undefined` if somebody revoked it.
 */
export function operatorKey(dataDir: string, room: string): Promise<{ text: string; made: boolean } | undefined> {
  return keptKey(dataDir, 'operator.key', { source: '', room }, OPERATOR)
}

/** A key whose text is kept in a file, for those who may read the data directory. */
function keptKey(
  dataDir: string,
  name: string,
  holder: KeyHolder,
  label: string,
): Promise<{ text: string; made: boolean } | undefined> {
  const place = join(dataDir, 'secrets', name)
  return change(dataDir, async (file) => {
    const text = (await readIfThere(place))?.trim() ?? ''
    const known = matchKey(new Map(file.keys.map((key) => [key.id, key])), text)
    if (known !== undefined && known.room === holder.room)
      return known.revoked === undefined ? { text, made: false } : undefined
    const made = newKey(holder, label)
    file.keys.push(made.key)
    await writeWhole(place, (handle) => handle.writeFile(`${made.text}\n`))
    return { text: made.text, made: true }
  })
}

/** The keys as a server uses them. */
export interface KeyRing {
  /**
   * The key with this text, if it exists and is not revoked. A text that is no key, an unknown one, a wrong secret and a revoked
   * key take the same time.
   */
  verify(text: string): ApiKey | undefined
  stop(): void
}

/**
 * Reads the keys and follows changes of the file. `onProblem` hears of a file that cannot be used, once per change; the keys read
 * before stay in force then.
 */
export async function openKeyRing(
  dataDir: string,
  { pollMs = POLL_MS, onProblem = () => {} }: { pollMs?: number; onProblem?: (error: unknown) => void } = {},
): Promise<KeyRing> {
  let version = await fileVersion(dataDir)
  let keys = byId(await readKeys(dataDir))
  let reading = false

  async function poll(): Promise<void> {
    if (reading) return
    reading = true
    try {
      const now = await fileVersion(dataDir)
      if (now === version) return
      version = now
      keys = byId(await readKeys(dataDir))
    } catch (error) {
      onProblem(error)
    } finally {
      reading = false
    }
  }
  const timer = setInterval(() => void poll(), pollMs)
  timer.unref()

  return {
    verify(text) {
      const key = matchKey(keys, text)
      return key?.revoked === undefined ? key : undefined
    },
    stop: () => clearInterval(timer),
  }
}

/**
 * The secret is 256 random bits: nobody can try them out, so one round of SHA-256 protects it as well as a slow password hash
 * would, at a cost that a flood of requests may cause.
 */
function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

function matchKey(keys: ReadonlyMap<string, ApiKey>, text: string): ApiKey | undefined {
  const [, id = '', secret = ''] = keyText.exec(text) ?? []
  const key = keys.get(id)
  const expected = key === undefined ? nobody : Buffer.from(key.hash, 'base64url')
  const same = timingSafeEqual(hashSecret(secret), expected)
  return same ? key : undefined
}

type KeyHolder = Pick<ApiKey, 'source' | 'room'>

function newKey(holder: KeyHolder, label: string): { key: ApiKey; text: string } {
  const id = Array.from(randomBytes(10), (value) => (value % 32).toString(32)).join('')
  const secret = randomBytes(32).toString('base64url')
  const key = {
    id,
    ...holder,
    label,
    hash: hashSecret(secret).toString('base64url'),
    tail: secret.slice(-4),
    created: new Date().toISOString(),
  }
  return { key, text: `siaga_${id}_${secret}` }
}

function byId(file: KeyFile): Map<string, ApiKey> {
  return new Map(file.keys.map((key) => [key.id, key]))
}

function placeOf(dataDir: string): string {
  return join(dataDir, 'secrets', 'keys.json')
}

async function readKeys(dataDir: string): Promise<KeyFile> {
  const text = await readIfThere(placeOf(dataDir))
  if (text === undefined) return { version: 1, keys: [] }
  try {
    return KeyFile.parse(JSON.parse(text))
  } catch (cause) {
    const detail = `The key file ${placeOf(dataDir)} is damaged; restore it from your backup, or delete it and make new keys.`
    throw new SiagaError('KEYS_INVALID', { detail }, { cause })
  }
}

async function fileVersion(dataDir: string): Promise<string> {
  try {
    const { ino, mtimeNs, size } = await stat(placeOf(dataDir), { bigint: true })
    return `${ino} ${mtimeNs} ${size}`
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  }
}

/** Reads the file, lets `edit` change it and writes it back, while no other process does the same. */
async function change<T>(dataDir: string, edit: (file: KeyFile) => T | Promise<T>): Promise<T> {
  const place = placeOf(dataDir)
  try {
    await mkdir(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 })
    await chmod(join(dataDir, 'secrets'), 0o700)
  } catch (cause) {
    throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  }
  const unlock = await lock(dataDir, `${place}.lock`)
  try {
    const file = await readKeys(dataDir)
    const before = JSON.stringify(file)
    const result = await edit(file)
    if (JSON.stringify(file) !== before)
      await writeWhole(place, (handle) => handle.writeFile(`${JSON.stringify(file, null, 2)}\n`))
    return result
  } finally {
    await unlock()
  }
}

async function lock(dataDir: string, place: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const handle = await open(place, 'wx', 0o600)
      await handle.close()
      return () => rm(place, { force: true })
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) {
        throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
      }
    }
    const held = await stat(place).catch(() => undefined)
    if (held !== undefined && Date.now() - held.mtimeMs > STALE_LOCK_MS) await rm(place, { force: true })
    await sleep(10 + Math.random() * 20)
  }
}

async function readIfThere(place: string): Promise<string | undefined> {
  try {
    return await readFile(place, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
