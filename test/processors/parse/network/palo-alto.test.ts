// What does a Palo Alto firewall report? Lines in the field order of the PAN-OS documentation, under each kind of header.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const common = (type: string, subtype: string): string =>
  `1,2024/11/27 08:16:04,007951000012345,${type},${subtype},2561,2024/11/27 08:16:03`

/** A THREAT line up to the tunnel type, with the parts that tests change. */
function threat(part: Record<string, string> = {}): string {
  const { subtype = 'vulnerability', app = 'web-browsing', action = 'reset-both', misc = '', severity = 'high' } = part
  const { name = 'Apache Log4j Remote Code Execution Vulnerability(91991)', user = 'kpu\\siti', method = '' } = part
  return `${common('THREAT', subtype)},203.0.113.7,192.0.2.10,203.0.113.7,10.1.0.10,dmz-in,${user},,${app},vsys1,untrust,dmz,ethernet1/1,ethernet1/2,to-siaga,2024/11/27 08:16:03,238810,1,47094,8080,47094,8080,0x402000,tcp,${action},${misc},${name},any,${severity},client-to-server,7204134051344758260,0x8000000000000000,Germany,10.0.0.0-10.255.255.255,,,0,,,0,${part.agent ?? ''},,,,,,,0,0,0,0,0,,FW-KPU-1,,,,${method},0,,0,,N/A,code-execution,AppThreat-8727-8140,0x0`
}

const traffic = `${common('TRAFFIC', 'end')},10.1.0.20,198.51.100.9,203.0.113.1,198.51.100.9,lan-out,,,ssl,vsys1,trust,untrust,ethernet1/2,ethernet1/1,to-siaga,2024/11/27 08:16:03,92,1,51000,443,61000,443,0x400053,tcp,allow,123456,23456,100000,210,2024/11/27 08:15:33,30,any,,7204134051344758261,0x0,10.0.0.0-10.255.255.255,Singapore,,90,120,tcp-fin,0,0,0,0,,FW-KPU-1,from-policy`
const system = (id: string, text: string, subtype = 'auth'): string =>
  `${common('SYSTEM', subtype)},,${id},,0,0,general,medium,"${text}",7204134051344758262,0x0,0,0,0,0,,FW-KPU-1`
const config = `${common('CONFIG', '0')},10.1.0.5,,set,siti,Web,Succeeded, config devices localhost rulebase security rules dmz-in,7204134051344758263,0x0,0,0,0,0,,FW-KPU-1`
const globalProtect = (id: string, status: string): string =>
  `${common('GLOBALPROTECT', '0')},vsys1,${id},login,SAML,,kpu\\budi,ID,LAPTOP-7,203.0.113.7,0.0.0.0,0.0.0.0,0.0.0.0,5f1c,C02,6.2.1,Windows,"Microsoft Windows 11 Pro , 64-bit",1,,,"Authentication failed: Invalid username or password",${status},,0,,0,gp-portal,7204134051344758264,0x0,2024-11-27T08:16:03.288+07:00`
const userId = `${common('USERID', 'login')},vsys1,10.1.0.21,kpu\\budi,ad-agent,0,1,2700,0,0,agent,ldap,7204134051344758265,0x0`

describe('THREAT', () => {
  test('a vulnerability', () => {
    expect(read(threat({ misc: '"portal.example/a?x=1,2"', agent: 'curl/8.5', method: 'get' }))).toEqual({
      dataset: 'paloalto.threat',
      timestamp: '2024-11-27T01:16:03.000Z',
      event_category: 'intrusion_detection',
      event_action: 'reset-both',
      event_code: '91991',
      event_severity: 80,
      rule_name: 'Apache Log4j Remote Code Execution Vulnerability',
      host_name: 'FW-KPU-1',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      source_port: 47094,
      destination_ip: '192.0.2.10',
      destination_port: 8080,
      network_transport: 'tcp',
      network_protocol: 'http',
      url_original: 'portal.example/a?x=1,2',
      url_path: '/a',
      url_domain: 'portal.example',
      http_method: 'GET',
      user_agent_original: 'curl/8.5',
      observer_vendor: 'Palo Alto Networks',
      observer_product: 'PAN-OS',
      fields: expect.objectContaining({
        'observer.serial_number': '007951000012345',
        'paloalto.subtype': 'vulnerability',
        'paloalto.rule': 'dmz-in',
        'paloalto.threat_category': 'code-execution',
        'user.domain': 'kpu',
        'destination.nat.ip': '10.1.0.10',
        'observer.ingress.zone': 'untrust',
        'network.application': 'web-browsing',
        'source.geo.country_name': 'Germany',
      }),
    })
    expect(read(threat()).fields).not.toHaveProperty('destination.geo.country_name')
  })

  test.each([
    ['informational', 10],
    ['low', 25],
    ['medium', 50],
    ['high', 80],
    ['critical', 95],
    ['none', undefined],
  ])('severity %s is %s', (severity, points) => {
    expect(read(threat({ severity })).event_severity).toBe(points)
  })

  test('URL filtering is web traffic, a blocked file is a file', () => {
    const url = threat({
      subtype: 'url',
      misc: 'judol.example/slot',
      name: '(9999)',
      action: 'block-url',
      method: 'post',
    })
    expect(read(url)).toMatchObject({
      event_category: 'web',
      event_action: 'block-url',
      url_domain: 'judol.example',
      url_path: '/slot',
      http_method: 'POST',
    })
    const virus = threat({ subtype: 'virus', misc: 'invoice.exe', name: 'Virus/Win32.x(2121)', action: 'deny' })
    expect(read(virus)).toMatchObject({
      event_category: 'intrusion_detection',
      file_name: 'invoice.exe',
      rule_name: 'Virus/Win32.x',
    })
    expect(read(virus).url_original).toBeUndefined()
    expect(read(threat({ subtype: 'file', misc: 'a.zip', name: 'ZIP(52000)' })).event_category).toBe('file')
  })

  test('the precise time of PAN-OS 10 counts, that of an older one is in the zone of the source', () => {
    expect(read(`${threat()},,0,,,0,2024-11-27T08:16:03.288+09:00,,,`).timestamp).toBe('2024-11-26T23:16:03.288Z')
    expect(read(`${threat()},,0,,,0,1969-12-31T19:00:00.000-05:00`).timestamp).toBe('2024-11-27T01:16:03.000Z')
    // What a client writes is not believed.
    expect(read(threat({ agent: '2001-01-01T00:00:00Z' })).timestamp).toBe('2024-11-27T01:16:03.000Z')
  })
})

describe('other logs', () => {
  test('TRAFFIC', () => {
    expect(read(traffic)).toMatchObject({
      dataset: 'paloalto.traffic',
      event_category: 'network',
      event_action: 'allow',
      event_outcome: 'success',
      source_ip: '10.1.0.20',
      destination_ip: '198.51.100.9',
      destination_port: 443,
      network_protocol: 'tls',
      network_bytes: 123456,
      fields: {
        'source.bytes': '23456',
        'destination.bytes': '100000',
        'event.duration': '30000000000',
        'paloalto.session_end_reason': 'tcp-fin',
        'destination.geo.country_name': 'Singapore',
      },
    })
    expect(read(traffic.replace(',allow,', ',deny,'))).toMatchObject({ event_action: 'deny', event_outcome: 'failure' })
  })

  test.each([
    [
      system(
        'auth-fail',
        "failed authentication for user 'admin'. Reason: Invalid username/password. From: 203.0.113.7.",
      ),
      { event_action: 'auth-fail', event_outcome: 'failure', user_name: 'admin', source_ip: '203.0.113.7' },
    ],
    [
      system('general', 'User siti logged in via Web from 10.1.0.5 using https', 'general'),
      { event_action: 'login', event_outcome: 'success', user_name: 'siti', source_ip: '10.1.0.5' },
    ],
    [
      system(
        'globalprotectgateway-auth-fail',
        'GlobalProtect gateway user authentication failed. Login from: 203.0.113.7, Source region: ID, User name: budi, Client OS version: x, Reason: y',
        'globalprotect',
      ),
      { event_action: 'vpn_login', event_outcome: 'failure', user_name: 'budi', source_ip: '203.0.113.7' },
    ],
  ])('a log-in in SYSTEM', (line, expected) => {
    expect(read(line)).toMatchObject({ dataset: 'paloalto.system', event_category: 'authentication', ...expected })
  })

  test('SYSTEM about the device itself', () => {
    expect(read(system('link-change', 'Port ethernet1/1: Down 1Gb/s-full duplex', 'port'))).toMatchObject({
      event_category: 'host',
      event_action: 'link-change',
      event_severity: 50,
      fields: { 'event.reason': 'Port ethernet1/1: Down 1Gb/s-full duplex' },
    })
  })

  test('CONFIG', () => {
    expect(read(config)).toMatchObject({
      dataset: 'paloalto.config',
      event_category: 'configuration',
      event_action: 'set',
      event_outcome: 'success',
      user_name: 'siti',
      source_ip: '10.1.0.5',
      fields: { 'paloalto.client': 'Web' },
    })
  })

  test('GLOBALPROTECT', () => {
    expect(read(globalProtect('portal-auth', 'failure'))).toMatchObject({
      dataset: 'paloalto.globalprotect',
      timestamp: '2024-11-27T01:16:03.288Z',
      event_category: 'authentication',
      event_action: 'vpn_login',
      event_outcome: 'failure',
      user_name: 'budi',
      source_ip: '203.0.113.7',
      fields: {
        'user.domain': 'kpu',
        'source.geo.country_name': 'ID',
        'paloalto.client_os_version': 'Microsoft Windows 11 Pro , 64-bit',
        'event.reason': 'Authentication failed: Invalid username or password',
      },
    })
    expect(read(globalProtect('gateway-tunnel-latency', 'success'))).toMatchObject({
      event_category: 'network',
      event_action: 'gateway-tunnel-latency',
      event_outcome: 'success',
    })
  })

  test('USERID', () => {
    expect(read(userId)).toMatchObject({
      dataset: 'paloalto.userid',
      event_category: 'session',
      event_action: 'login',
      user_name: 'budi',
      source_ip: '10.1.0.21',
    })
  })
})

describe('headers', () => {
  test.each([
    ['none', ''],
    ['ISO time and host', '2024-11-27T08:16:04+07:00 fw1.kpu.example '],
    ['BSD time and host', 'Nov 27 08:16:04 fw1 '],
    ['BSD time without host', 'Nov 27 08:16:04 '],
    ['PRI, BSD time and host', '<14>Nov 27 08:16:04 fw1 '],
    ['RFC 5424', '<14>1 2024-11-27T08:16:04+07:00 fw1 - - - - '],
  ])('%s', (_, header) => {
    for (const format of ['', 'paloalto'] as const) {
      expect(read(`${header}${threat()}`, format), format).toMatchObject({
        dataset: 'paloalto.threat',
        source_ip: '203.0.113.7',
        host_name: 'FW-KPU-1',
      })
    }
  })

  test('the host of the header stands where the log has none', () => {
    expect(read(`Nov 27 08:16:04 fw1 ${userId}`).host_name).toBe('fw1')
  })
})

describe('what is not ours', () => {
  test.each(['1,2024/11/27 08:16:04,007951000012345,MENU,x', '1,2,3', '1,2024/11/27 08:16:04', '7,00 gram'])(
    '%s',
    (line) => {
      expect(read(line).dataset).toBe('plain')
      expect(parseOne(line, 'paloalto').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
    },
  )

  test('a line cut anywhere is read as far as it goes', () => {
    const line = threat({ misc: '"portal.example/a,""b"' })
    const from = line.indexOf('THREAT,') + 7
    for (let end = from; end < line.length; end++) {
      const { event } = parseOne(line.slice(0, end))
      expect(event.dataset).toBe('paloalto.threat')
      expect(['', '203.0.113.7']).toContain(event.source_ip.length < 11 ? '' : event.source_ip)
    }
  })
})
