// Which formats do hosts write? Log-ins, privileges, what their own programs say.
import type { Format } from '../parser.ts'
import { auditd, readAuditdSyslog } from './auditd.ts'
import { pam } from './pam.ts'
import { sshd } from './sshd.ts'
import { sudo } from './sudo.ts'
import { isWindows, readWindowsObject, readWindowsXml, windows } from './windows.ts'

export const hostFormats: readonly Format[] = [
  {
    name: 'sshd',
    parsers: [sshd, pam],
    recognise: [],
    syslog: { programs: ['sshd', 'sshd-session', 'sshd-auth'], read: sshd.parse, dataset: 'sshd' },
  },
  { name: 'pam', parsers: [pam], begins: 'p(P', recognise: [pam.parse] },
  { name: 'sudo', parsers: [sudo, pam], syslog: { programs: ['sudo'], read: sudo.parse, dataset: 'sudo' } },
  {
    name: 'auditd',
    parsers: [auditd],
    begins: 'tna',
    syslog: {
      programs: ['audit', 'auditd', 'audispd', 'audisp', 'audisp-syslog', 'sedispatch'],
      read: readAuditdSyslog,
      dataset: 'auditd',
      guestOf: ['kernel'],
    },
  },
  {
    name: 'windows',
    parsers: windows,
    begins: '<',
    recognise: [readWindowsXml],
    objects: [{ is: isWindows, read: readWindowsObject }],
  },
]
