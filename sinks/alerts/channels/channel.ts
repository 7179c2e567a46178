// What is a channel? A way to people or machines that takes one message at a time and says what came of it.

import type { Notification } from '../../../schemas/alert.ts'
import type { Recipient } from '../../../schemas/alerting.ts'
import type { Language } from '../../../schemas/language.ts'

/** A message as every channel can use it; a channel takes the parts that fit it. All texts are plain, without control characters. */
export interface Message {
  readonly language: Language
  /** Severity, region and what happened, in a line. */
  readonly title: string
  /** The title without the reason of this message, the same for all messages about an alert: mail programs keep a thread together by it. */
  readonly subject?: string
  /** Words of the severity: `KRITIS`, `CRITICAL`. */
  readonly severity: string
  /** Name of the region, with its code. */
  readonly region: string
  /** Where the evidence is; empty without `public_url`. */
  readonly link: string
  /** Label and value: when, where, what, why this score, what to do. Empty for a message that leaves government networks. */
  readonly parts: readonly MessagePart[]
  /** All of it as text, lines of at most about 100 characters. */
  readonly text: string
  /** The same as HTML, without anything that is loaded from elsewhere; everything that came from outside is escaped. */
  readonly html: string
  /** At most 320 characters, for SMS. */
  readonly short: string
}

export interface MessagePart {
  readonly label: string
  readonly lines: readonly string[]
}

/** One message on its way. `notification.notification_id` is its idempotency key. */
export interface Outgoing {
  readonly notification: Notification
  /** Missing for what is forwarded to machines. */
  readonly recipient: Recipient | undefined
  readonly message: Message
}

/** What came of an attempt. `detail` is for people and holds no secret. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly detail: string }
  /** May succeed later. `retryAfterMs`: the other side said when. */
  | { readonly kind: 'retry'; readonly detail: string; readonly retryAfterMs?: number }
  /** Will never succeed: a wrong address, a wrong key. */
  | { readonly kind: 'refused'; readonly detail: string }

export interface ChannelSender {
  /** Never rejects; ends soon after the signal is given. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<SendOutcome>
  close(): Promise<void>
}

/** What a channel is made with. */
export interface ChannelParts {
  /** Text of a secret, read anew for each use so that a changed file counts; throws CONFIG_INVALID without its value. */
  readonly secret: (secret: { env: string } | { file: string }) => string
  /** Data directory, for relative paths. */
  readonly dataDir: string
  readonly baseDir: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}
