// What became of a look-alike since it was last asked for: is it new, changed, gone? And what is said of that.
import { domainToUnicode } from 'node:url'
import type { LookalikeMatch, LookalikeRecord } from '../../schemas/lookalike.ts'
import { type Answer, answersOf } from './dns.ts'
import type { Known } from './state.ts'

/** Not there in so many rounds in a row: gone. Once may be a slip of a server. */
const GONE_AFTER = 2

export interface Change {
  /** What is known now; undefined: nothing any more. */
  readonly known: Known | undefined
  readonly record: LookalikeRecord | undefined
}

type Found = Pick<Known, 'addresses' | 'nameServers' | 'mailServers'>

/** Compares an answer with what was known. `at` is ISO 8601. */
export function changeOf(
  domain: string,
  match: LookalikeMatch,
  before: Known | undefined,
  answer: Answer,
  at: string,
): Change {
  if (answer.kind === 'unknown') return { known: before, record: undefined }
  if (answer.kind === 'absent') {
    if (before === undefined) return { known: undefined, record: undefined }
    const missing = before.missing + 1
    if (missing < GONE_AFTER) return { known: { ...before, missing }, record: undefined }
    const nothing: Found = { addresses: [], nameServers: [], mailServers: [] }
    return { known: undefined, record: recordOf('gone', domain, match, nothing, before.firstSeen, at, before) }
  }
  const { addresses, nameServers, mailServers } = answer.registration
  const registration: Found = {
    addresses: [...addresses],
    nameServers: [...nameServers],
    mailServers: [...(mailServers ?? before?.mailServers ?? [])],
  }
  const firstSeen = before?.firstSeen ?? at
  const known: Known = {
    ...match,
    ...registration,
    firstSeen,
    missing: 0,
    checked: 0,
  }
  if (before === undefined) return { known, record: recordOf('registered', domain, match, registration, firstSeen, at) }
  const record = hasChanged(before, registration)
    ? recordOf('changed', domain, match, registration, firstSeen, at, before)
    : undefined
  return { known, record }
}

/** Name and mail servers count one by one; addresses only where they moved to other networks, since many answer another few each time. */
function hasChanged(before: Found, now: Found): boolean {
  const same = (one: readonly string[], other: readonly string[]): boolean =>
    one.length === other.length && one.every((value) => other.includes(value))
  if (!same(before.nameServers, now.nameServers) || !same(before.mailServers, now.mailServers)) return true
  if (answersOf(before.addresses) !== answersOf(now.addresses)) return true
  const networks = new Set(before.addresses.map(networkOf))
  return now.addresses.length > 0 && !now.addresses.some((address) => networks.has(networkOf(address)))
}

/** /24 or /48, near enough to tell one host's farm from another's. */
function networkOf(address: string): string {
  return address.includes(':') ? address.split(':').slice(0, 3).join(':') : address.split('.').slice(0, 3).join('.')
}

function recordOf(
  state: LookalikeRecord['state'],
  domain: string,
  { protected: name, kind, likeness }: LookalikeMatch,
  { addresses, nameServers, mailServers }: Found,
  firstSeen: string,
  at: string,
  before?: Found,
): LookalikeRecord {
  return {
    protected: name,
    kind,
    likeness,
    at,
    domain,
    unicode: domainToUnicode(domain) || domain,
    state,
    addresses: [...addresses],
    name_servers: [...nameServers],
    mail_servers: [...mailServers],
    answers: answersOf(addresses),
    first_seen: firstSeen,
    ...(before === undefined
      ? {}
      : {
          before: {
            addresses: [...before.addresses],
            name_servers: [...before.nameServers],
            mail_servers: [...before.mailServers],
          },
        }),
  }
}
