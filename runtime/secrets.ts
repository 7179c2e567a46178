// Where do secrets come from? One master key per installation; every other secret is derived from it by purpose.
import { hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorText, SiagaError } from './errors.ts'
import { makeFolder } from './folders.ts'

const keyBytes = 32

/**
 * The installation's master key (32 bytes): SIAGA_MASTER_KEY (base64, base64url or hex) if set, else
 * `<dataDir>/secrets/master.key`, made on first use. Two processes that start at once get the same key.
 * Throws MASTER_KEY_INVALID, or DATA_DIR_UNWRITABLE if the file cannot be made.
 */
export function loadMasterKey(dataDir: string, env: NodeJS.ProcessEnv = process.env): Buffer {
  if (env.SIAGA_MASTER_KEY) return decodeKey(env.SIAGA_MASTER_KEY, 'SIAGA_MASTER_KEY')
  const folder = join(dataDir, 'secrets')
  const file = join(folder, 'master.key')
  const existing = readKey(file)
  if (existing) return existing
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    makeFolder(folder, 0o700)
    chmodSync(folder, 0o700)
    writeFileSync(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flush: true })
    // A hard link appears whole or not at all and never replaces: of two processes one wins, and both read the winner's.
    linkSync(draft, file)
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  } finally {
    if (existsSync(draft)) rmSync(draft, { force: true })
  }
  const made = readKey(file)
  if (!made) throw new SiagaError('MASTER_KEY_INVALID', { detail: `${file} vanished while it was made` })
  return made
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
