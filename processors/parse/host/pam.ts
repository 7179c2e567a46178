// What does PAM report? Lines of pam_unix and its like, in the form of today and in the one of before 2006.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { put, putSource, tag } from '../values/fields.ts'
import { trimEnd, trimStart } from '../values/trim.ts'

/** Programs whose session is one user becoming another. */
const switchers = new Set(['su', 'su-l', 'sudo', 'sudo-i', 'runuser', 'runuser-l', 'polkit-1', 'pkexec', 'doas'])

function start(event: Event, module: string, service: string, type: string): void {
  event.dataset = 'pam'
  event.event_category = 'authentication'
  put(event, 'pam.module', module)
  put(event, 'pam.service', service)
  put(event, 'pam.type', type)
}

function authentication(event: Event, outcome: string, reason: string): void {
  event.event_action = 'pam_auth'
  event.event_outcome = outcome
  put(event, 'event.reason', reason)
}

/** Value of ` key=` up to the next space, or ''. */
function value(text: string, key: string): string {
  const at = text.indexOf(key)
  if (at < 0) return ''
  const from = at + key.length
  const to = text.indexOf(' ', from)
  return to < 0 ? text.slice(from) : text.slice(from, to)
}

/**
 * `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root`. A client may have chosen `ruser` and `user` and hidden a second ` rhost=`
 * in one of them: the one that PAM wrote is the last before ` user=`.
 */
function readPairs(event: Event, text: string, service: string): void {
  const userAt = text.indexOf(' user=')
  const hostAt = text.lastIndexOf(' rhost=', userAt < 0 ? text.length : userAt)
  if (hostAt >= 0) {
    const host = value(text.slice(hostAt), ' rhost=')
    if (host !== '') putSource(event, host)
    if (text.indexOf(' rhost=') !== text.lastIndexOf(' rhost=')) tag(event, 'client_ambiguous')
  }
  const user = userAt < 0 ? '' : text.slice(userAt + 6).trimEnd()
  const ruser = value(text, ' ruser=')
  put(event, 'pam.ruser', ruser)
  put(event, 'pam.logname', value(text, ' logname='))
  put(event, 'pam.tty', value(text, ' tty='))
  put(event, 'pam.uid', value(text, ' uid='))
  if (service.startsWith('su') && service !== 'sudo' && ruser !== '') {
    event.user_name = ruser
    event.user_target_name = user
  } else {
    event.user_name = user === '' ? ruser : user
  }
}

/** A name as PAM writes it: `root`, `root(uid=0)`, `[root]`, with quotes of any kind. */
function plainName(text: string): string {
  const open = text.indexOf('(')
  return trimEnd(trimStart(open < 0 ? text : text.slice(0, open), '`\'"['), ']\'",.').trim()
}

/** The first word behind `key`, or ''. */
function wordAfter(text: string, key: string): string {
  const at = text.indexOf(key)
  if (at < 0) return ''
  const from = at + key.length
  const to = text.indexOf(' ', from)
  return plainName(to < 0 ? text.slice(from) : text.slice(from, to))
}

function session(event: Event, text: string, service: string): boolean {
  const opened = text.startsWith('session opened for user ')
  if (!opened && !text.startsWith('session closed for user ')) return false
  event.event_category = 'session'
  event.event_action = opened ? 'session_opened' : 'session_closed'
  event.event_outcome = 'success'
  const by = text.indexOf(' by ', 24)
  const target = plainName(by < 0 ? text.slice(24) : text.slice(24, by))
  const actor = by < 0 ? '' : plainName(text.slice(by + 4))
  const switches = switchers.has(service)
  if (switches) event.user_target_name = target
  event.user_name = switches && actor !== '' ? actor : target
  return true
}

/** Read what a PAM module says; `text` is the message behind `module(service:type): `. Anything such a module says is PAM's. */
export function readPamMessage(event: Event, module: string, service: string, type: string, text: string): void {
  start(event, module, service, type)
  if (session(event, text, service)) return
  if (text.startsWith('authentication failure;')) {
    authentication(event, 'failure', 'authentication failure')
    readPairs(event, text, service)
  } else if (text.startsWith('authentication success;')) {
    authentication(event, 'success', '')
    readPairs(event, text, service)
  } else if (text.startsWith('check pass;')) {
    authentication(event, 'unknown', 'user unknown')
  } else if (text.startsWith('password changed for ')) {
    event.event_category = 'iam'
    event.event_action = 'password_change'
    event.event_outcome = 'success'
    event.user_name = wordAfter(text, 'password changed for ')
  } else if (text.startsWith('auth could not identify password for ')) {
    authentication(event, 'failure', 'no password')
    event.user_name = wordAfter(text, 'password for ')
  } else if (text.startsWith('conversation failed')) {
    authentication(event, 'failure', 'conversation failed')
  } else if (text.startsWith('received for user ')) {
    authentication(event, text.includes(': 0 (') ? 'success' : 'failure', '')
    event.user_name = plainName(wordAfter(text, 'received for user ').replace(/:$/, ''))
  } else if (text.startsWith('Consecutive login failures for user ')) {
    authentication(event, 'failure', 'account locked')
    event.user_name = wordAfter(text, ' for user ')
  } else if (text.startsWith('account ')) {
    authentication(event, text.includes('expired') ? 'failure' : 'unknown', 'account')
    event.user_name = wordAfter(text, 'account ')
  } else if (text.startsWith('access denied for user ')) {
    authentication(event, 'failure', 'access denied')
    event.user_name = wordAfter(text, ' for user ')
    const host = wordAfter(text, ' from ')
    if (host !== '') putSource(event, host)
  } else if (text.startsWith('Refused user ') || text.startsWith('refused user ')) {
    authentication(event, 'failure', 'refused')
    event.user_name = wordAfter(text, 'efused user ')
  } else if (text.startsWith('requirement ')) {
    const met = !text.includes(' not met ')
    authentication(event, met ? 'unknown' : 'failure', met ? '' : 'requirement not met')
    event.user_name = wordAfter(text, ' by user ')
  } else if (text.startsWith('user ')) {
    // pam_tally2: `user budi (4001) tally 6, deny 5`; pam_krb5: `user budi authenticated as …`.
    event.user_name = wordAfter(text, 'user ')
    if (text.includes(' authenticated as ')) authentication(event, 'success', '')
    else if (text.includes(', deny ')) authentication(event, 'failure', 'too many failures')
    else if (text.includes(' not allowed ') || text.includes(' denied')) authentication(event, 'failure', 'denied')
    else authentication(event, 'unknown', '')
  } else if (type === 'auth' && (text.includes('ailed') || text.includes('ailure'))) {
    authentication(event, 'failure', '')
    event.user_name = wordAfter(text, ' user ')
  }
}

/** `PAM 5 more authentication failures; logname= …`, `PAM service(sshd) ignoring max retries; 6 > 3`. */
function readPamSummary(event: Event, text: string): Outcome {
  const more = text.indexOf(' more authentication failure')
  if (more > 0 && more < 12) {
    start(event, '', '', '')
    authentication(event, 'failure', 'authentication failure')
    put(event, 'event.repeat', text.slice(4, more))
    readPairs(event, text, '')
    return ok
  }
  if (text.startsWith('PAM service(')) {
    start(event, '', text.slice(12, Math.max(12, text.indexOf(')', 12))), '')
    authentication(event, 'unknown', 'max retries ignored')
    return ok
  }
  return miss
}

/** `module(service:type): message`, `module: message`, `(module) message` or one of PAM's summaries. */
export const pam: Parser = {
  format: 'pam',
  parse(text, event) {
    if (text.startsWith('PAM ')) return readPamSummary(event, text)
    if (text.startsWith('(pam_')) {
      const close = text.indexOf(') ')
      if (close < 0 || close > 40) return miss
      readPamMessage(event, text.slice(1, close), '', '', text.slice(close + 2))
      return ok
    }
    if (!text.startsWith('pam_')) return miss
    const end = text.indexOf(': ')
    if (end < 0 || end > 120) return miss
    const open = text.indexOf('(')
    const service = open > 0 && open < end && text.charCodeAt(end - 1) === 41 ? text.slice(open + 1, end - 1) : ''
    const module = service === '' ? text.slice(0, end) : text.slice(0, open)
    if (module.includes(' ')) return miss
    const colon = service.indexOf(':')
    readPamMessage(
      event,
      module,
      colon < 0 ? service : service.slice(0, colon),
      colon < 0 ? '' : service.slice(colon + 1),
      text.slice(end + 2),
    )
    return ok
  },
}
