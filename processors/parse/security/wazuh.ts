// What does Wazuh alert about? Its rules on the logs of its agents, changed files, weak settings, known holes.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import { transportOf } from '../network/device-words.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setUrl } from '../web/web.ts'

const none: JsonObject = Object.freeze({})
/** Levels of rules go from 0 to 15, "severe attack, no chance of false positives". */
const MAX_LEVEL = 15

function object(value: unknown): JsonObject {
  return isObject(value) ? value : none
}

/** The alert itself, also inside a document of the indexer. */
function inner(values: JsonObject): JsonObject {
  return isObject(values._source) ? values._source : values
}

/** Whether a JSON object is an alert of Wazuh: a rule with a level, and who looked. */
export function isWazuh(values: JsonObject): boolean {
  const { rule, agent, manager } = inner(values)
  if (!isObject(rule) || typeof rule.level !== 'number' || rule.id === undefined) return false
  return isObject(agent) || isObject(manager)
}

/** Groups of a rule that tell what it is about; the first that is there counts. Source: Wazuh ruleset, "Rule groups". */
const kinds: readonly (readonly [group: RegExp, category: string, action: string, outcome: string])[] = [
  [
    /^(?:authentication_fail(?:ed|ures)|invalid_login|win_authentication_failed)$/,
    'authentication',
    'login',
    'failure',
  ],
  [/^authentication_success$/, 'authentication', 'login', 'success'],
  [/^syscheck/, 'file', '', ''],
  [/^vulnerability-detector$/, 'vulnerability', 'vulnerability_found', ''],
  [/^sca$/, 'configuration', 'configuration_check', ''],
  [/^(?:adduser|account_changed|group_created)/, 'iam', 'account_change', ''],
]

/** Names of a value in the data of an alert, which its decoders set. */
function first(data: JsonObject, ...names: readonly string[]): string {
  for (const name of names) {
    const text = asText(data[name])
    if (text !== '') return text
  }
  return ''
}

const taken: ReadonlySet<string> = new Set(
  'srcip src_ip srcport src_port dstip dest_ip dstport dest_port srcuser dstuser url protocol proto'.split(' '),
)

function readData(event: Event, data: JsonObject): void {
  // A Windows event keeps its data two levels down.
  const windows = object(object(data.win).eventdata)
  event.source_ip = toAddress(first(data, 'srcip', 'src_ip') || first(windows, 'ipAddress', 'sourceIp'))
  event.source_port = toPort(first(data, 'srcport', 'src_port') || first(windows, 'ipPort', 'sourcePort'))
  event.destination_ip = toAddress(first(data, 'dstip', 'dest_ip') || first(windows, 'destinationIp'))
  event.destination_port = toPort(first(data, 'dstport', 'dest_port') || first(windows, 'destinationPort'))
  // The decoder of web servers calls the method so.
  const protocol = first(data, 'protocol', 'proto')
  if (/^[A-Z]{3,8}$/.test(protocol) && data.url !== undefined) event.http_method = protocol
  else event.network_transport = transportOf(protocol)
  const target = first(data, 'dstuser') || first(windows, 'targetUserName')
  const actor = first(data, 'srcuser') || first(windows, 'subjectUserName', 'user')
  // Who logs in is the target of a log-in; sshd's `srcuser` is a name that does not exist.
  event.user_name = event.event_category === 'authentication' ? target || actor : actor || target
  if (actor !== '' && target !== '' && actor !== target) {
    event.user_target_name = event.user_name === actor ? target : ''
  }
  event.process_command_line = first(windows, 'commandLine')
  const url = first(data, 'url')
  if (url !== '') {
    setUrl(event, url)
    event.http_status_code = asNumber(data.id, 999)
  }
  for (const key in data) if (!taken.has(key)) putJson(event, dotted('wazuh.data', key), data[key])
}

/** A file that was added, changed or removed. */
function readSyscheck(event: Event, file: JsonObject): void {
  event.event_category = 'file'
  event.event_action = `file_${asText(file.event) || 'changed'}`
  event.file_name = asText(file.path)
  event.file_hash = asText(file.sha256_after) || asText(file.sha1_after) || asText(file.md5_after)
  const audited = object(object(file.audit).user)
  event.user_name = asText(audited.name) || asText(file.uname_after)
  for (const key in file) {
    if (key !== 'path' && key !== 'event' && key !== 'diff') putJson(event, dotted('wazuh.syscheck', key), file[key])
  }
}

function readRule(event: Event, rule: JsonObject): void {
  const groups = Array.isArray(rule.groups) ? rule.groups.map(asText) : []
  const level = asNumber(rule.level, MAX_LEVEL)
  event.event_category = 'intrusion_detection'
  event.event_action = 'ids_alert'
  event.rule_name = asText(rule.description)
  event.event_code = asText(rule.id)
  event.event_severity = Math.round((level * 100) / MAX_LEVEL)
  for (const [group, category, action, outcome] of kinds) {
    if (!groups.some((name) => group.test(name))) continue
    event.event_category = category
    event.event_action = action
    event.event_outcome = outcome
    break
  }
  const attack = object(rule.mitre)
  const list = (value: unknown): string => (Array.isArray(value) ? value.map(asText).join(',') : asText(value))
  put(event, 'wazuh.rule.level', String(level))
  put(event, 'wazuh.rule.groups', groups.join(','))
  put(event, 'threat.technique.id', list(attack.id))
  put(event, 'threat.tactic.name', list(attack.tactic))
  put(event, 'event.repeat', asText(rule.frequency))
}

/** Read an alert of `alerts.json` or of the indexer. Source: Wazuh documentation, "Alerts" and the fields of wazuh-alerts. */
export function readWazuh(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const alert = inner(values)
  const agent = object(alert.agent)
  event.dataset = 'wazuh'
  event.observer_vendor = 'Wazuh'
  event.observer_product = 'Wazuh'
  setTime(event, anyTime(alert.timestamp, context) || anyTime(alert['@timestamp'], context))
  // The manager alerts about itself as agent 000.
  event.host_name = asText(agent.name) || asText(object(alert.manager).name) || event.host_name
  readRule(event, object(alert.rule))
  readData(event, object(alert.data))
  if (isObject(alert.syscheck)) readSyscheck(event, alert.syscheck)
  put(event, 'wazuh.agent.id', asText(agent.id))
  put(event, 'host.ip', asText(agent.ip))
  put(event, 'wazuh.manager', asText(object(alert.manager).name))
  put(event, 'wazuh.decoder', asText(object(alert.decoder).name))
  put(event, 'log.file.path', asText(alert.location))
  return ok
}

export const wazuh: Parser = {
  format: 'wazuh',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => (isWazuh(values) ? readWazuh(values, event, context) : miss))
  },
}
