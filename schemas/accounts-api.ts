// What do pages and server say to each other about accounts, tokens, screens and the audit trail?
import { z } from 'zod'
import { Account, Verb } from './account.ts'

/** Ways to log in beside name and password: what the button of the provider says, null without one. */
export const Ways = z.object({ oidc: z.string().nullable() })
export type Ways = z.infer<typeof Ways>

/** Times are milliseconds since 1970 UTC. */
const OwnSession = z.object({
  id: z.string(),
  /** Of the request that asks. */
  current: z.boolean(),
  created_at: z.number(),
  seen_at: z.number(),
  expires_at: z.number(),
  address: z.string(),
  agent: z.string(),
})
const OwnWall = z.object({
  id: z.string(),
  label: z.string(),
  /** A link that no screen has opened yet. */
  waiting: z.boolean(),
  seen_at: z.number().nullable(),
  expires_at: z.number(),
  address: z.string(),
})
const OwnToken = z.object({
  id: z.string(),
  label: z.string(),
  verb: Verb,
  created_at: z.number(),
  expires_at: z.number(),
  used_at: z.number().nullable(),
})

/** Everything of the page of one's own account. */
export const OwnAccount = z.object({
  account: Account,
  codes_left: z.number(),
  sessions: z.array(OwnSession),
  walls: z.array(OwnWall),
  tokens: z.array(OwnToken),
  may_wall: z.boolean(),
})
export type OwnAccount = z.infer<typeof OwnAccount>

export const SecondFactorBegun = z.object({ secret: z.string(), uri: z.string() })
export type SecondFactorBegun = z.infer<typeof SecondFactorBegun>
export const RecoveryCodes = z.object({ codes: z.array(z.string()) })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>
/** Shown this once. */
export const NewToken = z.object({ id: z.string(), token: z.string() })
export type NewToken = z.infer<typeof NewToken>
/** `path` goes behind the address of the page. */
export const NewLink = z.object({ path: z.string() })
export type NewLink = z.infer<typeof NewLink>

export const UserRoom = z.object({ id: z.string(), name: z.string(), region: z.string(), region_name: z.string() })
export type UserRoom = z.infer<typeof UserRoom>
export const UserList = z.object({
  users: z.array(Account),
  rooms: z.array(UserRoom),
  /** Whether accounts can be bound to a provider. */
  oidc: z.boolean(),
})
export type UserList = z.infer<typeof UserList>
export const NewUser = z.object({ user: Account, path: z.string() })
export type NewUser = z.infer<typeof NewUser>

/** `trail`: what people and programs did to Siaga. `queries`: what was asked of ClickHouse. */
export const AuditKind = z.enum(['trail', 'queries'])
export type AuditKind = z.infer<typeof AuditKind>
export const AuditRow = z.object({
  /** Milliseconds since 1970 UTC. */
  at: z.number(),
  id: z.string(),
  person: z.string(),
  action: z.string(),
  outcome: z.string(),
  address: z.string(),
  text: z.string(),
  /** Of a query: how long and how much; 0 elsewhere. */
  duration_ms: z.number(),
  read_rows: z.number(),
})
export type AuditRow = z.infer<typeof AuditRow>
export const AuditPage = z.object({ rows: z.array(AuditRow), next: z.string().nullable() })
export type AuditPage = z.infer<typeof AuditPage>
