// Where do the secrets of channels come from, which are missing, and how do they stay out of everything that is written?
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorText, SiagaError } from '../../../runtime/errors.ts'
import type { Channel, Secret } from '../../../schemas/alerting.ts'

const MAX_SECRET_BYTES = 64 * 1024
const MAX_CA_BYTES = 1024 * 1024
/** Readable by others than owner and group. */
const OTHERS = 0o004

/** Text of a secret; `setting` is named in the error. Throws CONFIG_INVALID, which never holds the secret. */
export type SecretReader = (secret: Secret, setting?: string) => string

/** Reads secrets anew for each use, so that a changed file counts. Paths are relative to `baseDir`, the folder of siaga.yaml. */
export function secretReader(env: Readonly<Record<string, string | undefined>>, baseDir: string): SecretReader {
  return (secret, setting = '') => {
    if ('env' in secret) {
      const value = env[secret.env]?.trim() ?? ''
      if (value === '') throw invalid(setting, `the environment variable ${secret.env} is not set`)
      return value
    }
    const { text } = readSmall(resolve(baseDir, secret.file), MAX_SECRET_BYTES, setting)
    if (text.trim() === '') throw invalid(setting, `${secret.file} is empty`)
    return text.trim()
  }
}

/** Certificates of a `ca` setting, PEM. Throws CONFIG_INVALID. */
export function readCa(file: string, baseDir: string, setting = 'ca'): string {
  const { text } = readSmall(resolve(baseDir, file), MAX_CA_BYTES, setting)
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw invalid(setting, `${file} holds no certificate (PEM)`)
  return text
}

export interface SecretProblem {
  /** Such as `alerts.channels.chat.token`. */
  readonly setting: string
  /** `missing`: nothing can be sent. `open`: it works, but every user of the machine can read the file. */
  readonly kind: 'missing' | 'open'
  readonly message: string
}

/** For `siaga check`: what channels need and cannot have, and files that everyone may read. Never holds a secret. */
export function inspectSecrets(
  channels: readonly Channel[],
  env: Readonly<Record<string, string | undefined>>,
  baseDir: string,
): SecretProblem[] {
  const read = secretReader(env, baseDir)
  return channels.flatMap((channel) => {
    const at = `alerts.channels.${channel.id}`
    const problems = secretsOf(channel).flatMap(([name, secret]) => [
      ...missing(`${at}.${name}`, () => read(secret, `${at}.${name}`)),
      ...open(`${at}.${name}`, secret, baseDir),
    ])
    const ca = 'ca' in channel ? channel.ca : undefined
    if (ca !== undefined) problems.push(...missing(`${at}.ca`, () => readCa(ca, baseDir, `${at}.ca`)))
    if (channel.kind === 'webhook' && channel.preset === 'pagerduty' && channel.token === undefined) {
      const message = `${at}.token: the preset pagerduty needs a routing key`
      problems.push({ setting: `${at}.token`, kind: 'missing', message })
    }
    return problems
  })
}

function secretsOf(channel: Channel): [string, Secret][] {
  const found: [string, Secret | undefined][] = [
    ['token', 'token' in channel ? channel.token : undefined],
    ['secret', 'secret' in channel ? channel.secret : undefined],
    ['password', 'password' in channel ? channel.password : undefined],
  ]
  return found.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret]]))
}

function missing(setting: string, read: () => unknown): SecretProblem[] {
  try {
    read()
    return []
  } catch (error) {
    return [{ setting, kind: 'missing', message: errorText(error) }]
  }
}

/** Only told, not refused: secrets that Docker and Kubernetes mount are readable by everyone inside their container. */
function open(setting: string, secret: Secret, baseDir: string): SecretProblem[] {
  if ('env' in secret) return []
  try {
    const { mode } = readSmall(resolve(baseDir, secret.file), MAX_SECRET_BYTES, setting)
    if ((mode & OTHERS) === 0) return []
    return [{ setting, kind: 'open', message: `${setting}: every user may read ${secret.file}; chmod 600 it` }]
  } catch {
    // Told as missing.
    return []
  }
}

/** A regular file of at most so many bytes; a pipe or a device would hold the process up. */
function readSmall(file: string, most: number, setting: string): { text: string; mode: number } {
  let handle: number | undefined
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(handle)
    if (!stat.isFile()) throw invalid(setting, `${file} is no file`)
    const bytes = Buffer.alloc(most + 1)
    const size = readSync(handle, bytes, 0, bytes.length, 0)
    if (size > most) throw invalid(setting, `${file} is larger than ${most / 1024} KB`)
    return { text: bytes.toString('utf8', 0, size), mode: stat.mode }
  } catch (cause) {
    if (cause instanceof SiagaError) throw cause
    throw invalid(setting, `${file} cannot be read (${errorCode(cause)})`, cause)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

function invalid(setting: string, what: string, cause?: unknown): SiagaError {
  return new SiagaError('CONFIG_INVALID', { detail: setting === '' ? what : `${setting}: ${what}` }, { cause })
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : errorText(error)
}

const REDACTED = '[redacted]'

/** The text without these secrets, however they are written: as they are, in URLs, JSON, HTML, base64. */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // Longest first: a secret may be part of another.
  return [...new Set(forms)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, form) => left.replaceAll(form, REDACTED), text)
}

function formsOf(secret: string): string[] {
  if (secret.length < 4) return [secret]
  const bytes = Buffer.from(secret)
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    bytes.toString('base64'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
  ]
}
