// What is told to citizens? Sums of a week over the whole nation, from days whose reports were all made, delayed and coarse.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { dayOf, zones } from '../../runtime/local-day.ts'
import { coarse, PublicData, publicFigures } from '../../schemas/public.ts'

const DAY_MS = 86_400_000
const DAYS = 7

const Sum = z.object({ figure: z.string(), value: z.coerce.number() })
const Count = z.object({ n: z.coerce.number() })

/**
 * The document of the page; undefined until the daily reports of a whole week are there. `now` in milliseconds since 1970 UTC.
 * @param delayDays how many days back the newest day lies
 */
export async function publicData(
  clickhouse: Pick<ClickHouse, 'rows'>,
  now: number,
  delayDays: number,
): Promise<PublicData | undefined> {
  const until = dayOf(now - delayDays * DAY_MS, 'WIB')
  const first = dayOf(now - (delayDays + DAYS - 1) * DAY_MS, 'WIB')
  const span = { first, until }
  const [made] = await clickhouse.rows(
    Count,
    'SELECT uniqExact(day, zone) AS n FROM siaga.daily_runs WHERE day BETWEEN {first:Date} AND {until:Date}',
    span,
  )
  if ((made?.n ?? 0) < DAYS * zones.length) return undefined
  // Nothing but sums leaves the store: no region, owner, name or address is asked for.
  const sums = await clickhouse.rows(
    Sum,
    `SELECT toString(figure) AS figure, sum(value) AS value FROM siaga.daily_figures
     WHERE day BETWEEN {first:Date} AND {until:Date} AND figure IN {figures:Array(String)}
       AND run_id IN (SELECT argMin(run_id, (made_at, run_id)) FROM siaga.daily_runs WHERE day BETWEEN {first:Date} AND {until:Date} GROUP BY day, zone)
     GROUP BY figure`,
    { ...span, figures: [...publicFigures] },
  )
  const figures = Object.fromEntries(
    publicFigures.map((name) => [name, coarse(sums.find(({ figure }) => figure === name)?.value ?? 0)]),
  )
  return PublicData.parse({ version: 1, until, days: DAYS, figures })
}
