// What do the next entries of a log hold? Read, hashed and matched; nothing of them is told before the tree they belong to is proven.
import type { LookalikeMatch } from '../../schemas/lookalike.ts'
import { type CertificateFacts, readCertificate } from './certificate.ts'
import type { Entry } from './entry.ts'
import type { Frontier } from './merkle.ts'
import { consistent } from './merkle.ts'
import { Distrust } from './problems.ts'
import { mostAlike, type Sighting } from './record.ts'
import type { LogSource } from './source.ts'
import type { TreeHead } from './tree-head.ts'

export interface Match {
  readonly entry: Entry
  readonly facts: CertificateFacts
  readonly sighting: Sighting
}

export interface Piece {
  readonly frontier: Frontier
  readonly root: Buffer
  readonly matches: readonly Match[]
  /** Entries that hold no certificate that can be read. */
  readonly malformed: number
}

/** Entries of one piece at most: what is read again if the process dies. */
const PIECE_ENTRIES = 8192

/**
 * Reads up to a piece of entries behind `before` and checks that they are of the tree of `head`. Throws Distrust where they are not; then
 * nothing of them counts.
 */
export async function readPiece(
  source: LogSource,
  before: Frontier,
  head: TreeHead,
  match: (name: string) => LookalikeMatch | undefined,
  signal: AbortSignal,
): Promise<Piece> {
  const frontier = before.copy()
  const matches: Match[] = []
  let malformed = 0
  const to = Math.min(head.size, (Math.floor(before.size / PIECE_ENTRIES) + 1) * PIECE_ENTRIES)
  for await (const entries of source.entries(before.size, to, head.size, signal)) {
    for (const entry of entries) {
      if (entry.index !== frontier.size) throw new Error(`entry ${entry.index} came where ${frontier.size} was next`)
      frontier.append(entry.leafHash)
      const facts = readCertificate(entry.der, entry.precertificate)
      if (facts === undefined) {
        malformed++
        continue
      }
      const sighting = mostAlike(facts.names, match)
      if (sighting !== undefined) matches.push({ entry, facts, sighting })
    }
    // Parsing is synchronous: whoever waits in this process gets a turn between answers.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const root = frontier.root()
  await prove(source, frontier.size, root, head, signal)
  return { frontier, root, matches, malformed }
}

/** Throws Distrust if the tree of `size` leaves with this root is no beginning of that of the head. */
async function prove(
  source: LogSource,
  size: number,
  root: Buffer,
  head: TreeHead,
  signal: AbortSignal,
): Promise<void> {
  const proof = size === head.size ? [] : await source.consistency(size, head.size, signal)
  if (!consistent(size, root, head.size, head.root, proof)) {
    throw new Distrust('root_mismatch', `the entries up to ${size} are not those of the signed tree of ${head.size}`)
  }
}
