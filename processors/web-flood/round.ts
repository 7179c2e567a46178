// How does a minute of web requests come to its verdicts? Every site counted, rushes and outages judged, verdicts kept, findings sent, the minute remembered.
import { randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import type { Finding } from '../../schemas/detection.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { demandAt } from './demand.ts'
import { type Usual, usualOf } from './features.ts'
import { findingsOf } from './finding.ts'
import { loadNetworks } from './networks.ts'
import {
  type FloodTables,
  keepRequests,
  lastQuery,
  minuteQuery,
  partsQuery,
  probesQuery,
  suspectsQuery,
  usualQuery,
} from './sql.ts'
import { countNames, MINUTE_MS, Minute, Part } from './traffic.ts'
import { isRush, isTold, judgeOutage, judgeRush, type Outage, outageOf, type Verdict } from './verdict.ts'
import { WEIGHTS_VERSION } from './weights.ts'
import { wordsOf } from './words.ts'

export interface WebFloodOptions {
  readonly clickhouse: ClickHouse
  /** Resolves when Kafka has them. */
  readonly send: (findings: readonly Finding[]) => Promise<void>
  /** Requests a second of one site from which a rush is judged. */
  readonly minRate: number
  /** Zone of a region by its code. */
  readonly zoneOf: (region: string) => TimeZone
  /** How long a minute waits for late events. */
  readonly graceMs?: number
  readonly tables?: FloodTables
}

export interface FloodRound {
  readonly verdicts: readonly Verdict[]
  readonly findings: readonly Finding[]
  /** Rushes beyond those that a minute has time for: their sites are remembered, not judged. */
  readonly skipped: number
}

export interface WebFloods {
  /**
   * Judges the minutes that are complete at `watermark` (event time up to which everything has landed) and have not been judged, ten at most: older
   * ones are history. Rejects if ClickHouse or Kafka fail; the next round begins with the same minute.
   */
  round(watermark: number): Promise<FloodRound>
  /** Judges the minute that begins at `minute`, again if it has been. */
  judge(minute: number): Promise<FloodRound>
}

const GRACE_MS = 15_000
const MAX_CATCH_UP = 10
/** Rushes that are judged in one minute, the largest first. */
const MAX_RUSHES = 50
/** Quieter minutes say nothing about a site. */
const LEAST_REQUESTS = 20
/** Rows of a site that its parts are counted of, about; of more, one client in so many is looked at. They leave 10,000 requests in the window. */
const SAMPLE_ROWS = 100_000
/** From so many probed sites on: if more than half of them fail, it is the network of the probes. */
const OWN_NETWORK = 4

const Probed = z.object({
  ...Minute.pick({
    site: true,
    region: true,
    owner: true,
    asset: true,
    criticality: true,
    phase: true,
    election: true,
    source: true,
    event: true,
  }).shape,
  probes: z.number(),
  failures: z.number(),
})
type Probed = z.infer<typeof Probed>
const Place = z.object({ site: z.string(), region: z.string(), owner: z.string() })
const Last = z.object({ last: z.number() })

const placeOf = ({ site, region, owner }: z.infer<typeof Place>): string => JSON.stringify([site, region, owner])
/** A site under load, to be judged. */
interface Rush {
  readonly site: Minute
  readonly usual: Usual
  readonly outage: Outage | undefined
}

const noProbes = { probes: 0, failures: 0 }

/** A judge that runs one minute at a time. Nothing happens before it is asked. */
export function createWebFloods(options: WebFloodOptions): WebFloods {
  const { clickhouse, send, minRate, zoneOf, graceMs = GRACE_MS } = options
  const tables = options.tables ?? {
    events: 'siaga.events',
    minutes: 'siaga.web_flood_minutes',
    verdicts: 'siaga.web_flood_verdicts',
    requests: 'siaga.web_flood_requests',
  }
  const networks = loadNetworks()
  let last: number | undefined

  const usualFor = async (minute: Minute): Promise<Usual> => {
    const SameTime = Minute.extend({ same_time: z.coerce.number() })
    const rows = await clickhouse.rows(SameTime, usualQuery(tables, minute, minute.minute))
    const same = rows.filter(({ same_time }) => same_time === 1)
    return usualOf(same.length >= 60 ? same : rows)
  }

  const judgeRushes = async (minute: number, rushes: readonly Rush[]): Promise<Verdict[]> => {
    if (rushes.length === 0) return []
    const run = randomBytes(12).toString('hex')
    const verdicts: Verdict[] = []
    try {
      const kept = rushes.map(({ site }, n) => ({ n, site, sample: Math.ceil((site.requests * 10) / SAMPLE_ROWS) }))
      await clickhouse.command(keepRequests(tables, networks, run, minute, kept))
      for (const [n, { site, usual, outage }] of rushes.entries()) {
        const chrome = usual.chrome === 0 ? site.chrome : usual.chrome
        const parts = await clickhouse.rows(Part, partsQuery(tables, run, n, { chrome, known: usual.paths }))
        const demand = demandAt(site.phase, zoneOf(site.region), minute)
        verdicts.push(judgeRush(site, parts, usual, { demand }, outage))
      }
    } finally {
      // What is not removed goes by itself after an hour.
      await clickhouse.command(`ALTER TABLE ${tables.requests} DROP PARTITION ${quote(run)}`).catch(() => undefined)
    }
    return verdicts
  }

  const judge = async (minute: number): Promise<FloodRound> => {
    const sites = await clickhouse.rows(Minute, minuteQuery(tables, networks, minute, LEAST_REQUESTS))
    const probed = believed(await clickhouse.rows(Probed, probesQuery(tables, minute + MINUTE_MS)))
    const suspects = new Set((await clickhouse.rows(Place, suspectsQuery(tables, minute))).map(placeOf))
    const verdicts: Verdict[] = []
    const rushes: Rush[] = []
    let skipped = 0
    for (const site of [...sites, ...unasked(probed, sites, minute)]) {
      const probes = probed.get(placeOf(site)) ?? noProbes
      const busy = site.requests >= minRate * 60
      if (!busy && site.errors === 0 && probes.failures === 0) continue
      const usual = await usualFor(site)
      const outage = outageOf(site, usual, probes)
      const rush = isRush(site, usual, minRate)
      if (rush && rushes.length < MAX_RUSHES) rushes.push({ site, usual, outage })
      else {
        if (rush) skipped += 1
        if (outage !== undefined) verdicts.push(judgeOutage(site, usual, outage))
      }
    }
    verdicts.push(...(await judgeRushes(minute, rushes)))
    const told = verdicts.map((verdict) => isTold(verdict, suspects.has(placeOf(verdict.minute))))
    const findings = verdicts.flatMap((verdict, n) => findingsOf(verdict, told[n] === true))
    await insert(
      tables.verdicts,
      verdicts.map((verdict, n) => rowOf(verdict, told[n] === true)),
    )
    if (findings.length > 0) await send(findings)
    // Last: whoever dies before judges the minute again, and readers know its findings by their ids.
    await insert(tables.minutes, sites)
    return { verdicts, findings, skipped }
  }

  const insert = async (table: string, rows: readonly object[]): Promise<void> => {
    if (rows.length === 0) return
    await clickhouse.insert({
      statement: `INSERT INTO ${table} FORMAT JSONEachRow`,
      body: [Buffer.from(rows.map((row) => JSON.stringify(secondsOf(row))).join('\n'))],
      queryId: `web-flood-${randomUUID()}`,
      settings: { async_insert: 0, date_time_input_format: 'best_effort' },
      timeoutMs: 30_000,
    })
  }

  return {
    judge,
    async round(watermark) {
      const newest = Math.floor((watermark - graceMs) / MINUTE_MS) * MINUTE_MS - MINUTE_MS
      if (last === undefined) {
        const [row] = await clickhouse.rows(Last, lastQuery(tables))
        last = row === undefined || row.last === 0 ? newest - MINUTE_MS : row.last
      }
      const all: { verdicts: Verdict[]; findings: Finding[]; skipped: number } = {
        verdicts: [],
        findings: [],
        skipped: 0,
      }
      for (
        let minute = Math.max(last, newest - MAX_CATCH_UP * MINUTE_MS) + MINUTE_MS;
        minute <= newest;
        minute += MINUTE_MS
      ) {
        const { verdicts, findings, skipped } = await judge(minute)
        all.verdicts.push(...verdicts)
        all.findings.push(...findings)
        all.skipped += skipped
        last = minute
      }
      return all
    },
  }
}

/** Probes by site; none where nearly all fail, for then it is the network that they come from. */
function believed(rows: readonly Probed[]): Map<string, Probed> {
  const failing = rows.filter(({ failures, probes }) => failures * 2 >= probes).length
  const own = rows.length >= OWN_NETWORK && failing * 2 > rows.length
  return new Map(own ? [] : rows.map((row) => [placeOf(row), row]))
}

/** Sites that are probed and failing, and that nobody asked anything: a site that is down has no requests in its log. */
function unasked(probed: ReadonlyMap<string, Probed>, sites: readonly Minute[], minute: number): Minute[] {
  const known = new Set(sites.map(placeOf))
  return [...probed.values()].flatMap((row) => {
    if (row.failures === 0 || known.has(placeOf(row))) return []
    const { probes: _probes, failures: _failures, ...place } = row
    const counts = Object.fromEntries(countNames.map((name) => [name, 0]))
    return [Minute.parse({ ...place, ...counts, minute, addresses: 0, chrome: 0, paths: [], kinds: {} })]
  })
}

/** Times of minutes as ClickHouse reads them: seconds. */
function secondsOf(row: object): object {
  return 'minute' in row && typeof row.minute === 'number' ? { ...row, minute: row.minute / 1000 } : row
}

function rowOf(verdict: Verdict, told: boolean): object {
  const { minute, usual, outage, worst, suspicious, score } = verdict
  const { reasons } = wordsOf(verdict)
  return {
    site: minute.site,
    region_code: minute.region,
    owner: minute.owner,
    window_start: new Date(minute.minute).toISOString(),
    verdict: verdict.verdict,
    outage: outage === undefined ? 0 : 1,
    told: told ? 1 : 0,
    score,
    points: worst?.points ?? 0,
    requests: minute.requests,
    usual_requests: Math.round(usual.requests),
    part: worst?.part.part ?? '',
    part_share: worst?.share ?? 0,
    part_addresses: worst?.part.addresses ?? 0,
    suspicious: suspicious.slice(0, 10).map((part) => ({ part: part.part.part, share: part.share, score: part.score })),
    signs: (worst?.signs ?? []).map(({ name, value, seen, usual: then, points }) => ({
      name,
      value,
      seen,
      usual: then,
      points,
    })),
    reasons_id: reasons.map(({ id }) => id),
    reasons_en: reasons.map(({ en }) => en),
    weights: WEIGHTS_VERSION,
  }
}
