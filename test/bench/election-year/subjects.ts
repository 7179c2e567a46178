// About whom are the questions? Provinces, and an address, a user, an asset and an event each time that the made year holds.
import { z } from 'zod'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import type { Subjects } from './queries.ts'
import { NOW, utc } from './world.ts'

const Found = z.object({
  address: z.string(),
  user: z.string(),
  userRegion: z.string(),
  asset: z.string(),
  assetRegion: z.string(),
  eventId: z.string(),
  eventRegion: z.string(),
  eventTime: z.string(),
})

/** Of each round others, so that no answer rests on the one before: large provinces first, which cost most. */
const provincesOf: readonly Subjects['provinces'][] = [
  ['32', '35', '33', '73'],
  ['33', '32', '35', '12'],
  ['35', '33', '32', '36'],
]

/** Three times subjects, the same for the same year. Throws if the year has no voting day in it. */
export function findSubjects(clickhouse: ClickHouse): Promise<Subjects[]> {
  return Promise.all(provincesOf.map((provinces, nth) => find(clickhouse, provinces, nth)))
}

async function find(clickhouse: ClickHouse, provinces: Subjects['provinces'], nth: number): Promise<Subjects> {
  const [first, second, , fourth] = provinces
  const within = (code: string): string => `region_code > '${code}.' AND region_code < '${code}/'`
  const day = `ingested_at >= ${utc(NOW - 86_400_000)} AND ingested_at < ${utc(NOW)}`
  const [found] = await clickhouse.rows(
    Found,
    `SELECT
      (SELECT source_ip FROM siaga.events WHERE ${day} AND user_agent_name = 'sqlmap' GROUP BY source_ip ORDER BY count() DESC, source_ip LIMIT 1 OFFSET ${nth}) AS address,
      (SELECT (user_name, region_code) FROM siaga.events WHERE ${day} AND ${within(second)} AND user_name LIKE 'op%' GROUP BY user_name, region_code ORDER BY count() DESC, user_name LIMIT 1) AS person,
      (SELECT (asset_id, region_code) FROM siaga.events WHERE ${day} AND ${within(first)} AND event_category = 'web' GROUP BY asset_id, region_code ORDER BY count() DESC, asset_id LIMIT 1) AS service,
      (SELECT (event_id, region_code, toString(timestamp)) FROM siaga.events WHERE ${day} AND ${within(fourth)} ORDER BY score DESC, event_id LIMIT 1) AS one,
      person.1 AS user, person.2 AS userRegion, service.1 AS asset, service.2 AS assetRegion, one.1 AS eventId, one.2 AS eventRegion, one.3 AS eventTime`,
  )
  if (found === undefined) throw new Error('nothing was made of the day before the voting day')
  return { ...found, provinces }
}
