import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const line = (message: string) => `Mar 14 09:26:53 tps-server sshd[2718]: ${message}`
const who = { source_ip: '203.0.113.7', source_port: 4711 }
const failure = { event_category: 'authentication', event_action: 'ssh_login', event_outcome: 'failure' }

const cases: [message: string, expected: Record<string, unknown>][] = [
  [
    'Accepted password for siti from 203.0.113.7 port 4711 ssh2',
    {
      ...who,
      event_category: 'authentication',
      event_action: 'ssh_login',
      event_outcome: 'success',
      user_name: 'siti',
      fields: { 'ssh.method': 'password' },
    },
  ],
  [
    'Accepted publickey for siti from 203.0.113.7 port 4711 ssh2: ED25519-CERT SHA256:abc ID key from 198.51.100.9 port 1 (serial 0) CA RSA SHA256:x',
    { ...who, event_outcome: 'success', user_name: 'siti', fields: { 'ssh.method': 'publickey' } },
  ],
  [
    'Accepted keyboard-interactive/pam for siti from 2001:DB8::7 port 4711 ssh2',
    { source_ip: '2001:db8::7', user_name: 'siti' },
  ],
  ['Failed password for root from 203.0.113.7 port 4711 ssh2', { ...failure, ...who, user_name: 'root' }],
  [
    'Failed password for invalid user budi from ::ffff:203.0.113.7 port 4711 ssh2',
    { ...failure, ...who, user_name: 'budi', fields: { 'user.known': 'false' } },
  ],
  ['Failed none for invalid user  from 203.0.113.7 port 4711 ssh2', { ...failure, ...who }],
  [
    'Failed password for invalid user x from 198.51.100.66 port 1 ssh2 from 203.0.113.7 port 4711 ssh2',
    { ...who, user_name: 'x from 198.51.100.66 port 1 ssh2' },
  ],
  ['Invalid user budi from 203.0.113.7 port 4711', { ...failure, ...who, user_name: 'budi' }],
  ['Invalid user budi from 203.0.113.7', { ...failure, source_ip: '203.0.113.7', user_name: 'budi' }],
  ['Invalid user  from 203.0.113.7 port 4711', { ...failure, ...who }],
  ['Illegal user budi from 203.0.113.7', { ...failure, user_name: 'budi' }],
  [
    'input_userauth_request: invalid user budi [preauth]',
    { event_action: 'ssh_login', event_outcome: 'unknown', user_name: 'budi' },
  ],
  [
    'Connection closed by authenticating user root 203.0.113.7 port 4711 [preauth]',
    { ...failure, ...who, user_name: 'root' },
  ],
  ['Connection reset by invalid user a b 203.0.113.7 port 4711 [preauth]', { ...failure, ...who, user_name: 'a b' }],
  [
    'Disconnected from authenticating user root 203.0.113.7 port 4711 [preauth]',
    { ...failure, ...who, user_name: 'root' },
  ],
  ['Disconnected from user siti 203.0.113.7 port 4711', { ...who, event_action: 'ssh_disconnect', user_name: 'siti' }],
  ['Disconnected from 203.0.113.7 port 4711', { ...who, event_action: 'ssh_disconnect' }],
  [
    'Disconnecting invalid user budi 203.0.113.7 port 4711: Too many authentication failures [preauth]',
    { ...failure, ...who, user_name: 'budi', fields: { 'event.reason': 'Too many authentication failures' } },
  ],
  ['Disconnecting: Too many authentication failures for root [preauth]', { ...failure, user_name: 'root' }],
  ['Connection closed by 203.0.113.7 [preauth]', { event_action: 'ssh_disconnect', source_ip: '203.0.113.7' }],
  ['Connection closed by 203.0.113.7 port 4711 [preauth]', { ...who, event_action: 'ssh_disconnect' }],
  [
    'Received disconnect from 203.0.113.7: 11: Bye Bye [preauth]',
    { event_action: 'ssh_disconnect', source_ip: '203.0.113.7' },
  ],
  ['Received disconnect from 203.0.113.7 port 4711:11: Bye Bye [preauth]', { ...who, event_action: 'ssh_disconnect' }],
  ['Received disconnect from 2001:db8::7: 11: Bye Bye', { source_ip: '2001:db8::7' }],
  [
    'error: Received disconnect from 203.0.113.7: 3: Auth fail [preauth]',
    { event_action: 'ssh_disconnect', source_ip: '203.0.113.7', log_level: 'error' },
  ],
  [
    'error: maximum authentication attempts exceeded for invalid user budi from 203.0.113.7 port 4711 ssh2 [preauth]',
    { ...failure, ...who, user_name: 'budi', log_level: 'error' },
  ],
  [
    'error: PAM: Authentication failure for illegal user budi from 203.0.113.7',
    { ...failure, source_ip: '203.0.113.7', user_name: 'budi' },
  ],
  [
    'error: PAM: User not known to the underlying authentication module for root from host.example',
    { ...failure, user_name: 'root', fields: { 'source.domain': 'host.example' } },
  ],
  [
    'User root from 203.0.113.7 not allowed because not listed in AllowUsers',
    { ...failure, source_ip: '203.0.113.7', user_name: 'root' },
  ],
  [
    'User budi not allowed because account is locked',
    { ...failure, user_name: 'budi', fields: { 'event.reason': 'account is locked' } },
  ],
  ['ROOT LOGIN REFUSED FROM 203.0.113.7 port 4711', { ...failure, ...who, user_name: 'root' }],
  [
    'Unable to negotiate with 203.0.113.7 port 4711: no matching cipher found. Their offer: x [preauth]',
    {
      ...who,
      event_action: 'ssh_probe',
      event_outcome: 'failure',
      fields: { 'event.reason': 'no matching cipher found. Their offer: x' },
    },
  ],
  [
    'Did not receive identification string from 203.0.113.7 port 4711',
    { ...who, event_action: 'ssh_probe', event_outcome: 'unknown' },
  ],
  [
    "Bad protocol version identification 'GET / from x' from 203.0.113.7 port 4711",
    { ...who, event_action: 'ssh_probe' },
  ],
  [
    'banner exchange: Connection from 203.0.113.7 port 4711: invalid format',
    { ...who, event_action: 'ssh_probe', fields: { 'event.reason': 'invalid format' } },
  ],
  [
    'fatal: Timeout before authentication for 203.0.113.7 port 4711',
    { ...who, event_action: 'ssh_probe', log_level: 'critical' },
  ],
  [
    'Timeout before authentication for connection from 203.0.113.7 to 192.0.2.1, pid = 3',
    { source_ip: '203.0.113.7', event_action: 'ssh_probe' },
  ],
  [
    'reverse mapping checking getaddrinfo for h.example [203.0.113.7] failed - POSSIBLE BREAK-IN ATTEMPT!',
    { source_ip: '203.0.113.7', event_action: 'ssh_reverse_mapping', event_outcome: 'unknown' },
  ],
  [
    'Address 203.0.113.7 maps to h.example, but this does not map back to the address - POSSIBLE BREAK-IN ATTEMPT!',
    { source_ip: '203.0.113.7', event_action: 'ssh_reverse_mapping' },
  ],
  [
    'refused connect from h.example (203.0.113.7)',
    { source_ip: '203.0.113.7', event_action: 'ssh_connection', event_outcome: 'failure' },
  ],
  [
    'drop connection #11 from [203.0.113.7]:4711 on [192.0.2.1]:22 past MaxStartups',
    { ...who, event_outcome: 'failure' },
  ],
  ['Connection from 203.0.113.7 port 4711 on 192.0.2.1 port 22', { ...who, event_action: 'ssh_connection' }],
  [
    'message repeated 3 times: [ Failed password for root from 203.0.113.7 port 4711 ssh2]',
    { ...failure, ...who, user_name: 'root', fields: { 'ssh.method': 'password', 'event.repeat': '3' } },
  ],
  [
    'Postponed publickey for siti from 203.0.113.7 port 4711 ssh2 [preauth]',
    { ...who, event_action: 'ssh_login', event_outcome: 'unknown' },
  ],
  ['Server listening on 0.0.0.0 port 22.', { event_category: 'process' }],
]

describe('sshd', () => {
  test.each(cases)('%s', (message, expected) => {
    const header = {
      dataset: 'sshd',
      host_name: 'tps-server',
      process_name: 'sshd',
      process_pid: 2718,
      timestamp: '2026-03-14T02:26:53.000Z',
    }
    expect(read(line(message))).toMatchObject({ ...header, ...expected })
    expect(read(line(message), 'sshd')).toMatchObject({ ...header, ...expected })
    expect(read(message, 'sshd')).toMatchObject({ dataset: 'sshd', ...expected })
  })

  test('what sshd says beyond these stays in its dataset, without a result', () => {
    const { event, outcome } = parseOne(line('something new'), 'sshd')
    expect(outcome.kind).toBe('ok')
    expect(event).toMatchObject({ dataset: 'sshd', event_action: '', event_outcome: '' })
  })

  test('no outcome where nothing was decided', () => {
    expect(parseOne(line('Connection closed by 203.0.113.7 [preauth]')).event.event_outcome).toBe('')
    expect(parseOne(line('Invalid user  from 203.0.113.7')).event.user_name).toBe('')
  })

  test('renamed processes of OpenSSH 9.8 and later', () => {
    const text = 'Mar 14 09:26:53 h sshd-session[1]: Invalid user a from 203.0.113.7 port 4711'
    expect(read(text)).toMatchObject({ dataset: 'sshd', process_name: 'sshd-session', ...failure })
    expect(read(text, 'sshd')).toMatchObject({ dataset: 'sshd' })
  })

  test('a name that imitates an address is seen through, and marked', () => {
    const injected = read(
      line('Failed password for invalid user x from 198.51.100.66 port 1 ssh2 from 203.0.113.7 port 4711 ssh2'),
    )
    expect(injected).toMatchObject({ ...who, tags: ['year_guessed', 'client_ambiguous'] })
    const detail = read(
      line(
        'Failed hostbased for siti from 203.0.113.7 port 4711 ssh2: RSA SHA256:x, client user "a from 198.51.100.66", client host "b"',
      ),
    )
    expect(detail).toMatchObject({ ...who, user_name: 'siti' })
    const old = read(line('Failed password for siti from 203.0.113.7 port 4711 ssh1: ruser from 198.51.100.66'))
    expect(old).toMatchObject({ ...who, user_name: 'siti' })
  })

  test('Solaris writes an id first', () => {
    expect(read(line('[ID 800047 auth.info] Failed password for root from 203.0.113.7 port 4711 ssh2'))).toMatchObject({
      ...who,
      ...failure,
    })
  })

  test('HPN-SSH', () => {
    expect(read(line('SSH: Server;Ltype: Authname;Remote: 203.0.113.7-4711;Name: root [preauth]'))).toMatchObject({
      ...who,
      user_name: 'root',
    })
  })

  test('another program is not sshd', () => {
    expect(parseOne('Mar 14 09:26:53 h CRON[1]: (root) CMD (true)', 'sshd').outcome).toMatchObject({
      kind: 'dlq',
      reason: 'format_mismatch',
    })
  })
})
