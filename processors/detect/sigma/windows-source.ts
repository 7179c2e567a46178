// Which log source does a Windows event belong to? The tables of Sigma's taxonomy: channels are services, some event ids are categories.
// Source: Sigma taxonomy appendix 2.1, "Windows Folder".
import type { EventSource } from './rule.ts'

/** Channel of the event log, in lower case, and the services that its events are. */
export const windowsServices: Readonly<Record<string, readonly string[]>> = {
  application: ['application'],
  'dns server': ['dns-server'],
  'microsoft-iis-configuration/operational': ['iis-configuration'],
  'microsoft-servicebus-client': ['microsoft-servicebus-client', 'servicebus-client'],
  'microsoft-servicebus-client/admin': ['microsoft-servicebus-client', 'servicebus-client'],
  'microsoft-servicebus-client/operational': ['microsoft-servicebus-client', 'servicebus-client'],
  'microsoft-windows-application-experience/program-compatibility-assistant': ['application-experience'],
  'microsoft-windows-application-experience/program-telemetry': ['application-experience'],
  'microsoft-windows-applocker/exe and dll': ['applocker'],
  'microsoft-windows-applocker/msi and script': ['applocker'],
  'microsoft-windows-applocker/packaged app-deployment': ['applocker'],
  'microsoft-windows-applocker/packaged app-execution': ['applocker'],
  'microsoft-windows-appmodel-runtime/admin': ['appmodel-runtime'],
  'microsoft-windows-appxdeploymentserver/operational': ['appxdeployment-server'],
  'microsoft-windows-appxpackaging/operational': ['appxpackaging-om'],
  'microsoft-windows-bitlocker/bitlocker management': ['bitlocker'],
  'microsoft-windows-bits-client/operational': ['bits-client'],
  'microsoft-windows-capi2/operational': ['capi2'],
  'microsoft-windows-certificateservicesclient-lifecycle-system/operational': [
    'certificateservicesclient-lifecycle-system',
  ],
  'microsoft-windows-codeintegrity/operational': ['codeintegrity-operational'],
  'microsoft-windows-dhcp-server/operational': ['dhcp'],
  'microsoft-windows-diagnosis-scripted/operational': ['diagnosis-scripted'],
  'microsoft-windows-dns client events/operational': ['dns-client'],
  'microsoft-windows-dns-client/operational': ['dns-client'],
  'microsoft-windows-dns-server/analytical': ['dns-server-analytic'],
  'microsoft-windows-dnsserver/analytical': ['dns-server-analytic'],
  'microsoft-windows-dns-server/audit': ['dns-server-audit'],
  'microsoft-windows-dnsserver/audit': ['dns-server-audit'],
  'microsoft-windows-driverframeworks-usermode/operational': ['driver-framework'],
  'microsoft-windows-hyper-v-worker': ['hyper-v-worker'],
  'microsoft-windows-hyper-v-worker-admin': ['hyper-v-worker'],
  'microsoft-windows-kernel-eventtracing': ['kernel-event-tracing'],
  'microsoft-windows-kernel-eventtracing/admin': ['kernel-event-tracing'],
  'microsoft-windows-kernel-shimengine/diagnostic': ['kernel-shimengine'],
  'microsoft-windows-kernel-shimengine/operational': ['kernel-shimengine'],
  'microsoft-windows-ldap-client/debug': ['ldap'],
  'microsoft-windows-lsa/operational': ['lsa-server'],
  'microsoft-windows-ntfs/operational': ['ntfs'],
  'microsoft-windows-ntlm/operational': ['ntlm'],
  'microsoft-windows-powershell/operational': ['powershell'],
  'microsoft-windows-printservice/admin': ['printservice-admin'],
  'microsoft-windows-printservice/operational': ['printservice-operational'],
  'microsoft-windows-security-mitigations/kernel mode': ['security-mitigations'],
  'microsoft-windows-security-mitigations/kernelmode': ['security-mitigations'],
  'microsoft-windows-security-mitigations/user mode': ['security-mitigations'],
  'microsoft-windows-security-mitigations/usermode': ['security-mitigations'],
  'microsoft-windows-sense/operational': ['sense'],
  'microsoft-windows-shell-core/operational': ['shell-core'],
  'microsoft-windows-smbclient/connectivity': ['smbclient-connectivity'],
  'microsoft-windows-smbclient/security': ['smbclient-security'],
  'microsoft-windows-smbserver/connectivity': ['smbserver-connectivity'],
  'microsoft-windows-sysmon/operational': ['sysmon'],
  'microsoft-windows-taskscheduler/operational': ['taskscheduler'],
  'microsoft-windows-terminalservices-localsessionmanager/operational': ['terminalservices-localsessionmanager'],
  'microsoft-windows-vhdmp-operational': ['vhdmp'],
  'microsoft-windows-vhdmp/operational': ['vhdmp'],
  'microsoft-windows-windows defender/operational': ['windefend'],
  'microsoft-windows-windows firewall with advanced security/firewall': ['firewall-as'],
  'microsoft-windows-wmi-activity/operational': ['wmi'],
  'msexchange management': ['msexchange-management'],
  'openssh/operational': ['openssh'],
  'powershellcore/operational': ['powershell'],
  security: ['security'],
  system: ['system'],
  'windows powershell': ['powershell-classic'],
}

/** Sysmon's event ids. 12 is split by its EventType, see below; 26 is a deletion whose file was not kept. */
const sysmon: Readonly<Record<number, readonly string[]>> = {
  1: ['process_creation'],
  2: ['file_change'],
  3: ['network_connection'],
  4: ['sysmon_status'],
  5: ['process_termination'],
  6: ['driver_load'],
  7: ['image_load'],
  8: ['create_remote_thread'],
  9: ['raw_access_thread'],
  10: ['process_access'],
  11: ['file_event'],
  12: ['registry_event', 'registry_add', 'registry_delete'],
  13: ['registry_event', 'registry_set'],
  14: ['registry_event', 'registry_rename'],
  15: ['create_stream_hash'],
  16: ['sysmon_status'],
  17: ['pipe_created'],
  18: ['pipe_created'],
  19: ['wmi_event'],
  20: ['wmi_event'],
  21: ['wmi_event'],
  22: ['dns_query'],
  23: ['file_delete'],
  24: ['clipboard_capture'],
  25: ['process_tampering'],
  26: ['file_delete', 'file_delete_detected'],
  27: ['file_block_executable'],
  28: ['file_block_shredding'],
  29: ['file_executable_detected'],
  255: ['sysmon_error'],
}

const powershell = { 4103: ['ps_module'], 4104: ['ps_script'] }

/** By service, the event ids whose events are a category too. */
const categories: Readonly<Record<string, Readonly<Record<number, readonly string[]>>>> = {
  sysmon,
  security: { 4688: ['process_creation'] },
  powershell,
  'powershell-classic': {
    400: ['ps_classic_start'],
    600: ['ps_classic_provider_start'],
    800: ['ps_classic_script'],
  },
}

const interned = new Map<string, EventSource>()

/** The categories of an event. */
function categoriesOf(service: string, eventId: number, eventType: string): readonly string[] {
  if (service === 'sysmon' && eventId === 12) {
    if (/^create/i.test(eventType)) return ['registry_event', 'registry_add']
    if (/^delete/i.test(eventType)) return ['registry_event', 'registry_delete']
  }
  const ids = categories[service]
  return ids !== undefined && Object.hasOwn(ids, eventId) ? (ids[eventId] ?? []) : []
}

/**
 * The log source of an event of a Windows event log, or of Sysmon for Linux; the same object for the same source. `eventType` is Sysmon's field
 * of registry events: both creation and deletion of a key are event 12.
 */
export function windowsSource(channel: string, eventId: number, eventType = ''): EventSource {
  const name = channel.trim().toLowerCase()
  const linux = name === 'linux-sysmon/operational'
  const services = linux ? ['sysmon'] : Object.hasOwn(windowsServices, name) ? (windowsServices[name] ?? []) : []
  const found = categoriesOf(services[0] ?? '', eventId, eventType)
  const product = linux ? 'linux' : 'windows'
  // Made of words of the tables alone, so their number is bounded.
  const key = `${product}|${services.join()}|${found.join()}`
  const known = interned.get(key)
  if (known !== undefined) return known
  const source: EventSource = { categories: found, products: [product], services }
  interned.set(key, source)
  return source
}
