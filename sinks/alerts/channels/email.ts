// How does a message become e-mail? SMTP with STARTTLS and authentication; one thread for each alert, one Message-ID for each notification.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { errorText } from '../../../runtime/errors.ts'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import type { ChannelParts, ChannelSender, Outgoing, SendOutcome } from './channel.ts'

type Settings = ChannelOf<'email'>
type Mailer = typeof import('nodemailer')
type Transport = ReturnType<typeof transportOf>

/** Messages over one connection before it is made anew. */
const MAX_MESSAGES = 100
/** Longest line of a header's value that is made of texts (RFC 5322 2.1.1 allows 998 octets; encoded words need room). */
const MAX_HEADER = 200

/**
 * A channel of e-mail. Connections are kept and bounded by `concurrency`; the password is read anew for each message, and a changed one ends the
 * connections that were made with the old one. A message that may have arrived before the connection broke is sent again with the same Message-ID.
 *
 * What is refused for good: an address that is none, and a 5xx to the recipient or to the content (RFC 5321 4.2.1). A 5xx to anything else (greeting,
 * STARTTLS, authentication, sender), and one for the state of the mailbox or for policy (5.2.x, 5.7.x, RFC 3463), can be mended by somebody: alerts
 * wait for it.
 */
export function createEmailChannel(settings: Settings, parts: ChannelParts): ChannelSender {
  let open: { readonly with: string; readonly transport: Transport } | undefined

  /** The connections for the password and the authority that are in force now. */
  const transportNow = (mailer: Mailer): Transport => {
    const password = settings.password === undefined ? '' : parts.secret(settings.password)
    const ca = settings.ca === undefined ? undefined : readFileSync(pathOf(settings.ca, parts.baseDir), 'utf8')
    const state = createHash('sha256')
      .update(JSON.stringify([password, ca]))
      .digest('hex')
    if (open?.with === state) return open.transport
    open?.transport.close()
    open = { with: state, transport: transportOf(mailer, settings, password, ca) }
    return open.transport
  }

  return {
    async send(outgoing, signal) {
      const to = outgoing.recipient?.to.trim() ?? ''
      if (!isAddress(to)) return { kind: 'refused', detail: 'the recipient has no e-mail address, or not exactly one' }
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.timeout_seconds * 1000)])
        // Thirty megabytes that who sends no e-mail need not hold.
        const mailer = await import('nodemailer')
        const info = await transportNow(mailer).sendMail({
          ...mailOf(outgoing, settings, to, parts.now()),
          signal: limit,
        })
        return { kind: 'delivered', detail: cleanDetail(info.response) }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    async close() {
      open?.transport.close({ force: true })
      open = undefined
    },
  }
}

function transportOf({ createTransport }: Mailer, settings: Settings, password: string, ca: string | undefined) {
  const timeout = settings.timeout_seconds * 1000
  return createTransport({
    pool: true,
    maxConnections: settings.concurrency,
    maxMessages: MAX_MESSAGES,
    // Once more for a kept connection that the server had closed meanwhile; all else is counted and spaced by who delivers.
    maxRequeues: 1,
    host: settings.host,
    port: settings.port,
    secure: settings.tls,
    requireTLS: !settings.tls && settings.starttls === 'required',
    ...(settings.user === '' ? {} : { auth: { user: settings.user, pass: password } }),
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })
}

/** The mail of a message. Message-ID and thread come from ids alone, so that every attempt has the same. */
function mailOf({ notification, recipient, message }: Outgoing, settings: Settings, to: string, now: number) {
  const domain = /@([\w.-]{1,200})>?\s*$/.exec(settings.from)?.[1] ?? 'siaga.invalid'
  const thread = `<alert.${hash(notification.alert_id)}@${domain}>`
  const urgent = notification.alert.severity === 'critical' && notification.reason !== 'closed'
  return {
    from: settings.from,
    to: { name: header(recipient?.name ?? ''), address: to },
    subject: header(message.subject ?? message.title),
    date: new Date(now),
    messageId: `<notification.${hash(notification.notification_id)}@${domain}>`,
    inReplyTo: thread,
    references: [thread],
    text: message.text,
    html: message.html,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': message.language,
      'X-Siaga-Idempotency-Key': header(notification.notification_id),
      'X-Siaga-Alert': header(notification.alert_id),
      ...(urgent ? { Importance: 'high', 'X-Priority': '1 (Highest)' } : {}),
    },
  }
}

/** The text as the value of one header: a line end in it would begin the next header. */
function header(text: string): string {
  return Array.from(text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '))
    .slice(0, MAX_HEADER)
    .join('')
    .trim()
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** One address without display name: what nodemailer would read as several, as a group or as a header is none. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>(),:;"\\[\]]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(text)
}

function pathOf(file: string, baseDir: string): string {
  return isAbsolute(file) ? file : resolve(baseDir, file)
}

/** Steps of SMTP whose 5xx is about this recipient or this message, and the codes that say so; 552 is a full mailbox as well. */
const aboutMessage: ReadonlySet<string> = new Set(['RCPT TO', 'DATA'])
const forGood: ReadonlySet<number> = new Set([550, 551, 553, 554, 556])

function outcomeOf(error: unknown): SendOutcome {
  const detail = cleanDetail(errorText(error))
  if (!(error instanceof Error)) return { kind: 'retry', detail }
  const code = numberOf(error, 'responseCode')
  const command = textOf(error, 'command')
  const response = textOf(error, 'response')
  const permanent = forGood.has(code) && aboutMessage.has(command)
  const mendable = /^5\d\d[ -]5\.[27]\.\d/.test(response)
  return permanent && !mendable ? { kind: 'refused', detail } : { kind: 'retry', detail }
}

function numberOf(error: Error, key: string): number {
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'number' ? value : 0
}

function textOf(error: Error, key: string): string {
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' ? value : ''
}

/** What a server said, as one line of a log. */
function cleanDetail(text: string): string {
  return text
    .slice(0, 300)
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
}
