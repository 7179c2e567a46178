// What does a web application firewall write to its audit log as JSON? Three schemas: ModSecurity 2, ModSecurity 3, Coraza.
import type { Event } from '../../../schemas/event.ts'
import { type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject } from '../json/json-guard.ts'
import { headerOf, object, objects, texts } from '../json/json-values.ts'
import type { ParseContext } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { parseRuleMessage, type RuleHit, ruleSeverity, setHits } from './rule-message.ts'
import { httpVersion, readRequest, setDomain, setUrl, statusOutcome } from './web.ts'

/** Whether a JSON object is a transaction of an audit log. */
export function isAuditJson(values: JsonObject): boolean {
  const { transaction } = values
  if (!isObject(transaction)) return false
  if (typeof transaction.client_ip === 'string') return isObject(transaction.producer) || isObject(transaction.request)
  return typeof transaction.remote_address === 'string' && 'transaction_id' in transaction
}

/** A rule of ModSecurity 3 (`details`) or Coraza (`data`). Coraza says in words of the error log whether it denied. */
function hitOf(message: JsonObject): RuleHit {
  const details = isObject(message.details) ? message.details : object(message.data)
  return {
    id: asText(details.ruleId) || asText(details.id),
    message: asText(details.msg) || asText(message.message),
    data: asText(details.data),
    severity: ruleSeverity(asText(details.severity)),
    denied: asText(message.error_message).slice(0, 256).includes('Coraza: Access denied'),
    tags: texts(details.tags),
  }
}

function setConnection(event: Event, client: unknown, clientPort: unknown, server: unknown, serverPort: unknown): void {
  event.source_ip = toAddress(asText(client))
  event.source_port = toPort(asText(clientPort))
  event.destination_ip = toAddress(asText(server))
  event.destination_port = toPort(asText(serverPort))
}

/** Headers are texts or lists of texts, in the case in which the client wrote them. */
function setHeaders(event: Event, headers: unknown): void {
  const port = event.destination_port
  setDomain(event, headerOf(headers, 'host'))
  if (port !== 0) event.destination_port = port
  event.user_agent_original = headerOf(headers, 'user-agent')
  event.http_referrer = headerOf(headers, 'referer')
  put(event, 'http.request.headers.x-forwarded-for', headerOf(headers, 'x-forwarded-for'))
}

function setStatus(event: Event, status: unknown): void {
  event.http_status_code = asNumber(status, 999)
  event.event_outcome = statusOutcome(event.http_status_code)
}

/** `transaction`, `request`, `response` and `audit_data` of version 2. */
function readVersion2(values: JsonObject, transaction: JsonObject, event: Event, context: ParseContext): void {
  setTime(event, anyTime(transaction.time, context))
  setConnection(
    event,
    transaction.remote_address,
    transaction.remote_port,
    transaction.local_address,
    transaction.local_port,
  )
  put(event, 'modsecurity.unique_id', asText(transaction.transaction_id))
  const request = object(values.request)
  const line = asText(request.request_line)
  readRequest(event, line, 0, line.length)
  setHeaders(event, request.headers)
  setStatus(event, object(values.response).status)
  const audit = object(values.audit_data)
  put(event, 'modsecurity.producer', texts(audit.producer).join('; ') || asText(audit.producer))
  put(event, 'modsecurity.engine_mode', asText(audit.engine_mode))
  const hits = texts(audit.messages).map((message) => parseRuleMessage(message, 0))
  setHits(event, hits, object(audit.action).intercepted === true)
}

/** A request without a status that the firewall left alone says nothing of its outcome. */
function readTransaction(values: JsonObject, transaction: JsonObject, event: Event, context: ParseContext): void {
  setTime(
    event,
    anyTime(transaction.unix_timestamp, context) || anyTime(transaction.timestamp ?? transaction.time_stamp, context),
  )
  setConnection(event, transaction.client_ip, transaction.client_port, transaction.host_ip, transaction.host_port)
  put(event, 'modsecurity.unique_id', asText(transaction.unique_id) || asText(transaction.id))
  const request = object(transaction.request)
  event.http_method = asText(request.method).toUpperCase()
  const uri = asText(request.uri)
  if (uri !== '') setUrl(event, uri)
  const version = asText(request.http_version) || asText(request.protocol)
  event.http_version = httpVersion(version.startsWith('HTTP/') ? version.slice(5) : version)
  setHeaders(event, request.headers)
  const response = object(transaction.response)
  setStatus(event, response.http_code ?? response.status)
  const producer = object(transaction.producer)
  if (!('modsecurity' in producer)) event.observer_product = 'Coraza'
  put(event, 'modsecurity.producer', asText(producer.modsecurity) || asText(producer.connector))
  put(event, 'modsecurity.engine_mode', asText(producer.secrules_engine) || asText(producer.rule_engine))
  const all = Array.isArray(values.messages) ? values.messages : transaction.messages
  setHits(event, objects(all).map(hitOf), transaction.is_interrupted === true)
}

/** Responses with which a firewall refuses: version 3 does not say whether it did. */
const refusals: ReadonlySet<number> = new Set([403, 406])

/**
 * Read a transaction. Sources: ModSecurity reference manual, `SecAuditLogFormat`; Coraza documentation, "Logging".
 */
export function readAuditJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const transaction = object(values.transaction)
  event.dataset = 'modsecurity.audit'
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  event.observer_product = 'ModSecurity'
  if ('remote_address' in transaction) readVersion2(values, transaction, event, context)
  else readTransaction(values, transaction, event, context)
  const engine = event.fields.get('modsecurity.engine_mode') ?? ''
  if (event.event_action === 'waf_alert' && refusals.has(event.http_status_code) && /^(?:enabled|on)$/i.test(engine)) {
    event.event_action = 'waf_block'
  }
  if (event.event_action === 'waf_block') event.event_outcome = 'failure'
  return ok
}
