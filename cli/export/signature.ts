// Who vouches for a package? A key pair that follows from the master key: Ed25519 (RFC 8032), as openssl reads it.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { deriveKey, existingMasterKey, givenMasterKey } from '../../runtime/secrets.ts'

/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The key of this installation; undefined where Siaga never ran: a key made on the spot would be one that nobody knows. */
export function signingKey(dataDir: string, env: NodeJS.ProcessEnv): KeyObject | undefined {
  return keyOf(existingMasterKey(dataDir, env))
}

/** The key that follows from the master key at hand, whatever the data directory was used with: good for comparing, not for signing. */
export function keyAtHand(dataDir: string, env: NodeJS.ProcessEnv): KeyObject | undefined {
  return keyOf(givenMasterKey(dataDir, env))
}

function keyOf(masterKey: Buffer | undefined): KeyObject | undefined {
  if (masterKey === undefined) return undefined
  const seed = deriveKey(masterKey, 'export/ed25519')
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
}

/** The public half in PEM, for `openssl pkeyutl -verify` and `siaga export verify --key`. */
export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()
}

/** Reads a public key; undefined for anything but Ed25519 in PEM. */
export function readPublicKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}

/** What two people compare by telephone: SHA-256 of the public key, in groups of four. */
export function fingerprint(pem: string): string {
  const der = createPublicKey(pem).export({ format: 'der', type: 'spki' })
  const hex = createHash('sha256').update(der).digest('hex').slice(0, 32)
  return (hex.match(/.{4}/g) ?? []).join(' ')
}

/** 64 bytes. */
export const signBytes = (key: KeyObject, bytes: Uint8Array): Buffer => sign(null, bytes, key)

export const fits = (key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, bytes, key, signature)
