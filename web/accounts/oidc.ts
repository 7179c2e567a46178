// Who does the OpenID Connect provider say that somebody is? Authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { z } from 'zod'

/** A log-in under way is good for so long. */
const UNDER_WAY_MS = 10 * 60_000
const TIMEOUT_S = 10

interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  /** Empty for a public client. */
  readonly clientSecret: string
  readonly name: string
  readonly scope: string
  readonly claim: string
  /** Where browsers reach the page, without a path. */
  readonly publicUrl: string
  /** 32 bytes under which what a log-in under way needs is kept in the browser. */
  readonly key: Buffer
  readonly now: () => number
}

export interface Oidc {
  readonly issuer: string
  /** What the button says. */
  readonly name: string
  /** Where to send the browser, and what it has to bring back in its cookie. Rejects if the provider does not answer. */
  begin(): Promise<{ url: string; cookie: string }>
  /** Who it is, by the query of the way back. Rejects with why not. */
  finish(query: string, cookie: string): Promise<string>
}

const UnderWay = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), until: z.number() })
const Subject = z.string().min(1).max(255)

export function createOidc(settings: OidcSettings): Oidc {
  const { issuer, clientId, clientSecret, scope, claim, publicUrl, key, now } = settings
  const redirect = `${publicUrl.replace(/\/$/, '')}/api/oidc/callback`
  let known: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    const server = new URL(issuer)
    // Plain http only on this machine, which the configuration's schema holds.
    const insecure = server.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {}
    known ??= discovery(
      server,
      clientId,
      clientSecret === '' ? undefined : clientSecret,
      clientSecret === '' ? None() : undefined,
      {
        timeout: TIMEOUT_S,
        ...insecure,
      },
    ).catch((error: unknown) => {
      // A provider that was away is asked again.
      known = undefined
      throw error
    })
    return known
  }
  return {
    issuer,
    name: settings.name === '' ? new URL(issuer).host : settings.name,
    async begin() {
      const config = await configuration()
      const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirect,
        scope,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return {
        url: url.href,
        cookie: seal(key, JSON.stringify({ state, nonce, verifier, until: now() + UNDER_WAY_MS })),
      }
    },
    async finish(query, cookie) {
      const { state, nonce, verifier, until } = UnderWay.parse(JSON.parse(open(key, cookie)))
      if (until < now()) throw new Error('the log-in took too long')
      const tokens = await authorizationCodeGrant(await configuration(), new URL(`${redirect}?${query}`), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      return Subject.parse(tokens.claims()?.[claim])
    },
  }
}

function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

function open(key: Buffer, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 29) throw new Error('no log-in is under way in this browser')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
}
