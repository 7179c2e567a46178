// What do all routes of accounts share? The book, the cookies of a log-in, and proof that whoever asks is the account's own person.
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Reference } from '../../runtime/reference.ts'
import type { WebAction, WebAuditEntry } from '../../schemas/account.ts'
import { peerOf } from '../door.ts'
import { WebError } from '../errors.ts'
import { cookieName, deviceCookieName, onlyCookie } from '../origin.ts'
import { viewerOf } from '../viewer.ts'
import type { AccountRow } from './accounts.ts'
import type { Book } from './book.ts'
import type { Oidc } from './oidc.ts'
import type { Session } from './sessions.ts'

export interface AccountRoutes {
  readonly book: Book
  readonly reference: Pick<Reference, 'regions'>
  readonly secure: boolean
  readonly oidc: Oidc | undefined
  readonly sessionOf: (request: FastifyRequest) => Session | undefined
  readonly audit: (entry: WebAuditEntry) => void
}

export const Nothing = z.object({})
/** Bytes of the bodies that these routes take: a name, a password, a code. */
export const SMALL = 4 * 1024
export const IdParams = z.object({ id: z.string().min(1).max(32) })
/** What people call a token or a screen. */
export const Label = z.string().trim().min(1).max(80)

/** A log-in that is older is asked for again where an account has no password to ask for. */
const FRESH_MS = 15 * 60_000

/** Own password, and the code where there is a second factor: what a change of them asks for. */
export const Proof = z.object({ password: z.string().max(256).default(''), code: z.string().max(24).default('') })
export type Proof = z.infer<typeof Proof>

export interface Helpers {
  readonly session: CookieSerializeOptions
  originOf(request: FastifyRequest): { address: string; agent: string }
  /** Begins a session, ends the one that the browser had, and lets the account know the browser again. */
  enter(request: FastifyRequest, reply: FastifyReply, account: string): void
  setSession(reply: FastifyReply, session: { token: string; expiresAt: number }): void
  /** Ends what the browser had: a new log-in never goes on in an old session. */
  leave(request: FastifyRequest): void
  /** Hash of the browser's cookie if the account knows it. */
  deviceOf(request: FastifyRequest, account: AccountRow | undefined): string | undefined
  own(request: FastifyRequest): AccountRow
  /** Throws PASSWORD_WRONG or LOGIN_AGAIN unless it is the account's own person. */
  prove(request: FastifyRequest, proof: Proof): Promise<AccountRow>
  /** An entry of the audit trail of whoever asks. */
  note(request: FastifyRequest, action: WebAction, message: string, outcome?: 'success' | 'failure'): void
}

export function helpersOf({ book, secure, sessionOf, audit }: AccountRoutes): Helpers {
  const { accounts, sessions, devices, factors, brake, now } = book
  const session = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  const originOf: Helpers['originOf'] = (request) => ({
    address: peerOf(request),
    agent: request.headers['user-agent'] ?? '',
  })
  const setSession: Helpers['setSession'] = (reply, { token, expiresAt }) => {
    void reply.setCookie(cookieName(secure), token, { ...session, expires: new Date(expiresAt) })
  }
  const leave: Helpers['leave'] = (request) => {
    const old = sessions.find(onlyCookie(request, cookieName(secure)))
    if (old !== undefined) sessions.end(old.id)
  }
  const own: Helpers['own'] = (request) => {
    const row = accounts.byId(viewerOf(request).id)
    if (row === undefined) throw new WebError('LOGIN_NEEDED')
    return row
  }
  const note: Helpers['note'] = (request, action, message, outcome = 'success') =>
    audit({ action, outcome, user: own(request).login, peer: peerOf(request), message })
  return {
    session,
    originOf,
    setSession,
    leave,
    own,
    note,
    deviceOf: (request, account) => devices.known(account?.id, onlyCookie(request, deviceCookieName(secure))),
    enter(request, reply, account) {
      leave(request)
      setSession(reply, sessions.begin(account, 'session', originOf(request)))
      const device = devices.remember(account, onlyCookie(request, deviceCookieName(secure)))
      void reply.setCookie(deviceCookieName(secure), device, { ...session, maxAge: 400 * 24 * 3600 })
    },
    async prove(request, { password, code }) {
      const account = own(request)
      if (account.password === null) {
        const began = sessionOf(request)?.created_at ?? 0
        if (now() - began > FRESH_MS) throw new WebError('LOGIN_AGAIN')
        return account
      }
      // Of this session alone: a stolen one guesses slowly, and keeps nobody else out.
      const giveBack = brake.enter({
        login: account.login,
        address: peerOf(request),
        device: `session ${viewerOf(request).session}`,
      })
      const right = await accounts.checkPassword(account, password, 'known')
      if (!right || (account.totp !== null && !factors.check(account, code))) {
        note(request, 'access_refused', 'own password or code not confirmed', 'failure')
        throw new WebError('PASSWORD_WRONG')
      }
      giveBack()
      return account
    },
  }
}
