// Which certificate does the syslog collector show, and which client certificates does it believe?
import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Config } from '../../schemas/config.ts'
import { selfSignedCertificate } from './certificate.ts'

const VALID_YEARS = 10
const WARN_BEFORE_DAYS = 30

/** The self-signed certificate that clients may take as their CA file. */
export function ownCertificatePath(dataDir: string): string {
  return join(dataDir, 'tls', 'syslog.crt')
}

/**
 * TLS settings of the collector: the configured certificate, else a self-signed one kept in `<dataDir>/tls/`. Client certificates are
 * asked for when a CA is configured. Errors: CONFIG_INVALID, DATA_DIR_UNWRITABLE.
 */
export async function loadTls(tls: Config['syslog']['tls'], dataDir: string, log: Log): Promise<TlsOptions> {
  if (tls === undefined) return checked(await ownCertificate(dataDir), log)
  if (tls.require_client_certificate && tls.ca === undefined) {
    throw invalid('syslog.tls.require_client_certificate needs syslog.tls.ca, the authority that signs them')
  }
  const options: TlsOptions = { cert: await readPem(tls.cert, 'cert'), key: await readPem(tls.key, 'key') }
  if (tls.ca !== undefined) {
    options.ca = await readPem(tls.ca, 'ca')
    options.requestCert = true
    options.rejectUnauthorized = tls.require_client_certificate
  }
  return checked(options, log)
}

async function ownCertificate(dataDir: string): Promise<TlsOptions> {
  const certPath = ownCertificatePath(dataDir)
  const keyPath = join(dataDir, 'tls', 'syslog.key')
  try {
    return { cert: await readFile(certPath), key: await readFile(keyPath) }
  } catch {
    // Not there yet.
  }
  const host = hostname()
  const made = selfSignedCertificate({
    commonName: host.slice(0, 64),
    dnsNames: [...new Set([host, 'localhost'])],
    addresses: ['127.0.0.1', '::1'],
    // A client's clock may be behind ours.
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + VALID_YEARS * 365 * 86_400_000),
    usage: 'server',
  })
  try {
    await mkdir(join(dataDir, 'tls'), { recursive: true, mode: 0o700 })
    await writeFile(`${keyPath}.new`, made.key, { mode: 0o600, flush: true })
    await writeFile(`${certPath}.new`, made.cert, { mode: 0o644, flush: true })
    await rename(`${keyPath}.new`, keyPath)
    await rename(`${certPath}.new`, certPath)
  } catch (error) {
    throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause: error })
  }
  return { cert: made.cert, key: made.key }
}

/** Finds a key that does not fit, or a broken file, before a port is opened. */
function checked(options: TlsOptions, log: Log): TlsOptions {
  try {
    createSecureContext(options)
    const until = new X509Certificate(String(options.cert)).validToDate
    if (until.getTime() < Date.now() + WARN_BEFORE_DAYS * 86_400_000) {
      log.warn({ until: until.toISOString() }, 'the syslog TLS certificate expires soon or has expired')
    }
  } catch (error) {
    throw invalid(`syslog.tls: the certificate cannot be used (${errorText(error)})`, error)
  }
  return options
}

async function readPem(file: string, setting: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw invalid(`syslog.tls.${setting}: ${file} cannot be read`, error)
  }
}

function invalid(detail: string, cause?: unknown): SiagaError {
  return new SiagaError('CONFIG_INVALID', { detail }, { cause })
}
