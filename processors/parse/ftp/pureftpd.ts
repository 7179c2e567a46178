// What did the FTP server Pure-FTPd do? Connections, log-ins and transfers, as it writes to syslog.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { put, putSource } from '../values/fields.ts'
import { setFtp, setFtpFile } from './ftp.ts'

const levels: Readonly<Record<string, string>> = {
  DEBUG: 'debug',
  INFO: 'info',
  NOTICE: 'notice',
  WARNING: 'warning',
  ERROR: 'error',
}

/** `(siti@203.0.113.7) [INFO] `: who is logged in, `?` for nobody. */
const head = /^\(([^\s()]{1,255})@([\w.:%-]{1,255})\) \[(DEBUG|INFO|NOTICE|WARNING|ERROR)\] /

/** `/home/siti//a.txt uploaded  (12 bytes, 1.00KB/sec)`: the size stands last, so the name may hold anything. */
const moved = /^(.{1,4096}) (uploaded|downloaded) {1,2}\((\d{1,15}) bytes, [\d.]{1,15}[KMG]?B\/sec\)$/s

function read(event: Event, text: string): Outcome {
  const set = (category: string, action: string, outcome: string): Outcome =>
    setFtp(event, 'pureftpd', category, action, outcome)
  if (text.startsWith('Authentication failed for user [')) {
    const close = text.lastIndexOf(']')
    event.user_name = text.slice(32, close > 32 ? close : undefined)
    return set('authentication', 'ftp_login', 'failure')
  }
  if (/^[^\s]{1,255} is now logged in$/.test(text)) {
    event.user_name = text.slice(0, -17)
    return set('authentication', 'ftp_login', 'success')
  }
  if (text === 'Anonymous user logged in') {
    event.user_name = 'anonymous'
    return set('authentication', 'ftp_login', 'success')
  }
  const file = moved.exec(text)
  if (file !== null) {
    const [, path = '', way = '', bytes = ''] = file
    setFtpFile(event, path)
    event.network_bytes = asNumber(bytes, Number.MAX_SAFE_INTEGER)
    return set('file', way === 'uploaded' ? 'file_upload' : 'file_download', 'success')
  }
  if (text.startsWith('Deleted ')) {
    setFtpFile(event, text.slice(8))
    return set('file', 'file_delete', 'success')
  }
  put(event, 'event.reason', text)
  if (text.startsWith('New connection from ')) return set('network', 'ftp_connection', '')
  if (/^(?:Logout|Timeout)/.test(text)) return set('network', 'ftp_disconnect', '')
  if (/^Too many (?:authentication failures|connections)/.test(text)) {
    const failed = text.startsWith('Too many authentication')
    return failed ? set('authentication', 'ftp_login', 'failure') : set('network', 'ftp_connection', 'failure')
  }
  return set('network', 'ftp_log', '')
}

/** The message behind the tag. Source: Pure-FTPd's messages_en.h and log_*.c. */
export const pureftpd: Parser = {
  format: 'pureftpd',
  parse(text, event) {
    const found = head.exec(text)
    if (found === null) return miss
    const [all, user = '', host = '', level = ''] = found
    const outcome = read(event, text.slice(all.length))
    event.log_level = levels[level] ?? ''
    if (event.user_name === '' && user !== '?') event.user_name = user
    putSource(event, host)
    return outcome
  },
}
