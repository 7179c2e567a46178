// What is said of a certificate for a look-alike name? The record that goes to Kafka.
import { hash } from 'node:crypto'
import { domainToUnicode } from 'node:url'
import type { CertificateRecord, LookalikeMatch } from '../../schemas/lookalike.ts'
import { type CertificateFacts, nameText, validityOf } from './certificate.ts'
import type { Entry } from './entry.ts'

/** Names that a record shows. */
const MAX_SHOWN = 100

export interface Sighting extends LookalikeMatch {
  /** The name that matched. */
  readonly name: string
}

/** The most deceiving of the names of a certificate; undefined: none looks like a protected one. */
export function mostAlike(
  names: readonly string[],
  match: (name: string) => LookalikeMatch | undefined,
): Sighting | undefined {
  let best: Sighting | undefined
  for (const name of names) {
    const found = match(name)
    if (found !== undefined && (best === undefined || found.likeness > best.likeness)) best = { ...found, name }
  }
  return best
}

/** `now` in milliseconds since 1970 UTC. */
export function certificateRecord(
  log: string,
  entry: Entry,
  facts: CertificateFacts,
  { name, ...match }: Sighting,
  now: number,
): CertificateRecord {
  const { notBefore, notAfter } = validityOf(facts.validity)
  const submitted = entry.submitted()
  const domain = name.replace(/^\*\./, '')
  // What matched stands among the names that are shown.
  const names = facts.names.slice(0, MAX_SHOWN)
  if (!names.includes(name)) names[names.length - 1] = name
  return {
    ...match,
    at: new Date(now).toISOString(),
    domain,
    unicode: domainToUnicode(domain) || domain,
    names,
    log,
    index: entry.index,
    precertificate: entry.precertificate,
    fingerprint: submitted === undefined ? '' : hash('sha256', submitted),
    serial: facts.serial.toString('hex'),
    issuer: nameText(facts.issuer),
    not_before: notBefore,
    not_after: notAfter,
    logged_at: new Date(entry.timestamp).toISOString(),
  }
}
