// What did a log sign? Its tree head: as JSON of RFC 6962 section 4.3, or as checkpoint of the static CT API.
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { SiagaError } from '../../runtime/errors.ts'
import type { CertificateLog } from '../../schemas/watch.ts'
import { HASH_BYTES, MAX_TREE_SIZE } from './merkle.ts'
import { Distrust, Unreadable } from './problems.ts'

/** A head whose signature was checked. */
export interface TreeHead {
  readonly size: number
  readonly root: Buffer
  /** Milliseconds since 1970 UTC. */
  readonly timestamp: number
}

/** The key of a log, and what follows from it. */
export interface LogKey {
  readonly key: KeyObject
  /** LogID of RFC 6962 section 3.2: SHA-256 of the key. */
  readonly id: Buffer
}

/** Throws CONFIG_INVALID for what is no public key. */
export function readLogKey({ id, key }: Pick<CertificateLog, 'id' | 'key'>): LogKey {
  const der = Buffer.from(key, 'base64')
  try {
    return { key: createPublicKey({ key: der, format: 'der', type: 'spki' }), id: hash('sha256', der, 'buffer') }
  } catch (cause) {
    const detail = `certificate_logs: the key of log ${id} is no public key (base64 of SubjectPublicKeyInfo)`
    throw new SiagaError('CONFIG_INVALID', { detail }, { cause })
  }
}

const SHA256 = 4
const RSA = 1
const ECDSA = 3
const signatureKinds: Readonly<Record<string, number>> = { rsa: RSA, ec: ECDSA }

/** TreeHeadSignature of RFC 6962 section 3.5, in the form of RFC 5246 section 4.7. */
function signed({ size, root, timestamp }: TreeHead, signature: Buffer, { key }: LogKey): boolean {
  if (signature.length < 4 || signature.readUInt16BE(2) !== signature.length - 4) return false
  if (signature[0] !== SHA256 || signature[1] !== signatureKinds[key.asymmetricKeyType ?? '']) return false
  const data = Buffer.alloc(2 + 8 + 8 + HASH_BYTES)
  data[1] = 1
  data.writeBigUInt64BE(BigInt(timestamp), 2)
  data.writeBigUInt64BE(BigInt(size), 10)
  root.copy(data, 18)
  return verify('sha256', data, key, signature.subarray(4))
}

const Size = z.int().min(0).max(MAX_TREE_SIZE)
const SignedTreeHead = z.object({
  tree_size: Size,
  timestamp: z.int().min(0),
  sha256_root_hash: z.base64(),
  tree_head_signature: z.base64(),
})

/** The answer to get-sth. Throws Unreadable, or Distrust if the signature is not the log's. */
export function readSignedTreeHead(json: unknown, key: LogKey): TreeHead {
  const parsed = SignedTreeHead.safeParse(json)
  if (!parsed.success) throw new Unreadable('the answer to get-sth is no tree head')
  const { tree_size, timestamp, sha256_root_hash, tree_head_signature } = parsed.data
  const root = Buffer.from(sha256_root_hash, 'base64')
  return checked({ size: tree_size, root, timestamp }, Buffer.from(tree_head_signature, 'base64'), key)
}

function checked(head: TreeHead, signature: Buffer, key: LogKey): TreeHead {
  if (head.root.length !== HASH_BYTES) throw new Unreadable('the root of the tree head has not 32 bytes')
  if (!signed(head, signature, key)) {
    throw new Distrust('bad_signature', `the tree head of ${head.size} entries is not signed by the key of this log`)
  }
  return head
}

const NOTE =
  /^([^\n]{1,1024})\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\n\n((?:\u2014 [^ \n]{1,1024} [A-Za-z0-9+/=]{1,2048}\n){1,32})$/
const RFC6962_NOTE = 5

/** A checkpoint: signed note with the signature type of RFC 6962 tree heads. Throws Unreadable or Distrust. */
export function readCheckpoint(text: string, origin: string, key: LogKey): TreeHead {
  const [, name, size, root, signatures = ''] = NOTE.exec(text) ?? []
  if (name === undefined || root === undefined) throw new Unreadable('the checkpoint cannot be read')
  if (name !== origin)
    throw new Distrust('bad_signature', `the checkpoint is of ${name.slice(0, 200)}, not of ${origin}`)
  const keyId = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(RFC6962_NOTE), key.id]), 'buffer')
  for (const line of signatures.split('\n')) {
    const [, signer, encoded = ''] = line.split(' ')
    const body = Buffer.from(encoded, 'base64')
    if (signer !== name || body.length < 12 || !body.subarray(0, 4).equals(keyId.subarray(0, 4))) continue
    const timestamp = Number(body.readBigUInt64BE(4))
    const parsedSize = Size.safeParse(Number(size))
    if (!parsedSize.success || !Number.isSafeInteger(timestamp)) throw new Unreadable('the checkpoint has no size')
    return checked({ size: parsedSize.data, root: Buffer.from(root, 'base64'), timestamp }, body.subarray(12), key)
  }
  throw new Distrust('bad_signature', 'the checkpoint is not signed by the key of this log')
}

/** Origin line of a static log: what is set, or its URL without scheme. */
export function originOf({ origin, url }: Pick<CertificateLog, 'origin' | 'url'>): string {
  return origin === '' ? url.replace(/^https?:\/\//, '').replace(/\/{1,8}$/, '') : origin
}
