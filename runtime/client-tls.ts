// With which certificates do we speak to a service? Files of siaga.yaml, read once.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { errorText, SiagaError } from './errors.ts'

/** Least version of TLS with brokers, whatever Node's own options allow. */
export const TLS_LEAST = 'TLSv1.2'

/** PEM texts; without `ca` the authorities of the system are trusted. */
export interface ClientTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Paths of such files; the two last come together. */
export interface ClientTlsFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** Reads the files of a `tls` setting, such as `kafka.tls`. Throws CONFIG_INVALID if one cannot be used. */
export function readClientTls({ ca, cert, key }: ClientTlsFiles, setting: string): ClientTls {
  if ((cert === undefined) !== (key === undefined)) throw invalid(`${setting}: cert and key come together`)
  const read = (name: string, path: string, parse: (pem: string) => unknown): string => {
    try {
      const pem = readFileSync(path, 'utf8')
      parse(pem)
      return pem
    } catch (error) {
      throw invalid(`${setting}.${name}: ${path} cannot be used: ${errorText(error)}`)
    }
  }
  const certificate = (pem: string) => new X509Certificate(pem)
  return {
    ...(ca === undefined ? {} : { ca: read('ca', ca, certificate) }),
    ...(cert === undefined ? {} : { cert: read('cert', cert, certificate) }),
    ...(key === undefined ? {} : { key: read('key', key, createPrivateKey) }),
  }
}

function invalid(detail: string): SiagaError {
  return new SiagaError('CONFIG_INVALID', { detail })
}
