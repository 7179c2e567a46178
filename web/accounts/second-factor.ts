// Is the code of the second factor right? Time-based codes (RFC 6238) and ten recovery codes, each good once.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'
import { deriveKey } from '../../runtime/secrets.ts'
import type { AccountRow } from './accounts.ts'
import type { Store } from './store.ts'

const ISSUER = 'Siaga'
const PERIOD_S = 30
/** RFC 4226 §4, requirement 6: 160 bits. */
const SECRET_BYTES = 20
/** Steps before and after this one whose codes are taken, for clocks that are off (RFC 6238 §5.2). */
const WINDOW = 1
const RECOVERY_CODES = 10
/** Crockford's: none that looks like another. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'

export interface SecondFactor {
  /** A new secret that waits until a code of it was shown. */
  begin(account: Pick<AccountRow, 'id' | 'login'>): { secret: string; uri: string }
  /** Puts the waiting secret in force if the code is of it; undefined if not. Answers recovery codes. */
  confirm(account: Pick<AccountRow, 'id'>, code: string): readonly string[] | undefined
  /** True for a code that was not used before: of the app, or a recovery code, which is spent. */
  check(account: Pick<AccountRow, 'id'>, code: string): boolean
  /** Ten new recovery codes; the old ones are good for nothing. */
  renewCodes(account: string): readonly string[]
  codesLeft(account: string): number
  remove(account: string): void
}

const Kept = z.object({ totp: z.string().nullable(), totp_waiting: z.string().nullable(), totp_step: z.number() })

/** @param masterKey of the installation; secrets are kept encrypted under a key derived from it. @param now milliseconds since 1970 UTC */
export function createSecondFactor(store: Store, masterKey: Buffer, now: () => number): SecondFactor {
  const key = deriveKey(masterKey, 'web-second-factor')
  const codeKey = deriveKey(masterKey, 'web-recovery-code')
  const kept = (id: string) =>
    store.rows(Kept, 'SELECT totp, totp_waiting, totp_step FROM accounts WHERE id = ?', id)[0]
  const hashOf = (account: string, code: string): string =>
    createHmac('sha256', codeKey).update(`${account} ${code}`).digest('hex')
  const stepOf = (secret: Buffer, code: string): number | undefined => {
    if (!/^\d{6}$/.test(code)) return undefined
    const totp = totpOf(secret, '')
    const timestamp = now()
    const delta = totp.validate({ token: code, timestamp, window: WINDOW })
    return delta === null ? undefined : totp.counter({ timestamp }) + delta
  }
  const renewCodes = (account: string): readonly string[] => {
    const codes = Array.from({ length: RECOVERY_CODES }, recoveryCode)
    store.run('DELETE FROM recovery_codes WHERE account = ?', account)
    for (const code of codes)
      store.run('INSERT INTO recovery_codes (hash, account) VALUES (?, ?)', hashOf(account, code), account)
    return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`)
  }
  return {
    begin({ id, login }) {
      const secret = randomBytes(SECRET_BYTES)
      store.run('UPDATE accounts SET totp_waiting = ? WHERE id = ?', seal(key, id, secret), id)
      const totp = totpOf(secret, login)
      return { secret: totp.secret.base32, uri: totp.toString() }
    },
    confirm: ({ id }, code) =>
      store.transaction(() => {
        const waiting = kept(id)?.totp_waiting ?? null
        const step = waiting === null ? undefined : stepOf(open(key, id, waiting), plain(code))
        if (step === undefined) return undefined
        store.run('UPDATE accounts SET totp = totp_waiting, totp_waiting = NULL, totp_step = ? WHERE id = ?', step, id)
        return renewCodes(id)
      }),
    check({ id }, code) {
      const row = kept(id)
      if (row?.totp == null) return false
      const typed = plain(code)
      const step = stepOf(open(key, id, row.totp), typed)
      // A step that was used, and those before it, are over: whoever read a code over a shoulder comes too late (RFC 6238 §5.2).
      if (step !== undefined)
        return store.run('UPDATE accounts SET totp_step = ? WHERE id = ? AND totp_step < ?', step, id, step) === 1
      return store.run('DELETE FROM recovery_codes WHERE hash = ? AND account = ?', hashOf(id, typed), id) === 1
    },
    renewCodes: (account) => store.transaction(() => renewCodes(account)),
    codesLeft: (account) =>
      store.rows(z.object({ n: z.number() }), 'SELECT count(*) AS n FROM recovery_codes WHERE account = ?', account)[0]
        ?.n ?? 0,
    remove(account) {
      store.transaction(() => {
        store.run('UPDATE accounts SET totp = NULL, totp_waiting = NULL WHERE id = ?', account)
        store.run('DELETE FROM recovery_codes WHERE account = ?', account)
      })
    },
  }
}

/** As typed, with spaces, dashes and big letters as people write them. */
const plain = (code: string): string => code.toLowerCase().replaceAll(/[\s-]/g, '')

function totpOf(secret: Buffer, login: string): TOTP {
  return new TOTP({
    issuer: ISSUER,
    label: login,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    // A copy of its own: a small Buffer is a window into a pool.
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
  })
}

/** Fifty bits. */
const recoveryCode = (): string => Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)] ?? '').join('')

/** AES-256-GCM; bound to the account, so that nobody who can write the file puts his own secret at another's place. */
function seal(key: Buffer, account: string, secret: Buffer): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(account))
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

function open(key: Buffer, account: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAAD(Buffer.from(account))
  decipher.setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
}
