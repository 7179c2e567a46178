// What do the log lines of web applications have in common? Levels, failures, and log-ins that programmers report in their own words.
import type { Event } from '../../../schemas/event.ts'
import { put } from '../values/fields.ts'

const failures: ReadonlySet<string> = new Set(['error', 'critical', 'alert', 'emergency'])

/** Begin an event of an application: what it says is about requests, failures by its level. */
export function beginApplication(event: Event, dataset: string, level: string): void {
  event.dataset = dataset
  event.event_category = 'web'
  event.log_level = level.toLowerCase()
  const failed = failures.has(event.log_level)
  event.event_action = failed ? 'application_error' : 'application_log'
  if (failed) event.event_outcome = 'failure'
}

/** Keep a message: as an error's if the event is one. */
export function putMessage(event: Event, message: string): void {
  put(event, event.event_outcome === 'failure' ? 'error.message' : 'message', message)
}

const who = /^(?:(?:user|admin|pengguna|percobaan|attempt(?:ed)?|auth(?:entication)?)[ :]+)?/
const failedLogin = new RegExp(
  `${who.source}(?:(?:failed|gagal|invalid|unsuccessful)[ -](?:log-?in|sign-?in|masuk)\\b|(?:log-?in|sign-?in)(?: attempt)? (?:failed|failure|gagal|ditolak))`,
  'i',
)
const login = new RegExp(
  `${who.source}(?:(?:successful|berhasil)[ -](?:log-?in|sign-?in|masuk)\\b|(?:log-?in|sign-?in) (?:success(?:ful)?|berhasil|ok)\\b|(?:logged|signed) in\\b)`,
  'i',
)

/** Read a message that begins with the words for a log-in, in English or Indonesian. Only the beginning is the programmer's for sure. */
export function readLoginWords(event: Event, message: string): void {
  const head = message.slice(0, 80)
  const failed = failedLogin.test(head)
  if (!failed && !login.test(head)) return
  event.event_category = 'authentication'
  event.event_action = 'app_login'
  event.event_outcome = failed ? 'failure' : 'success'
}
