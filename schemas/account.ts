// Who works with the web page, what may each role do there, and what is said between page and server about it?
import { z } from 'zod'
import { Language } from './language.ts'
import { Id } from './room.ts'

/** DESIGN §6: `pusat` the centre, `daerah` a region's room, `analis` SQL, `petugas` files reports, `admin` looks after accounts. */
export const Role = z.enum(['pusat', 'daerah', 'analis', 'petugas', 'admin'])
export type Role = z.infer<typeof Role>

/** What people do to accounts and with them, as the audit trail names it (ingest/audit). */
export const WebAction = z.enum([
  'login',
  'logout',
  'access_refused',
  'account_created',
  'account_changed',
  'account_disabled',
  'account_enabled',
  'link_created',
  'password_changed',
  'second_factor_on',
  'second_factor_off',
  'recovery_codes_created',
  'session_revoked',
  'token_created',
  'token_revoked',
  'wall_created',
  'wall_opened',
  'wall_revoked',
])
export type WebAction = z.infer<typeof WebAction>

/** An entry of the audit trail that the page writes. */
export const WebAuditEntry = z.object({
  action: WebAction,
  outcome: z.enum(['success', 'failure']),
  /** Log-in name of whoever did it; nothing where nobody is known. */
  user: z.string().exactOptional(),
  peer: z.string().exactOptional(),
  message: z.string(),
})
export type WebAuditEntry = z.infer<typeof WebAuditEntry>

/** Parts of the page, each with its routes; `web/policy.ts` says who may enter which. */
export const Area = z.enum([
  'situation',
  'alerts',
  'explore',
  'console',
  'sources',
  'reports',
  'rules',
  'assets',
  'users',
  'audit',
])
export type Area = z.infer<typeof Area>

/** `write` includes `read`. */
export const Verb = z.enum(['read', 'write'])
export type Verb = z.infer<typeof Verb>

/** What a person logs in with. */
export const LoginName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{1,63}$/, '2 to 64 small letters, digits, dots, dashes, underscores or @')

/** Long rather than odd (NIST SP 800-63B §3.1.1): 12 to 256 characters, anything. */
export const Password = z.string().min(12).max(256)

/** What people read: any letters, no line breaks or characters that turn the text around. */
export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u, 'no control characters')

/** An account as administrators see it; times are milliseconds since 1970 UTC. */
export const Account = z.object({
  id: z.string(),
  login: LoginName,
  name: z.string(),
  role: Role,
  room: Id,
  language: Language,
  second_factor: z.boolean(),
  /** Whether a password was chosen; without one, and without a subject, nobody can log in. */
  password: z.boolean(),
  /** Who it is at the OpenID Connect provider; empty for nobody. */
  subject: z.string(),
  disabled: z.boolean(),
  created_at: z.number(),
  last_seen_at: z.number().nullable(),
})
export type Account = z.infer<typeof Account>

/** Of whoever asks: who it is, where, and what may be done. */
export const SessionInfo = z.object({
  account: Account.pick({ id: true, login: true, name: true, role: true, language: true, second_factor: true }),
  room: z.object({ id: z.string(), name: z.string(), region: z.string(), region_name: z.string(), zone: z.string() }),
  areas: z.partialRecord(Area, Verb),
  /** Sent back as the header `x-siaga-csrf` with everything that changes something. */
  csrf: z.string(),
  kind: z.enum(['session', 'wall', 'token']),
  expires_at: z.number(),
})
export type SessionInfo = z.infer<typeof SessionInfo>

export const LoginBody = z.object({
  login: LoginName,
  password: z.string().min(1).max(256),
  /** Six digits of the second factor, where the account has one, or a recovery code. */
  code: z.string().max(24).optional(),
})

/** A refusal of the page's own routes: code, and in both languages what is wrong and what to do. */
export const WebRefusal = z.object({
  error: z.string(),
  message: z.string(),
  action: z.string(),
  pesan: z.string(),
  tindakan: z.string(),
})
export type WebRefusal = z.infer<typeof WebRefusal>
