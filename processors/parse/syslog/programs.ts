// What do small programs of a Unix host say about users and addresses? Their lines stay in dataset `syslog`, with ECS fields set.
import type { Event } from '../../../schemas/event.ts'
import { put, putSource } from '../values/fields.ts'

/** Text between `open` and the first of `closes` behind it, or ''. */
function between(text: string, open: string, ...closes: string[]): string {
  const at = text.indexOf(open)
  if (at < 0) return ''
  const from = at + open.length
  let to = text.length
  for (const close of closes) {
    const found = text.indexOf(close, from)
    if (found >= 0 && found < to) to = found
  }
  return text.slice(from, to)
}

function set(event: Event, category: string, action: string, outcome: string): void {
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

/** `FAILED SU (to root) budi on pts/0`, `Successful su for root by budi`, `FAILED su for root by budi`, `+ /dev/pts/1 budi:root`. */
function su(event: Event, text: string): void {
  let failed = text.startsWith('FAILED') || text.startsWith('- ')
  let actor = ''
  let target = ''
  if (text.includes(' su for ')) {
    target = between(text, ' su for ', ' by ')
    actor = between(text, ' by ')
  } else if (text.includes('(to ')) {
    target = between(text, '(to ', ')')
    actor = between(text, ') ', ' on ')
  } else if (text.startsWith('+ ') || text.startsWith('- ')) {
    const pair = text.slice(text.lastIndexOf(' ') + 1)
    const colon = pair.search(/[:-]/)
    if (colon < 0) return
    actor = pair.slice(0, colon)
    target = pair.slice(colon + 1)
  } else {
    failed = text.includes('uthentication fail')
    if (!failed) return
  }
  set(event, 'authentication', 'su', failed ? 'failure' : 'success')
  event.user_name = actor
  event.user_target_name = target
}

/** `FAILED LOGIN 1 FROM tty1 FOR root, Authentication failure`, `LOGIN ON tty1 BY budi`, `ROOT LOGIN ON tty1 FROM 192.0.2.7`. */
function loginProgram(event: Event, text: string): void {
  const failed = text.startsWith('FAILED LOGIN')
  if (!failed && !text.startsWith('LOGIN ON ') && !text.startsWith('ROOT LOGIN')) return
  set(event, 'authentication', 'login', failed ? 'failure' : 'success')
  event.user_name = failed
    ? between(text, ' FOR ', ',').replace(/^`|'$/g, '')
    : text.startsWith('ROOT')
      ? 'root'
      : between(text, ' BY ', ' ')
  const from = between(text, ' FROM ', ' ', ',')
  if (from !== '' && !from.startsWith('tty') && !from.startsWith('(')) putSource(event, from)
}

/** `connection from 192.0.2.7 (host.example) at …`, `ANONYMOUS FTP LOGIN FROM 192.0.2.7,  (anonymous)`, `FTP LOGIN FROM … as budi`. */
function ftpd(event: Event, text: string): void {
  if (text.startsWith('connection from ')) {
    set(event, 'network', 'ftp_connection', '')
    putSource(event, between(text, 'connection from ', ' '))
    put(event, 'source.domain', between(text, ' (', ')'))
  } else if (text.includes('FTP LOGIN')) {
    const failed = text.includes('FAILED') || text.includes('REFUSED')
    set(event, 'authentication', 'ftp_login', failed ? 'failure' : 'success')
    const from = between(text, ' FROM ', ',', ' ')
    if (from !== '') putSource(event, from)
    event.user_name = text.startsWith('ANONYMOUS') ? 'anonymous' : between(text, ' as ', ' ', ',')
  } else {
    return
  }
  event.network_protocol = 'ftp'
}

/** `Authentication failed from 192.0.2.7 (192.0.2.7): Permission denied …` of the Kerberos r-commands. */
function klogind(event: Event, text: string): void {
  if (!text.includes('uthentication failed')) return
  set(event, 'authentication', 'kerberos_login', 'failure')
  const from = between(text, ' from ', ' ')
  if (from !== '') putSource(event, from)
}

/** `(root) CMD (/usr/bin/true)` */
function cron(event: Event, text: string): void {
  const open = text.indexOf(') CMD (')
  if (open < 2 || text.charCodeAt(0) !== 40) return
  set(event, 'process', 'cron_command', '')
  event.user_name = text.slice(1, open)
  event.process_command_line = text.slice(open + 7, text.endsWith(')') ? -1 : text.length).trim()
}

/** `New session 12 of user budi.`, `Removed session 12.` */
function logind(event: Event, text: string): void {
  if (text.startsWith('New session ')) {
    set(event, 'session', 'session_opened', 'success')
    event.user_name = between(text, ' of user ', '.')
  } else if (text.startsWith('Removed session ')) {
    set(event, 'session', 'session_closed', 'success')
  }
}

/** `new user: name=budi, UID=1001, …`, `delete user 'budi'`, `add 'budi' to group 'sudo'`, `change user 'budi' password`. */
function account(event: Event, action: string, text: string): void {
  set(event, 'iam', action, text.includes('failed') ? 'failure' : 'success')
  const quoted = between(text, "user '", "'") || between(text, "add '", "'")
  event.user_target_name = quoted === '' ? between(text, 'name=', ',') : quoted
  put(event, 'group.name', between(text, "group '", "'"))
}

type Reader = (event: Event, text: string) => void

const accounts: Record<string, string> = {
  useradd: 'user_add',
  adduser: 'user_add',
  userdel: 'user_delete',
  usermod: 'user_change',
  chage: 'user_change',
  groupadd: 'group_add',
  groupdel: 'group_delete',
  gpasswd: 'group_change',
  chpasswd: 'password_change',
}

/** Every program known here, with its reader. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['su', su],
  ['su-l', su],
  ['login', loginProgram],
  ['ftpd', ftpd],
  ['in.ftpd', ftpd],
  ['klogind', klogind],
  ['kshd', klogind],
  ['cron', cron],
  ['CRON', cron],
  ['crond', cron],
  ['systemd-logind', logind],
  ...Object.entries(accounts).map(([program, action]): [string, Reader] => [
    program,
    (event, text) => account(event, action, text),
  ]),
])

/** Read what the program named in the syslog header says, as far as it is known here. */
export function readProgram(event: Event, program: string, text: string): void {
  // login(1) of before 2006 writes ` -- root[2421]: ROOT LOGIN ON tty2`, without its name.
  if (program === '' && text.startsWith('-- ')) loginProgram(event, text.slice(text.indexOf(': ') + 2))
  else readers.get(program)?.(event, text)
}
