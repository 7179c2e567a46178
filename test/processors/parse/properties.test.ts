// What holds for any text whatever: an outcome, a valid event, in linear time.
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toAddress } from '../../../processors/parse/values/address.ts'
import { MAX_FIELD_BYTES, MAX_FIELDS } from '../../../processors/parse/values/fields.ts'
import { SourceFormat } from '../../../schemas/config.ts'
import { type ColumnType, type EventColumn, eventColumns } from '../../../schemas/event.ts'
import { parse, parseOne, read } from './read.ts'

const lines = [
  'Mar 14 09:26:53 h sshd[7]: Failed password for invalid user budi from 203.0.113.7 port 4711 ssh2',
  'Mar 14 09:26:53 h sshd(pam_unix)[7]: authentication failure; logname= uid=0 euid=0 tty=x ruser= rhost=203.0.113.7  user=root',
  'Mar 14 09:26:53 h sudo: siti : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
  '<165>1 2024-11-27T08:16:03.003Z h app 8710 ID47 [a@1 x="1" y="q\\"\\]"] x',
  '2024-11-27T08:16:03.123456+07:00 h kernel: [1.2] IN=a OUT= SRC=203.0.113.7 DST=192.0.2.1 PROTO=TCP SPT=1 DPT=2',
  'kpu.example:443 203.0.113.7 - siti [27/Nov/2024:08:16:03 +0700] "GET /a?b=\\"c HTTP/1.1" 200 12 "-" "u \\"x" 0.1 "192.0.2.9"',
  '2024/11/27 08:16:03 [error] 31#31: *46 x, client: 203.0.113.7, server: s, request: "GET / HTTP/1.1", host: "h", referrer: "r"',
  '[Wed Nov 27 08:16:03.25 2024] [core:error] [pid 1:tid 2] (7)a: [client 2001:db8::1:5022] AH00126: user a not found: /b, referer: c',
  '[Wed Nov 27 08:16:03 2024] [:error] [client 203.0.113.7] ModSecurity: Warning. [id "1"] [msg "m"] [severity "CRITICAL"] [uri "/"]',
  '{"timestamp":"2024-11-27T08:16:03.6+0700","event_type":"alert","src_ip":"203.0.113.7","alert":{"signature":"s","severity":1},"http":{"url":"/a"}}',
  '11/27/2024-08:16:03.860293  [**] [1:1:1] x [**] [Classification: c] [Priority: 2] {UDP} 203.0.113.7:1 -> 192.0.2.1:2',
  'CEF:0|V|P|1|7|n|1|src=203.0.113.7 rt=Nov 27 2024 08:16:03 cs1Label=a cs1=b msg=x\\=y',
  '{"@timestamp":"2024-11-27T01:16:03Z","ecs":{"version":"8"},"source":{"ip":"::1"},"event":{"category":["a"]}}',
  '{"time":1732670163,"level":"info","msg":"m","user":"u","request":{"method":"GET","uri":"/"},"status":200}',
  'Nov 27 08:16:03 fw CEF: 0|V|P|1|7|n|1|act=blocked',
  '2024-11-27 08:16:03.123 WIB [147] 203.0.113.7 siti@dpt FATAL:  password authentication failed for user "siti"',
  "2024-11-27 01:16:03 UTC:2001:db8::7(41234):siti@dpt:[147]:LOG:  duration: 1.5 ms  statement: select 'a' from b",
  '2024-11-27 08:16:03.123 WIB,"siti","dpt",147,"203.0.113.7:41234",6152df6a.93,1,"SELECT",2024-11-27 08:16:00 WIB,3/2,0,ERROR,42P01,"relation ""x"" does not exist",,,,,,"select 1",15,,"psql"',
  '2024-11-27T08:16:03+07:00 fw 1,2024/11/27 08:16:03,0079,THREAT,vulnerability,2561,2024/11/27 08:16:03,203.0.113.7,192.0.2.1,,,r,a\\b,,ssl,v,U,D,,,,,1,2,3,4,5,6,0x0,tcp,drop,"a.id/b,""c",N(1),any,high',
  'Nov 27 08:16:03 fw 1,2024/11/27 08:16:03,0079,SYSTEM,auth,0,2024/11/27 08:16:03,,auth-fail,,0,0,general,medium,"failed authentication for user \'a\'. From: 203.0.113.7."',
  '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","user":{"username":"u"},"sourceIPs":["::1"],"requestURI":"/a?command=%41","objectRef":{"subresource":"exec"},"requestObject":{"spec":{"containers":[{"securityContext":{"privileged":true}}]}}}',
  'Nov 27 08:16:03 lb haproxy[7]: 203.0.113.7:33317 [27/Nov/2024:08:16:03.123] in~ web/s1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {a|b} {} "GET /a HTTP/1.1"',
  '2001:db8::7:33313 [27/Nov/2024:08:16:03.123] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0',
  'Nov 27 08:16:03 lb haproxy[7]: Server web/s1 is DOWN, reason: Layer4 timeout, check duration: 2000ms.',
  '203.0.113.7 - a [b] [27/Nov/2024:08:16:03 +0700] "GET /a HTTP/1.1" 200 12 "r" "u" 240 "web@docker" "http://192.0.2.3:80" 5ms',
  '{"ClientAddr":"203.0.113.7:1","RequestMethod":"GET","RequestPath":"/a","DownstreamStatus":200,"StartUTC":"2024-11-27T01:16:03Z"}',
  '{"level":"error","ts":1732670163.5,"logger":"http.log.error","msg":"x","request":{"remote_addr":"203.0.113.7:1","method":"GET","uri":"/","headers":{"User-Agent":["u"]}},"status":502}',
  '2024-11-27 01:16:03 192.0.2.1 GET /a b=c 443 KPU\\budi 203.0.113.7 u+v - 404 0 2 15',
  '<Event xmlns="x"><System><Provider Name="Microsoft-Windows-IIS-Logging"/><EventID>6200</EventID></System><EventData><Data Name="c-ip">203.0.113.7</Data><Data Name="cs-method">GET</Data></EventData></Event>',
  '--a7c9c73c-A--\n[27/Nov/2024:08:16:03.5 +0700] id 203.0.113.7 5 192.0.2.1 443\n--a7c9c73c-B--\nGET /a HTTP/1.1\nHost: h\n\n--a7c9c73c-H--\nMessage: Access denied with code 403 (phase 2). [file "f"] [id "942100"] [msg "m"] [data "d"] [severity "CRITICAL"] [tag "t"]\n--a7c9c73c-Z--',
  '{"transaction":{"timestamp":"2024/11/27 08:16:03","unix_timestamp":1732670163000000000,"client_ip":"::1","request":{"method":"GET","uri":"/"},"is_interrupted":true},"messages":[{"data":{"id":1,"severity":2,"tags":["a"]}}]}',
  '{"Action":"block","ClientIP":"203.0.113.7","Datetime":"2024-11-27T01:16:03Z","Source":"waf","RuleID":"a","EdgeResponseStatus":403}',
  '[2024-11-27 08:16:03] production.ERROR: m {"userId":5,"ip":"203.0.113.7","exception":"[object] (App\\E(code: 0): m at /a.php:7)\n[stacktrace]\n#0 /b.php(1): c()\n"} ',
  "CRITICAL - 2024-11-27 08:16:03 --> CodeIgniter\\Exceptions\\PageNotFoundException: Can't find a route for 'GET: a'.\n[Method: GET, Route: a]\nin SYSTEMPATH/C.php on line 7.",
  '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (t) type="LOGIN_ERROR", realmId="p", clientId="c", userId="null", ipAddress="203.0.113.7", error="e", username="a \\"b"',
  '{"time":1732670163123,"type":"LOGIN","realmId":"p","ipAddress":"::1","details":{"username":"u"}}',
  'type=SYSCALL msg=audit(1732670163.123:456): arch=c000003e syscall=59 success=yes exit=0 a0=55d ppid=1 pid=2 auid=1000 uid=0 euid=0 comm="cat" exe="/usr/bin/cat" key="k"\u001dAUID="budi"\ntype=EXECVE msg=audit(1732670163.123:456): argc=2 a0="cat" a1=2F657463\ntype=PATH msg=audit(1732670163.123:456): item=0 name="/a" nametype=NORMAL',
  'node=h type=USER_LOGIN msg=audit(1732670163.123:457): pid=8 uid=0 auid=4294967295 msg=\'op=login acct="siti" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.7 res=failed\'',
  'Nov 27 08:16:03 h kernel: audit: type=1400 audit(1732670163.123:9): apparmor="DENIED" name="/a" pid=7 comm="x" requested_mask="r"',
  '<Event xmlns="x"><System><Provider Name="P"/><EventID>4625</EventID><Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2024-11-27T01:16:03.1Z"/><Channel>Security</Channel><Computer>c</Computer></System><EventData><Data Name="TargetUserName">a&amp;b</Data><Data Name="IpAddress">203.0.113.7</Data><Data Name="Status">0xc000006d</Data></EventData></Event>',
  '{"Event":{"System":{"EventID":{"#text":4688},"Channel":"Security","Provider":{"#attributes":{"Name":"P"}}},"EventData":{"NewProcessName":"C:\\\\a.exe","NewProcessId":"0x1b4","CommandLine":"a b","SubjectUserName":"u"}}}',
  '{"EventTime":"2024-11-27 08:16:03","Hostname":"h","EventType":"AUDIT_FAILURE","EventID":4625,"Channel":"Security","TargetUserName":"u","IpAddress":"::1"}',
  '{"@timestamp":"2024-11-27T01:16:03Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":3,"event_data":{"SourceIp":"203.0.113.7","Protocol":"tcp"}}}',
  'Nov 27 08:16:03 h postfix/smtpd[7]: NOQUEUE: reject: RCPT from a.example[203.0.113.7]: 554 5.7.1 <b@c>: Relay access denied; from=<a@b> to=<b@c> proto=ESMTP helo=<d>',
  'Nov 27 08:16:03 h postfix/smtpd[7]: warning: a.example[2001:db8::7]: SASL LOGIN authentication failed: x, sasl_username=siti',
  'Nov 27 08:16:03 h postfix/smtp[7]: 4F1A2B3C5D: to=<b@c>, relay=mx[198.51.100.25]:25, delay=0.5, dsn=2.0.0, status=sent (250 Ok)',
  'Nov 27 08:16:03 h dovecot: imap-login: Disconnected (auth failed, 1 attempts in 6 secs): user=<siti>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, session=<a>',
  'Nov 27 08:16:03 h dovecot: auth-worker(7): pam(siti,203.0.113.7,<a>): unknown user',
  'Wed Nov 27 08:16:03 2024 [pid 7] [siti] OK UPLOAD: Client "203.0.113.7", "/a/b", 12 bytes, 1.5Kbyte/sec',
  'Nov 27 08:16:03 h proftpd[7]: 192.0.2.1 (a.example[203.0.113.7]) - USER siti (Login failed): Incorrect password',
  'Nov 27 08:16:03 h pure-ftpd: (siti@203.0.113.7) [NOTICE] /a/b uploaded  (12 bytes, 1.00KB/sec)',
  "2024-11-27  8:16:03 31 [Warning] Access denied for user 'root'@'203.0.113.7' (using password: YES)",
  '2024-11-27T01:16:03.1Z\t   14 Connect\tsiti@203.0.113.7 on dpt using SSL/TLS',
  "20241127 08:16:03,db1,siti,203.0.113.7,31,9,QUERY,dpt,'select 1',0",
  '# Time: 2024-11-27T01:16:03.1Z\n# User@Host: siti[siti] @ web1 [203.0.113.7]  Id:    14\n# Query_time: 2.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 9\nSET timestamp=1732670163;\nselect 1;',
  '{"prio":3,"err_code":10926,"subsystem":"Server","msg":"Access denied for user \'a\'@\'::1\' (using password: NO)","time":"2024-11-27T01:16:03.1Z","thread":1}',
  '{"_path":"conn","ts":1732670163.1,"uid":"CHhAvVGS1DHFjwGM9","id.orig_h":"203.0.113.7","id.orig_p":1,"id.resp_h":"::1","id.resp_p":2,"conn_state":"SF"}',
  '1732670163.123456\tCHhAvVGS1DHFjwGM9\t203.0.113.7\t1\t192.0.2.1\t2\ttcp\tssl\t1.5\t1\t2\tSF\t-\t-\t0\tSh\t1\t1\t1\t1\t-',
  'LEEF:2.0|V|P|1|Login|^|devTime=Nov 27 2024 08:16:03 GMT+07:00^src=203.0.113.7^sev=7',
  'date=2024-11-27 time=08:16:03 tz="+0700" devid="F" logid="1" type="utm" subtype="ips" srcip=203.0.113.7 attack="a \\"b" severity="high" url="/x"',
  '2024-11-27T08:16:03+07:00 gw system,error,critical login failure for user admin from 203.0.113.7 via ssh',
  '2024-11-27T08:16:03+07:00 gw firewall,info drop input: in:a out:b, connection-state:new proto TCP (SYN), 203.0.113.7:1->192.0.2.1:2, len 40',
  '<134>Nov 27 08:16:03 gw filterlog[7]: 4,,,1,igb0,match,block,in,4,0x0,,64,1,0,none,6,tcp,40,203.0.113.7,192.0.2.1,1,2,0,S,1,,1,,',
  "27-Nov-2024 08:16:03.425 security: info: client @0x7f 203.0.113.7#3076 (a.id): view x: query (cache) 'a.id/A/IN' denied (no)",
  'Nov 27 08:16:03 gw dnsmasq[7]: 1 203.0.113.7/2 query[A] a.id from 203.0.113.7',
  '{"timestamp":"2024-11-27T08:16:03.1+0700","rule":{"level":5,"id":"1","groups":["syscheck"]},"agent":{"name":"a"},"syscheck":{"path":"/a"},"data":{"srcip":"::1"}}',
  '{"scenario":"s","source":{"scope":"Ip","value":"203.0.113.7"},"start_at":"2024-11-27T01:16:03Z","events_count":6,"events":[{"meta":[{"key":"target_user","value":"u"}]}],"decisions":[{"type":"ban"}]}',
  '{"eventid":"cowrie.login.failed","session":"a","src_ip":"203.0.113.7","username":"u","password":"p","timestamp":"2024-11-27T01:16:03Z"}',
  "2024-11-27T01:16:03.1Z [HoneyPotSSHTransport,1,203.0.113.7] login attempt [b'root'/b'x'] failed",
  '{"logtype":4002,"node_id":"n","local_time":"2024-11-27 01:16:03.1","src_host":"203.0.113.7","logdata":{"USERNAME":"u"}}',
]

const limits: Partial<Record<ColumnType, number>> = {
  UInt8: 255,
  UInt16: 65_535,
  UInt32: 0xffff_ffff,
  UInt64: Number.MAX_SAFE_INTEGER,
  "DateTime64(3, 'UTC')": 253_402_300_800_000,
  DateTime: 0,
}

/** Whether every column holds a value that its ClickHouse type takes. */
function check(text: string, format: SourceFormat | ''): void {
  const { outcome, event } = parseOne(text, format)
  expect(['ok', 'drop', 'dlq']).toContain(outcome.kind)
  if (outcome.kind !== 'ok') return
  expect(event.dataset).not.toBe('')
  expect(['', 'success', 'failure', 'unknown']).toContain(event.event_outcome)
  expect(event.source_ip === '' || isIP(event.source_ip) > 0, event.source_ip).toBe(true)
  expect(event.destination_ip === '' || isIP(event.destination_ip) > 0, event.destination_ip).toBe(true)
  expect(event.event_severity).toBeLessThanOrEqual(100)
  expect(event.message).toBe('')
  expect(event.fields.size).toBeLessThanOrEqual(MAX_FIELDS)
  for (const [name, value] of event.fields) {
    expect(typeof name).toBe('string')
    expect(typeof value).toBe('string')
    if (value.length * 3 > MAX_FIELD_BYTES) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(MAX_FIELD_BYTES)
  }
  for (const column of Object.keys(eventColumns) as EventColumn[]) {
    const { type } = eventColumns[column]
    const value: unknown = event[column]
    const limit = limits[type]
    if (limit !== undefined) {
      expect(
        Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= limit,
        `${column} ${String(value)}`,
      ).toBe(true)
    } else if (type === 'String' || type === 'LowCardinality(String)') {
      expect(typeof value, column).toBe('string')
    }
  }
}

const anyFormat = fc.constantFrom<SourceFormat | ''>('', ...SourceFormat.options)
const bits = fc.constantFrom(
  ' ',
  '"',
  '\\',
  '[',
  ']',
  '{',
  '}',
  '|',
  '=',
  ':',
  '-',
  ', client: ',
  ' from ',
  ' port ',
  ' user=',
  '%',
  '\u0000',
  '\ud800',
  '\ufeff',
  '😀',
  '0',
  '9999999999',
  '__proto__',
  '[**] [',
  'COMMAND=',
  'CEF:0|',
  '[client ',
  '1.2.3.4',
  '::1',
  '\n',
  ', ipAddress=',
  '[id "1"]',
)
const mutated = fc
  .tuple(fc.constantFrom(...lines), fc.array(fc.tuple(fc.nat(400), fc.nat(30), bits), { maxLength: 6 }))
  .map(([line, edits]) =>
    edits.reduce((text, [at, remove, bit]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + bit + text.slice(place + (remove % 8 === 0 ? remove : 0))
    }, line),
  )

describe('any text', () => {
  test('the untouched lines are all recognised', () => {
    for (const line of lines) expect(read(line).dataset, line).not.toBe('plain')
  })

  test('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), anyFormat, check), { numRuns: 2000 })
  })

  test('mutated lines', () => {
    fc.assert(fc.property(mutated, anyFormat, check), { numRuns: 6000 })
  })

  test('every prefix of every line', () => {
    for (const line of lines) for (let i = 0; i <= line.length; i++) check(line.slice(0, i), '')
  })

  test('random JSON', () => {
    const names = fc.constantFrom(
      'timestamp',
      'event_type',
      '@timestamp',
      'ecs',
      'alert',
      'http',
      'dns',
      'user',
      'ip',
      'status',
      'level',
      'time',
      '__proto__',
      'source',
      'url',
      'method',
      'x.y',
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom('203.0.113.7', '2024-11-27T08:16:03Z', 'GET', '/a'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(names, tie('value'), { maxKeys: 6 }),
      ),
    })).value
    fc.assert(
      fc.property(fc.dictionary(names, value, { maxKeys: 8 }), anyFormat, (object, format) =>
        check(JSON.stringify(object), format),
      ),
      { numRuns: 3000 },
    )
  })

  test('recognised text is never poison unless JSON passes a limit', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        expect(parseOne(text).outcome.kind).not.toBe('dlq')
      }),
      { numRuns: 3000 },
    )
  })

  test('the same text gives the same event', () => {
    fc.assert(
      fc.property(mutated, anyFormat, (text, format) => {
        expect(parseOne(text, format)).toEqual(parseOne(text, format))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('long and hostile texts', () => {
  const MAX = 512 * 1024
  const fill = (unit: string) => unit.repeat(Math.floor(MAX / unit.length))
  const heads = [
    '',
    'Mar 14 09:26:53 h sshd[7]: ',
    'Mar 14 09:26:53 h sshd[7]: Failed password for ',
    'Mar 14 09:26:53 h sudo: a : ',
    '<13>',
    '<13>1 2024-11-27T08:16:03Z h a - - [x ',
    '203.0.113.7 - - ',
    '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "',
    '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "-" "',
    '2024/11/27 08:16:03 [error] 1#1: *1 ',
    '[Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] ',
    '[Wed Nov 27 08:16:03 2024] [error] (7)',
    '[Wed Nov 27 08:16:03 2024] [error] [client 203.0.113.7] ModSecurity: ',
    'CEF:0|V|P|1|7|n|1|',
    'CEF:0|',
    '{"a":"',
    '{"a":',
    '11/27/2024-08:16:03.8  [**] [',
    'Mar 14 09:26:53 h kernel: SRC=',
    'Mar 14 09:26:53 h dovecot: user=<',
    'Mar 14 09:26:53 h dovecot: imap-login: Login: user=<',
    'Mar 14 09:26:53 h dovecot: auth: pam(',
    'Mar 14 09:26:53 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from a[203.0.113.7]: 554 ',
    'Mar 14 09:26:53 h postfix/smtpd[1]: warning: ',
    'Mar 14 09:26:53 h postfix/smtp[1]: 4F1A2B3C5D: to=<',
    'Mar 14 09:26:53 h vsftpd[1]: [',
    'Mar 14 09:26:53 h proftpd[1]: 192.0.2.1 (a[203.0.113.7]) - USER ',
    'type=SYSCALL msg=audit(1732670163.123:456): ',
    'type=EXECVE msg=audit(1732670163.123:456): a0=41',
    "type=USER_LOGIN msg=audit(1732670163.123:456): msg='",
    'type=AVC msg=audit(1732670163.123:456): avc:  denied  { ',
    '<Event><System>',
    '<Event><System><EventID>1</EventID></System><EventData><Data Name="',
    "2024-11-27T01:16:03.1Z 3 [Note] Access denied for user '",
    "2024-11-27T01:16:03.1Z 3 [Note] Aborted connection 1 to db: '",
    '2024-11-27T01:16:03.1Z\t   14 Connect\t',
    '20241127 08:16:03,db1,',
    '# User@Host: ',
    'Mar 14 09:26:53 h sshd[7]: pam_x(',
    '2024-11-27 08:16:03 WIB [1] ',
    '2024-11-27 08:16:03 WIB [1] FATAL:  ',
    '2024-11-27 08:16:03 WIB [1] a@b LOG:  connection authorized: user=',
    '2024-11-27 08:16:03 WIB [1] a@b LOG:  duration: 1',
    '2024-11-27 08:16:03 WIB [1] FATAL:  password authentication failed for user "',
    '2024-11-27 08:16:03 WIB [1] FATAL:  no pg_hba.conf entry for host "a", user "',
    '2024-11-27 08:16:03 WIB,"',
    '1,2024/11/27 08:16:03,1,SYSTEM,auth,0,2024/11/27 08:16:03,,auth-fail,,0,0,general,low,',
    '1,2024/11/27 08:16:03,1,THREAT,url,0,2024/11/27 08:16:03,"',
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","requestURI":"/x?command=',
    '203.0.113.7:33317 [27/Nov/2024:08:16:03.123] ',
    '203.0.113.7:33317 [27/Nov/2024:08:16:03.123] in web/s1 1/2/3/4/5 200 1 - - ---- 1 0/0 {',
    'Nov 27 08:16:03 lb haproxy[7]: Server ',
    '203.0.113.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 1 "',
    '2024-11-27 01:16:03 192.0.2.1 GET /',
    '<Event a="Microsoft-Windows-IIS-Logging"><EventData><Data Name="c-ip">1</Data>',
    '--a-A--\n',
    '--a-H--\nMessage: ',
    '--a-H--\nMessage: [id "1"] [data "',
    '[2024-11-27 08:16:03] production.ERROR: ',
    '[2024-11-27 08:16:03] production.ERROR: a {"exception":"[object] (A(code: 0): ',
    'ERROR - 2024-11-27 08:16:03 --> ',
    'ERROR - 2024-11-27 08:16:03 --> A\\B\n',
    '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (t) type=LOGIN, realmId=',
    '2024-11-27 08:16:03,123 WARN  [org.keycloak.events] (t) type="LOGIN", realmId="',
    'Mar 14 09:26:53 h kernel: IN=a OUT= ',
    '[1.2] IN= OUT=',
    '4,,,1,igb0,match,block,in,4,',
    'date=2024-11-27 time=08:16:03 logid="1" type="event" user="',
    'date=2024-11-27 time=08:16:03 logid="1" type="event" ',
    'LEEF:1.0|V|P|1|x|',
    'LEEF:2.0|V|P|1|x|^|',
    'firewall,info drop input: in:a out:b, proto TCP',
    'firewall,info in:',
    'system,error,critical login failure for user ',
    'hotspot,info,debug (1.2.3.4): login failed: ',
    'ipsec,error negotiation failed ',
    'ppp,info <a>: ',
    'client @0x7f 203.0.113.7#1 (',
    "client @0x7f 203.0.113.7#1 (a): query (cache) '",
    'client @0x7f 203.0.113.7#1 (a): rpz QNAME NXDOMAIN rewrite ',
    'Mar 14 09:26:53 h dnsmasq[1]: query[A] ',
    'Mar 14 09:26:53 h dnsmasq[1]: reply ',
    'Mar 14 09:26:53 h dnsmasq[1]: DHCPACK(a) ',
    '2024-11-27T01:16:03.1Z [HoneyPotSSHTransport,1,203.0.113.7] login attempt [',
    '2024-11-27T01:16:03.1Z [HoneyPotSSHTransport,1,203.0.113.7] Downloaded URL (',
    '2024-11-27T01:16:03.1Z [HoneyPotSSHTransport,',
    '1732670163.123456\t',
    '1732670163.123456\tCHhAvVGS1DHFjwGM9\t203.0.113.7\t1\t192.0.2.1\t2\t',
    '{"_path":"http","ts":1732670163.1,"uri":"',
  ]
  const units = [
    'a',
    ' ',
    '[',
    '" ',
    '\\',
    '\\"',
    '\\|',
    '|',
    '=',
    'a=',
    ' a=b',
    ' [',
    ', client: ',
    ' from ',
    ' ; ',
    '{"a":',
    '"',
    '":"',
    ':',
    '1.',
    ' user=',
    '[a]',
    ', referer: ',
    ' port ',
    '(',
    '\\=',
    '[client ',
    '="',
    ' [file "',
    '"] ',
    '" "',
    '\n--a-H--\n',
    '\n',
    ' {"',
    ', ipAddress=',
    '<Data Name="',
    '<a>',
    '&amp;',
    'a=41 ',
    "'@'",
    ',1,1,CONNECT,',
    ' a=1\ntype=PATH msg=audit(1732670163.123:456): ',
    '] OK LOGIN: Client "',
    '\t',
    '-\t',
    ' proto TCP, 1:1->',
    ' (1.2.3.4): ',
    '\\" a="',
    "/b'",
    ' is ',
  ]

  test('all are read in time that grows with their length', () => {
    let slowest = 0
    let which = ''
    for (const head of heads) {
      for (const unit of units) {
        const text = (head + fill(unit)).slice(0, MAX)
        const started = performance.now()
        parseOne(text)
        parseOne(text, 'nginx')
        parseOne(text, 'cef')
        const took = performance.now() - started
        if (took > slowest) {
          slowest = took
          which = JSON.stringify([head, unit])
        }
      }
    }
    // Quadratic behaviour on half a megabyte takes minutes; linear takes some milliseconds.
    expect(slowest, which).toBeLessThan(1500)
  }, 120_000)

  test('names that arrive without end do not fill memory', () => {
    for (let i = 0; i < 20_000; i++)
      parse(`{"k${i}":{"x${i}":1}}`, '', parseOne('').event, { receivedAt: 0, zoneMinutes: 0, columns: [] })
    expect(read('{"a":{"b":1}}').fields).toEqual({ 'a.b': '1' })
  })
})

test('an address is canonical: reading it again changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 45 })), (text) => {
      const address = toAddress(text)
      expect(toAddress(address)).toBe(address)
      if (isIP(text) > 0) expect(isIP(address), text).toBeGreaterThan(0)
      if (address !== '') expect(isIP(address), text).toBeGreaterThan(0)
    }),
    { numRuns: 3000 },
  )
})
