// What do the event ids of Windows mean? Category, action and outcome by channel; kinds of logon, reasons of failures.
// Source: Microsoft, "Appendix L: Events to Monitor" and the reference of security auditing events; Sysmon's manifest.

/** What an event of an id is. */
export interface Meaning {
  readonly category: string
  readonly action: string
  /** '' where the event says itself. */
  readonly outcome: string
}

/** `4720,4741:user_add` lines under a category; `!` behind an action: it failed, `+`: it succeeded. */
function table(text: string): ReadonlyMap<number, Meaning> {
  const found = new Map<number, Meaning>()
  for (const line of text.trim().split('\n')) {
    const [category = '', ...entries] = line.trim().split(/\s+/)
    for (const entry of entries) {
      const [ids = '', word = ''] = entry.split(':')
      const outcome = word.endsWith('!') ? 'failure' : word.endsWith('+') ? 'success' : ''
      const action = outcome === '' ? word : word.slice(0, -1)
      for (const id of ids.split(',')) found.set(Number(id), { category, action, outcome })
    }
  }
  return found
}

const security = table(`
  authentication 4624:logon+ 4625:logon! 4648:explicit_logon 4768:kerberos_ticket 4769:kerberos_service_ticket 4770:kerberos_renewal 4771:kerberos_preauthentication! 4772,4773:kerberos_ticket!
  authentication 4774,4775,4776:ntlm_validation 4777:ntlm_validation! 4825:remote_desktop_logon! 6272:network_policy_login+ 6273,6274:network_policy_login! 4649:replay_attack! 4964:special_group_logon+
  session 4634,4647:logoff+ 4672:special_privileges+ 4778:session_reconnected+ 4779:session_disconnected+ 4800:workstation_locked+ 4801:workstation_unlocked+ 4802,4803:screen_saver
  iam 4720,4741:user_add 4722:user_enable 4723:password_change 4724:password_reset 4725:user_disable 4726,4743:user_delete 4738,4742:user_change 4740:user_lock 4767:user_unlock 4781:user_rename
  iam 4765,4766:sid_history_change 4780:admin_acl_set 4794:restore_mode_password 4727,4731,4754,4744,4749,4759:group_add 4730,4734,4758,4748,4753,4763:group_delete
  iam 4728,4732,4756,4746,4751,4761:group_member_add 4729,4733,4757,4747,4752,4762:group_member_remove 4735,4737,4755,4745,4750,4760,4764:group_change 4798:group_membership_listed 4799:group_members_listed
  iam 5136:directory_change 5137:directory_add 5138:directory_restore 5139:directory_move 5141:directory_delete 4662:directory_access 4661:handle_request 4703,4704,4705:privilege_change 4717,4718:access_right_change
  process 4688:process_start+ 4689:process_end+ 4696:primary_token 4673,4674:privileged_call
  configuration 1102,517:log_cleared+ 1100:audit_stopped 1104:log_full 1108:audit_error 4719:audit_policy_change+ 4902,4904,4905,4906,4907,4908,4912:audit_policy_change 4739:domain_policy_change 4713:kerberos_policy_change
  configuration 4697:service_install 4698:task_create 4699:task_delete 4700:task_enable 4701:task_disable 4702:task_change 4946,4947,4948,4949,4950,4954,4956:firewall_rule_change 4706,4707,4716,4865,4866,4867:trust_change
  configuration 4870,4882,4885,4890,4892,4896:certificate_services_change 4886,4887,4888:certificate_request 4899,4900:certificate_template_change 4614,4610,4611,4622:security_package_loaded
  registry 4657:registry_change
  file 4656,4658,4660,4663,4664,4670,4690,4691:object_access 5140,5142,5143,5144:share_access 5145:share_access_check 5168:share_spn_check!
  network 5156,5158:network_connection+ 5157,5152,5150,5151,5159:network_connection! 5154,5155:network_listen 5031:network_blocked!
  host 4608:system_start 4609:system_shutdown 4616:time_change 4618:monitored_pattern 4621:crash_on_audit_fail 4826:boot_configuration 6416,6419,6420,6421,6422,6423,6424:device_change`)

const sysmon = table(`
  process 1:process_start 5:process_end 8:remote_thread 9:raw_disk_access 10:process_access 24:clipboard_change 25:process_tampering
  file 2:file_time_change 11:file_create 15:file_stream_create 17:pipe_create 18:pipe_connect 23,26:file_delete 27:executable_blocked 28:shredding_blocked 29:executable_create
  network 3:network_connection 22:dns_query
  driver 6:driver_load
  library 7:image_load
  registry 12:registry_key_change 13:registry_value_set 14:registry_rename
  configuration 4:sensor_state 16:sensor_config_change 19:wmi_filter 20:wmi_consumer 21:wmi_binding
  host 255:sensor_error`)

const powershell = table(`
  process 400,40961,40962,53504:engine_start 403:engine_stop 600:provider_start 800:pipeline 4103:command_run 4104:script_block 4105:script_start 4106:script_stop`)

const system = table(`
  configuration 104:log_cleared+ 7045:service_install 7040:service_change
  process 7035:service_control 7036:service_state 7031,7034:service_crash 7000,7009,7023,7024,7038:service_failed!
  host 12,6005,6009:system_start 13,6006:system_shutdown 41,6008:unexpected_shutdown 1074,1076:shutdown_requested 1:time_change 1001:crash`)

/** Other channels, in lower case, whose ids matter to people. */
const others: Readonly<Record<string, ReadonlyMap<number, Meaning>>> = {
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational': table(
    'authentication 1149:remote_desktop_logon+',
  ),
  'microsoft-windows-terminalservices-localsessionmanager/operational': table(
    'session 21:session_opened+ 22:shell_start+ 23:session_closed+ 24:session_disconnected+ 25:session_reconnected+ 39,40:session_disconnected',
  ),
  'microsoft-windows-remotedesktopservices-rdpcorets/operational': table(
    'network 131:remote_desktop_connection\nauthentication 140:remote_desktop_logon!',
  ),
  'microsoft-windows-windows defender/operational': table(`
    malware 1006,1015,1116:malware_detected 1007,1117:malware_handled 1008,1118,1119:malware_handled!
    configuration 5001,5010,5012:protection_disabled 5004,5007,5013:protection_change`),
  'microsoft-windows-taskscheduler/operational': table(
    'configuration 106:task_create 140:task_change 141:task_delete\nprocess 129,200,201:task_run',
  ),
  'microsoft-windows-windows firewall with advanced security/firewall': table(
    'configuration 2004,2005,2006,2071,2097,2073,2033,2052:firewall_rule_change 2002,2003,2082,2083:firewall_setting_change',
  ),
  'microsoft-windows-bits-client/operational': table('network 3,59,60,16403:bits_transfer'),
  'openssh/operational': table('process 4:ssh_log'),
}

const powershellChannels: ReadonlySet<string> = new Set([
  'microsoft-windows-powershell/operational',
  'powershellcore/operational',
  'windows powershell',
])

/** Datasets of channels; what is none of these is `windows.other`. */
const datasets: Readonly<Record<string, string>> = {
  security: 'windows.security',
  system: 'windows.system',
  'microsoft-windows-sysmon/operational': 'windows.sysmon',
  'linux-sysmon/operational': 'windows.sysmon',
  ...Object.fromEntries([...powershellChannels].map((channel) => [channel, 'windows.powershell'])),
}

/** Every dataset of Windows events. */
export const windowsDatasets = [
  'windows.security',
  'windows.sysmon',
  'windows.powershell',
  'windows.system',
  'windows.other',
] as const

/** The dataset of a channel (its name in lower case). */
export function datasetOf(channel: string): string {
  return Object.hasOwn(datasets, channel) ? (datasets[channel] ?? 'windows.other') : 'windows.other'
}

const byDataset: Readonly<Record<string, ReadonlyMap<number, Meaning>>> = {
  'windows.security': security,
  'windows.sysmon': sysmon,
  'windows.powershell': powershell,
  'windows.system': system,
}

/** What an event is, undefined if its id is in no table. `channel`: in lower case. */
export function meaningOf(channel: string, dataset: string, id: number): Meaning | undefined {
  if (Object.hasOwn(others, channel)) return others[channel]?.get(id)
  return Object.hasOwn(byDataset, dataset) ? byDataset[dataset]?.get(id) : undefined
}

/** Kinds of logon by LogonType. */
export const logonTypes: Readonly<Record<string, string>> = {
  '0': 'System',
  '2': 'Interactive',
  '3': 'Network',
  '4': 'Batch',
  '5': 'Service',
  '7': 'Unlock',
  '8': 'NetworkCleartext',
  '9': 'NewCredentials',
  '10': 'RemoteInteractive',
  '11': 'CachedInteractive',
  '12': 'CachedRemoteInteractive',
  '13': 'CachedUnlock',
}

/** NTSTATUS of a failed logon. */
export const logonFailures: Readonly<Record<string, string>> = {
  '0xc0000064': 'unknown user',
  '0xc000006a': 'wrong password',
  '0xc000006d': 'wrong user or password',
  '0xc000006e': 'account restriction',
  '0xc000006f': 'outside of allowed hours',
  '0xc0000070': 'workstation not allowed',
  '0xc0000071': 'password expired',
  '0xc0000072': 'account disabled',
  '0xc00000dc': 'server in the wrong state',
  '0xc0000133': 'clock skew',
  '0xc000015b': 'logon type not granted',
  '0xc000018c': 'trust relationship failed',
  '0xc0000192': 'netlogon not started',
  '0xc0000193': 'account expired',
  '0xc0000224': 'password must change',
  '0xc0000234': 'account locked',
  '0xc0000371': 'no secret material',
  '0xc0000413': 'authentication firewall',
}

/** Kerberos error codes (RFC 4120 section 7.5.9) of 4768, 4769 and 4771. */
export const kerberosFailures: Readonly<Record<string, string>> = {
  '0x6': 'unknown user',
  '0x7': 'unknown service',
  '0x9': 'no key',
  '0xc': 'policy rejects request',
  '0xd': 'option not supported',
  '0xe': 'encryption type not supported',
  '0x12': 'account disabled, expired or locked',
  '0x17': 'password expired',
  '0x18': 'wrong password',
  '0x19': 'preauthentication required',
  '0x1b': 'user-to-user required',
  '0x1f': 'integrity check failed',
  '0x20': 'ticket expired',
  '0x22': 'replayed request',
  '0x25': 'clock skew',
}
