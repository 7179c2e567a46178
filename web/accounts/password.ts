// How is a password kept? As argon2id (RFC 9106, memory 19 MiB, two passes), written as a PHC string so that costs can grow.
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { WebError } from '../errors.ts'

const hash = promisify<'argon2id', Argon2Parameters, Buffer>(argon2)
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const phc = /^\$argon2id\$v=19\$m=(\d{4,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,64})\$([A-Za-z0-9+/]{43})$/

/** Whose password is looked at: of a browser that its account knows or of somebody who is in already, or of anybody. */
export type Lane = 'known' | 'anybody'

/** Runs work of a lane when its turn comes; throws BUSY if too many wait. */
type Lanes = <T>(lane: Lane, work: () => Promise<T>) => Promise<T>

const MOST_WAITING = 60

/**
 * One password at a time in each lane (19 MiB and some 30 ms of a core): a flood of log-ins fills its own lane, and neither the server's threads nor
 * those who have been here before wait for it.
 */
export function createLanes(): Lanes {
  const lanes = { known: pLimit(1), anybody: pLimit(1) }
  return async (lane, work) => {
    if (lanes[lane].pendingCount >= MOST_WAITING) throw new WebError('BUSY', {}, 3)
    return lanes[lane](work)
  }
}

/** A new hash of a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await derive(password, nonce, cost)
  const { memory, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(nonce)}$${text(tag)}`
}

/** True if the password is the one of the hash. Takes as long for no hash at all, so that nobody learns which names there are. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, memory, passes, parallelism, nonce, tag] = phc.exec(kept ?? '') ?? []
  if (nonce === undefined || tag === undefined) {
    await derive(password, Buffer.alloc(16), cost)
    return false
  }
  const own = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  return timingSafeEqual(await derive(password, Buffer.from(nonce, 'base64'), own), Buffer.from(tag, 'base64'))
}

function derive(password: string, nonce: Buffer, { memory, passes, parallelism }: typeof cost): Promise<Buffer> {
  // The same letters typed on another keyboard are the same password (NIST SP 800-63B §3.1.1.2).
  const message = password.normalize('NFKC')
  return hash('argon2id', { message, nonce, memory, passes, parallelism, tagLength: 32 })
}

function text(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
