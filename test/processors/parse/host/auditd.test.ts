// Are records of the Linux audit system read right: whole events, single records, users, addresses, files, and what cannot be forged?
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const id = 'msg=audit(1732670163.123:456):'
const call = (rest: string): string =>
  `type=SYSCALL ${id} arch=c000003e ${rest} ppid=2686 pid=27032 auid=1000 uid=0 gid=0 euid=0 tty=pts2 ses=12`
const execve = [
  `${call('syscall=59 success=yes exit=0 a0=55d a1=55e items=2')} comm="cat" exe="/usr/bin/cat" key="rahasia"\u001dARCH=x86_64 SYSCALL=execve AUID="budi" UID="root" EUID="root"`,
  `type=EXECVE ${id} argc=3 a0="cat" a1="-n" a2=2F6574632F736861646F77206261636B7570`,
  `type=CWD ${id} cwd="/root"`,
  `type=PATH ${id} item=0 name="/usr/bin/cat" nametype=NORMAL`,
  `type=PATH ${id} item=1 name="/lib64/ld-linux-x86-64.so.2" nametype=NORMAL`,
  `type=PROCTITLE ${id} proctitle=636174002D6E002F657463`,
]

describe('an event', () => {
  test('of several records is one row', () => {
    expect(read(execve.join('\n'))).toMatchObject({
      dataset: 'auditd',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'process',
      event_action: 'process_start',
      event_outcome: 'success',
      event_code: 'SYSCALL',
      process_name: 'cat',
      process_pid: 27032,
      process_command_line: 'cat -n /etc/shadow backup',
      user_name: 'budi',
      user_target_name: 'root',
      rule_name: 'rahasia',
      fields: {
        'process.executable': '/usr/bin/cat',
        'process.working_directory': '/root',
        'process.parent.pid': '2686',
        'user.id': '1000',
        'auditd.log.type': '["SYSCALL","EXECVE","CWD","PATH","PROCTITLE"]',
        'auditd.log.name': '["/usr/bin/cat","/lib64/ld-linux-x86-64.so.2"]',
        'auditd.log.a0': 'cat',
        'auditd.log.a2': '/etc/shadow backup',
      },
    })
  })

  test('is the same configured, bare and behind syslog', () => {
    const text = execve.join('\n')
    const bare = read(text)
    expect(read(text, 'auditd')).toEqual(bare)
    expect(read(`<13>1 2024-11-27T08:16:03Z kpu-web1 audispd - - - ${text}`, 'auditd')).toMatchObject({
      dataset: 'auditd',
      host_name: 'kpu-web1',
      process_command_line: 'cat -n /etc/shadow backup',
    })
  })

  test.each([
    (n: number) => `<13>1 2024-11-27T08:16:0${n}.1Z kpu-web1 audispd - - - `,
    (n: number) => `<13>Nov 27 08:16:0${n} kpu-web1 audisp-syslog[77]: `,
    (n: number) => `2024-11-27T08:16:0${n}+07:00 kpu-web1 tag_audit_log: node=kpu-web1 `,
  ])('is the same where each record stands behind a header of its own', (header) => {
    const joined = execve.map((line, n) => header(n) + line).join('\r\n')
    for (const format of ['', 'auditd'] as const) {
      expect(read(joined, format)).toMatchObject({
        dataset: 'auditd',
        timestamp: '2024-11-27T01:16:03.123Z',
        host_name: 'kpu-web1',
        process_command_line: 'cat -n /etc/shadow backup',
        fields: {
          'auditd.log.type': '["SYSCALL","EXECVE","CWD","PATH","PROCTITLE"]',
          'auditd.log.name': '["/usr/bin/cat","/lib64/ld-linux-x86-64.so.2"]',
        },
      })
    }
    expect(parseOne(joined).event.tags).not.toContain('audit_other_event')
  })

  test('records of another event are marked and left out', () => {
    const other = `type=USER_LOGIN msg=audit(1732670163.999:457): pid=1 uid=0 auid=0 msg='op=login acct="hantu" res=success'`
    const { user_name, tags, event_action } = parseOne(`${execve[0]}\n${other}`).event
    expect({ user_name, tags, event_action }).toEqual({
      user_name: 'budi',
      tags: ['audit_other_event'],
      event_action: 'process_start',
    })
  })

  test('long arguments come in parts, and a title stands in where there are none', () => {
    expect(read(`type=EXECVE ${id} argc=2 a0="sh" a1_len=9 a1[0]=2D63206C a1[1]=73`)).toMatchObject({
      process_command_line: 'sh -c ls',
    })
    expect(read(`type=PROCTITLE ${id} proctitle=2F62696E2F7368002D6300`)).toMatchObject({
      process_command_line: '/bin/sh -c',
    })
  })

  test('a file: created, in its folder', () => {
    const lines = [
      `${call('syscall=257 success=yes exit=3')} comm="sh" exe="/bin/sh" key=(null)`,
      `type=CWD ${id} cwd="/var/www"`,
      `type=PATH ${id} item=0 name="/var/www" nametype=PARENT`,
      `type=PATH ${id} item=1 name="shell.php" nametype=CREATE`,
    ]
    expect(read(lines.join('\n'))).toMatchObject({
      event_category: 'file',
      event_action: 'file_open',
      file_name: 'shell.php',
      fields: { 'file.path': '/var/www/shell.php', 'auditd.log.nametype': '["PARENT","CREATE"]' },
    })
  })

  test.each([
    ['02000016CB007107', '203.0.113.7', 22],
    ['0A001F90000000002001' + '0DB8000000000000000000000007' + '00000000', '2001:db8::7', 8080],
  ])('a connection to the socket address %s', (saddr, ip, port) => {
    const text = `${call('syscall=42 success=no exit=-115')} comm="nc" exe="/usr/bin/nc"\ntype=SOCKADDR ${id} saddr=${saddr}`
    expect(read(text)).toMatchObject({
      event_category: 'network',
      event_action: 'network_connection',
      event_outcome: 'failure',
      destination_ip: ip,
      destination_port: port,
    })
  })

  test('who called is the source of an accepted connection', () => {
    const text = `${call('syscall=288 success=yes exit=4')} comm="nc" exe="/usr/bin/nc"\ntype=SOCKADDR ${id} saddr=0200B26ECB007107`
    expect(read(text)).toMatchObject({ source_ip: '203.0.113.7', source_port: 45678 })
  })
})

describe('a single record', () => {
  const report = (type: string, rest: string, outer = 'pid=812 uid=0 auid=4294967295 ses=4294967295'): string =>
    `type=${type} ${id} ${outer} msg='${rest}'`

  test.each([
    ['USER_LOGIN', 'failed', 'authentication', 'login', 'failure'],
    ['USER_AUTH', 'success', 'authentication', 'authentication', 'success'],
    ['USER_START', 'success', 'session', 'session_opened', 'success'],
  ])('%s %s', (type, res, category, action, outcome) => {
    expect(
      read(
        report(type, `op=login acct="siti" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.7 terminal=ssh res=${res}`),
      ),
    ).toMatchObject({
      event_category: category,
      event_action: action,
      event_outcome: outcome,
      event_code: type,
      user_name: 'siti',
      source_ip: '203.0.113.7',
      process_name: 'sshd',
    })
  })

  test('ADD_USER names who acted and who was added', () => {
    const line = report(
      'ADD_USER',
      'op=adding user acct="hantu" exe="/usr/sbin/useradd" hostname=? addr=? res=success',
      'pid=8 uid=0 auid=1000 ses=3',
    )
    expect(read(`${line}\u001dUID="root" AUID="budi"`)).toMatchObject({
      event_category: 'iam',
      event_action: 'user_add',
      user_name: 'budi',
      user_target_name: 'hantu',
    })
  })

  test('a command by sudo is hex', () => {
    expect(
      read(
        report(
          'USER_CMD',
          'cwd="/" cmd=636174202F6574632F736861646F77 terminal=pts/0 res=failed',
          'pid=8 uid=1000 auid=1000',
        ),
      ),
    ).toMatchObject({ event_action: 'sudo_command', process_command_line: 'cat /etc/shadow', event_outcome: 'failure' })
  })

  test('SELinux and AppArmor denials', () => {
    expect(
      read(
        `type=AVC ${id} avc:  denied  { read open } for  pid=9 comm="httpd" name="shadow" scontext=a tcontext=b tclass=file permissive=0`,
      ),
    ).toMatchObject({
      event_action: 'selinux_check',
      event_outcome: 'failure',
      process_name: 'httpd',
      fields: { 'auditd.log.access': 'read open' },
    })
    const kernel =
      'Nov 27 08:16:03 kpu-web1 kernel: [12.345] audit: type=1400 audit(1732670163.123:9): apparmor="DENIED" operation="open" profile="p" name="/etc/shadow" pid=4711 comm="cupsd" requested_mask="r" denied_mask="r" fsuid=0'
    for (const format of ['', 'auditd'] as const) {
      expect(read(kernel, format)).toMatchObject({
        dataset: 'auditd',
        timestamp: '2024-11-27T01:16:03.123Z',
        host_name: 'kpu-web1',
        event_code: 'AVC',
        event_action: 'apparmor_check',
        event_outcome: 'failure',
        process_name: 'cupsd',
      })
    }
  })

  test('other lines of the kernel stay what they are', () => {
    expect(read('Nov 27 08:16:03 h kernel: usb 1-1: new device').dataset).toBe('syslog')
    expect(
      read('Nov 27 08:16:03 h kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.7 DST=192.0.2.1 PROTO=TCP SPT=1 DPT=22'),
    ).toMatchObject({ source_ip: '203.0.113.7', event_action: 'firewall_block' })
  })

  test("journald's form has no id; what auditd says of itself has no records", () => {
    expect(
      read(
        `Nov 27 08:16:03 h audit[4711]: USER_AUTH pid=4711 uid=0 auid=4294967295 msg='op=PAM:authentication acct="root" exe="/usr/sbin/sshd" addr=2001:db8::7 res=failed'`,
      ),
    ).toMatchObject({ dataset: 'auditd', user_name: 'root', source_ip: '2001:db8::7', event_outcome: 'failure' })
    expect(read('Nov 27 08:16:03 h auditd[800]: Audit daemon rotating log files').dataset).toBe('auditd')
  })

  test('node is the host', () => {
    expect(read(`node=kpu-db1 ${report('USER_LOGIN', 'acct="a" res=failed')}`).host_name).toBe('kpu-db1')
  })

  test('a line cut in the middle is read as far as it goes', () => {
    expect(read(report('USER_LOGIN', 'op=login acct="siti" addr=203.0.113.7').slice(0, -8))).toMatchObject({
      dataset: 'auditd',
      user_name: 'siti',
    })
    expect(read('type=SYSCALL msg=audit(17326').dataset).toBe('plain')
  })
})

describe('nothing can be forged', () => {
  test('a report cannot overwrite what the kernel wrote', () => {
    const line = `type=USER_LOGIN ${id} pid=812 uid=1000 auid=1000 msg='op=login pid=1 uid=0 auid=0 acct="siti" res=failed'`
    expect(read(line)).toMatchObject({ process_pid: 812, fields: { 'user.id': '1000' } })
  })

  test('a name that is decoded is no text of the record', () => {
    // acct is hex of: x" addr=192.0.2.9 res=success
    const hex = Buffer.from('x" addr=192.0.2.9 res=success').toString('hex').toUpperCase()
    const line = `type=USER_AUTH ${id} pid=8 uid=0 auid=4294967295 msg='op=PAM acct=${hex} addr=203.0.113.7 res=failed'`
    expect(read(line)).toMatchObject({
      user_name: 'x" addr=192.0.2.9 res=success',
      source_ip: '203.0.113.7',
      event_outcome: 'failure',
    })
  })

  test('an argument with a line end makes no record', () => {
    const hex = Buffer.from(`a\ntype=USER_LOGIN ${id} acct="root" res=success`).toString('hex').toUpperCase()
    const row = read(`${execve[0]}\ntype=EXECVE ${id} argc=2 a0="x" a1=${hex}`)
    expect(row.fields).toMatchObject({ 'auditd.log.type': '["SYSCALL","EXECVE"]' })
    expect(row.user_name).toBe('budi')
  })
})
