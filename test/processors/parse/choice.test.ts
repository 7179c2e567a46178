// Which parser gets a text: configured formats, blank lines, headers, and the registry itself.
import { describe, expect, test } from 'vitest'
import { parsers } from '../../../processors/parse/index.ts'
import { logs } from '../../../processors/parse/network/palo-alto-fields.ts'
import { layouts, zeekLogs } from '../../../processors/parse/network/zeek-layouts.ts'
import { toAddress, toPort } from '../../../processors/parse/values/address.ts'
import { SourceFormat } from '../../../schemas/config.ts'
import { emptyEvent } from '../../../schemas/event.ts'
import { context, parseOne, read } from './read.ts'

/** What stands in a column of a TSV log of Zeek, by its kind. */
const zeekValues: Record<string, string> = {
  t: '1732670163.123456',
  u: 'CHhAvVGS1DHFjwGM9',
  f: 'FwdUSz3tk4DlSLxQTf',
  a: '203.0.113.7',
  A: '203.0.113.7',
  n: '1',
  i: '0.5',
  b: 'T',
  x: 'tcp',
  e: 'A::B',
  h: 'Cs',
  m: 'd41d8cd98f00b204e9800998ecf8427e',
  v: 'TLSv12',
  k: 'AS',
  s: '\\\\192.0.2.1\\IPC$',
  M: 'GET',
  q: 'login',
}

function zeekLine(log: string): string {
  const columns = layouts.find((layout) => layout.log === log)?.columns ?? []
  return columns.map(({ kind }) => zeekValues[kind] ?? '-').join('\t')
}

const samples: Record<string, string> = {
  sshd: 'Failed password for root from 203.0.113.7 port 4711 ssh2',
  pam: 'pam_unix(sshd:session): session closed for user siti',
  sudo: 'siti : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
  syslog: 'Nov 27 08:16:03 h app: x',
  'nginx.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'nginx.error': '2024/11/27 08:16:03 [error] 31#31: *46 x, client: 203.0.113.7, server: s',
  'apache.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'apache.error': '[Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] x',
  'web.access': '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u"',
  'suricata.eve': '{"timestamp":"2024-11-27T08:16:03.0+0700","event_type":"flow","src_ip":"203.0.113.7"}',
  'suricata.fast': '11/27/2024-08:16:03.860293  [**] [1:1:1] x [**] [Priority: 2] {UDP} 203.0.113.7:1 -> 192.0.2.1:2',
  cef: 'CEF:0|V|P|1|7|n|1|src=203.0.113.7',
  postgresql: '2024-11-27 08:16:03.123 WIB [147] siti@dpt FATAL:  password authentication failed for user "siti"',
  ...Object.fromEntries(
    [...logs.keys()].map((type) => [
      `paloalto.${type.toLowerCase()}`,
      `1,2024/11/27 08:16:03,007951000012345,${type},start,2561,2024/11/27 08:16:03,203.0.113.7,192.0.2.1`,
    ]),
  ),
  'mysql.error':
    "2024-11-27T01:16:03.861934Z 344 [Note] Access denied for user 'root'@'203.0.113.7' (using password: YES)",
  'mysql.general': '2024-11-27T01:16:03.861934Z\t   14 Query\tselect 1',
  'mysql.audit': '20241127 08:16:03,db1,siti,203.0.113.7,31,0,FAILED_CONNECT,dpt,,1045',
  'mysql.slow': '# User@Host: siti[siti] @ web1 [203.0.113.7]  Id:    14',
  auditd: 'type=USER_LOGIN msg=audit(1732670163.123:457): pid=8 uid=0 msg=\'op=login acct="siti" res=failed\'',
  ...Object.fromEntries(
    [
      ['security', 'Security'],
      ['sysmon', 'Microsoft-Windows-Sysmon/Operational'],
      ['powershell', 'Windows PowerShell'],
      ['system', 'System'],
      ['other', 'Application'],
    ].map(([name, channel]) => [
      `windows.${name}`,
      `<Event><System><EventID>1</EventID><Channel>${channel}</Channel></System><EventData/></Event>`,
    ]),
  ),
  postfix: 'NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 554 5.7.1 Service unavailable',
  dovecot: 'imap-login: Login: user=<siti>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1',
  vsftpd: 'Wed Nov 27 08:16:03 2024 [pid 7] [siti] FAIL LOGIN: Client "203.0.113.7"',
  proftpd: '192.0.2.1 (203.0.113.7[203.0.113.7]) - USER siti: Login successful.',
  pureftpd: '(?@203.0.113.7) [WARNING] Authentication failed for user [siti]',
  ...Object.fromEntries(zeekLogs.map((log) => [`zeek.${log}`, zeekLine(log)])),
  'zeek.other': '{"_path":"capture_loss","ts":1732670163.1,"percent_lost":0.1}',
  leef: 'LEEF:1.0|V|P|1|7|src=203.0.113.7',
  'fortigate.traffic': 'date=2024-11-27 time=08:16:03 logid="0000000013" type="traffic" subtype="forward"',
  'fortigate.utm': 'date=2024-11-27 time=08:16:03 logid="0419016384" type="utm" subtype="ips"',
  'fortigate.event': 'date=2024-11-27 time=08:16:03 logid="0100032001" type="event" subtype="system"',
  mikrotik: 'system,info,account user admin logged in from 203.0.113.7 via ssh',
  netfilter: '[12.5] UFW BLOCK IN=eth0 OUT= SRC=203.0.113.7 DST=192.0.2.1 LEN=40 PROTO=TCP SPT=4711 DPT=23',
  filterlog: '4,,,1000000103,igb0,match,block,in,4,0x0,,64,1,0,none,6,tcp,40,203.0.113.7,192.0.2.1,4711,23,0,S,1,,1,,',
  bind: 'client @0x7f65100ee4d8 203.0.113.7#3076 (kpu.example): query: kpu.example IN A + (192.0.2.1)',
  dnsmasq: 'query[A] kpu.example from 203.0.113.7',
  wazuh: '{"timestamp":"2024-11-27T08:16:03.123+0700","rule":{"level":5,"id":"5710"},"agent":{"id":"001"}}',
  crowdsec:
    '{"scenario":"crowdsecurity/ssh-bf","source":{"scope":"Ip","value":"203.0.113.7"},"start_at":"2024-11-27T01:16:03Z","events_count":6}',
  cowrie: '{"eventid":"cowrie.session.connect","session":"a","src_ip":"203.0.113.7"}',
  opencanary: '{"logtype":4002,"node_id":"canary-1","local_time":"2024-11-27 01:16:03.1","src_host":"203.0.113.7"}',
  'kubernetes.audit': '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","sourceIPs":["203.0.113.7"]}',
  'haproxy.http':
    '203.0.113.7:33317 [27/Nov/2024:08:16:03.123] https-in~ web/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"',
  'haproxy.tcp': '203.0.113.7:33313 [27/Nov/2024:08:16:03.123] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0',
  'haproxy.log': '203.0.113.7:33314 [27/Nov/2024:08:16:03.123] https-in/1: SSL handshake failure',
  'traefik.access':
    '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "u" 240 "web@docker" "http://192.0.2.3:80" 5ms',
  'caddy.access':
    '{"level":"info","ts":1732670163.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.7","method":"GET","uri":"/"},"status":200}',
  'caddy.log': '{"level":"info","ts":1732670163.5,"logger":"tls.obtain","msg":"acquiring lock"}',
  'iis.access': '2024-11-27 01:16:03 192.0.2.1 GET / - 443 - 203.0.113.7 u - 200 0 0 15',
  'modsecurity.audit':
    '{"transaction":{"client_ip":"203.0.113.7","time_stamp":"Wed Nov 27 08:16:03 2024","request":{"method":"GET","uri":"/"}}}',
  'cloudflare.http':
    '{"ClientIP":"203.0.113.7","ClientRequestMethod":"GET","ClientRequestURI":"/","EdgeStartTimestamp":"2024-11-27T01:16:03Z"}',
  'cloudflare.firewall':
    '{"Action":"block","ClientIP":"203.0.113.7","Datetime":"2024-11-27T01:16:03Z","Source":"firewallManaged","RuleID":"a"}',
  laravel: '[2024-11-27 08:16:03] production.ERROR: x {"userId":5}',
  codeigniter: 'ERROR - 2024-11-27 08:16:03 --> Severity: Warning --> x',
  'keycloak.event':
    '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (executor-thread-1) type="LOGIN_ERROR", realmId="p", clientId="c", userId="null", ipAddress="203.0.113.7", error="user_not_found"',
  'keycloak.log':
    '2024-11-27 08:16:03,123 INFO  [org.keycloak.services] (main) KC-SERVICES0050: Initializing master realm',
  ecs: '{"@timestamp":"2024-11-27T01:16:03Z","ecs":{"version":"8"}}',
  json: '{"a":1}',
  'siaga.report':
    '{"kind":"nihil","receipt":"NIL-32-K2M9Q-T7XW4-R","room":"r","region":"32","zone":"WIB","reported_at":"2024-11-27T01:16:03Z","due":"2024-11-27T02:00:00Z","late":false}',
  plain: 'halo',
}

describe('every parser of the registry', () => {
  test('has its own name and a sample here', () => {
    const names = parsers.map((parser) => parser.format)
    expect(new Set(names).size).toBe(names.length)
    expect(names.toSorted()).toEqual(Object.keys(samples).toSorted())
  })

  test.each(parsers)('$format sets its dataset', (parser) => {
    const event = emptyEvent()
    expect(parser.parse(samples[parser.format] ?? '', event, context).kind).toBe('ok')
    expect(event.dataset).toBe(parser.format)
  })

  test.each(parsers)('$format leaves the event untouched when it misses', (parser) => {
    for (const text of [
      '',
      'x',
      '{',
      '[',
      '<',
      ...Object.values(samples),
      'CEF:0|',
      'Invalid user',
      'pam_',
      'type=SYSCALL msg=audit(',
      '<Event><System>',
      '<Event><System><Channel>Security',
      'NOQUEUE: ',
      'NOQUEUE: reject: RCPT from unknown[',
      '(?@203.0.113.7) [',
      '192.0.2.1 (203.0.113.7[203.0.113.7]) - USER siti',
      'Wed Nov 27 08:16:03 2024 [pid 7] ',
      '2024-11-27T01:16:03.861934Z 344 [',
      '20241127 08:16:03,db1,siti',
      '2024/11/27 08:16:03 [',
      '[Wed Nov 27 08:16:03 2024]',
    ]) {
      const event = emptyEvent()
      if (parser.parse(text, event, context).kind === 'miss') expect(event, text).toEqual(emptyEvent())
    }
  })
})

describe('configured formats', () => {
  const strict = SourceFormat.options.filter((format) => !['auto', 'plain', 'syslog'].includes(format))

  test.each(strict)(
    '%s: a text that does not fit is a dead letter with a cause, a blank line and a header are dropped',
    (format) => {
      expect(parseOne('bukan ini', format).outcome).toMatchObject({
        kind: 'dlq',
        reason: 'format_mismatch',
        cause: expect.stringContaining('bukan ini'),
      })
      for (const blank of ['', '   ', '\t\r\n', '\n'])
        expect(parseOne(blank, format).outcome).toEqual({ kind: 'drop', reason: 'blank_line' })
      expect(parseOne('#Fields: date time', format).outcome).toEqual({ kind: 'drop', reason: 'format_header' })
    },
  )

  test('a cause is short', () => {
    const { outcome } = parseOne('x'.repeat(500_000), 'cef')
    expect(outcome.kind === 'dlq' && outcome.cause.length).toBeLessThan(200)
  })

  test.each(strict)('%s is read bare and inside syslog', (format) => {
    for (const [dataset, text] of Object.entries(samples)) {
      if (!dataset.startsWith(format)) continue
      expect(read(text, format).dataset, text).toBe(dataset)
      expect(read(`<14>1 2024-11-27T08:16:03Z h app - - - ${text}`, format), text).toMatchObject({
        dataset,
        host_name: 'h',
      })
      expect(read(`Nov 27 08:16:03 h app[7]: ${text}`, format), text).toMatchObject({ dataset, host_name: 'h' })
    }
  })

  test('plain takes everything', () => {
    for (const text of Object.values(samples)) expect(read(text, 'plain').dataset).toBe('plain')
    expect(parseOne('', 'plain').outcome).toEqual({ kind: 'drop', reason: 'blank_line' })
  })

  test('recognised text is never a mismatch', () => {
    for (const text of [
      '#Fields: date time',
      '-- Reboot --',
      '\u0000\u0001',
      'CEF:',
      '0|',
      '<1>',
      '1 - - -',
      '{',
      '[',
      '"',
    ]) {
      expect(parseOne(text).outcome.kind, text).toBe('ok')
    }
  })

  test('line ends and a byte order mark do not matter', () => {
    expect(read(`\ufeff${samples['nginx.access']}\r\n`, 'nginx')).toEqual(read(samples['nginx.access'] ?? '', 'nginx'))
  })
})

describe('addresses', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['[203.0.113.7]', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, expected) => expect(toAddress(text)).toBe(expected))

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1..2.3',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1::2::3',
    '1:2:3:4:5:6:7:',
    '::1.2.3',
    '1.2.3.4::',
    'kpu.example',
    '::ffff:1.2.3.4.5',
    '[',
    '[]',
    '[::1',
    '1:2:3:4:5:6:7:8::',
  ])('%s is none', (text) => expect(toAddress(text)).toBe(''))

  test('ports', () => {
    expect(['0', '1', '65535', '65536', '', 'a', '1a', '-1', '100000'].map(toPort)).toEqual([
      0, 1, 65535, 0, 0, 0, 0, 0, 0,
    ])
  })
})
