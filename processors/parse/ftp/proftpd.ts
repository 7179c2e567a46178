// What did the FTP server ProFTPD do? Sessions, log-ins and refusals, in its own log or in syslog.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put, putSource } from '../values/fields.ts'
import { readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'
import { setFtp } from './ftp.ts'

/** `server (client.example[203.0.113.7]) - message`, or a colon where the server writes its own log. */
const head = /^([\w.:-]{1,255}) \(([\w.:-]{0,255})\[([\da-fA-F.:]{2,45})\]\)(?: - |: )/

function login(event: Event, user: string, outcome: string, reason: string): Outcome {
  event.user_name = user
  put(event, 'event.reason', reason)
  return setFtp(event, 'proftpd', 'authentication', 'ftp_login', outcome)
}

/** Behind `USER `: the name is the client's words, so what the server wrote is looked for from the end. */
function tried(event: Event, text: string): Outcome {
  const success = /: Login successful\.?$/.exec(text)
  if (success !== null) return login(event, text.slice(0, success.index), 'success', '')
  const unknown = text.lastIndexOf(': no such user found from ')
  if (unknown >= 0) {
    put(event, 'user.known', 'false')
    return login(event, text.slice(0, unknown), 'failure', 'no such user')
  }
  const failed = text.lastIndexOf(' (Login failed): ')
  if (failed >= 0) {
    const reason = text.slice(failed + 17)
    if (/^No such user/i.test(reason)) put(event, 'user.known', 'false')
    return login(event, text.slice(0, failed), 'failure', reason)
  }
  const other = text.lastIndexOf(': ')
  if (other < 0) return miss
  return login(event, text.slice(0, other), 'unknown', text.slice(other + 2))
}

function message(event: Event, text: string): Outcome {
  const named = /^(USER|ANON) /.exec(text)
  if (named !== null) return tried(event, text.slice(5))
  if (/^(?:FTP|SSH2|SFTP|SCP) session opened/.test(text))
    return setFtp(event, 'proftpd', 'network', 'ftp_connection', '')
  if (/^(?:FTP|SSH2|SFTP|SCP) session closed/.test(text))
    return setFtp(event, 'proftpd', 'network', 'ftp_disconnect', '')
  if (/^SECURITY VIOLATION: root login attempted/i.test(text))
    return login(event, 'root', 'failure', 'root login attempted')
  if (/^Maximum login attempts /.test(text)) return login(event, '', 'failure', text)
  const refused = /^(?:Connection refused|Refused|Connection from .{0,300} denied)/.test(text)
  put(event, 'event.reason', text)
  return setFtp(event, 'proftpd', 'network', refused ? 'ftp_connection' : 'ftp_log', refused ? 'failure' : '')
}

/** What stands behind the tag. */
export function readProftpdSyslog(text: string, event: Event): Outcome {
  const found = head.exec(text)
  if (found === null) return miss
  const [all, server = '', client = '', address = ''] = found
  if (toAddress(address) === '') return miss
  const outcome = message(event, text.slice(all.length))
  if (outcome === miss) return miss
  event.destination_ip = toAddress(server)
  putSource(event, address)
  if (client !== address && toAddress(client) === '') put(event, 'source.domain', client)
  return ok
}

/** `2021-05-28 18:08:01,124 mantis proftpd[498625] `, before the message in the server's own log. */
const own = /^ ([\w.-]{1,255}) proftpd\[(\d{1,10})\]:? /

/** The message behind the tag, or a line of the server's own log. Source: www.proftpd.org, "Logging"; mod_auth.c. */
export const proftpd: Parser = {
  format: 'proftpd',
  parse(text, event, context) {
    if (text.charCodeAt(4) !== 45 || !readIsoTime(text, 0, context.zoneMinutes)) return readProftpdSyslog(text, event)
    const { ms, end, zoned } = stamp
    const found = own.exec(text.slice(end, end + 300))
    if (found === null) return miss
    const [all, host = '', pid = ''] = found
    const outcome = readProftpdSyslog(text.slice(end + all.length), event)
    if (outcome !== ok) return outcome
    if (zoned) setTime(event, ms)
    else setLocalTime(event, ms)
    event.host_name = host
    event.process_name = 'proftpd'
    event.process_pid = asNumber(pid, 0xffff_ffff)
    return ok
  },
}
