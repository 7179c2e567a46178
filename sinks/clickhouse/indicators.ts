// Where are the indicators of all feeds kept? In ClickHouse; a feed is replaced as a whole, and whoever reads sees it before an update or after it.
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { contentColumns, giveIndicators, readColumns, readIndicators, type StoredIndicator } from './indicator-rows.ts'

export interface Replaced {
  /** Indicators that were not in the feed before, and those that are not in it any more. */
  readonly added: number
  readonly removed: number
  readonly total: number
  /** Version of the feed; the one before if nothing has changed, '' without indicators. */
  readonly version: string
}

export interface IndicatorStore {
  /**
   * Makes these the indicators of a feed, in place of those before. Of several with one type and value the last one holds. The same again changes
   * nothing; killed in the middle it has changed nothing, and can be begun anew. Rejects with CLICKHOUSE_UNAVAILABLE or CLICKHOUSE_REFUSED.
   *
   * @param at when the feed was fetched, milliseconds since 1970 UTC; `added_at` of those that are new
   */
  replace(source: string, indicators: Iterable<Indicator> | AsyncIterable<Indicator>, at: number): Promise<Replaced>
  /** Keeps these for a question of processors/correlate/history.ts, under a version; `drop` removes them. */
  give(
    indicators: Iterable<Indicator> | AsyncIterable<Indicator>,
  ): Promise<{ readonly version: string; drop(): Promise<void> }>
  /** A text that is another one as soon as any feed has changed. */
  current(): Promise<string>
  /** All indicators that have not expired at `at` (milliseconds since 1970 UTC), some hundred at a time, as they were at one moment. */
  read(at: number): AsyncIterable<readonly StoredIndicator[]>
}

export interface IndicatorTables {
  readonly rows: string
  readonly next: string
  readonly given: string
}

const siagaTables: IndicatorTables = {
  rows: 'siaga.indicator_rows',
  next: 'siaga.indicator_next',
  given: 'siaga.indicator_given',
}

const Content = z.object({ total: z.coerce.number(), checksum: z.string() })
const Kept = Content.extend({ versions: z.array(z.string()), newest: z.coerce.number() })
const Made = z.object({ total: z.coerce.number(), added: z.coerce.number(), versions: z.coerce.number() })
const Version = z.object({ source: z.string(), version: z.string(), total: z.coerce.number() })

/** Order does not matter, and `added_at` is not content. */
const checksum = `toString(sum(cityHash64(${contentColumns})))`
/** An update reads and sorts a few hundred megabytes at most. */
const settings = { max_execution_time: 600, max_memory_usage: 2 * 1024 ** 3 }

/** A store on these tables. Updates of one feed follow one another; two processes must not update one feed at the same time. */
export function createIndicatorStore(clickhouse: ClickHouse, tables: IndicatorTables = siagaTables): IndicatorStore {
  const busy = new Map<string, Promise<unknown>>()
  return {
    replace(source, indicators, when) {
      const before = busy.get(source) ?? Promise.resolve()
      const run = before.then(() => replace(clickhouse, tables, source, indicators, when))
      const done = run.catch(() => undefined)
      busy.set(source, done)
      void done.then(() => {
        if (busy.get(source) === done) busy.delete(source)
      })
      return run
    },
    async give(indicators) {
      const version = newVersion()
      const drop = () => dropPartition(clickhouse, tables.given, version).catch(() => undefined)
      try {
        await giveIndicators(clickhouse, tables.given, version, indicators)
      } catch (error) {
        await drop()
        throw error
      }
      return { version, drop }
    },
    async current() {
      const rows = await clickhouse.rows(
        Version,
        `SELECT source, version, count() AS total FROM ${tables.rows} GROUP BY source, version ORDER BY source, version`,
      )
      return createHash('sha256').update(JSON.stringify(rows)).digest('base64url')
    },
    async *read(when) {
      const answer = await clickhouse.stream(
        `SELECT ${readColumns} FROM ${tables.rows} WHERE expires = ${at(0)} OR expires > ${at(when)} FORMAT JSONCompactEachRow`,
        {},
        { output_format_json_quote_64bit_integers: 0 },
      )
      yield* readIndicators(answer)
    },
  }
}

function newVersion(): string {
  return randomBytes(12).toString('hex')
}

async function replace(
  clickhouse: ClickHouse,
  tables: IndicatorTables,
  source: string,
  indicators: Iterable<Indicator> | AsyncIterable<Indicator>,
  when: number,
): Promise<Replaced> {
  const version = newVersion()
  try {
    await giveIndicators(clickhouse, tables.given, version, indicators)
    const given = await contentOf(clickhouse, tables.given, version)
    const kept = await keptOf(clickhouse, tables.rows, source)
    // Rows of two versions are the trace of two processes that updated the feed at once.
    if (kept.total === given.total && kept.checksum === given.checksum && kept.versions.length <= 1)
      return { added: 0, removed: 0, total: kept.total, version: kept.versions[0] ?? '' }
    if (given.total === 0) {
      await dropPartition(clickhouse, tables.rows, source)
      return { added: 0, removed: kept.total, total: 0, version: '' }
    }
    // Later than all that is there, whatever the clock says, so that new ones can be told from those before.
    const stamp = Math.max(when, kept.newest + 1)
    const added = await prepare(clickhouse, tables, { source, version, stamp, total: given.total })
    await clickhouse.command(`ALTER TABLE ${tables.rows} REPLACE PARTITION ${quote(source)} FROM ${tables.next}`)
    return { added, removed: kept.total - (given.total - added), total: given.total, version }
  } finally {
    // What is not removed here goes by itself, or with the next update.
    await dropPartition(clickhouse, tables.given, version).catch(() => undefined)
    await dropPartition(clickhouse, tables.next, source).catch(() => undefined)
  }
}

/** Makes the new rows of the feed beside the old ones; answers how many of them are new. */
async function prepare(
  clickhouse: ClickHouse,
  { rows, next, given }: IndicatorTables,
  { source, version, stamp, total }: { source: string; version: string; stamp: number; total: number },
): Promise<number> {
  // Left there by a process that was killed.
  await dropPartition(clickhouse, next, source)
  const columns = contentColumns.split(', ')
  await clickhouse.command(
    `INSERT INTO ${next} (source, ${contentColumns}, added_at, version)
     SELECT ${quote(source)}, ${columns.map((column) => `g.${column}`).join(', ')},
       if(o.added_at = ${at(0)}, ${at(stamp)}, o.added_at), ${quote(version)}
     FROM (SELECT * FROM ${given} FINAL WHERE version = ${quote(version)}) AS g
     LEFT JOIN (SELECT type, value, added_at FROM ${rows} WHERE source = ${quote(source)}) AS o ON g.type = o.type AND g.value = o.value`,
    {},
    { ...settings, insert_deduplicate: 0, join_use_nulls: 0, async_insert: 0 },
  )
  const [made] = await clickhouse.rows(
    Made,
    `SELECT count() AS total, countIf(added_at = ${at(stamp)}) AS added, uniqExact(version) AS versions FROM ${next} WHERE source = ${quote(source)}`,
  )
  if (made?.total !== total || made.versions !== 1)
    throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: `the indicators of ${source} are being replaced twice` })
  return made.added
}

async function contentOf(clickhouse: ClickHouse, table: string, version: string): Promise<z.infer<typeof Content>> {
  const [row] = await clickhouse.rows(
    Content,
    `SELECT count() AS total, ${checksum} AS checksum FROM ${table} FINAL WHERE version = ${quote(version)}`,
    {},
    settings,
  )
  return row ?? { total: 0, checksum: '0' }
}

async function keptOf(clickhouse: ClickHouse, table: string, source: string): Promise<z.infer<typeof Kept>> {
  const [row] = await clickhouse.rows(
    Kept,
    `SELECT count() AS total, ${checksum} AS checksum, groupUniqArray(toString(version)) AS versions,
       toUnixTimestamp64Milli(max(added_at)) AS newest
     FROM ${table} WHERE source = ${quote(source)}`,
    {},
    settings,
  )
  return row ?? { total: 0, checksum: '0', versions: [], newest: 0 }
}

function dropPartition(clickhouse: ClickHouse, table: string, partition: string): Promise<void> {
  return clickhouse.command(`ALTER TABLE ${table} DROP PARTITION ${quote(partition)}`)
}
