// What does an event say of itself that no rule has to find? The severity that a device gave it, and that a login failed.
import type { Detection, Severity } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'

type DeviceFields = Pick<Event, 'event_severity' | 'rule_name'>
type LoginFields = Pick<
  Event,
  'event_category' | 'event_outcome' | 'user_name' | 'http_status_code' | 'http_method' | 'url_original' | 'url_path'
>

/** Ids of the signals that the score counts by factors of their own. */
export const DEVICE_ALERT = 'siaga.builtin.device_alert'
export const FAILED_LOGIN = 'siaga.builtin.failed_login'

/** A detection that is known by its code. */
type Signal = Pick<Detection, 'title' | 'severity' | 'technique'> & { readonly id: string }

/** The detection of a signal on one field. */
function detectionOf({ id, title, severity, technique }: Signal, field: string, value: string): Detection {
  const attack = technique === '' ? [] : [technique]
  return { ruleId: id, title, severity, technique, attack, field, value, evidence: [{ field, value }], generate: true }
}

const failedLogin: Signal = { id: FAILED_LOGIN, title: 'Failed login', severity: 'informational', technique: 'T1110' }
const MAX_TITLE = 200

/** What was found on an event and its signals: a new list if there are any, else the same one. */
export function withSignals(event: DeviceFields & LoginFields, found: readonly Detection[]): readonly Detection[] {
  let all = found
  if (event.event_severity >= LOWEST_DEVICE_SEVERITY && event.rule_name !== '') all = [...all, deviceAlert(event)]
  if (isFailedLogin(event)) {
    all = [...all, detectionOf(failedLogin, 'user_name', event.user_name.slice(0, MAX_TITLE))]
  }
  return all
}

const LOWEST_DEVICE_SEVERITY = 20

/** Severity word of a device's severity, 0 to 100. */
function severityWord(severity: number): Severity {
  if (severity >= 90) return 'critical'
  if (severity >= 70) return 'high'
  if (severity >= 40) return 'medium'
  return severity >= LOWEST_DEVICE_SEVERITY ? 'low' : 'informational'
}

function deviceAlert({ rule_name, event_severity }: DeviceFields): Detection {
  const signal: Signal = {
    id: DEVICE_ALERT,
    title: rule_name.slice(0, MAX_TITLE).toWellFormed(),
    severity: severityWord(event_severity),
    technique: '',
  }
  return detectionOf(signal, 'event_severity', String(event_severity))
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
