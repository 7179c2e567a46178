// Was this certificate told already? A precertificate and its certificate, in one log or in several, are one event.
import { hash } from 'node:crypto'

/** Certificates that each log remembers, over restarts too. */
const MAX_RECENT = 4096

/** What is remembered of the certificates of all logs together. */
export interface RecentCertificates {
  /** Takes a certificate for a log; false if it is taken, by this log or another. */
  claim(log: string, certificate: string): boolean
  /** Gives certificates back that could not be written. */
  release(log: string, certificates: readonly string[]): void
  /** Those of a log, oldest first. */
  of(log: string): string[]
}

/** Stands for a certificate and its precertificate: issuer and serial are the same in both. */
export function certificateKey(issuer: Buffer, serial: Buffer): string {
  // The issuer's length first: no two pairs run together alike.
  const length = Buffer.alloc(4)
  length.writeUInt32BE(issuer.length)
  return hash('sha256', Buffer.concat([length, issuer, serial]), 'buffer')
    .toString('base64url')
    .slice(0, 22)
}

export function createRecent(saved: ReadonlyMap<string, readonly string[]>, most = MAX_RECENT): RecentCertificates {
  const byLog = new Map<string, Set<string>>()
  /** How many logs hold a certificate: two may, if they were read by two processes once. */
  const owners = new Map<string, number>()
  const setOf = (log: string): Set<string> => {
    const known = byLog.get(log) ?? new Set()
    byLog.set(log, known)
    return known
  }
  const add = (log: string, certificate: string): void => {
    const own = setOf(log)
    if (own.has(certificate)) return
    own.add(certificate)
    owners.set(certificate, (owners.get(certificate) ?? 0) + 1)
    for (const oldest of own) {
      if (own.size <= most) break
      remove(log, oldest)
    }
  }
  const remove = (log: string, certificate: string): void => {
    if (!setOf(log).delete(certificate)) return
    const left = (owners.get(certificate) ?? 1) - 1
    if (left === 0) owners.delete(certificate)
    else owners.set(certificate, left)
  }
  for (const [log, certificates] of saved) for (const certificate of certificates) add(log, certificate)
  return {
    claim(log, certificate) {
      if (owners.has(certificate)) return false
      add(log, certificate)
      return true
    },
    release(log, certificates) {
      for (const certificate of certificates) remove(log, certificate)
    },
    of: (log) => [...setOf(log)],
  }
}
