// Are the logs of MySQL and MariaDB read right: error log of all ages, general and slow log, the audit plugin, and names that try to be addresses?
import { describe, expect, test } from 'vitest'
import { read } from '../read.ts'

const denied = {
  event_category: 'authentication',
  event_action: 'db_login',
  event_outcome: 'failure',
  user_name: 'root',
  source_ip: '203.0.113.7',
  network_protocol: 'mysql',
}
const refusal = "Access denied for user 'root'@'203.0.113.7' (using password: YES)"

describe('the error log', () => {
  test.each([
    ['MySQL 8', `2024-11-27T01:16:03.861934Z 25 [Note] [MY-010926] [Server] ${refusal}`, 'MY-010926'],
    ['MySQL 5.7', `2024-11-27T01:16:03.861934Z 344 [Note] ${refusal}`, undefined],
    ['MySQL 5.6', `2024-11-27 08:16:03 1234 [Note] ${refusal}`, undefined],
    ['MySQL 5.5', `241127  8:16:03 [Warning] ${refusal}`, undefined],
    ['MariaDB', `2024-11-27  8:16:03 31 [Warning] ${refusal}`, undefined],
    ['MariaDB with a local zone', `2024-11-27T08:16:03.861934+07:00 31 [Warning] ${refusal}`, undefined],
  ])('%s', (_, line, code) => {
    const row = read(line)
    expect(row).toMatchObject({
      dataset: 'mysql.error',
      ...denied,
      fields: { 'db.user': 'root', 'mysql.using_password': 'yes' },
    })
    expect(row.event_code).toBe(code)
    expect(String(row.timestamp)).toMatch(/^2024-11-27T01:16:03/)
    expect(read(line, 'mysql')).toEqual(row)
    expect(read(`Nov 27 08:16:03 db1 mariadbd[700]: ${line}`)).toMatchObject({
      dataset: 'mysql.error',
      host_name: 'db1',
      ...denied,
    })
  })

  test('JSON of MySQL 8', () => {
    const line = JSON.stringify({
      prio: 3,
      err_code: 10926,
      subsystem: 'Server',
      msg: refusal,
      time: '2024-11-27T01:16:03.861934Z',
      thread: 12,
      err_symbol: 'ER_ACCESS_DENIED_ERROR_WITH_PASSWORD',
      SQL_state: '28000',
      label: 'Note',
    })
    for (const format of ['', 'mysql'] as const) {
      expect(read(line, format)).toMatchObject({
        dataset: 'mysql.error',
        timestamp: '2024-11-27T01:16:03.861Z',
        event_code: 'MY-010926',
        log_level: 'note',
        ...denied,
      })
    }
  })

  test.each<[string, Record<string, unknown>]>([
    [
      "Aborted connection 31 to db: 'dpt' user: 'siti' host: '2001:db8::7' (Got an error reading communication packets)",
      { event_action: 'db_disconnect', event_outcome: 'failure', user_name: 'siti', source_ip: '2001:db8::7' },
    ],
    [
      "Host '203.0.113.7' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
      { event_action: 'db_login', event_outcome: 'failure', source_ip: '203.0.113.7' },
    ],
    ['ready for connections', { event_action: 'db_log' }],
  ])('%s', (message, expected) => {
    expect(read(`2024-11-27  8:16:03 31 [Warning] ${message}`)).toMatchObject({ dataset: 'mysql.error', ...expected })
  })

  test('an error', () => {
    expect(read('2024-11-27T01:16:03.1Z 0 [ERROR] [MY-010119] [Server] Aborting')).toMatchObject({
      event_category: 'database',
      event_action: 'db_error',
      event_outcome: 'failure',
      log_level: 'error',
      fields: { 'error.message': 'Aborting' },
    })
  })

  test('a name that holds the address of another', () => {
    const name = "a'@'192.0.2.9' (using password: YES)"
    expect(
      read(`2024-11-27T01:16:03.1Z 3 [Note] Access denied for user '${name}'@'203.0.113.7' (using password: NO)`),
    ).toMatchObject({ source_ip: '203.0.113.7', user_name: name, tags: ['client_ambiguous'] })
  })

  test('on the socket there is no address', () => {
    const row = read("2024-11-27T01:16:03.1Z 3 [Note] Access denied for user 'root'@'localhost' (using password: NO)")
    expect(row).toMatchObject({ event_outcome: 'failure', user_name: 'root' })
    expect(row.source_ip).toBeUndefined()
  })
})

describe('the general log', () => {
  const at = '2024-11-27T01:16:03.116872Z\t   14 '

  test.each<[string, Record<string, unknown>]>([
    [`${at}Connect\t${refusal}`, denied],
    [
      `${at}Connect\tsiti@203.0.113.7 on dpt using SSL/TLS`,
      { event_action: 'db_connect', user_name: 'siti', source_ip: '203.0.113.7', fields: { 'db.name': 'dpt' } },
    ],
    [
      `${at}Query\tselect * from pemilih`,
      { event_action: 'db_statement', fields: { 'db.statement': 'select * from pemilih' } },
    ],
    ['\t\t   14 Query\tselect 1', { event_action: 'db_statement', fields: { 'db.statement': 'select 1' } }],
    [`${at}Quit\t`, { event_action: 'db_disconnect' }],
    [`241127  8:16:03\t   14 Init DB\tdpt`, { fields: { 'db.name': 'dpt' } }],
  ])('%s', (line, expected) => {
    expect(read(line, 'mysql')).toMatchObject({ dataset: 'mysql.general', ...expected })
  })

  test('a database that looks like a client gives no address', () => {
    const row = read(`${at}Connect\tsiti@203.0.113.7 on x@192.0.2.9 on y using TCP/IP`)
    expect(row.source_ip).toBeUndefined()
    expect(row.tags).toEqual(['client_ambiguous'])
  })
})

describe('the slow log', () => {
  const entry = [
    '# Time: 2024-11-27T01:16:03.116872Z',
    '# User@Host: siti[siti] @ web1 [203.0.113.7]  Id:    14',
    '# Query_time: 2.500000  Lock_time: 0.000100 Rows_sent: 1  Rows_examined: 90000',
    'use dpt;',
    'SET timestamp=1732670163;',
    'select count(*)',
    'from pemilih;',
  ]

  test('an entry whole', () => {
    for (const format of ['', 'mysql'] as const) {
      expect(read(entry.join('\n'), format)).toMatchObject({
        dataset: 'mysql.slow',
        timestamp: '2024-11-27T01:16:03.116Z',
        event_action: 'db_statement',
        user_name: 'siti',
        source_ip: '203.0.113.7',
        fields: {
          'event.duration': '2500000000',
          'mysql.rows_examined': '90000',
          'db.statement': 'select count(*)\nfrom pemilih;',
        },
      })
    }
  })

  test('line by line', () => {
    expect(read(entry[1] ?? '', 'mysql')).toMatchObject({ user_name: 'siti', source_ip: '203.0.113.7' })
    expect(read(entry[4] ?? '', 'mysql')).toMatchObject({ timestamp: '2024-11-27T01:16:03.000Z' })
    expect(read('select 1 from a;', 'mysql').fields).toMatchObject({ 'db.statement': 'select 1 from a;' })
  })
})

describe("MariaDB's audit plugin", () => {
  const at = '20241127 08:16:03,db1,'

  test.each<[string, Record<string, unknown>]>([
    ['siti,203.0.113.7,31,0,FAILED_CONNECT,dpt,,1045', { ...denied, user_name: 'siti', event_code: '1045' }],
    ['siti,203.0.113.7,31,0,CONNECT,dpt,,0', { ...denied, user_name: 'siti', event_outcome: 'success' }],
    ['siti,2001:db8::7,31,0,DISCONNECT,,,0', { event_action: 'db_disconnect', source_ip: '2001:db8::7' }],
    [
      "siti,localhost,31,9,QUERY,dpt,'select \\'a,b\\' from x',1146",
      {
        event_action: 'db_statement',
        event_outcome: 'failure',
        event_code: '1146',
        fields: { 'db.statement': "select 'a,b' from x", 'db.name': 'dpt' },
      },
    ],
    ['siti,localhost,31,9,WRITE,dpt,pemilih,', { event_action: 'db_table_write', fields: { 'db.table': 'pemilih' } }],
  ])('%s', (text, expected) => {
    const row = { dataset: 'mysql.audit', host_name: 'db1', user_name: 'siti', ...expected }
    expect(read(at + text)).toMatchObject({ timestamp: '2024-11-27T01:16:03.000Z', ...row })
    expect(read(at + text, 'mysql')).toMatchObject(row)
    expect(read(`Nov 27 08:16:03 db1 mysql-server_auditing: db1,${text}`)).toMatchObject(row)
  })

  test('a name that looks like a record of another client gives no address', () => {
    for (const forged of ['root,192.0.2.9,5,0,CONNECT,x,,0', "root,192.0.2.9,5,0,QUERY,x,'y'"]) {
      const row = read(`${at}${forged},203.0.113.7,31,0,FAILED_CONNECT,dpt,,1045`)
      expect(row.source_ip).toBeUndefined()
      expect(row.tags).toEqual(['client_ambiguous'])
      expect(row.event_outcome).not.toBe('success')
    }
  })

  test('what a statement says is no record', () => {
    expect(read(`${at}siti,203.0.113.7,31,9,QUERY,dpt,'select \\'a,1,1,CONNECT,b\\'',0`)).toMatchObject({
      source_ip: '203.0.113.7',
      event_action: 'db_statement',
    })
  })
})
