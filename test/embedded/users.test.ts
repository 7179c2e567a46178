// Can a ClickHouse user of Siaga do anything beyond what deploy/clickhouse/users.ts grants?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clickhouseUsers } from '../../deploy/clickhouse/users.ts'
import { usersXml } from '../../deploy/clickhouse/users-xml.ts'
import { type Credentials, type OwnServices, startOwnServices } from '../services.ts'
import { query } from './clickhouse-http.ts'

let services: OwnServices
let users: OwnServices['clickhouse']['users']
const ask = (user: Credentials, sql: string, settings?: Record<string, string>) => query(services, user, sql, settings)

beforeAll(async () => {
  services = await startOwnServices({ kafka: false })
  users = services.clickhouse.users
  await ask(users.admin, 'CREATE DATABASE siaga')
  await ask(users.admin, 'CREATE TABLE siaga.t (n UInt32) ENGINE MergeTree ORDER BY n')
  await ask(users.admin, 'CREATE TABLE siaga.counts (n UInt32, c UInt64) ENGINE SummingMergeTree ORDER BY n')
  await ask(
    users.admin,
    'CREATE MATERIALIZED VIEW siaga.counting TO siaga.counts AS SELECT n, count() AS c FROM siaga.t GROUP BY n',
  )
  await ask(users.pipeline, 'INSERT INTO siaga.t VALUES (1), (2)')
})
afterAll(() => services?.stop())

// What nobody may: reach beyond this server and beyond database siaga.
const outside = [
  "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  "SELECT * FROM url('http://127.0.0.1:1/', 'TSV', 'a String')",
  "SELECT * FROM remote('127.0.0.1', 'siaga', 't')",
  "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
  "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'TSV', 'a String')",
  'SELECT * FROM system.users',
  'SHOW CREATE USER siaga_admin',
  'CREATE DATABASE other',
  'SYSTEM SHUTDOWN',
  'SYSTEM START LISTEN HTTP',
]

describe('siaga_reader', () => {
  test('reads database siaga, also what its views hold', async () => {
    expect(await ask(users.reader, 'SELECT sum(n) FROM siaga.t')).toBe('3')
    expect(await ask(users.reader, 'SELECT sum(c) FROM siaga.counts')).toBe('2')
    expect(await ask(users.reader, 'SHOW TABLES FROM siaga')).toBe('counting\ncounts\nt')
  })

  test.each([
    'INSERT INTO siaga.t VALUES (9)',
    'ALTER TABLE siaga.t DELETE WHERE 1',
    'TRUNCATE TABLE siaga.t',
    'DROP TABLE siaga.t',
    'CREATE TABLE siaga.u (n UInt32) ENGINE Memory',
    'SELECT * FROM system.parts',
    'SELECT * FROM system.processes',
    "KILL QUERY WHERE user = 'siaga_pipeline'",
    ...outside,
  ])('is refused: %s', async (sql) => {
    await expect(ask(users.reader, sql)).rejects.toThrow(/ACCESS_DENIED|READONLY/)
  })

  test.each([
    ['readonly', '0'],
    ['max_execution_time', '0'],
    ['max_execution_time', '3601'],
    ['max_memory_usage', '0'],
    ['max_concurrent_queries_for_user', '0'],
  ])('cannot lift its limits: %s=%s', async (setting, value) => {
    await expect(ask(users.reader, 'SELECT 1', { [setting]: value })).rejects.toThrow(/READONLY|CONSTRAINT/)
  })
})

describe('siaga_pipeline', () => {
  test('inserts synchronously, without a time limit', async () => {
    const settings = "getSetting('async_insert'), getSetting('max_execution_time')"
    expect(await ask(users.pipeline, `SELECT ${settings}`)).toBe('false\t0')
  })

  const rows = ['DROP TABLE siaga.t', 'ALTER TABLE siaga.t DELETE WHERE 1', "ALTER TABLE siaga.t DROP PARTITION 'x'"]
  test.each([...rows, 'CREATE TABLE siaga.u (n UInt32) ENGINE Memory', ...outside])('is refused: %s', async (sql) => {
    await expect(ask(users.pipeline, sql)).rejects.toThrow('ACCESS_DENIED')
  })
})

describe('siaga_admin', () => {
  test.each(outside.filter((sql) => !sql.includes('system.users')))('is refused: %s', async (sql) => {
    await expect(ask(users.admin, sql)).rejects.toThrow('ACCESS_DENIED')
  })
})

describe('everybody else', () => {
  test('`default`, the keep-alive session, lets nobody else in, over HTTP or by omission', async () => {
    for (const username of ['default', '']) {
      await expect(ask({ username, password: '' }, 'SELECT 1')).rejects.toThrow('USER_SESSION_LIMIT_EXCEEDED')
    }
    const bare = await fetch(`${services.clickhouse.url}/?query=SELECT+1`)
    expect(bare.ok).toBe(false)
  })

  test.each(Object.values(clickhouseUsers).map(({ name }) => name))('%s needs its password', async (username) => {
    for (const password of ['', 'wrong', username]) {
      await expect(ask({ username, password }, 'SELECT 1')).rejects.toThrow('AUTHENTICATION_FAILED')
    }
  })
})

describe('usersXml', () => {
  const user = { name: 'u', purpose: 'p', profile: 'siaga_reader', grants: [] }

  test('holds no password, only hashes', () => {
    const xml = usersXml(services.masterKey, { embedded: true })
    for (const { password } of Object.values(users)) expect(xml).not.toContain(password)
  })

  test('a row policy is written for its table, safe against what XML reads as markup', () => {
    const xml = usersXml(services.masterKey, {
      access: { profiles: [], quotas: [], users: [{ ...user, rowPolicies: { 'siaga.events': "a < 1 AND b = '&'" } }] },
    })
    expect(xml).toContain("<siaga><events><filter>a &lt; 1 AND b = '&amp;'</filter></events></siaga>")
  })

  test('outside the embedded server there is no `default`', () => {
    expect(usersXml(services.masterKey)).not.toMatch(/<password>|LISTEN/)
  })
})
