// Which built-in signals does an event show? Alerts of devices, failed logins, attack patterns in web requests.
import type { Detection, Severity } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'
import { createScan, decode, has, MAX_TEXT, SEPARATOR } from './text.ts'
import { attackAgents, injectionRules, pathRules, type WebRule } from './web-rules.ts'

type WebFields = Pick<Event, 'url_original' | 'http_status_code' | 'http_referrer' | 'user_agent_original'>
type DeviceFields = Pick<Event, 'event_severity' | 'rule_name'>
type LoginFields = Pick<
  Event,
  'event_category' | 'event_outcome' | 'user_name' | 'http_status_code' | 'http_method' | 'url_original' | 'url_path'
>
export type DetectFields = WebFields & DeviceFields & LoginFields

/** Ids of the signals that the score counts by factors of their own. */
export const DEVICE_ALERT = 'siaga.builtin.device_alert'
export const FAILED_LOGIN = 'siaga.builtin.failed_login'

/** Longest value of a detection. */
const MAX_VALUE = 200
const none: readonly Detection[] = Object.freeze([])

/**
 * A function that gives the detections on an event; the same empty array whenever there are none. At most one detection for each rule and
 * field. Pure; linear in the length of the event's texts, of which the first 16 KiB are read.
 */
export function createDetect(): (event: DetectFields) => readonly Detection[] {
  const scan = createScan([...pathRules, ...injectionRules].map((rule) => rule.starts ?? {}))
  const agents = new Map<string, readonly Detection[]>()

  const detectAgent = (agent: string): readonly Detection[] => {
    const found: Detection[] = []
    const tool = attackAgents.exec(agent.slice(0, MAX_TEXT).toLowerCase())
    if (tool !== null) found.push(detection(attackAgent, 'user_agent_original', agent))
    if ((scan(agent) & suspiciousInHeader) !== 0 || /select|sleep\(/i.test(agent)) {
      matchInjection(agent, 'user_agent_original', true, found)
    }
    return found.length === 0 ? none : found
  }
  const onAgent = (agent: string): readonly Detection[] => {
    const known = agents.get(agent)
    if (known !== undefined) return known
    const found = detectAgent(agent)
    if (agent.length > MAX_AGENT_KEY) return found
    if (agents.size >= MAX_AGENTS) agents.clear()
    agents.set(Buffer.from(agent, 'utf16le').toString('utf16le'), found)
    return found
  }

  const matchUrl = (event: WebFields, bits: number, found: Detection[]): void => {
    const url = event.url_original
    const { text, disguised } = decode(url, false)
    const all = bits | scan(text)
    for (const rule of injectionRules) tryRule(rule, text, all, disguised, 'url_original', found)
    for (const rule of pathRules) {
      if (answers(rule, event.http_status_code)) tryRule(rule, text, all, false, 'url_original', found)
    }
  }
  const matchInjection = (raw: string, field: string, query: boolean, found: Detection[]): void => {
    const { text } = decode(raw, query)
    const bits = scan(text)
    for (const rule of injectionRules) {
      if (headerRules.has(rule.id)) tryRule(rule, text, bits, false, field, found)
    }
  }

  return (event) => {
    let found: Detection[] | undefined
    if (event.url_original !== '') {
      const bits = scan(event.url_original)
      if (bits !== 0) {
        const list: Detection[] = []
        matchUrl(event, bits, list)
        if (list.length > 0) found = list
      }
    }
    if (event.user_agent_original !== '') {
      const onIt = onAgent(event.user_agent_original)
      if (onIt.length > 0) found = [...(found ?? []), ...onIt]
    }
    if (event.http_referrer !== '' && (scan(event.http_referrer) & suspiciousInHeader) !== 0) {
      const list: Detection[] = []
      matchInjection(event.http_referrer, 'http_referrer', false, list)
      if (list.length > 0) found = [...(found ?? []), ...list]
    }
    if (event.event_severity >= LOWEST_DEVICE_SEVERITY && event.rule_name !== '') {
      found ??= []
      found.push(deviceAlert(event))
    }
    if (isFailedLogin(event)) {
      found ??= []
      found.push(detection(failedLogin, 'user_name', event.user_name))
    }
    return found ?? none
  }
}

const MAX_AGENTS = 20_000
const MAX_AGENT_KEY = 512

/** Characters that an ordinary Referer or User-Agent does not hold. */
const suspiciousInHeader = has.quote | has.angle | has.dollar | has.brace | has.backtick | has.percent | has.pipe

/** Rules that make sense in headers too. */
const headerRules: ReadonlySet<string> = new Set(
  [
    'jndi_lookup',
    'shellshock',
    'sql_injection',
    'cross_site_scripting',
    'path_traversal',
    'code_injection',
    'command_injection',
    'template_injection',
  ].map((name) => `siaga.builtin.${name}`),
)

type Signal = Pick<Detection, 'title' | 'severity' | 'technique'> & { readonly id: string }

const attackAgent: Signal = {
  id: 'siaga.builtin.attack_tool',
  title: 'Attack or audit tool by its User-Agent',
  severity: 'medium',
  technique: 'T1595.002',
}
const failedLogin: Signal = { id: FAILED_LOGIN, title: 'Failed login', severity: 'informational', technique: 'T1110' }

function tryRule(
  rule: WebRule,
  text: string,
  bits: number,
  disguised: boolean,
  field: string,
  found: Detection[],
): void {
  if ((bits & rule.needs) === 0) return
  if (rule.and !== undefined && (bits & rule.and) !== rule.and) return
  const match = rule.pattern.exec(text)
  if (match !== null) found.push(detection(rule, field, match[0]))
  else if (disguised && rule.disguised === true) found.push(detection(rule, field, text))
}

function detection(signal: Signal, field: string, matched: string): Detection {
  const { id, title, severity, technique } = signal
  return { ruleId: id, title, severity, technique, field, value: readable(matched) }
}

/** At most 200 characters, without control characters. */
function readable(matched: string): string {
  const cut = matched.length > MAX_VALUE ? matched.slice(0, MAX_VALUE) : matched
  return cut
    .replaceAll(SEPARATOR, '&')
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
}

function answers(rule: WebRule, status: number): boolean {
  if (rule.answer === undefined) return true
  return rule.answer === 'served' ? status >= 200 && status < 300 : status === 0 || status >= 400
}

const LOWEST_DEVICE_SEVERITY = 20

/** Severity word of a device's severity, 0 to 100. */
export function severityWord(severity: number): Severity {
  if (severity >= 90) return 'critical'
  if (severity >= 70) return 'high'
  if (severity >= 40) return 'medium'
  return severity >= LOWEST_DEVICE_SEVERITY ? 'low' : 'informational'
}

function deviceAlert(event: DeviceFields): Detection {
  return {
    ruleId: DEVICE_ALERT,
    title: event.rule_name.slice(0, MAX_VALUE).toWellFormed(),
    severity: severityWord(event.event_severity),
    technique: '',
    field: 'event_severity',
    value: String(event.event_severity),
  }
}

const loginPath =
  /(?:^|[/_.?=-])(?:log-?in|sign-?in|logon|auth(?:enticate|orize)?|session|token|masuk|sso|oauth2?)(?:$|[/_.?=-])/i

/** A login that a program calls failed, or one that a web server refused: 401 to a named user or to a POST on a login page. */
function isFailedLogin(event: LoginFields): boolean {
  if (event.event_category === 'authentication') return event.event_outcome === 'failure'
  if (event.http_status_code !== 401) return false
  if (event.user_name !== '') return true
  return event.http_method === 'POST' && loginPath.test((event.url_path || event.url_original).slice(0, 512))
}
