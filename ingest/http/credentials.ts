// Where does a shipper put its API key? Wherever its protocol has a place: Bearer, Basic (the password), ApiKey, Splunk, X-API-Key.
import type { IncomingMessage } from 'node:http'

/** The key of a request; empty if it has none. A scheme that is not known gives no key. */
export function keyFrom(headers: IncomingMessage['headers']): string {
  const own = headers['x-api-key']
  const [, scheme = '', value = ''] = /^\s*([A-Za-z]+)\s+(\S+)\s*$/.exec(headers.authorization ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'splunk':
      return value
    case 'basic':
      // RFC 7617: user:password, the user without a colon.
      return behindColon(value)
    case 'apikey':
      // Elasticsearch: base64 of id:key, the id without a colon.
      return behindColon(value)
    default:
      return typeof own === 'string' ? own.trim() : ''
  }
}

function behindColon(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('latin1')
  return text.slice(text.indexOf(':') + 1)
}
