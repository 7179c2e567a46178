// Are lines of vsftpd, ProFTPD and Pure-FTPd read right: log-ins, transfers, and names that try to be something else?
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const vsftpd = 'Wed Nov 27 08:16:03 2024 [pid 27245] '
const success = { event_category: 'authentication', event_action: 'ftp_login', event_outcome: 'success' }
const failure = { event_category: 'authentication', event_action: 'ftp_login', event_outcome: 'failure' }

describe('vsftpd', () => {
  test.each<[string, Record<string, unknown>]>([
    ['CONNECT: Client "::ffff:203.0.113.7"', { event_category: 'network', event_action: 'ftp_connection' }],
    [
      'CONNECT: Client "203.0.113.7", "Connection refused: too many sessions for this address."',
      { event_action: 'ftp_connection', event_outcome: 'failure' },
    ],
    ['[siti] OK LOGIN: Client "203.0.113.7"', { ...success, user_name: 'siti' }],
    ['[siti] FAIL LOGIN: Client "203.0.113.7"', { ...failure, user_name: 'siti' }],
    [
      '[siti] FAIL LOGIN: Client "203.0.113.7", "User is not in the allow user list."',
      { ...failure, user_name: 'siti' },
    ],
    [
      '[ftp] OK LOGIN: Client "203.0.113.7", anon password "a@b"',
      { ...success, user_name: 'ftp', fields: { 'ftp.anonymous_password': 'a@b' } },
    ],
    [
      '[siti] OK UPLOAD: Client "203.0.113.7", "/var/www/shell.php", 123 bytes, 1.20Kbyte/sec',
      {
        event_category: 'file',
        event_action: 'file_upload',
        event_outcome: 'success',
        file_name: 'shell.php',
        network_bytes: 123,
        fields: { 'file.path': '/var/www/shell.php' },
      },
    ],
    ['[siti] FAIL DELETE: Client "203.0.113.7", "/a"', { event_action: 'file_delete', event_outcome: 'failure' }],
    [
      'FTP command: Client "203.0.113.7", "USER anonymous"',
      { event_action: 'ftp_command', fields: { 'ftp.command': 'USER anonymous' } },
    ],
    [
      '[siti] FTP response: Client "203.0.113.7", "530 Login incorrect."',
      { event_action: 'ftp_response', event_outcome: 'failure', event_code: '530' },
    ],
  ])('%s', (text, expected) => {
    const row = { dataset: 'vsftpd', source_ip: '203.0.113.7', network_protocol: 'ftp', ...expected }
    expect(read(vsftpd + text)).toMatchObject({ timestamp: '2024-11-27T01:16:03.000Z', process_pid: 27245, ...row })
    expect(read(vsftpd + text, 'vsftpd')).toMatchObject(row)
    expect(read(`Nov 27 08:16:03 ftp1 vsftpd[7]: ${text}`)).toMatchObject({ ...row, host_name: 'ftp1' })
  })

  test('IPv6', () => {
    expect(read(`${vsftpd}[a] FAIL LOGIN: Client "2001:db8::7"`).source_ip).toBe('2001:db8::7')
  })

  test('neither a name nor a command makes a log-in of another', () => {
    expect(read(`${vsftpd}[x] OK LOGIN: Client "192.0.2.9] FAIL LOGIN: Client "203.0.113.7"`)).toMatchObject({
      ...failure,
      source_ip: '203.0.113.7',
    })
    for (const command of ['FTP command: ', '[siti] FTP command: ']) {
      expect(read(`${vsftpd}${command}Client "203.0.113.7", "USER x] FAIL LOGIN: Client "192.0.2.9"`)).toMatchObject({
        event_action: 'ftp_command',
        source_ip: '203.0.113.7',
      })
    }
  })

  test('lines of PAM stay PAM, lines cut in the middle stay vsftpd or become plain', () => {
    expect(read('Nov 27 08:16:03 h vsftpd[7]: pam_unix(vsftpd:auth): check pass; user unknown').dataset).toBe('pam')
    expect(read(`${vsftpd}[siti] FAIL LOG`).dataset).toBe('plain')
    expect(read('Nov 27 08:16:03 h vsftpd[7]: [siti] FAIL LOG').dataset).toBe('vsftpd')
  })
})

describe('ProFTPD', () => {
  const head = '192.0.2.1 (pc1.example[203.0.113.7]) - '

  test.each<[string, Record<string, unknown>]>([
    [
      'USER siti: no such user found from pc1.example [203.0.113.7] to 192.0.2.1:21',
      { ...failure, user_name: 'siti', fields: { 'user.known': 'false', 'source.domain': 'pc1.example' } },
    ],
    ['USER siti (Login failed): Incorrect password', { ...failure, user_name: 'siti' }],
    ['USER siti: Login successful.', { ...success, user_name: 'siti' }],
    ['ANON anonymous: Login successful.', { ...success, user_name: 'anonymous' }],
    ['SECURITY VIOLATION: root login attempted.', { ...failure, user_name: 'root' }],
    ['Maximum login attempts (3) exceeded, connection refused', failure],
    ['FTP session opened.', { event_category: 'network', event_action: 'ftp_connection' }],
    ['FTP session closed.', { event_category: 'network', event_action: 'ftp_disconnect' }],
  ])('%s', (text, expected) => {
    const row = { dataset: 'proftpd', source_ip: '203.0.113.7', ...expected }
    expect(read(`Nov 27 08:16:03 ftp1 proftpd[7]: ${head}${text}`)).toMatchObject({
      destination_ip: '192.0.2.1',
      ...row,
    })
    const own = `2024-11-27 08:16:03,124 ftp1 proftpd[498625] ftp1 (pc1.example[203.0.113.7]): ${text}`
    expect(read(own)).toMatchObject({
      timestamp: '2024-11-27T01:16:03.124Z',
      host_name: 'ftp1',
      process_pid: 498625,
      ...row,
    })
    expect(read(own, 'proftpd')).toMatchObject(row)
  })

  test('IPv6', () => {
    expect(
      read('Nov 27 08:16:03 h proftpd[7]: ::1 (2001:db8::7[2001:db8::7]) - USER a: Login successful.'),
    ).toMatchObject({
      source_ip: '2001:db8::7',
      destination_ip: '::1',
    })
  })

  test('a name that ends like the server does', () => {
    const text = `USER a: Login successful. (x[192.0.2.9]) - USER b: Login successful. (Login failed): Incorrect password`
    expect(read(`Nov 27 08:16:03 h proftpd[7]: ${head}${text}`)).toMatchObject({ ...failure, source_ip: '203.0.113.7' })
  })
})

describe('Pure-FTPd', () => {
  test.each<[string, Record<string, unknown>]>([
    ['(?@203.0.113.7) [INFO] New connection from 203.0.113.7', { event_action: 'ftp_connection' }],
    [
      '(?@203.0.113.7) [WARNING] Authentication failed for user [siti]',
      { ...failure, user_name: 'siti', log_level: 'warning' },
    ],
    ['(?@203.0.113.7) [INFO] siti is now logged in', { ...success, user_name: 'siti' }],
    ['(?@203.0.113.7) [INFO] Anonymous user logged in', { ...success, user_name: 'anonymous' }],
    [
      '(siti@203.0.113.7) [NOTICE] /home/siti//shell.php uploaded  (12 bytes, 1.00KB/sec)',
      { event_action: 'file_upload', user_name: 'siti', file_name: 'shell.php', network_bytes: 12 },
    ],
    ['(siti@203.0.113.7) [NOTICE] Deleted /a/b.txt', { event_action: 'file_delete', file_name: 'b.txt' }],
    ['(siti@203.0.113.7) [INFO] Logout.', { event_action: 'ftp_disconnect', user_name: 'siti' }],
    ['(?@203.0.113.7) [ERROR] Too many authentication failures', failure],
  ])('%s', (text, expected) => {
    const row = { dataset: 'pureftpd', source_ip: '203.0.113.7', ...expected }
    expect(read(`Nov 27 08:16:03 ftp1 pure-ftpd: ${text}`)).toMatchObject(row)
    expect(read(`Nov 27 08:16:03 ftp1 pure-ftpd[7]: ${text}`, 'pureftpd')).toMatchObject(row)
    expect(read(text)).toMatchObject(row)
  })

  test('IPv6, names of hosts, and a name with brackets', () => {
    expect(read('(?@2001:db8::7) [WARNING] Authentication failed for user [a] is now logged in]')).toMatchObject({
      ...failure,
      source_ip: '2001:db8::7',
      user_name: 'a] is now logged in',
    })
    expect(read('(?@pc1.example) [INFO] siti is now logged in').fields).toMatchObject({
      'source.domain': 'pc1.example',
    })
  })
})
