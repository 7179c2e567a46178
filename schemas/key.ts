// What is kept of an API key? Never the key: its hash, whose it is, and what people recognise it by.
import { z } from 'zod'

export const ApiKey = z.strictObject({
  /** Part of the key's text, so that it is found without trying all. */
  id: z.string().regex(/^[0-9a-z]{10}$/),
  /** The source that it may send to; empty for the key of a room. */
  source: z.string(),
  /** The Operation Room that files reports with it. */
  room: z.string().min(1).optional(),
  label: z.string(),
  /** SHA-256 of the secret, base64url. */
  hash: z.string().length(43),
  /** Last characters of the key, for people. */
  tail: z.string().length(4),
  created: z.iso.datetime(),
  revoked: z.iso.datetime().optional(),
})
export type ApiKey = z.infer<typeof ApiKey>

/** `<data directory>/secrets/keys.json`. */
export const KeyFile = z.strictObject({ version: z.literal(1), keys: z.array(ApiKey) })
export type KeyFile = z.infer<typeof KeyFile>
