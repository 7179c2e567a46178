// By which link does the owner of a system reach a notice? Tokens that nobody can guess, made anew from a key whenever they are needed; only their hash is kept.
import { createHash, createHmac } from 'node:crypto'
import { deriveKey } from './secrets.ts'

export interface NoticeTokens {
  /** The token of a contact (by its index) of a notice: 192 bits as base64url, 32 characters. */
  token(noticeId: string, contact: number): string
  /** Hash of that token, as it is kept. */
  hash(noticeId: string, contact: number): string
}

const TOKEN_BYTES = 24

/**
 * Tokens from the master key of the installation: HMAC-SHA256 (RFC 2104) of notice and contact, cut to 192 bits. To somebody without the key they
 * are as good as random; reminders carry the same link as the first message, also after a restart, while no token is kept anywhere.
 */
export function createNoticeTokens(masterKey: Buffer): NoticeTokens {
  const key = deriveKey(masterKey, 'notice-token')
  const token = (noticeId: string, contact: number): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([noticeId, contact]))
      .digest()
      .subarray(0, TOKEN_BYTES)
      .toString('base64url')
  return { token, hash: (noticeId, contact) => noticeTokenHash(token(noticeId, contact)) }
}

/** SHA-256 of a token, hex. */
export function noticeTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** True for what has the form of a token. */
export function looksLikeNoticeToken(text: string): boolean {
  return /^[\w-]{32}$/.test(text)
}
