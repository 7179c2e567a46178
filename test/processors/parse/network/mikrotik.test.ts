// What does a MikroTik router log? Topics, log-ins, the firewall, tunnels, leases and changes, of RouterOS 6 and 7.
import { describe, expect, test } from 'vitest'
import { mikrotikBegins } from '../../../../processors/parse/network/mikrotik.ts'
import { parseOne, read } from '../read.ts'

const at = (message: string): string => `2024-11-27T08:16:03+07:00 gw-kec ${message}`
const wan = 'in:ether1-WAN out:(unknown 0), connection-state:new src-mac 00:17:10:88:bc:02, proto TCP (SYN)'

describe('MikroTik', () => {
  test('a failed log-in', () => {
    expect(read(at('system,error,critical login failure for user admin from 203.0.113.7 via winbox'))).toEqual({
      dataset: 'mikrotik',
      timestamp: '2024-11-27T01:16:03.000Z',
      event_category: 'authentication',
      event_action: 'login',
      event_outcome: 'failure',
      log_level: 'critical',
      host_name: 'gw-kec',
      user_name: 'admin',
      source_ip: '203.0.113.7',
      observer_vendor: 'MikroTik',
      observer_product: 'RouterOS',
      fields: { 'mikrotik.topics': 'system,error,critical', 'mikrotik.via': 'winbox' },
    })
  })

  test('a dropped packet', () => {
    expect(read(at(`firewall,info drop-tcp input: ${wan}, 203.0.113.7:59388->192.0.2.1:23, len 40`))).toMatchObject({
      event_category: 'network',
      event_action: 'firewall_block',
      event_outcome: 'failure',
      rule_name: 'drop-tcp',
      source_ip: '203.0.113.7',
      source_port: 59388,
      destination_ip: '192.0.2.1',
      destination_port: 23,
      network_transport: 'tcp',
      network_bytes: 40,
      fields: {
        'mikrotik.chain': 'input',
        'mikrotik.flags': 'SYN',
        'mikrotik.connection_state': 'new',
        'observer.ingress.interface.name': 'ether1-WAN',
        'source.mac': '00:17:10:88:bc:02',
      },
    })
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'firewall,info input: in:WAN out:(unknown 0), connection-state:new proto UDP, [2001:db8::7]:17850->[2001:db8::1]:53, len 65',
      { event_action: 'firewall_log', source_ip: '2001:db8::7', source_port: 17850, destination_port: 53 },
    ],
    [
      'firewall,info accept-web forward: in:WAN out:DMZ, connection-state:new,dnat src-mac 00:17:10:88:bc:02, proto TCP (SYN), 203.0.113.7:4711->192.0.2.10:443, NAT 203.0.113.7:4711->(198.51.100.1:443->192.0.2.10:443), len 52',
      { event_action: 'firewall_allow', destination_ip: '192.0.2.10', destination_port: 443, network_bytes: 52 },
    ],
    [
      'firewall,info drop icmp input: in:WAN out:(unknown 0), proto ICMP (type 8, code 0), 203.0.113.7->192.0.2.1, len 84',
      { event_action: 'firewall_block', network_transport: 'icmp', rule_name: 'drop icmp' },
    ],
    [
      'system,info,account user budi logged in from 203.0.113.7 via ssh',
      { event_category: 'authentication', event_outcome: 'success', user_name: 'budi', network_protocol: 'ssh' },
    ],
    [
      'system,info,account user budi logged out from 2001:db8::7 via winbox',
      { event_category: 'session', event_action: 'logout', user_name: 'budi', source_ip: '2001:db8::7' },
    ],
    ['system,info,account user admin logged in via local', { event_outcome: 'success', user_name: 'admin' }],
    [
      'system,error,critical login failure for user  from 203.0.113.7 via telnet',
      { event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    [
      'warning denied winbox/dude connect from 203.0.113.7',
      { event_action: 'firewall_block', source_ip: '203.0.113.7' },
    ],
    [
      'l2tp,ppp,info,account siti logged in, 10.10.0.5 from 203.0.113.7',
      {
        event_category: 'authentication',
        event_action: 'vpn_login',
        event_outcome: 'success',
        user_name: 'siti',
        source_ip: '203.0.113.7',
      },
    ],
    [
      'pptp,ppp,error <pptp-0>: user siti authentication failed',
      { event_action: 'vpn_login', event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'hotspot,info,debug tamu (10.5.50.2): login failed: invalid username or password',
      { event_action: 'hotspot_login', event_outcome: 'failure', user_name: 'tamu', source_ip: '10.5.50.2' },
    ],
    [
      'hotspot,account,info,debug tamu (10.5.50.2): logged in',
      { event_action: 'hotspot_login', event_outcome: 'success' },
    ],
    [
      'system,info filter rule added by winbox-3.41/tcp-msg(winbox):budi@203.0.113.7 (*1A = /ip firewall filter add action=accept)',
      { event_category: 'configuration', event_action: 'config_added', user_name: 'budi', source_ip: '203.0.113.7' },
    ],
    [
      'system,info user cadangan added by budi',
      {
        event_category: 'configuration',
        user_name: 'budi',
        fields: { 'mikrotik.topics': 'system,info', 'mikrotik.item': 'user cadangan' },
      },
    ],
    [
      'dhcp,info dhcp1 assigned 192.0.2.50 for AA:BB:CC:00:11:22 laptop-7',
      { event_category: 'network', event_action: 'dhcp_lease', source_ip: '192.0.2.50' },
    ],
    [
      'ipsec,error phase1 negotiation failed due to time up 192.0.2.1[500]<=>203.0.113.7[500] a:b',
      { event_action: 'vpn_negotiation', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    ['interface,info ether1 link down', { event_category: 'host', log_level: 'info' }],
  ])('%s', (message, expected) => {
    expect(read(at(message))).toMatchObject({ dataset: 'mikrotik', host_name: 'gw-kec', ...expected })
    expect(read(message, 'mikrotik')).toMatchObject({ dataset: 'mikrotik', ...expected })
  })

  test('a name cannot forge where it came from', () => {
    const name = 'admin from 192.0.2.66 via ssh'
    expect(read(at(`system,error,critical login failure for user ${name} from 203.0.113.7 via ssh`))).toMatchObject({
      user_name: name,
      source_ip: '203.0.113.7',
    })
    const hotspot = 'x (192.0.2.66): login failed: y (10.5.50.2): login failed: invalid'
    expect(read(at(`hotspot,info,debug ${hotspot}`)).source_ip).toBe('10.5.50.2')
  })

  test('cut in the middle', () => {
    expect(read(at(`firewall,info drop input: ${wan}, 203.0.113.7:593`))).toMatchObject({
      dataset: 'mikrotik',
      event_category: 'host',
    })
    expect(read(at('system,error,critical login failure for user admin from'))).toMatchObject({
      event_category: 'host',
    })
  })

  test('other words with commas are no topics', () => {
    for (const text of [
      'halo,dunia apa kabar',
      'system, info x',
      'info,warning x',
      'system halo',
      'firewall,infos x',
      'a,b c',
    ]) {
      expect(parseOne(text, 'mikrotik').outcome.kind, text).toBe('dlq')
    }
    expect(mikrotikBegins).toContain('f')
  })
})
