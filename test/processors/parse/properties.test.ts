// What holds for any text whatever: an outcome, a valid event, in linear time.
import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toAddress } from '../../../processors/parse/values/address.ts'
import { EventFormat } from '../../../schemas/config.ts'
import { unfit } from './event-limits.ts'
import { parse, parseOne, read } from './read.ts'
import { lines } from './samples.ts'

/** Whether every column holds a value that its ClickHouse type takes. */
function check(text: string, format: EventFormat | ''): void {
  const { outcome, event } = parseOne(text, format)
  expect(['ok', 'drop', 'dlq']).toContain(outcome.kind)
  if (outcome.kind !== 'ok') return
  expect(event.message).toBe('')
  expect(unfit(event)).toBe('')
}

const anyFormat = fc.constantFrom<EventFormat | ''>('', ...EventFormat.options)
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
