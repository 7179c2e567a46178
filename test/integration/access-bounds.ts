// Can a room feel its way to keys of others? Two servers' worth of rows that differ in nothing but those keys must answer a room the same, to the last
// figure: rows read, estimates, plans, refusals by limits. The tests, with some of the questions or with all.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type RoomScope, roomUserName, scopeFilter } from '../../deploy/clickhouse/rooms.ts'
import { tableAccess } from '../../deploy/clickhouse/tables.ts'
import { clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

const room = (id: string): RoomScope => ({ id, name: '', region: '32', owner: 'pemda', sees: ['kpu'] })
const rooms = Array.from({ length: 20 }, (_, at) => room(`penguji-${at}`))
const ROWS = 60_000

/**
 * Tables in another order than region and owner first, and why they may be. Whoever adds one says what its index tells.
 * - by ids: hashes that open nothing; which of them stands at the edge of a granule can be found, and when that alert or notice was acted on.
 * - by region and time: closed for other regions; of other owners in the room's own region a time and a source at an edge can be found.
 */
const otherOrders: Readonly<Record<string, 'ids' | 'region and time'>> = {
  alerts_rows: 'ids',
  alert_actions_rows: 'ids',
  alert_deliveries_rows: 'ids',
  notices_rows: 'ids',
  events: 'region and time',
  findings_rows: 'region and time',
}

const Order = z.object({ name: z.string(), sorting_key: z.string(), partition_key: z.string() })
const Column = z.object({ name: z.string(), type: z.string() })

interface Table {
  readonly name: string
  /** Columns by which rows are given to rooms; those that come first in the order. */
  readonly scope: readonly string[]
  /** Which rows are the room's. */
  readonly own: string
  readonly key: readonly string[]
  readonly partition: string
  readonly columns: readonly z.infer<typeof Column>[]
}

let services: OwnServices
let admin: ClickHouse
let tables: Table[]
let turn = 0
type Variant = 'low' | 'high'

/** Rows of a room and of others. Keys of others are below the room's own in one variant and above in the other; all else is the same. */
async function fill({ name, scope, own, key, partition, columns }: Table, variant: Variant): Promise<void> {
  await admin.command(`TRUNCATE TABLE siaga.${name} SYNC`)
  const owns = otherOrders[name] === 'region and time' ? own.replace(/ AND owner IN .*/, '') : own
  const values = columns.flatMap(({ name: column, type }): [string, string][] => {
    if (column === scope[0])
      return [
        [
          column,
          scope.length === 2
            ? "['32', '32.73', '31', '33', '', '00'][1 + n % 6]"
            : "['green', 'clear', 'amber', 'red'][1 + n % 4]",
        ],
      ]
    if (column === scope[1]) return [[column, "['pemda', 'kpu', 'bawaslu', ''][1 + intDiv(n, 6) % 4]"]]
    if (type === 'Date') return [[column, 'today()']]
    if (column === 'retain_until') return [[column, 'now() + INTERVAL 1 YEAR']]
    const moves = key.includes(column) && !new RegExp(`\\b${column}\\b`).test(partition)
    const other = moves ? variant : 'same'
    if (/^(?:LowCardinality\()?String/.test(type)) {
      const letter = { low: 'a', same: 'm', high: 'z' }[other]
      const digits = moves ? "leftPad(toString(n * 7919 % 50000), 5, '0')" : "'0'"
      return [[column, `concat(if(others, '${letter}', 'm'), ${digits})`]]
    }
    const shift = { low: 0, same: 5_000, high: 10_000 }[other]
    const number = `(if(others, ${shift}, 5000) + n % 4000)`
    if (/^DateTime/.test(type)) return [[column, `toStartOfDay(now('UTC')) + ${number}`]]
    return key.includes(column) && /^U?Int/.test(type) ? [[column, number]] : []
  })
  await admin.command(
    `INSERT INTO siaga.${name} (${values.map(([column]) => column).join(', ')})
     SELECT ${values.map(([, value]) => value).join(', ')} FROM
     (SELECT number AS n, ['32', '32.73', '31', '33', '', '00'][1 + n % 6] AS region_code, region_code AS region, ['pemda', 'kpu', 'bawaslu', ''][1 + intDiv(n, 6) % 4] AS owner,
        ['green', 'clear', 'amber', 'red'][1 + n % 4] AS tlp, NOT (${owns}) AS others FROM numbers(${ROWS}))
     SETTINGS max_partitions_per_insert_block = 0`,
  )
  await admin.command(`OPTIMIZE TABLE siaga.${name} FINAL`)
}

/** All that a room is told: the answer and what stands in its headers, but how long it took. */
async function told(sql: string): Promise<string> {
  turn += 1
  const user = roomUserName(`penguji-${turn % rooms.length}`)
  const response = await fetch(
    `${services.clickhouse.url}/?${new URLSearchParams({ database: 'siaga', wait_end_of_query: '1', max_threads: '1', send_progress_in_http_headers: '1' })}`,
    {
      method: 'POST',
      body: sql,
      headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': clickhousePassword(services.masterKey, user) },
    },
  )
  const Summary = z.record(z.string(), z.string())
  const {
    elapsed_ns: _,
    memory_usage: __,
    ...summary
  } = Summary.parse(JSON.parse(response.headers.get('x-clickhouse-summary') ?? '{}'))
  return `${response.status} ${JSON.stringify(summary)} ${(await response.text()).replaceAll(user, 'USER')}`
}

/** `share`: of the values that a column is compared with, every so many-th, others for each column. */
function questionsOf({ name, scope, key, columns }: Table, share: number): string[] {
  const typeOf = (column: string): string => columns.find((one) => one.name === column)?.type ?? ''
  const others =
    scope.length === 2
      ? [`${scope[0]} = '31' AND ${scope[1]} = 'pemda'`, `${scope[0]} = '32' AND ${scope[1]} = 'bawaslu'`]
      : [`${scope[0]} = 'amber'`]
  return key
    .filter((column) => !scope.includes(column) && /^\w+$/.test(column))
    .flatMap((column, place) => {
      const type = typeOf(column)
      const values = /String/.test(type)
        ? ["'a25000'", "'b'", "'m25000'", "'y'", "'z25000'"]
        : type === 'Date'
          ? [-2, -1, 0, 1, 2].map((days) => `today() + ${days}`)
          : /^DateTime/.test(type)
            ? [2_000, 4_500, 7_000, 9_500, 12_000].map((s) => `toStartOfDay(now('UTC')) + ${s}`)
            : ['2000', '4500', '7000', '9500', '12000']
      return values
        .filter((_, at) => (at + place) % share === 0)
        .flatMap((value) => {
          const wheres = [
            `${column} > ${value}`,
            `${column} <= ${value}`,
            ...others.map((other) => `${other} AND ${column} >= ${value}`),
          ]
          return [
            ...wheres.flatMap((where) => [
              `SELECT count() FROM ${name} WHERE ${where}`,
              `SELECT count() FROM ${name} WHERE ${where} SETTINGS final = 1`,
              `EXPLAIN ESTIMATE SELECT * FROM ${name} WHERE ${where}`,
            ]),
            `EXPLAIN indexes = 1 SELECT * FROM ${name} WHERE ${wheres[0]}`,
            `EXPLAIN indexes = 1, json = 1, actions = 1 SELECT * FROM ${name} WHERE ${wheres[2]} SETTINGS final = 1`,
            `SELECT count() FROM ${name} PREWHERE ${wheres[0]} SETTINGS max_rows_to_read = 20000`,
            `SELECT count() FROM ${name} WHERE ${wheres[2]} SETTINGS max_rows_to_read = 1`,
            `SELECT count() FROM ${name} WHERE ${wheres[3] ?? wheres[2]} SETTINGS max_bytes_to_read = 1`,
            `SELECT count() FROM ${name} AS a WHERE ${column} IN (SELECT ${column} FROM ${name} WHERE ${wheres[1]} LIMIT 10)`,
            `SELECT min(${column}), max(${column}) FROM ${name} WHERE ${wheres[0]}`,
            `SELECT ${column} FROM ${name} ORDER BY ${[...scope, column].join(', ')} DESC LIMIT 3`,
          ]
        })
    })
}

async function tells(table: Table, share: number): Promise<{ sql: string; low: string; high: string }[]> {
  const questions = questionsOf(table, share)
  const answers: Record<Variant, string[]> = { low: [], high: [] }
  for (const variant of ['low', 'high'] as const) {
    await fill(table, variant)
    for (const sql of questions) answers[variant].push(await told(sql))
  }
  return questions
    .map((sql, at) => ({ sql, low: answers.low[at] ?? '', high: answers.high[at] ?? '' }))
    .filter(({ low, high }) => low !== high)
}

/** `share` 1: all questions; more: one value in so many for each column. */
export function keysOfOthersShowNowhere(share: number): void {
  beforeAll(async () => {
    services = await startOwnServices({ kafka: false, migrated: true, rooms })
    admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
    const orders = await admin.rows(
      Order,
      "SELECT name, sorting_key, partition_key FROM system.tables WHERE database = 'siaga' AND sorting_key != '' ORDER BY name",
    )
    tables = []
    for (const { name, sorting_key, partition_key } of orders) {
      const access = tableAccess[name]
      const regional = access?.kind === 'regional'
      if (!regional && !(access?.kind === 'common' && access.shown !== undefined)) continue
      tables.push({
        name,
        scope: regional ? [access.region, access.owner] : [/^\w+/.exec(access.shown ?? '')?.[0] ?? ''],
        own: regional ? scopeFilter(room(''), access) : (access.shown ?? ''),
        key: sorting_key.replace(/^\((\w+)\)$/, '$1').split(/, (?![^(]*\))/),
        partition: partition_key,
        columns: await admin.rows(
          Column,
          "SELECT name, type FROM system.columns WHERE database = 'siaga' AND table = {name:String} ORDER BY position",
          { name },
        ),
      })
    }
  })
  afterAll(async () => {
    await admin?.close()
    await services?.stop()
  })

  test('tables of rooms begin with region and owner, or are known not to', () => {
    const odd = tables.filter(({ scope, key }) => scope.some((column, at) => key[at] !== column))
    expect(odd.map(({ name }) => name).sort()).toEqual(Object.keys(otherOrders).sort())
    for (const { name, scope, key } of odd) if (otherOrders[name] !== 'ids') expect(key[0]).toBe(scope[0])
  })

  test.each(
    Object.entries(tableAccess).flatMap(([name, access]) =>
      (access.kind === 'regional' || (access.kind === 'common' && access.shown !== undefined)) &&
      otherOrders[name] !== 'ids'
        ? [name]
        : [],
    ),
  )(
    '%s: keys of others show in no figure that a room is told',
    async (name) => {
      const table = tables.find((one) => one.name === name)
      if (table === undefined) throw new Error(`${name} is not ordered`)
      const [first] = questionsOf(table, share)
      expect(await tells(table, share)).toEqual([])
      // The room does read: what was compared is not one refusal.
      expect(await told(first ?? '')).toMatch(/^200 .*"read_rows":"[1-9]/)
    },
    120_000,
  )

  test('a table in the order of ids does tell by the same questions: they would find it', async () => {
    const table = tables.find(({ name }) => name === 'alerts_rows')
    if (table === undefined) throw new Error('no alerts_rows')
    expect((await tells(table, share)).length).toBeGreaterThan(3)
  }, 120_000)
}
