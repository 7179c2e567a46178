// What did CrowdSec decide? Its alerts and decisions, as its API lists them and its notifications send them.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setDomain, setUrl } from '../web/web.ts'

/** Events of an alert that are looked at for what was tried. */
const MAX_EVENTS = 64
const none: JsonObject = Object.freeze({})

/** Whether a JSON object is an alert: what happened, who did it, when it began. */
function isAlert({ scenario, source, start_at: start, events_count: count }: JsonObject): boolean {
  return typeof scenario === 'string' && isObject(source) && typeof start === 'string' && count !== undefined
}

/** Whether it is a decision on its own. */
function isDecision({ scenario, origin, scope, type, value, duration }: JsonObject): boolean {
  return [scenario, origin, scope, type, value, duration].every((part) => typeof part === 'string')
}

/** The alert inside what the file notification writes: `{"time":…,"program":"crowdsec","alert":{…}}`. */
function inner(values: JsonObject): JsonObject {
  return values.program === 'crowdsec' && isObject(values.alert) ? values.alert : values
}

export function isCrowdsec(values: JsonObject): boolean {
  const alert = inner(values)
  return isAlert(alert) || isDecision(alert)
}

/** What a scope and its value are about: an address, a network, a user, a country. */
function setSubject(event: Event, scope: string, value: string): void {
  switch (scope.toLowerCase()) {
    case 'ip':
      event.source_ip = toAddress(value)
      break
    case 'username':
    case 'user':
      event.user_name = value
      break
    default:
      put(event, 'crowdsec.source.value', value)
  }
  put(event, 'crowdsec.source.scope', scope)
}

/** The values that all events of an alert have under a key are one: it is told; several are told as a list. */
function readMeta(event: Event, events: readonly unknown[]): void {
  const seen = new Map<string, Set<string>>()
  for (const one of events.slice(0, MAX_EVENTS)) {
    const meta = isObject(one) && Array.isArray(one.meta) ? one.meta : []
    for (const pair of meta) {
      if (!isObject(pair)) continue
      const key = asText(pair.key)
      const value = asText(pair.value)
      if (key === '' || value === '') continue
      const values = seen.get(key) ?? new Set()
      if (values.size < 16) values.add(value)
      if (seen.size < 64 || seen.has(key)) seen.set(key, values)
    }
  }
  const only = (key: string): string => {
    const values = seen.get(key)
    return values?.size === 1 ? ([...values][0] ?? '') : ''
  }
  if (event.user_name === '') event.user_name = only('target_user') || only('username')
  if (event.source_ip === '') event.source_ip = toAddress(only('source_ip'))
  event.http_method = only('http_verb')
  setDomain(event, only('target_fqdn'))
  const path = only('http_path')
  if (path !== '') setUrl(event, path)
  event.user_agent_original = only('http_user_agent')
  for (const [key, values] of seen) put(event, `crowdsec.meta.${key}`, [...values].join(','))
}

/** What was decided; answers whether anything was. */
function readDecisions(event: Event, decisions: readonly unknown[]): boolean {
  const first = decisions.find(isObject)
  if (first === undefined) return false
  put(event, 'crowdsec.decision.type', asText(first.type))
  put(event, 'crowdsec.decision.duration', asText(first.duration))
  put(event, 'crowdsec.decision.origin', asText(first.origin))
  put(event, 'crowdsec.decision.scope', asText(first.scope))
  put(event, 'crowdsec.decision.value', asText(first.value))
  return true
}

function readAlert(event: Event, alert: JsonObject, context: ParseContext): void {
  const source = isObject(alert.source) ? alert.source : none
  setTime(event, anyTime(alert.stop_at, context) || anyTime(alert.start_at, context))
  setSubject(event, asText(source.scope), asText(source.value))
  if (event.source_ip === '') event.source_ip = toAddress(asText(source.ip))
  event.event_code = asText(alert.uuid) || asText(alert.id)
  readMeta(event, Array.isArray(alert.events) ? alert.events : [])
  const blocked = readDecisions(event, Array.isArray(alert.decisions) ? alert.decisions : [])
  const simulated = alert.simulated === true
  event.event_action = blocked && !simulated ? 'ids_block' : 'ids_alert'
  event.event_severity = simulated ? 25 : 50
  put(event, 'event.start', asText(alert.start_at))
  put(event, 'event.repeat', String(asNumber(alert.events_count, 1e9)))
  put(event, 'message', asText(alert.message))
  put(event, 'crowdsec.machine_id', asText(alert.machine_id))
  put(event, 'crowdsec.scenario_version', asText(alert.scenario_version))
  put(event, 'crowdsec.simulated', simulated ? 'true' : '')
  put(event, 'source.as.organization.name', asText(source.as_name))
  put(event, 'source.geo.country_iso_code', asText(source.cn))
}

/** Read an alert or a decision. Source: CrowdSec Local API, schemas Alert and Decision. */
export function readCrowdsec(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const alert = inner(values)
  event.dataset = 'crowdsec'
  event.observer_vendor = 'CrowdSec'
  event.observer_product = 'CrowdSec'
  event.event_category = 'intrusion_detection'
  event.rule_name = asText(alert.scenario)
  if (isAlert(alert)) {
    readAlert(event, alert, context)
    return ok
  }
  setSubject(event, asText(alert.scope), asText(alert.value))
  setTime(event, anyTime(alert.created_at, context))
  event.event_code = asText(alert.uuid) || asText(alert.id)
  event.event_action = alert.simulated === true ? 'ids_alert' : 'ids_block'
  // Most decisions come from lists of others: an address on a list has done nothing here.
  event.event_severity = asText(alert.origin) === 'crowdsec' ? 50 : 10
  readDecisions(event, [alert])
  return ok
}

export const crowdsec: Parser = {
  format: 'crowdsec',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) =>
      isCrowdsec(values) ? readCrowdsec(values, event, context) : miss,
    )
  },
}
