// What was run with sudo, by whom, as whom, and was it allowed?
import { miss, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { put } from '../values/fields.ts'

/** Whether text[0, to) is a user name: one word. */
function isName(text: string, to: number): boolean {
  if (to < 1 || to > 64) return false
  for (let i = 0; i < to; i++) if (text.charCodeAt(i) <= 32) return false
  return true
}

/**
 * `budi : TTY=pts/0 ; PWD=/home/budi ; USER=root ; COMMAND=/bin/ls`, where a refusal stands before the first pair.
 * The command comes last and may hold ` ; ` itself. Source: sudoers(5), LOG FORMAT.
 */
export const sudo: Parser = {
  format: 'sudo',
  parse(raw, event) {
    const text = raw.trimStart()
    const colon = text.indexOf(' : ')
    if (!isName(text, colon)) return miss
    const command = text.indexOf('COMMAND=', colon + 3)
    const head = command < 0 ? text.slice(colon + 3) : text.slice(colon + 3, command)
    const parts = head.split(' ; ', 16)
    let reason = ''
    let pairs = 0
    let target = ''
    for (const part of parts) {
      const equals = part.indexOf('=')
      const key = equals < 0 ? '' : part.slice(0, equals)
      const value = part.slice(equals + 1)
      if (key === 'USER') target = value
      else if (
        key !== 'TTY' &&
        key !== 'PWD' &&
        key !== 'GROUP' &&
        key !== 'HOST' &&
        key !== 'TSID' &&
        key !== 'ENV' &&
        key !== 'CHROOT'
      ) {
        if (reason === '') reason = part.trim()
        continue
      }
      pairs++
    }
    if (pairs === 0 && command < 0) return miss
    event.dataset = 'sudo'
    event.event_category = 'process'
    event.event_action = 'sudo_command'
    event.event_outcome = reason === '' || reason === '(command continued)' ? 'success' : 'failure'
    event.user_name = text.slice(0, colon)
    event.user_target_name = target
    if (command >= 0) event.process_command_line = text.slice(command + 8)
    if (reason.includes('incorrect password') || reason.startsWith('a password is required')) {
      event.event_category = 'authentication'
    }
    put(event, 'event.reason', reason)
    for (const part of parts) {
      if (part.startsWith('TTY=')) put(event, 'process.tty', part.slice(4))
      else if (part.startsWith('PWD=')) put(event, 'process.working_directory', part.slice(4))
      else if (part.startsWith('GROUP=')) put(event, 'group.name', part.slice(6))
    }
    return ok
  },
}
