// How do all sources stand? One look for everybody who looks within five seconds; each viewer gets a cut of it.
import { z } from 'zod'
import { builtInSources, type Source } from '../../schemas/config.ts'
import type { RegionView, SourceState, SourceView } from '../../schemas/sources-api.ts'
import type { JudgedState, SourceParts } from './parts.ts'

export interface Snapshot {
  /** Milliseconds since 1970 UTC, by the clock of the store. */
  readonly at: number
  readonly judged: boolean
  readonly judgedUntil: number | undefined
  /** Configured ones, and those of Siaga itself that were heard, by region and id. */
  readonly sources: readonly SourceView[]
  readonly states: readonly JudgedState[]
}

const SHARED_MS = 5_000
const WEEK_SHARED_MS = 60_000
/** Without a judge a source is silent after so long. */
const BLIND_AFTER_MS = 3_600_000
const STEPS = 20

const Hour = z.object({
  id: z.string(),
  recent: z.coerce.number(),
  per_hour: z.coerce.number(),
  spark: z.array(z.coerce.number()),
  last_event: z.coerce.number(),
  last_landed: z.coerce.number(),
  skew: z.coerce.number(),
  future: z.coerce.number(),
})
const Lag = z.object({ id: z.string(), lags: z.tuple([z.coerce.number(), z.coerce.number()]) })
const Week = z.object({ id: z.string(), last_event: z.coerce.number(), last_landed: z.coerce.number() })
const Now = z.object({ now: z.coerce.number() })

// The minute that is under way counts for the rate and not for the line, whose last step would always look like a fall.
const HOUR = `
  SELECT source_id AS id,
    sumIf(events, minute >= toStartOfMinute(now()) - 60) AS recent,
    sum(events) AS per_hour,
    sumForEach(arrayMap(step -> if(step = ${STEPS - 1} - intDiv(dateDiff('minute', minute, toStartOfMinute(now())) - 1, 3), events, 0), range(${STEPS}))) AS spark,
    toUnixTimestamp64Milli(max(last_timestamp)) AS last_event,
    toUnixTimestamp64Milli(max(last_ingested_at)) AS last_landed,
    sum(skew_ms_sum) AS skew, sum(clock_future) AS future
  FROM siaga.source_minutes WHERE minute >= toStartOfMinute(now()) - 3600 GROUP BY source_id`
const LAG = `
  SELECT source_id AS id, quantilesExactWeighted(0.5, 0.95)(bucket_ms, toUInt64(greatest(0, total))) AS lags
  FROM (SELECT source_id, bucket_ms, sum(events) AS total FROM siaga.ingest_lag WHERE minute >= now() - 3600 GROUP BY source_id, bucket_ms)
  GROUP BY source_id HAVING sum(greatest(0, total)) > 0`
const WEEK = `
  SELECT source_id AS id, toUnixTimestamp64Milli(max(last_timestamp)) AS last_event, toUnixTimestamp64Milli(max(last_ingested_at)) AS last_landed
  FROM siaga.source_minutes WHERE minute >= now() - 7 * 86400 GROUP BY source_id`

/** A value that is read again when it is older than so long; those who ask meanwhile share one reading. */
function shared<T>(read: () => Promise<T>, forMs: number, now: () => number): () => Promise<T> {
  let value: Promise<T> | undefined
  let until = 0
  return () => {
    if (value === undefined || now() >= until) {
      until = Number.POSITIVE_INFINITY
      const reading = read()
      value = reading
      reading.then(
        () => {
          until = now() + forMs
        },
        () => {
          until = 0
        },
      )
    }
    return value
  }
}

/** Dead letters that were not replayed, by source; undefined while Kafka does not answer. */
async function counts(letters: SourceParts['letters']): Promise<ReadonlyMap<string, number> | undefined> {
  const list = await letters.list().catch(() => undefined)
  if (list === undefined) return undefined
  const found = new Map<string, number>()
  for (const { source, replayed } of list.letters) if (!replayed) found.set(source, (found.get(source) ?? 0) + 1)
  return found
}

/** Asks for the snapshot; rejects if the store does not answer. */
export function createSnapshot(parts: SourceParts): () => Promise<Snapshot> {
  const { clickhouse, config, reference, letters, judgement, waysOf, now } = parts
  const builtIn = new Set(builtInSources.map(({ id }) => id))
  const week = shared(() => clickhouse.rows(Week, WEEK), WEEK_SHARED_MS, now)
  return shared(
    async () => {
      const [[moment], hours, lags, weeks, judged, dead] = await Promise.all([
        clickhouse.rows(Now, 'SELECT toUnixTimestamp64Milli(now64(3)) AS now'),
        clickhouse.rows(Hour, HOUR),
        clickhouse.rows(Lag, LAG),
        week(),
        judgement(),
        counts(letters),
      ])
      const at = moment?.now ?? now()
      const covered = 60 + ((at / 1_000) % 60)
      const hourOf = new Map(hours.map((row) => [row.id, row]))
      const weekOf = new Map(weeks.map((row) => [row.id, row]))
      const lagOf = new Map(lags.map(({ id, lags: [half, most] }) => [id, { half, most }]))
      const stateOf = new Map(judged.states.flatMap((row) => (row.kind === 'source' ? [[row.id, row]] : [])))
      const view = (source: Source): SourceView | undefined => {
        const hour = hourOf.get(source.id)
        const last = hour ?? weekOf.get(source.id)
        const deadLetters = dead && (dead.get(source.id) ?? 0)
        if (builtIn.has(source.id) && last === undefined && !deadLetters) return undefined
        const found = stateOf.get(source.id)
        const lag = lagOf.get(source.id)
        const blind = last === undefined || at - last.last_landed > BLIND_AFTER_MS
        const guess: SourceState = !blind
          ? 'live'
          : last === undefined
            ? 'never'
            : builtIn.has(source.id)
              ? 'quiet'
              : 'silent'
        const place = reference.regions.get(source.region)
        return {
          id: source.id,
          name: source.name,
          format: source.format,
          region: source.region,
          region_name: place?.name ?? '',
          zone: place?.zone ?? 'WIB',
          owner: source.owner,
          asset: source.asset,
          ways: [...waysOf(source)],
          state: judged.fresh && found !== undefined ? asState(found.state) : guess,
          reason: judged.fresh ? (found?.reason ?? '') : '',
          expected_at: judged.fresh && found !== undefined && found.expected > 0 ? found.expected : null,
          per_minute: Math.round(((hour?.recent ?? 0) / covered) * 60),
          spark: hour?.spark ?? [],
          last_event: last?.last_event ?? null,
          last_landed: last?.last_landed ?? null,
          lag_p50_ms: lag?.half ?? null,
          lag_p95_ms: lag?.most ?? null,
          skew_ms: hour !== undefined && hour.per_hour > 0 ? hour.skew / hour.per_hour : null,
          clock_future: hour?.future ?? 0,
          dead_letters: deadLetters ?? null,
        }
      }
      const sources = config.sources.flatMap((source) => view(source) ?? [])
      sources.sort((a, b) => (a.region === b.region ? (a.id < b.id ? -1 : 1) : a.region < b.region ? -1 : 1))
      return { at, judged: judged.fresh, judgedUntil: judged.until, sources, states: judged.states }
    },
    SHARED_MS,
    now,
  )
}

function asState(state: string): SourceState {
  return state === 'live' || state === 'quiet' || state === 'silent' || state === 'unjudged' ? state : 'never'
}

/** States of sources folded into those of regions, as the view `siaga.region_states_now` does; a test holds the two against each other. */
export function regionsOf(states: readonly JudgedState[], nameOf: (region: string) => string): RegionView[] {
  const regions = [...new Set(states.map(({ region }) => region))].sort()
  return regions.map((region): RegionView => {
    const here = states.filter((one) => one.region === region)
    const own = here.filter(({ kind }) => kind === 'source')
    const heard = own.filter(({ counted }) => counted === 'live' || counted === 'quiet')
    const probesSilent = here.some(({ kind, counted }) => kind === 'probe' && counted === 'silent')
    const partly = heard.length < own.length || probesSilent
    return {
      region,
      name: nameOf(region),
      state: heard.length === 0 ? 'tidak terpantau' : partly ? 'sebagian' : 'terpantau',
      sources: own.length,
      heard: heard.length,
      quiet: own.filter(({ counted }) => counted === 'quiet').length,
      silent: own.length - heard.length,
      unjudged: here.filter(({ state }) => state === 'unjudged').length,
      silent_sources: own.flatMap((one) => (heard.includes(one) ? [] : [one.id])).sort(),
    }
  })
}
