// Do rules on Linux' audit system, on Windows and on servers of hosts see rows of ours, under the names that they use?
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { columnOf, createEventAccessor } from '../../../../processors/detect/sigma/fields.ts'
import { loadRules } from '../../../../processors/detect/sigma/load.ts'
import { createEventSource } from '../../../../processors/detect/sigma/logsource.ts'
import { parseOne } from '../../parse/read.ts'
import { corpora } from './corpora.ts'

const sourceOf = createEventSource()

function sourcesOf(line: string): { categories: string[]; products: string[]; services: string[] } {
  const { categories, products, services } = sourceOf(parseOne(line).event)
  return { categories: [...categories].sort(), products: [...products], services: [...services] }
}

const audit = 'msg=audit(1732670163.123:456):'
const started = (command: string): string => {
  const args = command.split(' ').map((one, n) => `a${n}="${one}"`)
  return [
    `type=SYSCALL ${audit} arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=55e a2=55f a3=8 pid=2 auid=1000 uid=1000 euid=1000 comm="${command.split(' ', 1)}" exe="/usr/bin/${command.split(' ', 1)}"`,
    `type=EXECVE ${audit} argc=${args.length} ${args.join(' ')}`,
    `type=PATH ${audit} item=0 name="/usr/bin/x" nametype=NORMAL`,
    `type=PATH ${audit} item=1 name="/lib/ld.so" nametype=NORMAL`,
  ].join('\n')
}
const at = 'Nov 27 08:16:03 h'

describe('log sources', () => {
  test.each<[string, string[], string, string[]]>([
    [started('tcpdump -c 1'), ['process_creation'], 'linux', ['auditd']],
    [`type=USER_LOGIN ${audit} pid=1 uid=0 msg='acct="a" res=failed'`, ['authentication'], 'linux', ['auditd']],
    [
      `${at} postfix/smtpd[1]: warning: x[203.0.113.7]: SASL LOGIN authentication failed: x`,
      ['authentication'],
      'linux',
      ['postfix', 'syslog'],
    ],
    [
      `${at} dovecot: imap-login: Login: user=<a>, rip=203.0.113.7, lip=192.0.2.1`,
      ['authentication'],
      'linux',
      ['dovecot', 'syslog'],
    ],
    [`${at} vsftpd[1]: [a] OK UPLOAD: Client "203.0.113.7", "/a"`, ['file_event'], 'linux', ['vsftpd', 'syslog']],
    [`${at} pure-ftpd: (?@203.0.113.7) [INFO] a is now logged in`, ['authentication'], 'linux', ['pureftpd', 'syslog']],
    [
      "2024-11-27  8:16:03 31 [Warning] Access denied for user 'a'@'203.0.113.7' (using password: NO)",
      ['authentication', 'database'],
      'mysql',
      ['mysql'],
    ],
    ["20241127 08:16:03,db1,a,b,31,9,QUERY,d,'select 1',0", ['database'], 'mysql', ['mysql']],
    [
      '<Event><System><EventID>4688</EventID><Channel>Security</Channel></System></Event>',
      ['process_creation'],
      'windows',
      ['security'],
    ],
    [
      '<Event><System><EventID>1</EventID><Channel>Linux-Sysmon/Operational</Channel></System></Event>',
      ['process_creation'],
      'linux',
      ['sysmon'],
    ],
  ])('%s', (line, categories, product, services) => {
    expect(sourcesOf(line)).toEqual({ categories, products: [product], services })
  })
})

describe('fields', () => {
  const { canonical, reader } = createEventAccessor()
  const value = (line: string, field: string) => reader(canonical(field))(parseOne(line).event)

  test('of an event of several audit records are lists, and arguments are those of the command', () => {
    const line = started('tcpdump -c 1')
    expect(value(line, 'type')).toEqual(['SYSCALL', 'EXECVE', 'PATH'])
    expect(value(line, 'name')).toEqual(['/usr/bin/x', '/lib/ld.so'])
    expect(
      ['a0', 'a1', 'a2', 'SYSCALL', 'comm', 'exe', 'Image', 'CommandLine'].map((name) => value(line, name)),
    ).toEqual(['tcpdump', '-c', '1', 'execve', 'tcpdump', '/usr/bin/tcpdump', '/usr/bin/tcpdump', 'tcpdump -c 1'])
  })

  const event = (data: string): string =>
    `<Event><System><EventID>1</EventID><Channel>Microsoft-Windows-Sysmon/Operational</Channel></System><EventData>${data}</EventData></Event>`

  test('of Windows events are what Windows wrote, columns are what stands for it', () => {
    const line = event(
      `<Data Name='User'>NT AUTHORITY\\SYSTEM</Data><Data Name='Hashes'>MD5=A,SHA256=B</Data><Data Name='TargetUserName'>-</Data>`,
    )
    expect(value(line, 'User')).toBe('NT AUTHORITY\\SYSTEM')
    expect(value(line, 'user.name')).toBe('SYSTEM')
    expect(value(line, 'Hashes')).toBe('MD5=A,SHA256=B')
    expect(value(line, 'TargetUserName')).toBe('-')
    expect(columnOf('TargetUserName')).toBe('user_target_name')
  })

  test('of other events are their columns as before', () => {
    const line = 'Nov 27 08:16:03 h sshd[7]: Failed password for root from 203.0.113.7 port 4711 ssh2'
    expect(value(line, 'User')).toBe('root')
    expect(value(line, 'IpAddress')).toBe('203.0.113.7')
  })
})

const rules = join(corpora, 'rules/linux')

describe.skipIf(!existsSync(rules))("SigmaHQ's rules for Linux", () => {
  const sigma = createSigma(loadRules([rules]).rules, createEventAccessor())

  test.each([
    [started('tcpdump -c 1 -i'), 'Network Sniffing - Linux'],
    [started('chmod 777 /x'), 'File or Folder Permissions Change'],
    [
      `type=SERVICE_STOP ${audit} pid=1 uid=0 auid=4294967295 msg='unit=firewalld comm="systemd" exe="/usr/lib/systemd/systemd" res=success'`,
      'Disable System Firewall',
    ],
    [
      `type=SYSCALL ${audit} arch=c000003e syscall=133 success=yes exit=0 pid=2 auid=1000 uid=0 comm="mknod" exe="/usr/bin/mknod"`,
      'Special File Creation via Mknod Syscall',
    ],
    [
      `type=SYSCALL ${audit} arch=c000003e syscall=257 success=yes exit=3 pid=2 auid=1000 uid=0 comm="sh" exe="/bin/sh"\ntype=PATH ${audit} item=0 name="/home/budi" nametype=PARENT\ntype=PATH ${audit} item=1 name="/home/budi/.bashrc" nametype=NORMAL`,
      'Unix Shell Configuration Modification',
    ],
    [
      `${at} vsftpd[1]: CONNECT: Client "203.0.113.7", "Connection refused: too many sessions for this address."`,
      'Suspicious VSFTPD Error Messages',
    ],
  ])('%s', (line, title) => {
    const { event } = parseOne(line)
    event.message = line
    expect(sigma.match(event, sourceOf(event)).map(({ rule }) => rule.title)).toContain(title)
  })
})
