// What does a sighting of a look-alike name say? Records of the look-alike collector and of the reader of certificate logs.
import { z } from 'zod'

/** How a name was made to look like a protected one. */
export const LookalikeKind = z.enum([
  'omission',
  'repetition',
  'transposition',
  'neighbour_key',
  'insertion',
  'vowel_swap',
  'bitsquatting',
  'homoglyph',
  'hyphen',
  'dot',
  'added_word',
  'other_ending',
  'wrong_parent',
  'contains',
])
export type LookalikeKind = z.infer<typeof LookalikeKind>

const Text = z.string()

export const LookalikeMatch = z.object({
  /** The name that it looks like. */
  protected: Text,
  kind: LookalikeKind,
  /** 0 to 100: how easily a person takes it for the protected one. */
  likeness: z.int().min(0).max(100),
})
export type LookalikeMatch = z.infer<typeof LookalikeMatch>

/** A permutation that is registered, or was and is no more. */
export const LookalikeRecord = LookalikeMatch.extend({
  at: Text,
  /** In A-label form, and as people see it. */
  domain: Text,
  unicode: Text,
  state: z.enum(['registered', 'changed', 'gone']),
  addresses: z.array(Text),
  name_servers: z.array(Text),
  mail_servers: z.array(Text),
  /** What its addresses are: none, private ones, those of a block page or sinkhole alone, or public ones. */
  answers: z.enum(['none', 'private', 'sinkhole', 'public']).optional(),
  first_seen: Text,
  before: z.object({ addresses: z.array(Text), name_servers: z.array(Text), mail_servers: z.array(Text) }).optional(),
})
export type LookalikeRecord = z.infer<typeof LookalikeRecord>

/** A certificate or precertificate for a look-alike name, in a certificate log. */
export const CertificateRecord = LookalikeMatch.extend({
  at: Text,
  /** The name that matched, in A-label form, and as people see it. */
  domain: Text,
  unicode: Text,
  /** All names of the certificate, cut to the first hundred. */
  names: z.array(Text),
  log: Text,
  index: z.int().min(0),
  precertificate: z.boolean(),
  /** SHA-256 of the certificate, hex. */
  fingerprint: Text,
  serial: Text,
  issuer: Text,
  not_before: Text,
  not_after: Text,
  logged_at: Text,
})
export type CertificateRecord = z.infer<typeof CertificateRecord>
