// Why did a request to someone else's server fail? One word, and the details for people.

/** `blocked`: the guard refused the address. `too_slow`: it answered, but not to the end in time. `too_large`: more than may be taken. */
export type FailureKind =
  | 'dns_not_found'
  | 'dns_failed'
  | 'blocked'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'tls_failed'
  | 'http_invalid'
  | 'too_slow'
  | 'too_large'

export class FetchFailure extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'FetchFailure'
    this.kind = kind
  }
}

const byCode: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ERR_INVALID_CHAR: 'http_invalid',
  ERR_INVALID_HTTP_TOKEN: 'http_invalid',
  ERR_UNESCAPED_CHARACTERS: 'http_invalid',
}

/** What the codes of parsers and decoders begin with. */
const invalid = ['HPE_', 'Z_', 'ERR__ERROR_FORMAT', 'ERR_BROTLI', 'ZSTD_error', 'ERR_ZSTD', 'ERR_HTTP'] as const
const tls = ['ERR_SSL', 'ERR_TLS', 'ERR_OSSL', 'CERT_', 'CRL_'] as const

/** Sorts an error of node:net, node:tls or node:http by its code. */
export function failureOf(error: unknown): FetchFailure {
  if (error instanceof FetchFailure) return error
  // Several addresses were tried: the first error stands for all.
  const first = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  const message = first instanceof Error ? first.message : String(first)
  const kind =
    byCode[code] ??
    (invalid.some((beginning) => code.startsWith(beginning))
      ? 'http_invalid'
      : tls.some((beginning) => code.startsWith(beginning)) || tlsCodes.has(code)
        ? 'tls_failed'
        : 'unreachable')
  return new FetchFailure(kind, code === '' ? message : `${code}: ${message}`, { cause: error })
}

/** Codes of OpenSSL's verification that do not begin with CERT_. */
const tlsCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'HOSTNAME_MISMATCH',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'EE_KEY_TOO_SMALL',
  'CA_KEY_TOO_SMALL',
  'CA_MD_TOO_WEAK',
  'UNSPECIFIED',
  'EPROTO',
])
