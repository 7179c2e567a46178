// Do XML and SQL say the same of every user, and does the server understand the SQL?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { accessFor } from '../../deploy/clickhouse/access.ts'
import { profiles } from '../../deploy/clickhouse/profiles.ts'
import { policyTables, type RoomScope, roomUserName } from '../../deploy/clickhouse/rooms.ts'
import { SHARD_DATABASE } from '../../deploy/clickhouse/sharded.ts'
import { tableAccess, tablesFor } from '../../deploy/clickhouse/tables.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { accessSql, strayUsersSql } from '../../deploy/clickhouse/users-sql.ts'
import { usersXml } from '../../deploy/clickhouse/users-xml.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'

const rooms: RoomScope[] = [
  { id: 'jabar', name: '', region: '32', owner: "o'brien & <anak>", sees: ['kpu', 'a\\b'] },
  { id: 'kota.jaksel', name: '', region: '31.74', owner: '', sees: [] },
  { id: 'kota-jaksel', name: '', region: '31.74', owner: 'pemda', sees: [] },
  { id: 'a--b', name: '', region: '11', owner: 'pemda', sees: [] },
  { id: 'pusat', name: '', region: '00', owner: 'bssn', sees: [] },
]
const access = accessFor(rooms)
const masterKey = Buffer.alloc(32, 7)

let admin: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
})
afterAll(() => admin?.close())

describe('accessFor', () => {
  test('has users with names of their own, whatever the ids', () => {
    const names = access.users.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^siaga_[a-z0-9_-]+$/)
    expect(roomUserName('kota.jaksel')).not.toBe(roomUserName('kota-jaksel'))
  })

  test('refuses rooms that would share a user', () => {
    expect(() => accessFor([...rooms, ...rooms.slice(0, 1)])).toThrow('share')
  })

  test('gives everybody a policy on every table that has some: whoever has none sees nothing', () => {
    for (const { name, rowPolicies = {}, grants } of access.users) {
      const readable = policyTables().filter((place) =>
        grants.some((grant) => grant.endsWith(place) || grant.endsWith('siaga.*')),
      )
      expect(Object.keys(rowPolicies), name).toEqual(expect.arrayContaining(readable))
    }
  })

  test('gives a room no right but to read, and nothing of what is internal', () => {
    const internal = Object.keys(tableAccess).filter((table) => tableAccess[table]?.kind === 'internal')
    for (const { profile, grants } of access.users.filter(({ name }) => name.startsWith('siaga_room_'))) {
      expect(profile).toBe(grants.includes('SELECT ON siaga.alert_cases_rows') ? 'siaga_centre' : 'siaga_room')
      for (const grant of grants) expect(grant).toMatch(/^SELECT(?:, dictGet)? ON siaga\.\w+$/)
      expect(grants.filter((grant) => internal.includes(grant.slice(grant.indexOf('.') + 1)))).toEqual([])
    }
    expect(tablesFor({ centre: false }).filter((table) => tableAccess[table]?.kind === 'central')).toEqual([])
    expect(tablesFor({ centre: false })).not.toContain('alert_cases')
    expect(tablesFor({ centre: true })).toContain('alert_cases')
  })
})

describe('XML and SQL', () => {
  const statements = accessSql(masterKey, { access, cluster: "pe'milu", seesAll: ['siaga'] })
  const xml = usersXml(masterKey, { access })

  test('hold the same filter, letter for letter, for every user and table', () => {
    for (const { name, rowPolicies = {} } of access.users) {
      const inXml = policiesOf(xml, name)
      expect(Object.keys(inXml)).toEqual(Object.keys(rowPolicies))
      for (const [place, filter] of Object.entries(inXml)) {
        const to = filter === '1' && place.startsWith('siaga.') ? 'siaga_all' : filter === '1' ? 'siaga_all' : name
        const made = statements.filter((text) =>
          text.startsWith(`CREATE ROW POLICY OR REPLACE \`${to}\` ON CLUSTER 'pe\\'milu' ON ${place} USING `),
        )
        expect(made, `${name} ${place}`).toHaveLength(1)
        expect(made[0]).toContain(` USING ${filter} TO `)
        const grantees = (made[0] ?? '').slice((made[0] ?? '').lastIndexOf(' TO '))
        if (place.startsWith('siaga.')) expect(grantees).toContain(`\`${name}\``)
        else if (filter === '1') expect(grantees).not.toContain(`\`${name}\``)
      }
    }
  })

  test('hold the same grants, limits and hashes, and no password', () => {
    for (const { name, grants } of access.users) {
      const mine = xml.slice(xml.indexOf(`<${name}>`), xml.indexOf(`</${name}>`, xml.indexOf('<users>')))
      for (const grant of grants) {
        expect(xml).toContain(`<query>GRANT ${grant}</query>`)
        expect(statements).toContain(`GRANT ON CLUSTER 'pe\\'milu' ${grant} TO \`${name}\``)
      }
      const password = clickhousePassword(masterKey, name)
      expect(xml + statements.join('\n')).not.toContain(password)
      expect(mine).not.toBe('')
    }
    for (const { settings } of profiles) {
      for (const [setting, { value }] of Object.entries(settings)) {
        if (value === undefined) continue
        expect(xml).toContain(`<${setting}>${value}</${setting}>`)
        expect(statements.join('\n')).toMatch(new RegExp(`\\b${setting} = '?${value}\\b`))
      }
    }
    expect(statements.filter((text) => text.startsWith('CREATE QUOTA')).join()).toContain('KEYED BY user_name')
  })

  test('policies stand before the first grant', () => {
    const first = statements.findIndex((text) => text.startsWith('GRANT'))
    expect(statements.slice(first).every((text) => text.startsWith('GRANT'))).toBe(true)
    expect(statements.slice(0, first).filter((text) => text.startsWith('CREATE ROW POLICY')).length).toBeGreaterThan(50)
  })

  test('no table of ours is for whoever is not named, on a shard as little: a room that was taken out of the configuration keeps its user for a while', () => {
    const onShards = accessSql(masterKey, { access: accessFor(rooms, { sharded: true }), cluster: 'pemilu' })
    for (const place of ['siaga.', `${SHARD_DATABASE}.`]) {
      const all = [...statements, ...onShards].filter(
        (text) => text.includes('`siaga_all`') && text.includes(` ON ${place}`),
      )
      expect(all.length).toBeGreaterThan(4)
      for (const text of all) expect(text).not.toMatch(/ TO ALL\b/)
    }
  })

  test('the user of CLICKHOUSE_URL goes on seeing every row', () => {
    const all = statements.filter((text) => text.includes('`siaga_all`') && text.includes(' ON siaga.'))
    expect(all.length).toBeGreaterThan(10)
    for (const text of all) expect(text).toContain('`siaga`')
  })

  test('the server reads every statement, and reads it as it is meant', async () => {
    for (const text of [...statements, ...accessSql(masterKey, { access }), strayUsersSql(access)]) {
      const [row] = await admin.rows(
        z.object({ text: z.string() }),
        'SELECT formatQuerySingleLine({text:String}) AS text',
        { text },
      )
      expect(row?.text.length, text).toBeGreaterThan(20)
      // formatQuery of what it has written is a fixed point: nothing was left out or guessed.
      const [again] = await admin.rows(
        z.object({ text: z.string() }),
        'SELECT formatQuerySingleLine({text:String}) AS text',
        { text: row?.text ?? '' },
      )
      expect(again).toEqual(row)
    }
  })

  test('every setting of a profile is one that the server knows', async () => {
    const known = await admin.rows(z.object({ name: z.string() }), 'SELECT name FROM system.settings')
    const names = new Set(known.map(({ name }) => name))
    expect(profiles.flatMap(({ settings }) => Object.keys(settings)).filter((name) => !names.has(name))).toEqual([])
  })
})

/** Filters by `database.table` as they stand for a user in the XML. */
function policiesOf(xml: string, name: string): Record<string, string> {
  const start = xml.indexOf(`<${name}>`, xml.indexOf('<users>'))
  const user = xml.slice(start, xml.indexOf(`</${name}>`, start))
  const databases = user.slice(user.indexOf('<databases>') + 11, user.indexOf('</databases>'))
  return Object.fromEntries(
    [...databases.matchAll(/<(siaga|system|_table_function)>(.*?)<\/\1>/g)].flatMap(([, database, tables = '']) =>
      [...tables.matchAll(/<(\w+)><filter>(.*?)<\/filter><\/\1>/g)].map(([, table, filter = '']): [string, string] => [
        `${database}.${table}`,
        filter.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
      ]),
    ),
  )
}
