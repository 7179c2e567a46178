// What do the packet filters of Linux, pfSense and OPNsense log? Lines of iptables, nftables, ufw, firewalld, Shorewall and filterlog.
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const packet =
  'MAC=00:08:a2:0c:1f:12:00:c8:8b:e2:d6:87:08:00 SRC=203.0.113.7 DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 TTL=245 ID=37308 PROTO=TCP SPT=4711 DPT=23 WINDOW=1024 RES=0x00 SYN URGP=0'
const kernel = (message: string): string => `2024-11-27T08:16:03+07:00 fw1 kernel: ${message}`

describe('netfilter', () => {
  test('a blocked packet', () => {
    expect(read(kernel(`[50028442.088484] [UFW BLOCK] IN=eth0 OUT= ${packet} `))).toEqual({
      dataset: 'netfilter',
      timestamp: '2024-11-27T01:16:03.000Z',
      event_category: 'network',
      event_action: 'firewall_block',
      event_outcome: 'failure',
      rule_name: 'UFW BLOCK',
      host_name: 'fw1',
      process_name: 'kernel',
      source_ip: '203.0.113.7',
      source_port: 4711,
      destination_ip: '192.0.2.1',
      destination_port: 23,
      network_transport: 'tcp',
      network_bytes: 40,
      fields: {
        'observer.ingress.interface.name': 'eth0',
        'source.mac': '00:c8:8b:e2:d6:87',
        'destination.mac': '00:08:a2:0c:1f:12',
        'netfilter.tcp.flags': 'syn',
        'netfilter.ttl': '245',
      },
    })
  })

  test.each([
    ['[1.2] UFW BLOCK IN=eth0 OUT=', 'firewall_block', 'UFW BLOCK'],
    ['[1.2] [UFW ALLOW] IN=eth0 OUT=', 'firewall_allow', 'UFW ALLOW'],
    ['[1.2] [UFW AUDIT] IN=eth0 OUT=', 'firewall_log', 'UFW AUDIT'],
    ['FINAL_REJECT: IN=eth0 OUT=', 'firewall_block', 'FINAL_REJECT'],
    ['filter_IN_public_DENY: IN=eth0 OUT=', 'firewall_block', 'filter_IN_public_DENY'],
    ['Shorewall:net2fw:DROP:IN=eth0 OUT=', 'firewall_block', 'Shorewall:net2fw:DROP'],
    ['[9.1] REJECT wan in: IN=eth0.2 OUT=br-lan', 'firewall_block', 'REJECT wan in'],
    ['[    1.000001] FW-ACCEPT: IN=eth0 OUT=', 'firewall_allow', 'FW-ACCEPT'],
    ['IN=eth0 OUT=', 'firewall_log', undefined],
  ])('label %s', (head, action, label) => {
    const event = read(kernel(`${head} ${packet}`))
    expect(event).toMatchObject({ dataset: 'netfilter', event_action: action, source_ip: '203.0.113.7' })
    expect(event.rule_name).toBe(label)
  })

  test('IPv6, and what leaves', () => {
    const line =
      'OUT-DROP: IN= OUT=eth0 SRC=2001:0db8:0000:0000:0000:0000:0000:0007 DST=2001:0db8:0000:0000:0000:0000:0000:0001 LEN=64 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=5353 DPT=53 LEN=24 UID=1000 GID=1000'
    expect(read(kernel(line))).toMatchObject({
      source_ip: '2001:db8::7',
      destination_ip: '2001:db8::1',
      network_bytes: 64,
      fields: { 'observer.egress.interface.name': 'eth0', 'user.id': '1000', 'netfilter.ttl': '64' },
    })
  })

  test('of an ICMP error, not the packet that it answers', () => {
    const line =
      'IN=eth0 OUT= SRC=203.0.113.7 DST=192.0.2.1 LEN=76 PROTO=ICMP TYPE=3 CODE=3 [SRC=192.0.2.99 DST=203.0.113.99 LEN=48 PROTO=UDP SPT=53 DPT=9999 ]'
    const event = read(kernel(line))
    expect(event).toMatchObject({ source_ip: '203.0.113.7', destination_ip: '192.0.2.1', network_transport: 'icmp' })
    expect(event.destination_port).toBeUndefined()
    expect(event.fields).toMatchObject({ 'netfilter.icmp.type': '3', 'netfilter.icmp.code': '3' })
  })

  test('cut in the middle: what is there is read, without addresses it is a line of the kernel', () => {
    expect(read(kernel('[1.2] DROP IN=eth0 OUT= SRC=203.0.113.7 DST=192.0.2.1 LEN=4'))).toMatchObject({
      dataset: 'netfilter',
      destination_ip: '192.0.2.1',
    })
    expect(read(kernel('[1.2] DROP IN=eth0 OUT= SRC=203.0.113.7 DST=192.')).dataset).toBe('syslog')
    expect(read(kernel('[1.2] usbcore: registered new interface driver usbfs'))).toMatchObject({
      dataset: 'syslog',
      process_name: 'kernel',
    })
  })

  test('a process cannot name itself a packet', () => {
    const line = '[1.2] a SRC=192.0.2.9[77]: segfault at 0 ip 0 sp 0 error 4 in x[1000+2000]'
    expect(read(kernel(line))).not.toHaveProperty('source_ip')
  })

  test('bare, without a header', () => {
    expect(read(`[12.5] DROP IN=eth0 OUT= ${packet}`).dataset).toBe('netfilter')
    expect(read(`IN=eth0 OUT= ${packet}`).dataset).toBe('netfilter')
    expect(read(`nft-drop IN=eth0 OUT= ${packet}`, 'netfilter')).toMatchObject({ rule_name: 'nft-drop' })
  })
})

const filter = (text: string): string => `<134>1 2024-11-27T08:16:03.5+07:00 gw.kpu.example filterlog 72237 - - ${text}`

describe('filterlog', () => {
  test('TCP over IPv4, blocked', () => {
    const line =
      '146,,,1535324496,igb1.12,match,block,in,4,0x0,,63,32989,0,DF,6,tcp,60,203.0.113.7,192.0.2.1,49652,853,0,S,1818117648,,64240,,mss;sackOK;TS;nop;wscale'
    expect(read(filter(line))).toEqual({
      dataset: 'filterlog',
      timestamp: '2024-11-27T01:16:03.500Z',
      event_category: 'network',
      event_action: 'firewall_block',
      event_outcome: 'failure',
      event_code: '146',
      log_level: 'info',
      host_name: 'gw.kpu.example',
      process_name: 'filterlog',
      process_pid: 72237,
      source_ip: '203.0.113.7',
      source_port: 49652,
      destination_ip: '192.0.2.1',
      destination_port: 853,
      network_transport: 'tcp',
      network_bytes: 60,
      observer_product: 'filterlog',
      fields: {
        'log.syslog.facility.name': 'local0',
        'filterlog.tracker': '1535324496',
        'filterlog.action': 'block',
        'filterlog.ttl': '63',
        'filterlog.tcp.flags': 'S',
        'event.reason': 'match',
        'network.direction': 'inbound',
        'observer.ingress.interface.name': 'igb1.12',
      },
    })
  })

  test.each<[string, Record<string, unknown>]>([
    [
      '115,,,1534283903,igb1,match,pass,out,4,0x0,,63,29559,0,DF,17,udp,69,192.0.2.5,198.51.100.9,52797,53,49',
      { event_action: 'firewall_allow', event_outcome: 'success', network_transport: 'udp', destination_port: 53 },
    ],
    [
      '6,,,1000000105,igb1,match,block,in,6,0x00,0xf6279,1,UDP,17,32,2001:db8::7,ff02::1:2,546,547,32',
      { source_ip: '2001:db8::7', destination_ip: 'ff02::1:2', network_transport: 'udp', source_port: 546 },
    ],
    [
      '7,,,02f4bab031b57d1e30553ce08e0ec131,em0,match,block,in,6,0x00,0x00000,64,TCP,6,40,2001:db8::7,2001:db8::1,4711,23,0,S,1,,1,,',
      { source_ip: '2001:db8::7', destination_port: 23, network_transport: 'tcp' },
    ],
    [
      '4,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,none,1,icmp,84,203.0.113.7,192.0.2.1,request,7,164',
      {
        network_transport: 'icmp',
        network_bytes: 84,
        fields: expect.objectContaining({ 'filterlog.icmp.type': 'request' }),
      },
    ],
    [
      '4,,,1000000103,em0,match,block,in,4,0x0,,1,1,0,none,2,igmp,32,203.0.113.7,224.0.0.1,datalength=8',
      { network_transport: 'igmp', destination_ip: '224.0.0.1' },
    ],
    [
      '80,,,0,em0,match,rdr,in,4,0x0,,64,1,0,DF,6,tcp,60,203.0.113.7,192.0.2.1,4711,443,0,S,1,,1,,',
      { event_action: 'firewall_log', destination_port: 443 },
    ],
  ])('%s', (line, expected) => {
    expect(read(filter(line))).toMatchObject({ dataset: 'filterlog', ...expected })
    expect(read(line)).toMatchObject({ dataset: 'filterlog', ...expected })
  })

  test('cut before the addresses, and what is other CSV', () => {
    expect(read(filter('146,,,1535324496,igb1,match,block,in,4,0x0,,63,1,0,DF,6,tcp,60,203.0.'))).toMatchObject({
      dataset: 'filterlog',
      process_name: 'filterlog',
    })
    expect(parseOne('1,2024/11/27 08:16:03,x,y', 'filterlog').outcome.kind).toBe('dlq')
  })
})
