// Are lines of Postfix and Dovecot read right: log-ins, refusals, deliveries, and names that try to be addresses?
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const at = 'Nov 27 08:16:03 mail1'
const smtpd = (text: string): string => `${at} postfix/smtpd[7]: ${text}`

describe('Postfix', () => {
  test.each<[string, Record<string, unknown>]>([
    [
      'warning: unknown[203.0.113.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=siti@kpu.example',
      {
        event_category: 'authentication',
        event_action: 'mail_login',
        event_outcome: 'failure',
        user_name: 'siti@kpu.example',
        source_ip: '203.0.113.7',
        fields: { 'postfix.sasl_method': 'LOGIN', 'event.reason': 'UGFzc3dvcmQ6' },
      },
    ],
    [
      '4F1A2B3C5D: client=pc1.kpu.example[2001:db8::7]:51234, sasl_method=PLAIN, sasl_username=siti',
      {
        event_category: 'authentication',
        event_outcome: 'success',
        user_name: 'siti',
        source_ip: '2001:db8::7',
        source_port: 51234,
        fields: {
          'source.domain': 'pc1.kpu.example',
          'postfix.queue_id': '4F1A2B3C5D',
          'postfix.sasl_method': 'PLAIN',
        },
      },
    ],
    ['4F1A2B3C5D: client=mx.example[203.0.113.7]', { event_category: 'email', event_action: 'mail_accept' }],
    [
      'NOQUEUE: reject: RCPT from mx.example[203.0.113.7]: 454 4.7.1 <b@c.example>: Relay access denied; from=<a@b.example> to=<b@c.example> proto=ESMTP helo=<mx>',
      {
        event_category: 'email',
        event_action: 'mail_reject',
        event_outcome: 'failure',
        event_code: '454',
        source_ip: '203.0.113.7',
        fields: {
          'source.domain': 'mx.example',
          'email.from.address': 'a@b.example',
          'email.to.address': 'b@c.example',
          'postfix.helo': 'mx',
          'postfix.dsn': '4.7.1',
          'postfix.stage': 'RCPT',
          'event.reason': '<b@c.example>: Relay access denied',
        },
      },
    ],
    ['connect from unknown[203.0.113.7]', { event_category: 'network', event_action: 'mail_connect' }],
    [
      'disconnect from unknown[203.0.113.7] ehlo=1 auth=0/1 quit=1 commands=2/3',
      { event_action: 'mail_disconnect', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    ['disconnect from a.example[203.0.113.7] ehlo=1 auth=1 quit=1', { event_action: 'mail_disconnect' }],
    [
      'lost connection after AUTH from unknown[203.0.113.7]',
      { event_action: 'mail_disconnect', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    [
      'warning: non-SMTP command from unknown[203.0.113.7]: GET / HTTP/1.1',
      {
        event_action: 'mail_probe',
        source_ip: '203.0.113.7',
        fields: { 'event.reason': 'non-SMTP command: GET / HTTP/1.1' },
      },
    ],
    [
      'warning: Connection rate limit exceeded: 61 from unknown[203.0.113.7] for service smtp',
      { event_action: 'mail_rate_limit', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    [
      'warning: hostname a.example does not resolve to address 203.0.113.7: Name or service not known',
      { event_action: 'mail_reverse_mapping', source_ip: '203.0.113.7', fields: { 'source.domain': 'a.example' } },
    ],
    [
      'Anonymous TLS connection established from unknown[203.0.113.7]: TLSv1.3 with cipher X (256/256 bits)',
      { event_action: 'mail_tls', tls_version: '1.3' },
    ],
  ])('smtpd: %s', (text, expected) => {
    expect(read(smtpd(text))).toMatchObject({
      dataset: 'postfix',
      host_name: 'mail1',
      network_protocol: 'smtp',
      ...expected,
    })
    expect(read(smtpd(text), 'postfix')).toMatchObject(expected)
  })

  test.each<[string, Record<string, unknown>]>([
    [
      'postfix/smtp[7]: 4F1A2B3C5D: to=<b@c.example>, orig_to=<b>, relay=mx.c.example[198.51.100.25]:25, delay=0.5, delays=0/0/0/0, dsn=5.1.1, status=bounced (host said: 550 status=sent (no such user))',
      {
        event_action: 'mail_delivery',
        event_outcome: 'failure',
        destination_ip: '198.51.100.25',
        destination_port: 25,
        fields: {
          'postfix.status': 'bounced',
          'postfix.dsn': '5.1.1',
          'email.to.address': 'b@c.example',
          'postfix.orig_to': 'b',
        },
      },
    ],
    [
      'postfix/qmgr[7]: 4F1A2B3C5D: from=<a@b.example>, size=1234, nrcpt=2 (queue active)',
      { event_action: 'mail_queued', fields: { 'postfix.size': '1234', 'postfix.recipients': '2' } },
    ],
    ['postfix/cleanup[7]: 4F1A2B3C5D: message-id=<x@y>', { fields: { 'email.message_id': 'x@y' } }],
    [
      'postfix/pickup[7]: 4F1A2B3C5D: uid=1000 from=<root>',
      { event_action: 'mail_pickup', fields: { 'user.id': '1000' } },
    ],
    [
      'postfix/postscreen[7]: CONNECT from [203.0.113.7]:4711 to [192.0.2.1]:25',
      { event_action: 'mail_connect', source_ip: '203.0.113.7', source_port: 4711, destination_ip: '192.0.2.1' },
    ],
    [
      'postfix/postscreen[7]: PREGREET 14 after 0.1 from [203.0.113.7]:4711: EHLO a\\r\\n',
      { event_action: 'mail_probe', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    [
      'postfix/postscreen[7]: DNSBL rank 5 for [203.0.113.7]:4711',
      { event_action: 'postscreen_block', fields: { 'postfix.dnsbl_rank': '5' } },
    ],
    ['postfix/anvil[7]: statistics: max cache size 1 at Nov 27', { event_action: 'mail_log' }],
    ['postfix/submission/smtpd[7]: connect from a.example[203.0.113.7]', { event_action: 'mail_connect' }],
  ])('%s', (text, expected) => {
    expect(read(`${at} ${text}`)).toMatchObject({ dataset: 'postfix', ...expected })
  })

  test('programs of others that bear the same names stay syslog', () => {
    expect(read(`${at} local[7]: something`).dataset).toBe('syslog')
    expect(read(`${at} smtpd[7]: 1234567890abcdef smtp connected address=203.0.113.7`).dataset).toBe('syslog')
  })

  test('what clients say moves no field', () => {
    const forged = smtpd(
      'NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 554 5.7.1 <"from a[192.0.2.9]: ; from=<x> to=<y>"@c>: Relay access denied; from=<a@b> to=<c> proto=SMTP helo=<[192.0.2.9]>',
    )
    expect(read(forged)).toMatchObject({
      source_ip: '203.0.113.7',
      event_code: '554',
      tags: ['year_guessed', 'client_ambiguous'],
    })
    expect(
      read(
        smtpd(
          'warning: unknown[203.0.113.7]: SASL LOGIN authentication failed: x, sasl_username=a[192.0.2.9], sasl_username=root',
        ),
      ),
    ).toMatchObject({ source_ip: '203.0.113.7', user_name: 'a[192.0.2.9], sasl_username=root' })
    expect(
      read(
        smtpd(
          'warning: non-SMTP command from unknown[203.0.113.7]: x from y[192.0.2.9]: SASL LOGIN authentication failed',
        ),
      ),
    ).toMatchObject({ source_ip: '203.0.113.7', event_action: 'mail_probe' })
  })

  test('cut in the middle', () => {
    const text = smtpd('NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 554 5.7.1 Service')
    for (let n = 30; n < text.length; n++) expect(['postfix', 'syslog']).toContain(read(text.slice(0, n)).dataset)
  })
})

describe('Dovecot', () => {
  test.each<[string, Record<string, unknown>]>([
    [
      'imap-login: Login: user=<siti>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, mpid=18, TLS, session=<PeYcgjjO>',
      {
        event_category: 'authentication',
        event_action: 'mail_login',
        event_outcome: 'success',
        user_name: 'siti',
        source_ip: '203.0.113.7',
        destination_ip: '192.0.2.1',
        network_protocol: 'imap',
        fields: { 'dovecot.method': 'PLAIN', 'dovecot.session': 'PeYcgjjO' },
      },
    ],
    [
      'pop3-login: Info: Login aborted: Connection closed (auth failed, 3 attempts in 9 secs) (auth_failed): user=<siti>, method=PLAIN, rip=2001:db8::7, rport=51234, lip=2001:db8::1, lport=995, TLS',
      {
        event_outcome: 'failure',
        user_name: 'siti',
        source_ip: '2001:db8::7',
        source_port: 51234,
        destination_port: 995,
        network_protocol: 'pop3',
        log_level: 'info',
      },
    ],
    [
      'imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=203.0.113.7, lip=192.0.2.1',
      { event_category: 'network', event_action: 'mail_probe', source_ip: '203.0.113.7' },
    ],
    [
      'imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip=203.0.113.7, lip=192.0.2.1, TLS: Disconnected',
      { event_outcome: 'failure', source_ip: '203.0.113.7', fields: { 'dovecot.method': 'PLAIN' } },
    ],
    [
      'auth: passwd-file(siti,203.0.113.7,<a1b2>): unknown user (given password: Rahasia123)',
      {
        event_outcome: 'failure',
        user_name: 'siti',
        fields: { 'event.reason': 'unknown user', 'user.known': 'false' },
      },
    ],
    [
      'auth-worker(7): Info: conn unix:auth-worker (pid=1,uid=2): auth-worker<3>: sql(siti@kpu.example,203.0.113.7): Password mismatch',
      { event_outcome: 'failure', user_name: 'siti@kpu.example', source_ip: '203.0.113.7' },
    ],
    [
      'lmtp(siti)<12><a+b>: msgid=<x@y>: saved mail to INBOX',
      {
        event_action: 'mail_delivery',
        event_outcome: 'success',
        user_name: 'siti',
        fields: { 'email.message_id': 'x@y' },
      },
    ],
    [
      'imap(siti)<12><a>: Disconnected: Logged out in=1 out=2',
      { event_category: 'session', event_action: 'session_closed', user_name: 'siti' },
    ],
    ['master: Warning: Killed with signal 15', { event_action: 'mail_log', log_level: 'warning' }],
  ])('%s', (text, expected) => {
    for (const line of [`${at} dovecot: ${text}`, `${at} dovecot[7]: ${text}`]) {
      expect(read(line)).toMatchObject({ dataset: 'dovecot', ...expected })
      expect(read(line, 'dovecot')).toMatchObject(expected)
    }
    // A password that Dovecot was told to log goes nowhere but into the line itself.
    expect(JSON.stringify(read(`${at} dovecot: ${text}`))).not.toContain('Rahasia')
  })

  test('its own files have no program before the service', () => {
    expect(read('Nov 27 08:16:03 auth-worker(22401): Info: sql(siti,203.0.113.7,<a>): unknown user')).toMatchObject({
      dataset: 'dovecot',
      user_name: 'siti',
      source_ip: '203.0.113.7',
      event_outcome: 'failure',
    })
    expect(
      read('2024-11-27 08:16:03 imap-login: Info: Login: user=<siti>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1'),
    ).toMatchObject({ dataset: 'dovecot', timestamp: '2024-11-27T01:16:03.000Z', event_outcome: 'success' })
  })

  test('a name cannot pose as an address', () => {
    expect(
      read(
        `${at} dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<a>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.1>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.1`,
      ),
    ).toMatchObject({
      source_ip: '203.0.113.7',
      user_name: 'a>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.1',
      tags: ['year_guessed', 'client_ambiguous'],
    })
  })
})
