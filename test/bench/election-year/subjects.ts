// About whom are the questions? An address, a user, an asset and an event that the made year holds.
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

/** The same for the same year. Throws if the year has no voting day in it. */
export async function findSubjects(clickhouse: ClickHouse): Promise<Subjects> {
  const day = `ingested_at >= ${utc(NOW - 86_400_000)} AND ingested_at < ${utc(NOW)}`
  const [found] = await clickhouse.rows(
    Found,
    `SELECT
      (SELECT source_ip FROM siaga.events WHERE ${day} AND user_agent_name = 'sqlmap' GROUP BY source_ip ORDER BY count() DESC, source_ip LIMIT 1) AS address,
      (SELECT (user_name, region_code) FROM siaga.events WHERE ${day} AND region_code > '35' AND region_code < '36' AND user_name LIKE 'op%' GROUP BY user_name, region_code ORDER BY count() DESC, user_name LIMIT 1) AS person,
      (SELECT (asset_id, region_code) FROM siaga.events WHERE ${day} AND region_code > '32.' AND region_code < '33' AND event_category = 'web' GROUP BY asset_id, region_code ORDER BY count() DESC, asset_id LIMIT 1) AS service,
      (SELECT (event_id, region_code, toString(timestamp)) FROM siaga.events WHERE ${day} AND region_code > '73.' AND region_code < '74' ORDER BY score DESC, event_id LIMIT 1) AS one,
      person.1 AS user, person.2 AS userRegion, service.1 AS asset, service.2 AS assetRegion, one.1 AS eventId, one.2 AS eventRegion, one.3 AS eventTime`,
  )
  if (found === undefined) throw new Error('nothing was made of the day before the voting day')
  return found
}
