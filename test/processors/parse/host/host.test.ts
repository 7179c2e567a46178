// PAM, sudo and the small programs of a Unix host.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const at = 'Mar 14 09:26:53 tps-server'

describe('PAM', () => {
  const cases: [line: string, expected: Record<string, unknown>][] = [
    [
      'sshd[2]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=budi santoso',
      {
        event_category: 'authentication',
        event_action: 'pam_auth',
        event_outcome: 'failure',
        source_ip: '203.0.113.7',
        user_name: 'budi santoso',
        process_name: 'sshd',
        fields: {
          'pam.module': 'pam_unix',
          'pam.service': 'sshd',
          'pam.type': 'auth',
          'pam.tty': 'ssh',
          'pam.uid': '0',
          'event.reason': 'authentication failure',
        },
      },
    ],
    [
      'sshd[2]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=h.example ',
      { fields: { 'source.domain': 'h.example' } },
    ],
    [
      'sshd(pam_unix)[2]: authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=203.0.113.7  user=root',
      { process_name: 'sshd', process_pid: 2, event_outcome: 'failure', source_ip: '203.0.113.7', user_name: 'root' },
    ],
    ['sshd(pam_unix)[2]: check pass; user unknown', { event_action: 'pam_auth', event_outcome: 'unknown' }],
    [
      'su(pam_unix)[2]: session opened for user cyrus by (uid=0)',
      {
        event_category: 'session',
        event_action: 'session_opened',
        event_outcome: 'success',
        user_name: 'cyrus',
        user_target_name: 'cyrus',
      },
    ],
    [
      'su: pam_unix(su-l:session): session opened for user root(uid=0) by siti(uid=1000)',
      { user_name: 'siti', user_target_name: 'root', event_action: 'session_opened' },
    ],
    [
      'CRON[2]: pam_unix(cron:session): session closed for user root',
      { event_action: 'session_closed', user_name: 'root', process_name: 'CRON' },
    ],
    [
      'sudo: pam_unix(sudo:session): session opened for user root(uid=0) by siti(uid=1000)',
      { user_name: 'siti', user_target_name: 'root' },
    ],
    ['sudo: pam_tally2(sudo:auth): user siti (4001) tally 6, deny 5', { event_outcome: 'failure', user_name: 'siti' }],
    [
      'sudo: pam_unix(sudo:auth): auth could not identify password for [siti]',
      { event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'sshd[2]: pam_faillock(sshd:auth): Consecutive login failures for user siti account temporarily locked',
      { event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'sshd[2]: pam_succeed_if(sshd:auth): requirement "uid >= 1000" not met by user "root"',
      { event_outcome: 'failure', user_name: 'root' },
    ],
    [
      "sshd[2]: pam_access(sshd:account): access denied for user `siti' from `203.0.113.7'",
      { event_outcome: 'failure', user_name: 'siti', source_ip: '203.0.113.7' },
    ],
    [
      'sshd[2]: pam_sss(sshd:auth): received for user siti: 7 (Authentication failure)',
      { event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'sshd[2]: pam_sss(sshd:auth): authentication success; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7 user=siti',
      { event_outcome: 'success', user_name: 'siti' },
    ],
    [
      'passwd[2]: pam_unix(passwd:chauthtok): password changed for siti',
      { event_category: 'iam', event_action: 'password_change', user_name: 'siti' },
    ],
    [
      'sshd[2]: PAM 4 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7  user=root',
      { event_outcome: 'failure', source_ip: '203.0.113.7', user_name: 'root', fields: { 'event.repeat': '4' } },
    ],
    ['sshd[2]: PAM service(sshd) ignoring max retries; 6 > 3', { event_action: 'pam_auth', event_outcome: 'unknown' }],
  ]
  test.each(cases)('%s', (message, expected) => {
    expect(read(`${at} ${message}`)).toMatchObject({ dataset: 'pam', host_name: 'tps-server', ...expected })
    expect(read(`${at} ${message}`, 'pam')).toMatchObject({ dataset: 'pam', ...expected })
  })

  test.each([
    '(pam_unix) authentication failure; logname= uid=0 euid=0 tty=x ruser=siti rhost=203.0.113.7 ',
    'pam_unix: authentication failure; logname= uid=0 euid=0 tty=x ruser=siti rhost=203.0.113.7',
    'pam_unix(auth): authentication failure; logname= uid=0 euid=0 tty=x ruser= rhost=203.0.113.7  user=siti',
  ])('other ways to write the module: %s', (message) => {
    expect(read(`${at} pure-ftpd: ${message}`)).toMatchObject({
      dataset: 'pam',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      user_name: 'siti',
      process_name: 'pure-ftpd',
    })
  })

  test('a second rhost in a name is seen through, and marked', () => {
    const event = read(
      `${at} vsftpd: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=a rhost=198.51.100.66 rhost=203.0.113.7`,
    )
    expect(event).toMatchObject({ source_ip: '203.0.113.7', tags: ['year_guessed', 'client_ambiguous'] })
  })

  test('su: who became whom', () => {
    const event = read(
      `${at} su: pam_unix(su:auth): authentication failure; logname=siti uid=1000 euid=0 tty=pts/0 ruser=siti rhost=  user=root`,
    )
    expect(event).toMatchObject({ event_outcome: 'failure', user_name: 'siti', user_target_name: 'root' })
  })

  test('inside a source of format sshd or sudo', () => {
    expect(read(`${at} sshd[2]: pam_unix(sshd:session): session closed for user siti`, 'sshd').dataset).toBe('pam')
    expect(read(`${at} sshd(pam_unix)[2]: check pass; user unknown`, 'sshd').dataset).toBe('pam')
    expect(read(`${at} sudo: pam_unix(sudo:session): session closed for user root`, 'sudo').dataset).toBe('pam')
  })
})

describe('sudo', () => {
  const cases: [line: string, expected: Record<string, unknown>][] = [
    [
      'siti : TTY=pts/0 ; PWD=/home/siti ; USER=root ; COMMAND=/bin/sh -c a ; b',
      {
        event_category: 'process',
        event_action: 'sudo_command',
        event_outcome: 'success',
        user_name: 'siti',
        user_target_name: 'root',
        process_command_line: '/bin/sh -c a ; b',
        fields: { 'process.tty': 'pts/0', 'process.working_directory': '/home/siti' },
      },
    ],
    [
      '   siti : command not allowed ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { event_outcome: 'failure', fields: { 'event.reason': 'command not allowed' } },
    ],
    [
      'siti : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { event_category: 'authentication', event_outcome: 'failure' },
    ],
    [
      'siti : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'siti : PWD=/ ; USER=www-data ; GROUP=adm ; ENV=A=1 ; COMMAND=list',
      { user_target_name: 'www-data', fields: { 'group.name': 'adm' } },
    ],
  ]
  test.each(cases)('%s', (message, expected) => {
    expect(read(`${at} sudo: ${message}`)).toMatchObject({ dataset: 'sudo', ...expected })
    expect(read(`${at} sudo: ${message}`, 'sudo')).toMatchObject({ dataset: 'sudo', ...expected })
    expect(read(message, 'sudo')).toMatchObject({ dataset: 'sudo', ...expected })
  })

  test('what sudo says beyond commands stays in its dataset', () => {
    expect(read(`${at} sudo: unable to resolve host tps-server`, 'sudo')).toMatchObject({ dataset: 'sudo' })
  })

  test('a sentence is no sudo line', () => {
    expect(parseOne('not : sudo', 'sudo').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })
})

describe('other programs', () => {
  const cases: [line: string, expected: Record<string, unknown>][] = [
    [
      'su[2]: FAILED SU (to root) siti on pts/0',
      { event_action: 'su', event_outcome: 'failure', user_name: 'siti', user_target_name: 'root' },
    ],
    [
      'su[2]: Successful su for root by siti',
      { event_action: 'su', event_outcome: 'success', user_name: 'siti', user_target_name: 'root' },
    ],
    ['su[2]: + /dev/pts/1 siti:root', { event_outcome: 'success', user_name: 'siti', user_target_name: 'root' }],
    [
      "login[2]: FAILED LOGIN (1) on '/dev/tty1' FOR 'siti', Authentication failure",
      { event_action: 'login', event_outcome: 'failure' },
    ],
    ['login[2]: ROOT LOGIN ON tty1', { event_outcome: 'success', user_name: 'root' }],
    [
      'ftpd[2]: connection from 203.0.113.7 (h.example) at Sat Mar 14 09:26:53 2026',
      { event_action: 'ftp_connection', source_ip: '203.0.113.7', fields: { 'source.domain': 'h.example' } },
    ],
    [
      'ftpd[2]: ANONYMOUS FTP LOGIN FROM 203.0.113.7,  (anonymous)',
      { event_action: 'ftp_login', event_outcome: 'success', source_ip: '203.0.113.7', user_name: 'anonymous' },
    ],
    [
      'klogind[2]: Authentication failed from 203.0.113.7 (203.0.113.7): Permission denied',
      { event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    [
      'CRON[2]: (root) CMD (run-parts /etc/cron.hourly)',
      { event_action: 'cron_command', user_name: 'root', process_command_line: 'run-parts /etc/cron.hourly' },
    ],
    ['systemd-logind[2]: New session 12 of user siti.', { event_action: 'session_opened', user_name: 'siti' }],
    [
      'useradd[2]: new user: name=siti, UID=1001, GID=1001, home=/home/siti',
      { event_category: 'iam', event_action: 'user_add', user_target_name: 'siti' },
    ],
    [
      "usermod[2]: add 'siti' to group 'sudo'",
      { event_category: 'iam', user_target_name: 'siti', fields: { 'group.name': 'sudo' } },
    ],
    [
      'dovecot: imap-login: Disconnected (auth failed, 1 attempts in 6 secs): user=<siti@kpu.example>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, TLS',
      {
        dataset: 'dovecot',
        event_action: 'mail_login',
        event_outcome: 'failure',
        user_name: 'siti@kpu.example',
        source_ip: '203.0.113.7',
        destination_ip: '192.0.2.1',
      },
    ],
    [
      'postfix/smtpd[2]: warning: unknown[203.0.113.7]: SASL LOGIN authentication failed: x',
      {
        dataset: 'postfix',
        event_action: 'mail_login',
        event_outcome: 'failure',
        source_ip: '203.0.113.7',
        process_name: 'postfix/smtpd',
      },
    ],
    ['logrotate: ALERT exited abnormally with [1]', { process_name: 'logrotate' }],
  ]
  test.each(cases)('%s', (message, expected) => {
    expect(read(`${at} ${message}`)).toMatchObject({ dataset: 'syslog', host_name: 'tps-server', ...expected })
  })
})
