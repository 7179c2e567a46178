// What do the records of the Linux audit system mean? Their numbers, the kinds of records, the calls of the kernel.
// Source: linux/audit.h, libaudit's list of user-space records, the tables of system calls of the architectures.

/** Names of the records that the kernel prints by number. */
export const typeNames: ReadonlyMap<string, string> = new Map(
  `1006:LOGIN 1100:USER_AUTH 1101:USER_ACCT 1102:USER_MGMT 1103:CRED_ACQ 1104:CRED_DISP 1105:USER_START 1106:USER_END 1107:USER_AVC
  1108:USER_CHAUTHTOK 1109:USER_ERR 1110:CRED_REFR 1111:USYS_CONFIG 1112:USER_LOGIN 1113:USER_LOGOUT 1114:ADD_USER 1115:DEL_USER 1116:ADD_GROUP
  1117:DEL_GROUP 1123:USER_CMD 1124:USER_TTY 1126:TEST 1127:SYSTEM_BOOT 1128:SYSTEM_SHUTDOWN 1129:SYSTEM_RUNLEVEL 1130:SERVICE_START
  1131:SERVICE_STOP 1132:GRP_MGMT 1134:GRP_CHAUTHTOK 1136:ACCT_LOCK 1137:ACCT_UNLOCK 1200:DAEMON_START 1201:DAEMON_END 1300:SYSCALL 1302:PATH
  1305:CONFIG_CHANGE 1306:SOCKADDR 1307:CWD 1309:EXECVE 1319:TTY 1321:BPRM_FCAPS 1325:NETFILTER_CFG 1326:SECCOMP 1327:PROCTITLE 1330:KERN_MODULE
  1334:BPF 1400:AVC 1401:SELINUX_ERR 1403:MAC_POLICY_LOAD 1404:MAC_STATUS 1405:MAC_CONFIG_CHANGE 1700:ANOM_PROMISCUOUS 1701:ANOM_ABEND
  1702:ANOM_LINK 2402:CRYPTO_LOGIN 2404:CRYPTO_KEY_USER 2407:CRYPTO_SESSION`
    .split(/\s+/)
    .map((pair): [string, string] => [pair.slice(0, 4), pair.slice(5)]),
)

/** Category and action of the records that are events of their own. */
export const meanings: Readonly<Record<string, readonly [category: string, action: string]>> = {
  USER_LOGIN: ['authentication', 'login'],
  USER_AUTH: ['authentication', 'authentication'],
  USER_ACCT: ['authentication', 'account_check'],
  USER_ERR: ['authentication', 'authentication'],
  USER_LOGOUT: ['session', 'logout'],
  USER_START: ['session', 'session_opened'],
  USER_END: ['session', 'session_closed'],
  LOGIN: ['session', 'session_set'],
  CRED_ACQ: ['session', 'credentials_acquired'],
  CRED_REFR: ['session', 'credentials_refreshed'],
  CRED_DISP: ['session', 'credentials_disposed'],
  USER_CHAUTHTOK: ['iam', 'password_change'],
  GRP_CHAUTHTOK: ['iam', 'password_change'],
  USER_MGMT: ['iam', 'user_change'],
  ADD_USER: ['iam', 'user_add'],
  DEL_USER: ['iam', 'user_delete'],
  ACCT_LOCK: ['iam', 'user_lock'],
  ACCT_UNLOCK: ['iam', 'user_unlock'],
  GRP_MGMT: ['iam', 'group_change'],
  ADD_GROUP: ['iam', 'group_add'],
  DEL_GROUP: ['iam', 'group_delete'],
  USER_ROLE_CHANGE: ['iam', 'role_change'],
  ROLE_ASSIGN: ['iam', 'role_change'],
  USER_CMD: ['process', 'sudo_command'],
  USER_TTY: ['process', 'tty_input'],
  TTY: ['process', 'tty_input'],
  EXECVE: ['process', 'process_start'],
  PROCTITLE: ['process', 'process_title'],
  SERVICE_START: ['process', 'service_start'],
  SERVICE_STOP: ['process', 'service_stop'],
  SYSTEM_BOOT: ['host', 'system_boot'],
  SYSTEM_SHUTDOWN: ['host', 'system_shutdown'],
  SYSTEM_RUNLEVEL: ['host', 'system_runlevel'],
  DAEMON_START: ['configuration', 'audit_started'],
  DAEMON_END: ['configuration', 'audit_stopped'],
  DAEMON_ABORT: ['configuration', 'audit_stopped'],
  DAEMON_CONFIG: ['configuration', 'audit_config_change'],
  CONFIG_CHANGE: ['configuration', 'audit_config_change'],
  USYS_CONFIG: ['configuration', 'system_config_change'],
  MAC_STATUS: ['configuration', 'mac_status_change'],
  MAC_POLICY_LOAD: ['configuration', 'mac_policy_load'],
  MAC_CONFIG_CHANGE: ['configuration', 'mac_config_change'],
  NETFILTER_CFG: ['configuration', 'firewall_config_change'],
  KERN_MODULE: ['driver', 'module_load'],
  BPF: ['process', 'bpf'],
  SECCOMP: ['process', 'seccomp_violation'],
  AVC: ['process', 'access_check'],
  USER_AVC: ['process', 'access_check'],
  SELINUX_ERR: ['process', 'access_check'],
  ANOM_ABEND: ['process', 'process_crash'],
  ANOM_PROMISCUOUS: ['network', 'promiscuous_mode'],
  ANOM_LINK: ['file', 'suspicious_link'],
  ANOM_LOGIN_FAILURES: ['authentication', 'login_limit_reached'],
  ANOM_LOGIN_TIME: ['authentication', 'login_refused_time'],
  ANOM_LOGIN_LOCATION: ['authentication', 'login_refused_location'],
  ANOM_LOGIN_ACCT: ['authentication', 'login_refused_account'],
  ANOM_ROOT_TRANS: ['process', 'became_root'],
  CRYPTO_LOGIN: ['session', 'crypto_login'],
  CRYPTO_SESSION: ['session', 'crypto_session'],
  CRYPTO_KEY_USER: ['session', 'crypto_key'],
}

function numbered(table: string): ReadonlyMap<string, string> {
  return new Map(
    table.split(/\s+/).map((pair): [string, string] => {
      const colon = pair.indexOf(':')
      return [pair.slice(0, colon), pair.slice(colon + 1)]
    }),
  )
}

/** Calls that rules of audit watch, by architecture (`arch`, AUDIT_ARCH_… of linux/audit.h). */
const calls: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  c000003e: numbered(
    `2:open 21:access 41:socket 42:connect 43:accept 44:sendto 49:bind 50:listen 56:clone 57:fork 58:vfork 59:execve 62:kill 76:truncate
    77:ftruncate 82:rename 83:mkdir 84:rmdir 85:creat 86:link 87:unlink 88:symlink 90:chmod 91:fchmod 92:chown 93:fchown 94:lchown 101:ptrace 105:setuid
    106:setgid 113:setreuid 117:setresuid 132:utime 133:mknod 135:personality 155:pivot_root 159:adjtimex 161:chroot 164:settimeofday 165:mount
    166:umount2 169:reboot 170:sethostname 171:setdomainname 175:init_module 176:delete_module 188:setxattr 189:lsetxattr 190:fsetxattr
    197:removexattr 227:clock_settime 235:utimes 246:kexec_load 257:openat 258:mkdirat 259:mknodat 260:fchownat 263:unlinkat 264:renameat 265:linkat
    266:symlinkat 268:fchmodat 272:unshare 280:utimensat 288:accept4 308:setns 310:process_vm_readv 311:process_vm_writev 313:finit_module
    316:renameat2 319:memfd_create 320:kexec_file_load 321:bpf 322:execveat 437:openat2`,
  ),
  c00000b7: numbered(
    `33:mknodat 34:mkdirat 35:unlinkat 36:symlinkat 37:linkat 38:renameat 39:umount2 40:mount 45:truncate 51:chroot 52:fchmod 53:fchmodat 54:fchownat
    55:fchown 56:openat 88:utimensat 92:personality 97:unshare 105:init_module 106:delete_module 117:ptrace 129:kill 142:reboot 146:setuid 161:sethostname
    170:settimeofday 198:socket 200:bind 201:listen 202:accept 203:connect 206:sendto 220:clone 221:execve 242:accept4 268:setns 270:process_vm_readv
    271:process_vm_writev 273:finit_module 276:renameat2 279:memfd_create 280:bpf 281:execveat 437:openat2`,
  ),
  '40000003': numbered(
    `5:open 8:creat 9:link 10:unlink 11:execve 14:mknod 15:chmod 21:mount 26:ptrace 37:kill 38:rename 39:mkdir 40:rmdir 61:chroot 83:symlink 88:reboot
    94:fchmod 120:clone 128:init_module 129:delete_module 136:personality 198:lchown 207:fchown 212:chown 295:openat 301:unlinkat 302:renameat
    306:fchmodat 350:finit_module 353:renameat2 356:memfd_create 358:execveat 359:socket 361:bind 362:connect 364:accept4`,
  ),
}

/** Name of a call by its number, '' if it is not in the table. */
export function callName(architecture: string, number: string): string {
  return (Object.hasOwn(calls, architecture) ? calls[architecture]?.get(number) : undefined) ?? ''
}

/** Category and action of calls; other calls are of category process and their own name is the action. */
export const callMeanings: Readonly<Record<string, readonly [category: string, action: string]>> = {
  execve: ['process', 'process_start'],
  execveat: ['process', 'process_start'],
  connect: ['network', 'network_connection'],
  accept: ['network', 'network_accept'],
  accept4: ['network', 'network_accept'],
  bind: ['network', 'network_bind'],
  sendto: ['network', 'network_send'],
  open: ['file', 'file_open'],
  openat: ['file', 'file_open'],
  openat2: ['file', 'file_open'],
  creat: ['file', 'file_create'],
  mknod: ['file', 'file_create'],
  mknodat: ['file', 'file_create'],
  link: ['file', 'file_create'],
  linkat: ['file', 'file_create'],
  symlink: ['file', 'file_create'],
  symlinkat: ['file', 'file_create'],
  mkdir: ['file', 'directory_create'],
  mkdirat: ['file', 'directory_create'],
  rename: ['file', 'file_rename'],
  renameat: ['file', 'file_rename'],
  renameat2: ['file', 'file_rename'],
  unlink: ['file', 'file_delete'],
  unlinkat: ['file', 'file_delete'],
  rmdir: ['file', 'directory_delete'],
  truncate: ['file', 'file_change'],
  ftruncate: ['file', 'file_change'],
  chmod: ['file', 'file_mode_change'],
  fchmod: ['file', 'file_mode_change'],
  fchmodat: ['file', 'file_mode_change'],
  chown: ['file', 'file_owner_change'],
  fchown: ['file', 'file_owner_change'],
  lchown: ['file', 'file_owner_change'],
  fchownat: ['file', 'file_owner_change'],
  init_module: ['driver', 'module_load'],
  finit_module: ['driver', 'module_load'],
  delete_module: ['driver', 'module_unload'],
}
