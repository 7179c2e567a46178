// What do a FortiGate and devices that speak LEEF report? Lines in the field order of FortiOS 7 and of IBM's guide.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const head =
  'date=2024-11-27 time=08:16:03 devname="FW-KPU-1" devid="FGT60E0000000001" eventtime=1732670163123456789 tz="+0700"'
const traffic = `<189>${head} logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=203.0.113.7 srcport=40123 srcintf="wan1" srcintfrole="wan" dstip=192.0.2.10 dstport=23 dstintf="dmz" dstintfrole="dmz" srccountry="Germany" dstcountry="Indonesia" sessionid=155313 proto=6 action="deny" policyid=0 policytype="policy" service="TELNET" trandisp="noop" duration=7 sentbyte=120 rcvdbyte=80 crscore=30 craction=131072 crlevel="high"`
const utm = (rest: string): string =>
  `${head} type="utm" level="alert" vd="root" policyid=4 sessionid=91 srcip=203.0.113.7 srcport=40123 dstip=192.0.2.10 dstport=443 proto=6 service="HTTPS" ${rest}`
const event = (rest: string): string => `${head} type="event" level="alert" vd="root" ${rest}`

describe('FortiGate', () => {
  test('denied traffic', () => {
    expect(read(traffic)).toEqual({
      dataset: 'fortigate.traffic',
      timestamp: '2024-11-27T01:16:03.123Z',
      event_category: 'network',
      event_action: 'deny',
      event_outcome: 'failure',
      event_code: '0000000013',
      log_level: 'notice',
      host_name: 'FW-KPU-1',
      source_ip: '203.0.113.7',
      source_port: 40123,
      destination_ip: '192.0.2.10',
      destination_port: 23,
      network_transport: 'tcp',
      network_protocol: 'telnet',
      network_bytes: 200,
      observer_vendor: 'Fortinet',
      observer_product: 'FortiGate',
      fields: expect.objectContaining({
        'observer.serial_number': 'FGT60E0000000001',
        'observer.ingress.interface.name': 'wan1',
        'observer.egress.interface.name': 'dmz',
        'source.geo.country_name': 'Germany',
        'source.bytes': '120',
        'event.duration': '7000000000',
        'fortigate.policyid': '0',
        'fortigate.subtype': 'forward',
        'log.syslog.facility.name': 'local7',
      }),
    })
  })

  test.each([
    ['accept', 'success'],
    ['close', 'success'],
    ['client-rst', 'success'],
    ['timeout', 'success'],
    ['ip-conn', 'failure'],
    ['dns', undefined],
  ])('traffic %s: %s', (action, outcome) => {
    expect(read(traffic.replace('"deny"', `"${action}"`)).event_outcome).toBe(outcome)
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'logid="0419016384" subtype="ips" eventtype="signature" severity="critical" attack="Apache.Log4j.Error.Log.Remote.Code.Execution" attackid=51006 action="dropped" hostname="portal.example" url="/?x=1" direction="outgoing" ref="http://www.fortinet.com/ids/VID51006"',
      {
        event_category: 'intrusion_detection',
        event_action: 'dropped',
        event_outcome: 'failure',
        event_severity: 95,
        rule_name: 'Apache.Log4j.Error.Log.Remote.Code.Execution',
        event_code: '51006',
        url_original: '/?x=1',
        url_domain: 'portal.example',
      },
    ],
    [
      'logid="0211008192" subtype="virus" eventtype="infected" action="blocked" virus="EICAR_TEST_FILE" virusid=2172 filename="surat suara.zip" crlevel="critical" analyticscksum="275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"',
      {
        event_category: 'intrusion_detection',
        event_severity: 95,
        rule_name: 'EICAR_TEST_FILE',
        file_name: 'surat suara.zip',
        file_hash: '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
      },
    ],
    [
      'logid="0316013056" subtype="webfilter" eventtype="ftgd_blk" action="blocked" hostname="judol.example" url="https://judol.example/slot" cat=76 catdesc="Gambling" agent="curl/8" user="siti"',
      {
        event_category: 'web',
        event_outcome: 'failure',
        url_original: 'https://judol.example/slot',
        url_path: '/slot',
        url_domain: 'judol.example',
        user_agent_original: 'curl/8',
        user_name: 'siti',
      },
    ],
    [
      'logid="1501054802" subtype="dns" eventtype="dns-response" qname="KPU.example" qtype="A" qtypeval=1 ipaddr="192.0.2.10" action="pass"',
      { event_category: 'network', network_protocol: 'dns', dns_question_name: 'kpu.example', dns_question_type: 'A' },
    ],
    [
      'logid="0720018432" subtype="anomaly" severity="critical" attack="tcp_syn_flood" attackid=100663396 action="detected" count=1024',
      { event_category: 'intrusion_detection', event_severity: 95, rule_name: 'tcp_syn_flood' },
    ],
    [
      'logid="1059028704" subtype="app-ctrl" eventtype="signature" app="HTTPS.BROWSER" action="pass" apprisk="medium"',
      { event_category: 'network', event_action: 'pass' },
    ],
  ])('utm %s', (rest, expected) => {
    const got = read(utm(rest))
    expect(got).toMatchObject({ dataset: 'fortigate.utm', source_ip: '203.0.113.7', ...expected })
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'logid="0100032002" subtype="system" logdesc="Admin login failed" sn="0" user="admin" ui="https(203.0.113.7)" method="https" srcip=203.0.113.7 dstip=192.0.2.1 action="login" status="failed" reason="passwd_invalid" msg="Administrator admin login failed from https(203.0.113.7) because of invalid password"',
      { event_category: 'authentication', event_action: 'login', event_outcome: 'failure', user_name: 'admin' },
    ],
    [
      'logid="0100032001" subtype="system" logdesc="Admin login successful" user="budi" ui="ssh(203.0.113.7)" action="login" status="success"',
      { event_category: 'authentication', event_outcome: 'success', user_name: 'budi' },
    ],
    [
      'logid="0101039426" subtype="vpn" logdesc="SSL VPN login fail" action="ssl-login-fail" tunneltype="ssl-web" remip=203.0.113.7 user="siti" group="N/A" reason="sslvpn_login_permission_denied"',
      { event_category: 'authentication', event_action: 'vpn_login', event_outcome: 'failure', user_name: 'siti' },
    ],
    [
      'logid="0101039947" subtype="vpn" logdesc="SSL VPN tunnel up" action="tunnel-up" remip=203.0.113.7 user="siti"',
      { event_category: 'authentication', event_action: 'vpn_login', event_outcome: 'success' },
    ],
    [
      'logid="0102043009" subtype="user" logdesc="Authentication failed" srcip=203.0.113.7 user="bob" action="authentication" status="failure"',
      { event_category: 'authentication', event_outcome: 'failure', user_name: 'bob' },
    ],
    [
      'logid="0100032003" subtype="system" logdesc="Admin logout successful" user="budi" ui="GUI(203.0.113.7)" action="logout" status="success"',
      { event_category: 'session', event_action: 'logout' },
    ],
    [
      'logid="0101037124" subtype="vpn" logdesc="IPsec phase 1 error" action="negotiate" remip=203.0.113.7 locip=192.0.2.1 remport=500 locport=500 user="N/A" status="negotiate_error"',
      { event_category: 'network', event_action: 'negotiate', source_port: 500 },
    ],
    [
      'logid="0100044547" subtype="system" logdesc="Object attribute configured" user="budi" ui="GUI(203.0.113.7)" action="Add" cfgtid=1 cfgpath="system.admin" cfgobj="cadangan" msg="Add system.admin cadangan"',
      { event_category: 'configuration', event_action: 'Add', user_name: 'budi' },
    ],
  ])('event %s', (rest, expected) => {
    const got = read(event(rest))
    expect(got).toMatchObject({ dataset: 'fortigate.event', source_ip: '203.0.113.7', ...expected })
  })

  test('IPv6, times without eventtime, commas between the pairs', () => {
    const line =
      'date=2024-11-27,time=08:16:03,tz="+0800",devname=fw,devid=F,logid=0001000014,type=traffic,subtype=local,level=notice,srcip=2001:db8::7,dstip=2001:db8::1,proto=58,action=accept,msg="a, b"'
    expect(read(line)).toMatchObject({
      timestamp: '2024-11-27T00:16:03.000Z',
      source_ip: '2001:db8::7',
      network_transport: 'ipv6-icmp',
      fields: { message: 'a, b' },
    })
  })

  test('a quote in a name cannot forge an address', () => {
    const name = 'x" srcip=192.0.2.66 y="'
    const login = (user: string): string =>
      event(`logid="0100032002" subtype="system" user="${user}" srcip=203.0.113.7 action="login" status="failed"`)
    // FortiOS escapes it: the name is whole, and nothing but a name.
    expect(read(login(name.replaceAll('"', '\\"')))).toMatchObject({ source_ip: '203.0.113.7', user_name: name })
    // Where it does not, neither address counts.
    const forged = read(login(name))
    expect(forged).toMatchObject({ event_outcome: 'failure', tags: ['repeated_keys'] })
    expect(forged).not.toHaveProperty('source_ip')
    const url = read(
      utm('logid="1" subtype="webfilter" action="passthrough" url="/a" srcip=192.0.2.66 z="" hostname="h.example"'),
    )
    expect(url.source_ip).toBeUndefined()
  })

  test('cut in the middle, and what is none', () => {
    expect(read(traffic.slice(0, traffic.indexOf('dstintf=') + 10))).toMatchObject({
      dataset: 'fortigate.traffic',
      source_ip: '203.0.113.7',
      destination_port: 23,
    })
    expect(read('date=2024-11-27 time=08:16:03 level=info msg="hello"').dataset).toBe('plain')
    expect(parseOne('type="traffic"', 'fortigate').outcome.kind).toBe('dlq')
  })
})

describe('LEEF', () => {
  test('version 1, tabs between the attributes', () => {
    const line =
      'Nov 27 08:16:03 ids1 LEEF:1.0|Example|IDS|4.2|Port Scan|devTime=Nov 27 2024 08:16:03\tdevTimeFormat=MMM dd yyyy HH:mm:ss\tsrc=203.0.113.7\tsrcPort=4711\tdst=192.0.2.1\tdstPort=22\tproto=6\tsev=7\tusrName=siti\tcat=Recon\tmsg=a b=c'
    expect(read(line)).toEqual({
      dataset: 'leef',
      timestamp: '2024-11-27T01:16:03.000Z',
      event_category: 'intrusion_detection',
      event_action: 'Port Scan',
      event_code: 'Port Scan',
      event_severity: 70,
      rule_name: 'Port Scan',
      host_name: 'ids1',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      source_port: 4711,
      destination_ip: '192.0.2.1',
      destination_port: 22,
      network_transport: 'tcp',
      observer_vendor: 'Example',
      observer_product: 'IDS',
      fields: { 'observer.version': '4.2', 'leef.cat': 'Recon', message: 'a b=c' },
    })
  })

  test.each([
    ['a character', 'LEEF:2.0|V|P|1|Login Failed|^|src=203.0.113.7^usrName=siti'],
    ['its code', 'LEEF:2.0|V|P|1|Login Failed|x5E|src=203.0.113.7^usrName=siti'],
    ['its code, other way', 'LEEF:2.0|V|P|1|Login Failed|0x5e|src=203.0.113.7^usrName=siti'],
    ['a bar', 'LEEF:2.0|V|P|1|Login Failed|0x7C|src=203.0.113.7|usrName=siti'],
    ['blank', 'LEEF:2.0|V|P|1|Login Failed||src=203.0.113.7\tusrName=siti'],
    ['absent', 'LEEF:2.0|V|P|1|Login Failed|src=203.0.113.7\tusrName=siti'],
    ['a tab that syslog escaped', 'LEEF:1.0|V|P|1|Login Failed|src=203.0.113.7#011usrName=siti'],
  ])('delimiter: %s', (_, line) => {
    expect(read(line)).toMatchObject({
      dataset: 'leef',
      event_category: 'authentication',
      event_outcome: 'failure',
      source_ip: '203.0.113.7',
      user_name: 'siti',
    })
  })

  test('IPv6, a time with its zone, actions', () => {
    const line =
      'LEEF:2.0|V|P|1|flow|^|devTime=Nov 27 2024 08:16:03 GMT+08:00^src=2001:db8::7^action=Blocked^srcBytes=5^dstBytes=7'
    expect(read(line)).toMatchObject({
      timestamp: '2024-11-27T00:16:03.000Z',
      source_ip: '2001:db8::7',
      event_outcome: 'failure',
      network_bytes: 12,
    })
  })

  test('what comes again is forged by a value, the first counts', () => {
    expect(read('LEEF:2.0|V|P|1|x|^|src=203.0.113.7^url=/a^src=192.0.2.66')).toMatchObject({
      source_ip: '203.0.113.7',
      url_path: '/a',
    })
  })

  test('cut in the middle', () => {
    expect(read('LEEF:1.0|V|P|1|x|src=203.0.113.7\tdst=192.0.').source_ip).toBe('203.0.113.7')
    expect(parseOne('LEEF:1.0|V|P', 'leef').outcome.kind).toBe('dlq')
    expect(parseOne('LEEF:9.0|V|P|1|x|', 'leef').outcome.kind).toBe('dlq')
  })
})
