// What does an event of Keycloak mean? Its type and its values, wherever they are written.
import type { Event } from '../../../schemas/event.ts'
import { put, putSource, tag } from '../values/fields.ts'

/** What types of events mean, without their `_ERROR`. */
const types: ReadonlyMap<string, readonly [category: string, action: string]> = new Map([
  ['LOGIN', ['authentication', 'sso_login']],
  ['IDENTITY_PROVIDER_LOGIN', ['authentication', 'sso_login']],
  ['CLIENT_LOGIN', ['authentication', 'client_login']],
  ['IMPERSONATE', ['authentication', 'impersonate']],
  ['USER_DISABLED_BY_TEMPORARY_LOCKOUT', ['iam', 'user_locked']],
  ['USER_DISABLED_BY_PERMANENT_LOCKOUT', ['iam', 'user_locked']],
  ['LOGOUT', ['session', 'sso_logout']],
  ['CODE_TO_TOKEN', ['session', 'token_issued']],
  ['REFRESH_TOKEN', ['session', 'token_refreshed']],
  ['TOKEN_EXCHANGE', ['session', 'token_issued']],
  ['REGISTER', ['iam', 'user_add']],
  ['DELETE_ACCOUNT', ['iam', 'user_delete']],
  ['UPDATE_PASSWORD', ['iam', 'password_change']],
  ['RESET_PASSWORD', ['iam', 'password_change']],
  ['SEND_RESET_PASSWORD', ['iam', 'password_reset_request']],
  ['UPDATE_EMAIL', ['iam', 'user_change']],
  ['UPDATE_PROFILE', ['iam', 'user_change']],
  ['UPDATE_TOTP', ['iam', 'second_factor_change']],
  ['REMOVE_TOTP', ['iam', 'second_factor_remove']],
  ['UPDATE_CREDENTIAL', ['iam', 'credential_change']],
  ['REMOVE_CREDENTIAL', ['iam', 'credential_remove']],
])

/** Resources of an administrator that are people and their rights; the others are settings. */
const people = /^(?:USER|GROUP|REALM_ROLE|CLIENT_ROLE|AUTHORIZATION)/

/** Values that have a column. */
const taken: ReadonlySet<string> = new Set(['type', 'operationType', 'ipAddress', 'username', 'error', 'userId'])

/** Read an event of a user: `type`, `realmId`, `clientId`, `userId`, `ipAddress`, `error` and details. */
function readUserEvent(event: Event, values: ReadonlyMap<string, string>): void {
  const type = values.get('type') ?? ''
  const base = type.endsWith('_ERROR') ? type.slice(0, -6) : type
  const [category, action] = types.get(base) ?? ['session', base.toLowerCase()]
  event.event_category = category
  event.event_action = action
  event.event_code = type
  event.user_name = values.get('username') ?? ''
}

/** Read what an administrator did: `operationType`, `resourceType`, `resourcePath`. */
function readAdminEvent(event: Event, values: ReadonlyMap<string, string>): void {
  const operation = (values.get('operationType') ?? '').toLowerCase()
  const resource = values.get('resourceType') ?? ''
  event.event_category = people.test(resource) ? 'iam' : 'configuration'
  event.event_action = resource === '' ? operation : `${operation}_${resource.toLowerCase()}`
  event.event_code = values.get('operationType') ?? ''
}

/** Read an event by its values; unset ones are the word null. Source: Keycloak, `JBossLoggingEventListenerProvider` and `EventType`. */
export function readEventValues(event: Event, values: ReadonlyMap<string, string>): void {
  event.dataset = 'keycloak.event'
  event.observer_product = 'Keycloak'
  if (values.has('operationType')) readAdminEvent(event, values)
  else readUserEvent(event, values)
  const error = values.get('error') ?? ''
  event.event_outcome = error !== '' || event.event_code.endsWith('_ERROR') ? 'failure' : 'success'
  put(event, 'event.reason', error)
  if (error === 'user_not_found') put(event, 'user.known', 'false')
  putSource(event, values.get('ipAddress') ?? '')
  put(event, 'user.id', values.get('userId') ?? '')
  for (const [name, value] of values) if (!taken.has(name)) put(event, `keycloak.${name}`, value)
}

/** More pairs than any event has. */
const MAX_PAIRS = 128
const pairName = /^[\w.-]{1,64}$/

/** Where a value in quotes ends: the quote that no backslash escapes and behind which the next pair or the end stands. */
function quoteEnd(text: string, quote: string, from: number): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (text.charCodeAt(at - 1) === 92 && at > from) continue
    if (at + 1 === text.length || text.startsWith(', ', at + 1)) return at
  }
  return text.length
}

/**
 * The pairs of `type=LOGIN_ERROR, realmId=pemilu, …` or `type="LOGIN_ERROR", …`. The server's own come first, so the first of a name counts: a user
 * name may imitate the ones behind. Before version 22 a client id could imitate an address as well: two addresses mark the event
 * `client_ambiguous`.
 */
export function readPairs(text: string, event: Event): Map<string, string> {
  const values = new Map<string, string>()
  let at = 0
  for (let n = 0; n < MAX_PAIRS && at < text.length; n++) {
    const equals = text.indexOf('=', at)
    if (equals < 0) break
    const name = text.slice(at, equals)
    const quote = text.charAt(equals + 1)
    const quoted = quote === '"' || quote === "'"
    const from = quoted ? equals + 2 : equals + 1
    const comma = text.indexOf(', ', quoted ? quoteEnd(text, quote, from) : from)
    const end = comma < 0 ? text.length : comma
    if (pairName.test(name)) {
      let value = text.slice(from, end)
      if (quoted && value.endsWith(quote)) value = value.slice(0, -1)
      if (name === 'ipAddress' && values.has(name) && values.get(name) !== value) tag(event, 'client_ambiguous')
      if (!values.has(name) && value !== 'null' && value !== '') values.set(name, value.replaceAll(`\\${quote}`, quote))
    }
    at = end + 2
  }
  return values
}
