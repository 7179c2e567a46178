// What does Cloudflare's Logpush deliver? Requests at its edge, and what its firewall did with them, as JSON.
import type { Event } from '../../../schemas/event.ts'
import { type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, type JsonObject } from '../json/json-guard.ts'
import { objectParser } from '../json/object-parser.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from './web.ts'

/** Whether a JSON object is of the dataset `http_requests`. Which fields are delivered is set by each owner of a zone. */
export function isCloudflareHttp(values: JsonObject): boolean {
  return (
    'ClientIP' in values &&
    'ClientRequestMethod' in values &&
    ('EdgeStartTimestamp' in values || 'EdgeEndTimestamp' in values || 'EdgeResponseStatus' in values) &&
    !isCloudflareFirewall(values)
  )
}

/** Whether a JSON object is of the dataset `firewall_events`. */
export function isCloudflareFirewall(values: JsonObject): boolean {
  const { Action, Source } = values
  return typeof Action === 'string' && typeof Source === 'string' && 'ClientIP' in values && 'Datetime' in values
}

const taken: ReadonlySet<string> = new Set([
  'ClientIP',
  'ClientSrcPort',
  'ClientRequestHost',
  'ClientRequestMethod',
  'ClientRequestPath',
  'ClientRequestQuery',
  'ClientRequestProtocol',
  'ClientRequestReferer',
  'ClientRequestScheme',
  'ClientRequestURI',
  'ClientRequestUserAgent',
  'Datetime',
  'EdgeEndTimestamp',
  'EdgeResponseBytes',
  'EdgeResponseStatus',
  'EdgeStartTimestamp',
  'JA4',
  'RuleID',
])

/** What both datasets say of a request. */
function readRequest(values: JsonObject, event: Event): void {
  event.network_protocol = 'http'
  event.observer_vendor = 'Cloudflare'
  event.observer_product = 'Cloudflare'
  event.source_ip = toAddress(asText(values.ClientIP))
  event.source_port = toPort(asText(values.ClientSrcPort))
  event.http_method = asText(values.ClientRequestMethod).toUpperCase()
  setDomain(event, asText(values.ClientRequestHost))
  // The query comes with its question mark.
  const query = asText(values.ClientRequestQuery)
  const path = asText(values.ClientRequestPath)
  const uri =
    asText(values.ClientRequestURI) || (query === '' || query.startsWith('?') ? path + query : `${path}?${query}`)
  if (uri !== '') setUrl(event, uri)
  const protocol = asText(values.ClientRequestProtocol)
  event.http_version = protocol.startsWith('HTTP/') ? httpVersion(protocol.slice(5)) : ''
  event.http_referrer = asText(values.ClientRequestReferer)
  event.user_agent_original = asText(values.ClientRequestUserAgent)
  event.http_status_code = asNumber(values.EdgeResponseStatus, 999)
  event.event_outcome = statusOutcome(event.http_status_code)
  event.tls_ja3 = asText(values.JA3Hash) || asText(values.JA4)
  const tls = asText(values.ClientSSLProtocol)
  event.tls_version = tls.startsWith('TLSv') ? tls.slice(4) : ''
  for (const key in values) if (!taken.has(key)) putJson(event, key, values[key])
}

/**
 * Read a request. Times are RFC 3339, seconds or nanoseconds since 1970, as the job is set. Source: Cloudflare Logs documentation, "HTTP requests".
 */
export function readCloudflareHttp(values: JsonObject, event: Event, context: ParseContext): Outcome {
  event.dataset = 'cloudflare.http'
  event.event_category = 'web'
  event.event_action = 'http_request'
  setTime(event, anyTime(values.EdgeStartTimestamp, context) || anyTime(values.EdgeEndTimestamp, context))
  readRequest(values, event)
  event.http_response_bytes = asNumber(values.EdgeResponseBytes, Number.MAX_SAFE_INTEGER)
  return ok
}

/** Actions that stop a request or put a hurdle before it; the others of a rule only tell. */
const blocking: ReadonlySet<string> = new Set([
  'block',
  'drop',
  'connectionclose',
  'challenge',
  'jschallenge',
  'managed_challenge',
  'managedchallenge',
  'challengefailed',
  'jschallengefailed',
  'managedchallengenoninteractivefailed',
  'managedchallengeinteractivefailed',
])

/** A challenge passed, or a rule that lets through: nothing was found. */
const harmless = /^(?:allow|skip|bypass)$|(?:solved|bypassed)$/

/** Cloudflare gives no severity; the kind of rule stands for it. What owners of zones write themselves mostly is policy. */
const severities: ReadonlyMap<string, number> = new Map([
  ['waf', 70],
  ['firewallmanaged', 70],
  ['sanitycheck', 50],
  ['l7ddos', 70],
  ['dlp', 50],
  ['botmanagement', 25],
  ['botfight', 25],
  ['ratelimit', 25],
  ['hot', 25],
])

/** Read what a rule did. Source: Cloudflare Logs documentation, "Firewall events". */
export function readCloudflareFirewall(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const action = asText(values.Action).toLowerCase()
  event.dataset = 'cloudflare.firewall'
  setTime(event, anyTime(values.Datetime, context))
  readRequest(values, event)
  const passed = harmless.test(action)
  const blocked = blocking.has(action)
  event.event_category = passed ? 'web' : 'intrusion_detection'
  event.event_action = passed ? 'waf_allow' : blocked ? 'waf_block' : 'waf_alert'
  if (blocked) event.event_outcome = 'failure'
  event.event_code = asText(values.RuleID)
  event.rule_name = asText(values.Description)
  if (event.rule_name === '') event.rule_name = asText(values.Source)
  if (!passed) event.event_severity = severities.get(asText(values.Source).toLowerCase()) ?? 10
  return ok
}

export const cloudflare: readonly Parser[] = [
  objectParser('cloudflare.http', isCloudflareHttp, readCloudflareHttp),
  objectParser('cloudflare.firewall', isCloudflareFirewall, readCloudflareFirewall),
]
