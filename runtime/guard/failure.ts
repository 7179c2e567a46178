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
}

/** Sorts an error of node:net, node:tls or node:http by its code. */
export function failureOf(error: unknown): FetchFailure {
  if (error instanceof FetchFailure) return error
  // Several addresses were tried: the first error stands for all.
  const first = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  const message = first instanceof Error ? first.message : String(first)
  const kind =
    byCode[code] ??
    (code.startsWith('HPE_') ||
    code === 'Z_DATA_ERROR' ||
    code === 'Z_BUF_ERROR' ||
    code.startsWith('ERR__ERROR_FORMAT')
      ? 'http_invalid'
      : code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('CERT_') || tlsCodes.has(code)
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
  'EPROTO',
])
