// What did the FTP server vsftpd do? Connections, log-ins, commands and transfers, in its own log or in syslog.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { put, putSource } from '../values/fields.ts'
import { readAscTime, setLocalTime, stamp } from '../values/time.ts'
import { setFtp, setFtpFile } from './ftp.ts'

/** A log-in: nothing stands behind the client but a reason or what an anonymous one gave as password, so the name may hold anything. */
const login = /^\[(.{0,512})\] (OK|FAIL) LOGIN: Client "([^"]{1,256})"(?:, (anon password )?"([^"]{0,512})")?$/s
/** What clients say and hear. Somebody who is logged in has an ordinary name, and nobody else has one here. */
const talk =
  /^(?:\[([^\]\s]{1,64})\] )?(FTP command|FTP response|DEBUG): Client "([^"]{1,256})"(?:, "(.{0,4096}?)"?)?$/s
const transfer =
  /^\[([^\]]{1,512})\] (OK|FAIL) ([A-Z]{4,10}): Client "([^"]{1,256})"(?:, "(.{0,4096}?)"(?:, (\d{1,15}) bytes)?(?:, ([\d.]{1,15})Kbyte\/sec)?)?$/s
const connect = /^CONNECT: Client "([^"]{1,256})"(?:, "(.{0,512}?)"?)?$/s

/** Actions by the word of the server. */
const actions: Readonly<Record<string, string>> = {
  UPLOAD: 'file_upload',
  DOWNLOAD: 'file_download',
  DELETE: 'file_delete',
  RENAME: 'file_rename',
  MKDIR: 'directory_create',
  RMDIR: 'directory_delete',
  CHMOD: 'file_mode_change',
}

function said(event: Event, kind: string, text: string): void {
  put(event, kind === 'FTP command' ? 'ftp.command' : kind === 'FTP response' ? 'ftp.reply' : 'event.reason', text)
  const code = kind === 'FTP response' ? /^(\d{3})[ -]/.exec(text)?.[1] : undefined
  if (code === undefined) return
  event.event_code = code
  event.event_outcome = Number(code) >= 400 ? 'failure' : 'success'
}

/** What stands behind the time or the syslog tag. */
export function readVsftpd(text: string, event: Event): Outcome {
  const talked = talk.exec(text)
  if (talked !== null) {
    const [, user = '', kind = '', client = '', words = ''] = talked
    setFtp(
      event,
      'vsftpd',
      'network',
      kind === 'FTP response' ? 'ftp_response' : kind === 'DEBUG' ? 'ftp_log' : 'ftp_command',
      '',
    )
    event.user_name = user
    putSource(event, client)
    said(event, kind, words)
    return ok
  }
  const logged = login.exec(text)
  if (logged !== null) {
    const [, user = '', status = '', client = '', anonymous, words = ''] = logged
    setFtp(event, 'vsftpd', 'authentication', 'ftp_login', status === 'OK' ? 'success' : 'failure')
    event.user_name = user
    putSource(event, client)
    put(event, anonymous === undefined ? 'event.reason' : 'ftp.anonymous_password', words)
    return ok
  }
  const connected = connect.exec(text)
  if (connected !== null) {
    const [, client = '', reason = ''] = connected
    setFtp(event, 'vsftpd', 'network', 'ftp_connection', reason === '' ? '' : 'failure')
    putSource(event, client)
    put(event, 'event.reason', reason)
    return ok
  }
  const done = transfer.exec(text)
  const action = done?.[3] !== undefined && Object.hasOwn(actions, done[3]) ? actions[done[3]] : undefined
  if (done === null || action === undefined) return miss
  const [, user = '', status = '', , client = '', path = '', bytes = ''] = done
  setFtp(event, 'vsftpd', 'file', action, status === 'OK' ? 'success' : 'failure')
  event.user_name = user
  putSource(event, client)
  setFtpFile(event, path)
  event.network_bytes = asNumber(bytes, Number.MAX_SAFE_INTEGER)
  return ok
}

/** `Mon Jun  8 12:08:44 2020 [pid 27245] [siti] FAIL LOGIN: Client "203.0.113.7"`. Source: vsftpd.conf(5), logging.c of vsftpd. */
export const vsftpd: Parser = {
  format: 'vsftpd',
  parse(text, event, context) {
    if (!readAscTime(text, 0, context)) return readVsftpd(text, event)
    const { ms, end } = stamp
    const pid = /^ \[pid (\d{1,10})\] /.exec(text.slice(end, end + 24))
    if (pid === null) return miss
    const outcome = readVsftpd(text.slice(end + pid[0].length), event)
    if (outcome !== ok) return outcome
    setLocalTime(event, ms)
    event.process_pid = asNumber(pid[1], 0xffff_ffff)
    return ok
  },
}
