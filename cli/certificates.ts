// Are certificates, keys and authorities there, do they belong together, and for how long yet?
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ClientTlsFiles } from '../runtime/client-tls.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import { errorText } from '../runtime/errors.ts'
import { localTime } from './terminal.ts'

const DAY_MS = 86_400_000

/** The files that a setting names, such as `syslog.tls`. */
interface TlsSetting {
  readonly setting: string
  readonly files: ClientTlsFiles
}

/** What of the configuration names certificates. */
export function tlsSettings({ collectors, syslog, kafka, clickhouse }: ResolvedConfig): TlsSetting[] {
  const all: [string, ClientTlsFiles | undefined][] = [
    ['syslog.tls', collectors.enabled && syslog.enabled ? syslog.tls : undefined],
    ['kafka.tls', kafka.brokers.length > 0 ? kafka.tls : undefined],
    ['clickhouse.tls', clickhouse.url === '' ? undefined : clickhouse.tls],
  ]
  return all.flatMap(([setting, files]) => (files === undefined ? [] : [{ setting, files }]))
}

/** Certificate, key and authority: there, readable, PEM, not over, and the key is that of the certificate. */
export function tlsProblems(config: ResolvedConfig): string[] {
  return tlsSettings(config).flatMap(problemsOf)
}

function problemsOf({ setting, files }: TlsSetting): string[] {
  const problems: string[] = []
  const read = <T>(name: string, path: string | undefined, parse: (pem: Buffer) => T): T | undefined => {
    if (path === undefined) return undefined
    try {
      return parse(readFileSync(path))
    } catch (error) {
      problems.push(`${setting}.${name}: ${path} cannot be used: ${errorText(error)}`)
      return undefined
    }
  }
  const certificate = read('cert', files.cert, (pem) => new X509Certificate(pem))
  const key = read('key', files.key, (pem) => createPrivateKey(pem))
  const authority = read('ca', files.ca, (pem) => new X509Certificate(pem))
  if (certificate && key && !certificate.checkPrivateKey(key)) {
    problems.push(`${setting}.key: ${files.key} is not the key of the certificate ${files.cert}`)
  }
  for (const [name, file, found] of [
    ['cert', files.cert, certificate],
    ['ca', files.ca, authority],
  ] as const) {
    if (found && Date.parse(found.validTo) < Date.now()) {
      problems.push(`${setting}.${name}: ${file} expired on ${localTime(Date.parse(found.validTo))}`)
    }
  }
  return problems
}

/** What expires within thirty days. */
export function tlsWarnings(config: ResolvedConfig, now: number): string[] {
  return tlsSettings(config).flatMap(({ files }) =>
    [files.cert, files.ca].flatMap((file) => {
      if (file === undefined) return []
      try {
        const end = Date.parse(new X509Certificate(readFileSync(file)).validTo)
        return end > now && end < now + 30 * DAY_MS ? [`${file} expires on ${localTime(end)}.`] : []
      } catch {
        // Told as a problem already.
        return []
      }
    }),
  )
}
