// What did the Linux audit system see? Records of the kernel and of programs; the records of one event become one row.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putJson, putSource, tag } from '../values/fields.ts'
import { setTime } from '../values/time.ts'
import { trimEnd } from '../values/trim.ts'
import { callMeanings, callName, meanings, typeNames } from './auditd-types.ts'
import { type AuditHeader, auditHeader, readArguments, readPairs, recordAt, socketAddress } from './auditd-values.ts'

/** Arguments that are kept one by one as well; a rule names the first few. */
const MAX_ARGUMENTS = 16
/** Files of one event that are kept. */
const MAX_PATHS = 32

type Pairs = Map<string, string>

/** The records of an event. */
interface Records {
  readonly types: readonly string[]
  /** Pairs of all records but those of PATH and EXECVE; of the same name those of the record that comes first. */
  readonly pairs: Pairs
  readonly paths: readonly Pairs[]
  readonly arguments: ReadonlyMap<number, string>
  /** The text behind the header of a record that says whether access was denied. */
  readonly access: string
}

function nameOf(type: string): string {
  return typeNames.get(type) ?? type
}

/** The records of the text that are of the event that its first line is of. */
function readRecords(event: Event, text: string, first: AuditHeader, bare: boolean): Records {
  const types = new Set<string>()
  const pairs: Pairs = new Map()
  const paths: Pairs[] = []
  const args = new Map<number, string>()
  let access = ''
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const whole = text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
    // The first line has lost its header already.
    const line = at === 0 ? whole : whole.slice(recordAt(whole))
    at = end + 1
    const header = auditHeader(line, bare)
    if (header === undefined || header.id !== first.id) {
      if (line.trim() !== '') tag(event, 'audit_other_event')
      continue
    }
    const type = nameOf(header.type)
    types.add(type)
    if (type === 'PATH' || type === 'EXECVE') {
      const own: Pairs = new Map()
      readPairs(line, header.end, own)
      if (type === 'EXECVE') readArguments(own, args)
      else if (paths.length < MAX_PATHS) paths.push(own)
    } else readPairs(line, header.end, pairs)
    if (type === 'AVC' || type === 'USER_AVC') access = line.slice(header.end)
  }
  return { types: [...types], pairs, paths, arguments: args, access }
}

/** What a program was called with. A process title is cut by the kernel at 128 bytes, so the arguments go first. */
function commandLine({ pairs, arguments: args }: Records): string {
  if (args.size > 0) {
    return [...args]
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value)
      .join(' ')
  }
  return pairs.get('cmd') ?? trimEnd(pairs.get('proctitle') ?? '', '\0').replaceAll('\0', ' ')
}

/** An id that means nobody: -1 as the kernel prints it. */
function isNobody(id: string): boolean {
  return id === '' || id === '4294967295' || id === '-1' || id === 'unset'
}

/** A user's name: that of an ENRICHED record, else root, else the number. */
function userName(pairs: Pairs, key: string): string {
  const id = pairs.get(key) ?? ''
  if (isNobody(id)) return ''
  const name = pairs.get(key.toUpperCase()) ?? ''
  if (name !== '' && name !== 'unset' && !name.startsWith('unknown(')) return name
  return id === '0' ? 'root' : id
}

/** Who logged in first (`auid`) is who acts; a program's report may say of whom it is (`acct`). */
function setUsers(event: Event, category: string, pairs: Pairs): void {
  const actor = userName(pairs, 'auid') || userName(pairs, 'uid')
  const account = pairs.get('acct') ?? userName(pairs, 'id')
  if (category === 'authentication' || category === 'session') {
    event.user_name = account || actor
  } else if (category === 'iam') {
    event.user_name = actor
    event.user_target_name = account
  } else {
    event.user_name = actor || account
    const effective = userName(pairs, 'euid')
    if (effective !== actor) event.user_target_name = effective
  }
  const id = pairs.get('auid') ?? ''
  put(event, 'user.id', isNobody(id) ? (pairs.get('uid') ?? '') : id)
  put(event, 'user.effective.id', pairs.get('euid') ?? '')
  put(event, 'group.name', pairs.get('grp') ?? pairs.get('new_group') ?? '')
}

/** `addr=192.0.2.7`, the socket address of a call, `laddr=… lport=…` of what sshd reports about keys. */
function setAddresses(event: Event, action: string, pairs: Pairs): void {
  const remote = pairs.get('addr') ?? ''
  if (remote !== '') putSource(event, remote)
  const host = pairs.get('hostname') ?? ''
  if (event.source_ip === '' && host !== '') putSource(event, host)
  else if (toAddress(host) === '') put(event, 'source.domain', host)
  event.source_port = toPort(pairs.get('rport') ?? '')
  event.destination_ip = toAddress(pairs.get('laddr') ?? '')
  event.destination_port = toPort(pairs.get('lport') ?? '')
  const socket = socketAddress(pairs.get('saddr') ?? '')
  if (socket === undefined) return
  put(event, 'auditd.log.socket_path', socket.path)
  if (socket.ip === '') return
  if (action === 'network_accept') {
    event.source_ip = socket.ip
    event.source_port = socket.port
  } else {
    event.destination_ip = socket.ip
    event.destination_port = socket.port
  }
}

function fullPath(directory: string, name: string): string {
  return name.startsWith('/') || directory === '' ? name : `${directory.replace(/\/$/, '')}/${name}`
}

/** Files: all their names for rules, and the one that the call is about (not its folder, not the program that was started). */
function setFiles(event: Event, category: string, { pairs, paths }: Records): void {
  const directory = pairs.get('cwd') ?? ''
  put(event, 'process.working_directory', directory)
  const names = paths.map((path) => path.get('name') ?? '').filter((name) => name !== '')
  const kinds = [...new Set(paths.map((path) => path.get('nametype') ?? ''))].filter((kind) => kind !== '')
  putJson(event, 'auditd.log.name', names)
  putJson(event, 'auditd.log.nametype', kinds)
  // Of a file that is renamed the new name tells more.
  const files = paths.filter((path) => path.get('nametype') !== 'PARENT')
  const about = files.find((path) => path.get('nametype') === 'CREATE') ?? files[0]
  const name = about?.get('name') ?? pairs.get('path') ?? (pairs.has('apparmor') ? pairs.get('name') : undefined) ?? ''
  if (name === '' || category === 'process') {
    if (pairs.has('apparmor') || pairs.has('scontext')) put(event, 'file.path', name)
    return
  }
  const path = fullPath(directory, name)
  put(event, 'file.path', path)
  event.file_name = path.slice(path.lastIndexOf('/') + 1)
}

const outcomes: Readonly<Record<string, string>> = {
  yes: 'success',
  success: 'success',
  '1': 'success',
  no: 'failure',
  failed: 'failure',
  '0': 'failure',
}

function outcomeOf({ pairs, types, access }: Records): string {
  const denied = /^[a-z_: ]{0,40}(?:msg='avc: {1,2})?(denied|granted) /.exec(access)?.[1] ?? ''
  const armor = pairs.get('apparmor') ?? ''
  if (denied === 'denied' || armor === 'DENIED') return 'failure'
  if (denied === 'granted' || armor === 'ALLOWED') return 'success'
  if (types.includes('SECCOMP') || types.some((type) => type.startsWith('ANOM_LOGIN'))) return 'failure'
  const word = pairs.get('success') ?? pairs.get('res') ?? pairs.get('result') ?? ''
  return Object.hasOwn(outcomes, word) ? (outcomes[word] ?? '') : ''
}

/** `{ read write }` of SELinux, `requested_mask="r"` of AppArmor. */
function setAccess(event: Event, { pairs, access }: Records): void {
  const wanted = /^[^{]{0,80}\{ ([a-z_ ]{1,200}) \}/.exec(access)?.[1] ?? pairs.get('denied_mask') ?? ''
  put(event, 'auditd.log.access', wanted)
  if (pairs.has('apparmor')) event.event_action = 'apparmor_check'
  else if (pairs.has('scontext')) event.event_action = 'selinux_check'
}

/** What the records are about: the call of the kernel, else the first record that has a meaning. */
function kindOf(event: Event, { types, pairs }: Records): readonly [category: string, action: string] {
  const own = types.find((type) => Object.hasOwn(meanings, type) && type !== 'PROCTITLE' && type !== 'EXECVE')
  if (own !== undefined) return meanings[own] ?? ['', '']
  if (types.includes('SYSCALL')) {
    const call = pairs.get('SYSCALL') ?? callName(pairs.get('arch') ?? '', pairs.get('syscall') ?? '')
    put(event, 'auditd.log.SYSCALL', call)
    if (Object.hasOwn(callMeanings, call)) return callMeanings[call] ?? ['', '']
    return ['process', call || 'system_call']
  }
  const [first = ''] = types
  return (Object.hasOwn(meanings, first) ? meanings[first] : undefined) ?? ['host', first.toLowerCase()]
}

/** Pairs that went to columns or names of ECS. */
const taken: ReadonlySet<string> = new Set([
  'pid',
  'ppid',
  'cwd',
  'proctitle',
  'cmd',
  'saddr',
  'acct',
  'addr',
  'hostname',
])

/** The rest of the pairs under the names of the audit system, which are those of Sigma's rules. */
function putRest(event: Event, { types, pairs, arguments: args }: Records): void {
  putJson(event, 'auditd.log.type', types)
  for (const [number, value] of args) {
    if (number < MAX_ARGUMENTS) put(event, `auditd.log.a${number}`, value)
  }
  for (const [name, value] of pairs) {
    if (taken.has(name) || name.length > 40) continue
    // Numbers that the call was given, not what a program was started with.
    if (args.size > 0 && /^a\d$/.test(name)) continue
    put(event, `auditd.log.${name}`, value)
  }
}

function setProcess(event: Event, records: Records): void {
  const { pairs } = records
  const executable = pairs.get('exe') ?? ''
  const name = pairs.get('comm') ?? executable.slice(executable.lastIndexOf('/') + 1)
  if (name !== '') event.process_name = name
  event.process_pid = asNumber(pairs.get('pid'), 0xffff_ffff) || event.process_pid
  event.process_command_line = commandLine(records)
  put(event, 'process.executable', executable)
  put(event, 'process.parent.pid', pairs.get('ppid') ?? '')
}

function readAuditd(text: string, event: Event, bare: boolean): Outcome {
  const newline = text.indexOf('\n')
  const first = auditHeader(newline < 0 ? text : text.slice(0, newline), bare)
  if (first === undefined) return miss
  event.dataset = 'auditd'
  const records = readRecords(event, text, first, bare)
  const { pairs } = records
  if (first.node !== '') event.host_name = first.node
  const colon = first.id.indexOf(':')
  if (colon > 0) setTime(event, Math.round(Number(first.id.slice(0, colon)) * 1000))
  put(event, 'auditd.log.sequence', first.id.slice(colon + 1))
  event.event_code = nameOf(first.type)
  const [category, action] = kindOf(event, records)
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcomeOf(records)
  setAccess(event, records)
  setProcess(event, records)
  setUsers(event, category, pairs)
  setAddresses(event, action, pairs)
  setFiles(event, category, records)
  // Keys of a rule are divided by \x01.
  event.rule_name = (pairs.get('key') ?? '').replaceAll('\u0001', ' ')
  putRest(event, records)
  return ok
}

/** What stands behind the header of the programs `audit` (journald), `audispd` and `auditd`. */
export function readAuditdSyslog(text: string, event: Event): Outcome {
  return readAuditd(text, event, true)
}

/**
 * A record of the audit system, or all records of an event divided by line ends: as in audit.log (RAW and ENRICHED), behind syslog (each record or
 * the first alone behind a header), as printed by the kernel. Source: linux-audit documentation, "Audit event fields" and "Audit record types".
 */
export const auditd: Parser = {
  format: 'auditd',
  parse: (text, event) => readAuditd(text, event, false),
}
