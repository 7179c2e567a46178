// Which columns does a Windows event set? Who, from where, what was run, and how it ended, from the names that Windows gave its data.
import type { Event } from '../../../schemas/event.ts'
import type { ParseContext } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { sshd } from './sshd.ts'
import { kerberosFailures, logonFailures, logonTypes, type Meaning, meaningOf } from './windows-ids.ts'

/** The text of a datum, '' if the event has none of that name. */
export type Take = (name: string) => string

/** Windows writes `-` and ids of message tables for what is not known. */
function known(value: string): string {
  return value === '-' || value === '%%1793' || value === 'NULL SID' ? '' : value
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1)
}

/** Process id as Sysmon writes it (`7`) or Security (`0x1b4`). */
function processId(text: string): number {
  const id = text.length > 0 && text.length < 13 ? Number(text) : 0
  return Number.isInteger(id) && id > 0 && id <= 0xffff_ffff ? id : 0
}

/** `KPU\budi` is budi, the domain goes to a field of its own. */
function setAccount(event: Event, name: string, domain: string): void {
  const slash = name.indexOf('\\')
  event.user_name = name.slice(slash + 1)
  const from = slash > 0 ? name.slice(0, slash) : domain
  if (event.user_name !== '') put(event, 'user.domain', from)
}

function subject(event: Event, take: Take): void {
  setAccount(event, known(take('SubjectUserName')), known(take('SubjectDomainName')))
}

/** The account that was tried. Sigma's correlations group by TargetUserName, which leads to `user_target_name`. */
function target(event: Event, take: Take): void {
  const name = known(take('TargetUserName')) || known(take('TargetUser'))
  setAccount(event, name, known(take('TargetDomainName')))
  event.user_target_name = event.user_name
}

/** Set an address, unless it is the machine's own as Windows writes it for what came from nowhere else. */
function setSource(event: Event, address: string, port: string, host: string): void {
  const from = toAddress(address)
  if (from !== '') event.source_ip = from
  if (event.source_port === 0) event.source_port = toPort(port)
  put(event, 'source.domain', known(host))
}

/** Status and SubStatus of a logon, the error code of a Kerberos or NTLM request. */
function setStatus(event: Event, code: string, take: Take): void {
  const status = (take('Status') || take('FailureCode') || take('ErrorCode')).toLowerCase()
  const sub = take('SubStatus').toLowerCase()
  const nothing = status === '' || /^0x0+$/.test(status)
  if (event.event_outcome === '') event.event_outcome = nothing ? 'success' : 'failure'
  if (event.event_outcome !== 'failure') return
  const kerberos = code === '4768' || code === '4769' || code === '4771'
  const reasons = kerberos ? kerberosFailures : logonFailures
  const reason = [sub, status].find((one) => Object.hasOwn(reasons, one))
  put(event, 'event.reason', reason === undefined ? known(status) : (reasons[reason] ?? ''))
  if (reason !== undefined && reasons[reason] === 'unknown user') put(event, 'user.known', 'false')
}

function logon(event: Event, take: Take): void {
  const code = event.event_code
  if (code === '4648') {
    subject(event, take)
    event.user_target_name = known(take('TargetUserName'))
  } else if (code === '6272' || code === '6273' || code === '6274') {
    subject(event, take)
    setSource(event, known(take('CallingStationID')), '', '')
    put(event, 'event.reason', known(take('Reason')))
  } else if (code === '1149') {
    setAccount(event, take('Param1'), take('Param2'))
    setSource(event, take('Param3'), '', '')
  } else if (code === '4825') {
    setAccount(event, take('AccountName'), take('AccountDomain'))
    setSource(event, take('ClientAddress'), '', '')
  } else if (code === '140') {
    setSource(event, take('IPString'), '', '')
  } else {
    target(event, take)
    setStatus(event, code, take)
  }
  setSource(event, known(take('IpAddress')), take('IpPort'), take('WorkstationName') || take('Workstation'))
  const type = take('LogonType')
  put(event, 'winlog.logon.type', Object.hasOwn(logonTypes, type) ? (logonTypes[type] ?? '') : '')
  put(event, 'winlog.logon.id', take('TargetLogonId'))
}

/** Of members of a group the group is the target; a member is `CN=Siti,OU=…` or a SID. */
function accountChange(event: Event, action: string, take: Take): void {
  subject(event, take)
  const name = known(take('TargetUserName')) || known(take('OldTargetUserName')) || known(take('ObjectDN'))
  if (action.startsWith('group_')) {
    put(event, 'group.name', name)
    const member = known(take('MemberName'))
    const short = /^CN=((?:[^,\\]|\\.){1,256})/i.exec(member)?.[1] ?? member
    event.user_target_name = short || known(take('MemberSid'))
  } else event.user_target_name = name
}

/** Processes: Sysmon's names, and those of Security 4688 and 4689. */
function process(event: Event, dataset: string, take: Take): void {
  const security = dataset === 'windows.security'
  const image = known(
    take('NewProcessName') || take('Image') || take('SourceImage') || (security ? take('ProcessName') : ''),
  )
  if (image !== '') {
    put(event, 'process.executable', image)
    event.process_name = baseName(image)
  }
  const own = take('NewProcessId') || take('ProcessId') || take('SourceProcessId')
  event.process_pid = processId(own) || event.process_pid
  if (event.event_code !== '4688') {
    const parent = take('ParentImage')
    put(event, 'process.parent.executable', parent)
    if (take('User') !== '') setAccount(event, take('User'), '')
    return
  }
  created(event, take)
}

/** Mandatory labels. */
const integrity: Readonly<Record<string, string>> = {
  'S-1-16-0': 'Untrusted',
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'Medium',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
}

/** 4688: its ProcessId is the creator's, and who runs the process is its target where it is somebody else. */
function created(event: Event, take: Take): void {
  put(event, 'process.parent.executable', known(take('ParentProcessName')))
  put(event, 'process.parent.pid', String(processId(take('ProcessId')) || ''))
  event.fields.delete('winlog.event_data.ProcessId')
  subject(event, take)
  const creator = known(take('SubjectUserName'))
  const domain = known(take('SubjectDomainName'))
  put(event, 'process.parent.user.name', creator === '' || domain === '' ? creator : `${domain}\\${creator}`)
  put(event, 'winlog.logon.id', take('SubjectLogonId'))
  if (known(take('TargetUserName')) !== '') setAccount(event, take('TargetUserName'), known(take('TargetDomainName')))
  const label = take('MandatoryLabel')
  put(event, 'process.integrity_level', Object.hasOwn(integrity, label) ? (integrity[label] ?? '') : label)
}

/** Protocols by number, as the filtering platform writes them. */
const protocols: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'ipv6-icmp' }

function network(event: Event, take: Take): void {
  event.source_ip = toAddress(take('SourceIp') || take('SourceAddress'))
  event.source_port = toPort(take('SourcePort'))
  event.destination_ip = toAddress(take('DestinationIp') || take('DestAddress'))
  event.destination_port = toPort(take('DestinationPort') || take('DestPort'))
  const protocol = take('Protocol')
  event.network_transport = (Object.hasOwn(protocols, protocol) ? (protocols[protocol] ?? '') : protocol).toLowerCase()
  put(event, 'destination.domain', known(take('DestinationHostname')))
  event.dns_question_name = take('QueryName')
  if (event.dns_question_name !== '') event.network_protocol = 'dns'
  if (take('IPString') !== '') event.source_ip = toAddress(take('IPString'))
  if (event.source_ip === '') event.source_ip = toAddress(take('ClientIP').replace(/^\[?([^\]]+)\]?:\d{1,5}$/, '$1'))
}

/** The hash that is worth most of `MD5=…,SHA256=…,IMPHASH=…`. */
function bestHash(text: string): string {
  for (const kind of ['SHA256=', 'SHA1=', 'MD5=']) {
    const at = text.indexOf(kind)
    if (at < 0) continue
    const from = at + kind.length
    const comma = text.indexOf(',', from)
    return text.slice(from, comma < 0 ? undefined : comma).toLowerCase()
  }
  return ''
}

function files(event: Event, take: Take): void {
  const path =
    take('TargetFilename') ||
    take('ImageLoaded') ||
    take('PipeName') ||
    take('ObjectName') ||
    take('RelativeTargetName')
  put(event, 'file.path', known(path))
  event.file_name = known(baseName(path))
  event.file_hash ||= bestHash(take('Hashes') || take('Hash'))
}

/** Defender: the threat is the signature. */
function malware(event: Event, take: Take): void {
  event.rule_name = take('Threat Name') || take('ThreatName')
  event.event_category = 'intrusion_detection'
  event.event_severity = 80
  setAccount(event, take('Detection User') || take('DetectionUser'), '')
  put(event, 'file.path', take('Path'))
}

/** Success or failure by the keyword of audits: 0x8010… a failure, 0x8020… a success. */
function auditOutcome(event: Event): string {
  const keywords = event.fields.get('winlog.keywords') ?? ''
  if (/^0x8010|Audit Failure/i.test(keywords)) return 'failure'
  return /^0x8020|Audit Success/i.test(keywords) ? 'success' : ''
}

/** Who: as most events name them. */
function setUsers(event: Event, take: Take): void {
  const name =
    known(take('SubjectUserName')) || known(take('User')) || known(take('AccountName')) || known(take('UserName'))
  const domain = known(take('SubjectDomainName'))
  if (event.user_name === '' && name !== '') setAccount(event, name, domain)
}

function setKind(event: Event, meaning: Meaning, take: Take, context: ParseContext): void {
  const { category, action, outcome } = meaning
  event.event_category = category
  event.event_action = action
  if (outcome !== '') event.event_outcome = outcome
  switch (category) {
    case 'authentication':
      logon(event, take)
      break
    case 'iam':
      accountChange(event, action, take)
      break
    case 'session':
      // Of a logoff the target is who goes.
      if (action === 'logoff') target(event, take)
      else if (known(take('AccountName')) !== '') setAccount(event, take('AccountName'), known(take('AccountDomain')))
      setSource(event, known(take('ClientAddress') || take('Address')), '', known(take('ClientName')))
      put(event, 'winlog.logon.id', take('TargetLogonId') || take('LogonID'))
      break
    case 'network':
      network(event, take)
      break
    case 'malware':
      malware(event, take)
      break
    case 'process':
      if (action === 'ssh_log') sshMessage(event, take, context)
      break
    default:
  }
}

/** Win32-OpenSSH writes what sshd says as `payload`. */
function sshMessage(event: Event, take: Take, context: ParseContext): void {
  const { dataset, process_name } = event
  event.event_category = 'network'
  sshd.parse(take('payload'), event, context)
  event.dataset = dataset
  event.process_name = process_name || take('process')
}

/** Set the columns of an event whose dataset, code and fields are there. `channel`: its name in lower case. */
export function setWindowsColumns(event: Event, channel: string, take: Take, context: ParseContext): void {
  const { dataset } = event
  const meaning = meaningOf(channel, dataset, Number(event.event_code))
  if (event.event_outcome === '') event.event_outcome = auditOutcome(event)
  if (meaning !== undefined) setKind(event, meaning, take, context)
  else event.event_category ||= 'host'
  process(event, dataset, take)
  setUsers(event, take)
  if (event.event_category !== 'network') files(event, take)
  setSource(event, known(take('IpAddress') || take('ClientAddress')), take('IpPort'), '')
  put(event, 'service.name', take('ServiceName'))
  put(event, 'registry.path', take('TargetObject'))
  event.observer_vendor ||= 'Microsoft'
  event.observer_product ||= 'Windows'
}
