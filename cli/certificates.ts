// Are certificate, key and authority there, do they belong together, and for how long yet?
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ResolvedConfig } from '../runtime/config.ts'
import { errorText } from '../runtime/errors.ts'
import { localTime } from './terminal.ts'

const DAY_MS = 86_400_000

/** Certificate, key and authority: there, readable, PEM, and the key is that of the certificate. */
export function tlsProblems({ syslog }: ResolvedConfig): string[] {
  const { tls } = syslog
  if (!syslog.enabled || tls === undefined) return []
  const problems: string[] = []
  const read = <T>(setting: string, path: string, parse: (pem: Buffer) => T): T | undefined => {
    try {
      return parse(readFileSync(path))
    } catch (error) {
      problems.push(`syslog.tls.${setting}: ${path} cannot be used: ${errorText(error)}`)
      return undefined
    }
  }
  const certificate = read('cert', tls.cert, (pem) => new X509Certificate(pem))
  const key = read('key', tls.key, (pem) => createPrivateKey(pem))
  if (tls.ca !== undefined) read('ca', tls.ca, (pem) => new X509Certificate(pem))
  if (certificate && key && !certificate.checkPrivateKey(key)) {
    problems.push(`syslog.tls.key: ${tls.key} is not the key of the certificate ${tls.cert}`)
  }
  if (certificate && Date.parse(certificate.validTo) < Date.now()) {
    problems.push(`syslog.tls.cert: ${tls.cert} expired on ${localTime(Date.parse(certificate.validTo))}`)
  }
  return problems
}

/** What expires within thirty days. */
export function tlsWarnings({ syslog }: ResolvedConfig, now: number): string[] {
  if (!syslog.enabled || !syslog.tls) return []
  try {
    const end = Date.parse(new X509Certificate(readFileSync(syslog.tls.cert)).validTo)
    return end > now && end < now + 30 * DAY_MS ? [`${syslog.tls.cert} expires on ${localTime(end)}.`] : []
  } catch {
    // Told as a problem already.
    return []
  }
}
