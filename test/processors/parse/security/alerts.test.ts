// What do Wazuh and CrowdSec alert about? Objects of the shape of alerts.json, of the indexer, of the local API and of notifications.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const wazuh = (rule: object, more: object = {}): string =>
  JSON.stringify({
    timestamp: '2024-11-27T08:16:03.123+0700',
    rule: {
      level: 5,
      description: 'sshd: attempt to login using a non-existent user',
      id: '5710',
      firedtimes: 3,
      ...rule,
    },
    agent: { id: '001', name: 'web1', ip: '192.0.2.10' },
    manager: { name: 'wazuh-1' },
    id: '1732670163.1234567',
    full_log: 'Nov 27 08:16:02 web1 sshd[7]: Invalid user siti from 203.0.113.7 port 4711',
    decoder: { parent: 'sshd', name: 'sshd' },
    location: '/var/log/auth.log',
    ...more,
  })

describe('Wazuh', () => {
  test('a failed log-in', () => {
    const line = wazuh(
      {
        groups: ['syslog', 'sshd', 'authentication_failed', 'invalid_login'],
        mitre: { id: ['T1110.001', 'T1021.004'], tactic: ['Credential Access'], technique: ['Password Guessing'] },
      },
      { data: { srcip: '203.0.113.7', srcport: '4711', srcuser: 'siti' } },
    )
    expect(read(line)).toEqual({
      dataset: 'wazuh',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'authentication',
      event_action: 'login',
      event_outcome: 'failure',
      event_code: '5710',
      event_severity: 33,
      rule_name: 'sshd: attempt to login using a non-existent user',
      host_name: 'web1',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      source_port: 4711,
      observer_vendor: 'Wazuh',
      observer_product: 'Wazuh',
      fields: {
        'wazuh.rule.level': '5',
        'wazuh.rule.groups': 'syslog,sshd,authentication_failed,invalid_login',
        'threat.technique.id': 'T1110.001,T1021.004',
        'threat.tactic.name': 'Credential Access',
        'wazuh.agent.id': '001',
        'host.ip': '192.0.2.10',
        'wazuh.manager': 'wazuh-1',
        'wazuh.decoder': 'sshd',
        'log.file.path': '/var/log/auth.log',
      },
    })
  })

  test.each([
    [0, undefined],
    [3, 20],
    [7, 47],
    [12, 80],
    [15, 100],
  ])('level %i is severity %s', (level, severity) => {
    expect(read(wazuh({ level })).event_severity).toBe(severity)
  })

  test.each<[object, object, Record<string, unknown>]>([
    [
      { level: 3, groups: ['pam', 'authentication_success'] },
      { data: { dstuser: 'root', srcuser: 'siti' } },
      { event_category: 'authentication', event_outcome: 'success', user_name: 'root' },
    ],
    [
      { level: 7, id: '550', description: 'Integrity checksum changed.', groups: ['ossec', 'syscheck'] },
      {
        syscheck: {
          path: '/var/www/index.php',
          event: 'modified',
          sha256_after: 'ab'.repeat(32),
          md5_after: 'x',
          uname_after: 'www-data',
        },
      },
      {
        event_category: 'file',
        event_action: 'file_modified',
        file_name: '/var/www/index.php',
        file_hash: 'ab'.repeat(32),
        user_name: 'www-data',
      },
    ],
    [
      { level: 6, groups: ['web', 'accesslog', 'attack', 'sql_injection'] },
      { data: { srcip: '2001:db8::7', url: '/?id=1%20union', protocol: 'GET', id: '200' } },
      {
        event_category: 'intrusion_detection',
        event_action: 'ids_alert',
        source_ip: '2001:db8::7',
        url_path: '/',
        http_method: 'GET',
        http_status_code: 200,
      },
    ],
    [
      { level: 5, groups: ['windows', 'win_authentication_failed'] },
      {
        data: {
          win: {
            system: { eventID: '4625', channel: 'Security', computer: 'DC1' },
            eventdata: { targetUserName: 'budi', subjectUserName: 'DC1$', ipAddress: '203.0.113.7', ipPort: '51234' },
          },
        },
      },
      {
        event_category: 'authentication',
        event_outcome: 'failure',
        user_name: 'budi',
        source_ip: '203.0.113.7',
        fields: expect.objectContaining({ 'wazuh.data.win.system.eventID': '4625' }),
      },
    ],
    [{ level: 10, groups: ['vulnerability-detector'] }, {}, { event_category: 'vulnerability', event_severity: 67 }],
    [{ level: 7, groups: ['sca'] }, {}, { event_category: 'configuration' }],
  ])('%j %j', (rule, more, expected) => {
    expect(read(wazuh(rule, more))).toMatchObject({ dataset: 'wazuh', ...expected })
  })

  test('a document of the indexer', () => {
    const alert: unknown = JSON.parse(wazuh({ level: 12 }))
    expect(read(JSON.stringify({ _index: 'wazuh-alerts-4.x-2024.11.27', _source: alert }))).toMatchObject({
      dataset: 'wazuh',
      event_severity: 80,
      timestamp: '2024-11-27T01:16:03.123Z',
    })
  })

  test('a text inside the log cannot forge the level or the agent', () => {
    const line = wazuh(
      { level: 3 },
      { full_log: '"rule":{"level":15},"agent":{"name":"lain"}', data: { rule: { level: 15 } } },
    )
    expect(read(line)).toMatchObject({ event_severity: 20, host_name: 'web1' })
  })

  test('others', () => {
    expect(parseOne('{"rule":{"level":"tinggi"},"agent":{}}', 'wazuh').outcome.kind).toBe('dlq')
    expect(read('{"rule":"x","agent":{"name":"y"}}').dataset).not.toBe('wazuh')
  })
})

const meta = (pairs: Record<string, string>): object => ({
  timestamp: '2024-11-27T01:16:02Z',
  meta: Object.entries(pairs).map(([key, value]) => ({ key, value })),
})

const alert = (more: object = {}): Record<string, unknown> => ({
  id: 42,
  uuid: '7c2f0b1e-0000-4000-8000-000000000000',
  machine_id: 'web1',
  scenario: 'crowdsecurity/ssh-bf',
  scenario_version: '0.3',
  message: "Ip 203.0.113.7 performed 'crowdsecurity/ssh-bf' (6 events over 5s) at 2024-11-27 01:16:03 UTC",
  events_count: 6,
  start_at: '2024-11-27T01:15:58.123456789Z',
  stop_at: '2024-11-27T01:16:03.123456789Z',
  capacity: 5,
  leakspeed: '10s',
  simulated: false,
  source: { scope: 'Ip', value: '203.0.113.7', ip: '203.0.113.7', cn: 'DE', as_name: 'Example AS' },
  events: [
    meta({ service: 'ssh', source_ip: '203.0.113.7', target_user: 'root' }),
    meta({ service: 'ssh', source_ip: '203.0.113.7', target_user: 'root' }),
  ],
  decisions: [{ type: 'ban', duration: '4h', scope: 'Ip', value: '203.0.113.7', origin: 'crowdsec', scenario: 'x' }],
  ...more,
})

describe('CrowdSec', () => {
  test('an alert with its decision', () => {
    expect(read(JSON.stringify(alert()))).toEqual({
      dataset: 'crowdsec',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'intrusion_detection',
      event_action: 'ids_block',
      event_code: '7c2f0b1e-0000-4000-8000-000000000000',
      event_severity: 50,
      rule_name: 'crowdsecurity/ssh-bf',
      user_name: 'root',
      source_ip: '203.0.113.7',
      observer_vendor: 'CrowdSec',
      observer_product: 'CrowdSec',
      fields: expect.objectContaining({
        'event.repeat': '6',
        'event.start': '2024-11-27T01:15:58.123456789Z',
        'crowdsec.decision.type': 'ban',
        'crowdsec.decision.duration': '4h',
        'crowdsec.machine_id': 'web1',
        'crowdsec.meta.service': 'ssh',
        'source.geo.country_iso_code': 'DE',
      }),
    })
  })

  test('what the file notification writes', () => {
    const line = JSON.stringify({ time: '2024-11-27T01:16:03Z', program: 'crowdsec', alert: alert() })
    expect(read(line)).toMatchObject({ dataset: 'crowdsec', source_ip: '203.0.113.7', event_action: 'ids_block' })
    expect(read(line, 'crowdsec').source_ip).toBe('203.0.113.7')
  })

  test.each<[string, object, Record<string, unknown>]>([
    ['no decision', { decisions: null }, { event_action: 'ids_alert' }],
    ['a simulation', { simulated: true }, { event_action: 'ids_alert', event_severity: 25 }],
    ['IPv6', { source: { scope: 'Ip', value: '2001:db8::7' } }, { source_ip: '2001:db8::7' }],
    ['a user', { source: { scope: 'username', value: 'siti' }, events: [] }, { user_name: 'siti' }],
    [
      'web requests',
      {
        events: [meta({ http_path: '/wp-login.php', http_verb: 'POST', target_fqdn: 'kpu.example' })],
      },
      { url_path: '/wp-login.php', http_method: 'POST', url_domain: 'kpu.example' },
    ],
  ])('%s', (_, more, expected) => {
    expect(read(JSON.stringify(alert(more)))).toMatchObject({ dataset: 'crowdsec', ...expected })
  })

  test('a network is no address; several users are a list, not one of them', () => {
    const event = read(
      JSON.stringify(
        alert({
          source: { scope: 'Range', value: '203.0.113.0/24' },
          events: [meta({ target_user: 'root' }), meta({ target_user: 'siti' })],
        }),
      ),
    )
    expect(event).not.toHaveProperty('source_ip')
    expect(event).not.toHaveProperty('user_name')
    expect(event.fields).toMatchObject({
      'crowdsec.source.value': '203.0.113.0/24',
      'crowdsec.meta.target_user': 'root,siti',
    })
  })

  test('what a visitor sent stays under its own name', () => {
    const forged = alert({ events: [meta({ http_user_agent: '"source":{"ip":"192.0.2.66"}', scenario: 'x' })] })
    expect(read(JSON.stringify(forged))).toMatchObject({ source_ip: '203.0.113.7', rule_name: 'crowdsecurity/ssh-bf' })
  })

  test('a decision on its own: of a list of others it weighs little', () => {
    const decision = {
      id: 7,
      duration: '3h59m',
      scenario: 'crowdsecurity/ssh-bf',
      scope: 'Ip',
      type: 'ban',
      value: '203.0.113.7',
    }
    expect(read(JSON.stringify({ ...decision, origin: 'crowdsec' }))).toMatchObject({
      dataset: 'crowdsec',
      event_action: 'ids_block',
      event_severity: 50,
      source_ip: '203.0.113.7',
    })
    expect(read(JSON.stringify({ ...decision, origin: 'CAPI' })).event_severity).toBe(10)
  })
})
