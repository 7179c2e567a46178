// Who works with the web page, what may each role do there, and what is said between page and server about it?
import { z } from 'zod'
import { Language } from './language.ts'
import { Id } from './room.ts'

/** DESIGN §6: `pusat` the centre, `daerah` a region's room, `analis` SQL, `petugas` files reports, `admin` looks after accounts. */
export const Role = z.enum(['pusat', 'daerah', 'analis', 'petugas', 'admin'])
export type Role = z.infer<typeof Role>

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

/** An account as administrators see it; times are milliseconds since 1970 UTC. */
export const Account = z.object({
  id: z.string(),
  login: LoginName,
  name: z.string(),
  role: Role,
  room: Id,
  language: Language,
  second_factor: z.boolean(),
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
  /** Six digits of the second factor, where the account has one. */
  code: z.string().max(16).optional(),
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
