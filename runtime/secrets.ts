// Where do secrets come from? One master key per installation; every other secret is derived from it by purpose.
import { hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errorText, hasCode, SiagaError } from './errors.ts'
import { makeFolder } from './folders.ts'
import { keepKeyName, knownKeyName, traceOfKey } from './known-key.ts'

const keyBytes = 32

/** Where the key of a data directory lies, unless the environment has it. */
export const KEY_FILE = join('secrets', 'master.key')

/**
 * The installation's master key (32 bytes): SIAGA_MASTER_KEY (base64, base64url or hex) if set, else
 * `<dataDir>/secrets/master.key`, made on first use. Two processes that start at once get the same key.
 * Throws MASTER_KEY_INVALID; MASTER_KEY_OTHER if the directory was used with another one; MASTER_KEY_MISSING if it was used with one that is not there: none is
 * made then; DATA_DIR_UNWRITABLE if the file cannot be made.
 */
export function loadMasterKey(dataDir: string, env: NodeJS.ProcessEnv = process.env): Buffer {
  const existing = existingMasterKey(dataDir, env)
  if (existing) return existing
  placeMasterKey(dataDir, randomBytes(keyBytes))
  const made = readKey(join(dataDir, KEY_FILE))
  if (!made) throw new SiagaError('MASTER_KEY_INVALID', { detail: `${KEY_FILE} vanished while it was made` })
  return made
}

/** {@link loadMasterKey} for who goes on to write into the data directory: whoever comes with another key later is refused. */
export function adoptMasterKey(dataDir: string, env: NodeJS.ProcessEnv = process.env): Buffer {
  const masterKey = loadMasterKey(dataDir, env)
  keepKeyName(dataDir, keyName(masterKey))
  // Somebody else may have been quicker, with another one.
  assertKeyOf(dataDir, masterKey, env)
  return masterKey
}

/** {@link loadMasterKey} for who only asks: undefined where Siaga never ran, since a key made on the spot would be one that nobody knows. */
export function existingMasterKey(dataDir: string, env: NodeJS.ProcessEnv = process.env): Buffer | undefined {
  const given = givenMasterKey(dataDir, env)
  if (given) {
    assertKeyOf(dataDir, given, env)
    return given
  }
  const trace = traceOfKey(dataDir)
  if (trace === undefined) return undefined
  throw new SiagaError('MASTER_KEY_MISSING', { dataDir, trace, file: join(dataDir, KEY_FILE) })
}

/** The key of the environment or of the data directory, whatever the directory was used with; undefined if there is none. Throws MASTER_KEY_INVALID. */
export function givenMasterKey(dataDir: string, env: NodeJS.ProcessEnv): Buffer | undefined {
  if (env.SIAGA_MASTER_KEY) return decodeKey(env.SIAGA_MASTER_KEY, 'SIAGA_MASTER_KEY')
  return readKey(join(dataDir, KEY_FILE))
}

/** Writes a key to its place in the data directory, for its owner alone, unless there is one. Throws DATA_DIR_UNWRITABLE. */
export function placeMasterKey(dataDir: string, masterKey: Buffer): void {
  const file = join(dataDir, KEY_FILE)
  const folder = dirname(file)
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    makeFolder(folder, 0o700)
    chmodSync(folder, 0o700)
    writeFileSync(draft, `${masterKey.toString('base64')}\n`, { mode: 0o600, flush: true })
    // A hard link appears whole or not at all and never replaces: of two processes one wins, and both read the winner's.
    linkSync(draft, file)
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  } finally {
    if (existsSync(draft)) rmSync(draft, { force: true })
  }
}

/** A name for a master key from which nothing about it follows (HKDF-SHA256). */
export function keyName(masterKey: Buffer): string {
  return deriveSecret(masterKey, 'backup/name-of-key').slice(0, 16)
}

/** Throws MASTER_KEY_OTHER if the data directory was used with another key than this one, which is of the environment or of its file. */
export function assertKeyOf(dataDir: string, masterKey: Buffer, env: NodeJS.ProcessEnv): void {
  const before = knownKeyName(dataDir)
  const now = keyName(masterKey)
  if (before === undefined || before === now) return
  const file = join(dataDir, KEY_FILE)
  const origin = env.SIAGA_MASTER_KEY ? 'SIAGA_MASTER_KEY or SIAGA_MASTER_KEY_FILE' : file
  throw new SiagaError('MASTER_KEY_OTHER', { dataDir, origin, now, before, file })
}

/** 32 bytes for one purpose (HKDF-SHA256, RFC 5869): the same key and purpose always give the same bytes. */
export function deriveKey(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, 'siaga/v1', purpose, keyBytes))
}

/** {@link deriveKey} as text (base64url, 43 characters), for passwords and tokens. */
export function deriveSecret(masterKey: Buffer, purpose: string): string {
  return deriveKey(masterKey, purpose).toString('base64url')
}

function readKey(file: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    // ENOTDIR: the data directory is a file, which is said when the key is to be made.
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return undefined
    throw new SiagaError('MASTER_KEY_INVALID', { detail: errorText(cause) }, { cause })
  }
  return decodeKey(text, file)
}

function decodeKey(text: string, origin: string): Buffer {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex')
  const key = /^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0)
  if (key.length !== keyBytes) {
    throw new SiagaError('MASTER_KEY_INVALID', { detail: `${origin} does not hold ${keyBytes} bytes as base64 or hex` })
  }
  return key
}
