// What is in an entry of a log? The certificate, or the part of a precertificate that was signed (RFC 6962 sections 3.1 and 3.4).
import { leafHash } from './merkle.ts'
import { Unreadable } from './problems.ts'

export interface Entry {
  readonly index: number
  readonly leafHash: Buffer
  /** What the log says when it got it, milliseconds since 1970 UTC. */
  readonly timestamp: number
  readonly precertificate: boolean
  /** Certificate, or TBSCertificate of a precertificate; empty if the entry is of a type that is not known. */
  readonly der: Buffer
  /** The certificate or precertificate as it was submitted; undefined if it cannot be found. */
  readonly submitted: () => Buffer | undefined
}

const X509 = 0
const PRECERT = 1
const ISSUER_KEY_HASH = 32
const NOTHING = Buffer.alloc(0)

/** A TimestampedEntry and where it ends. */
interface Timestamped {
  readonly timestamp: number
  readonly precertificate: boolean
  readonly der: Buffer
  readonly end: number
}

function readTimestamped(bytes: Buffer, from: number): Timestamped | undefined {
  if (bytes.length < from + 10) return undefined
  const timestamp = Number(bytes.readBigUInt64BE(from))
  const type = bytes.readUInt16BE(from + 8)
  if ((type !== X509 && type !== PRECERT) || !Number.isSafeInteger(timestamp)) return undefined
  const at = from + 10 + (type === PRECERT ? ISSUER_KEY_HASH : 0)
  const der = vector24(bytes, at)
  if (der === undefined) return undefined
  const extensions = at + 3 + der.length
  if (bytes.length < extensions + 2) return undefined
  const end = extensions + 2 + bytes.readUInt16BE(extensions)
  return bytes.length < end ? undefined : { timestamp, precertificate: type === PRECERT, der, end }
}

/** opaque<1..2^24-1> */
function vector24(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length < at + 3) return undefined
  const end = at + 3 + bytes.readUIntBE(at, 3)
  return bytes.length < end ? undefined : bytes.subarray(at + 3, end)
}

/** An entry of get-entries. What cannot be read has an empty `der`; its hash counts all the same. */
export function readLeafInput(index: number, leafInput: string, extraData: string): Entry {
  const bytes = Buffer.from(leafInput, 'base64')
  const known = bytes[0] === 0 && bytes[1] === 0 ? readTimestamped(bytes, 2) : undefined
  const { timestamp, precertificate, der } = known ?? { timestamp: 0, precertificate: false, der: NOTHING }
  return {
    index,
    leafHash: leafHash(bytes),
    timestamp,
    precertificate,
    der,
    // PrecertChainEntry: the precertificate comes first. Only wanted of what matches.
    submitted: () => (precertificate ? vector24(Buffer.from(extraData, 'base64'), 0) : der),
  }
}

/** Bytes before the TimestampedEntry in a MerkleTreeLeaf: version and type, both 0. */
const LEAF_PREFIX = 2

/** Entries of a data tile of the static CT API; `from` is the index of its first. Throws Unreadable if it does not hold so many. */
export function readDataTile(bytes: Buffer, from: number, count: number): Entry[] {
  const entries: Entry[] = []
  let at = 0
  for (let n = 0; n < count; n++) {
    const read = readTimestamped(bytes, at)
    if (read === undefined) throw new Unreadable(`entry ${from + n} of a data tile cannot be read`)
    const { timestamp, precertificate, der, end } = read
    const leaf = Buffer.alloc(LEAF_PREFIX + end - at)
    bytes.copy(leaf, LEAF_PREFIX, at, end)
    let next = end
    const submitted = precertificate ? vector24(bytes, next) : der
    if (submitted === undefined) throw new Unreadable(`entry ${from + n} of a data tile has no precertificate`)
    if (precertificate) next += 3 + submitted.length
    if (bytes.length < next + 2) throw new Unreadable(`entry ${from + n} of a data tile has no chain`)
    next += 2 + bytes.readUInt16BE(next)
    if (bytes.length < next) throw new Unreadable(`entry ${from + n} of a data tile is cut`)
    entries.push({
      index: from + n,
      leafHash: leafHash(leaf),
      timestamp,
      precertificate,
      der,
      submitted: () => submitted,
    })
    at = next
  }
  return entries
}
