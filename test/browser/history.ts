// How does a day of the past come about? Lines through the product's own parse, rules and score, landed by its own insert under past landing times.
import { join } from 'node:path'
import { emptyCounts } from '../../cli/worker/counts.ts'
import { createProcessor } from '../../cli/worker/processor.ts'
import { detectionContent, loadConfiguredRules } from '../../cli/worker/rules.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import { silentLog } from '../../runtime/log.ts'
import { encodeEnvelope, RAW_HEADER } from '../../schemas/raw-event.ts'
import { insertOnce } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { createRandom, hostLine, webLine } from './lines.ts'
import { kpuPlaces, type Place, places, silentFor } from './world.ts'

const HOUR = 3_600_000
const STREAM = 'seed'

export interface HistoryOptions {
  readonly clickhouse: ClickHouse
  readonly folder: string
  readonly dataDir: string
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  readonly hours: number
  readonly events: number
  /** Landings, evenly spread. */
  readonly pages: number
}

/** Lands a day of events up to a minute ago; answers how many. */
export async function landHistory(options: HistoryOptions): Promise<number> {
  const { clickhouse, folder, dataDir, now, hours, events, pages } = options
  const { config, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: dataDir }, cwd: folder })
  const buffer = createRowBuffer()
  const { process: take } = createProcessor({
    config,
    baseDir,
    cacheDir: join(dataDir, 'cache'),
    detection: detectionContent(loadConfiguredRules(config, baseDir)),
    log: silentLog,
  })
  const page = {
    writer: { stream: STREAM, append: buffer.append, accept: () => undefined },
    deadLetters: [],
    findings: [],
    counts: emptyCounts(),
  }
  const random = createRandom(20_261_128)
  const from = now - hours * HOUR
  const step = (hours * HOUR) / pages
  let offset = 0
  for (let i = 0; i < pages; i += 1) {
    const landed = Math.min(now - 60_000, from + (i + 1) * step)
    const first = offset
    buffer.clear()
    const wanted = Math.round((events / pages) * dayShape(landed))
    for (let n = 0; n < wanted; n += 1) {
      const at = landed - 2_000 - random() * (step - 2_000)
      const line = drawLine(random, at, now)
      if (line === undefined) continue
      const { source, text } = line
      const header = encodeEnvelope({
        source,
        format: '',
        receivedAt: Math.round(at) + 300,
        peer: '10.9.8.7',
        id: `seed-${offset}`,
        hash: '',
        marks: '',
      })
      take(
        {
          value: Buffer.from(text),
          key: null,
          headers: {},
          offset,
          header: (name) => (name === RAW_HEADER ? header : undefined),
        },
        0,
        page,
      )
      offset += 1
    }
    page.deadLetters.length = 0
    page.findings.length = 0
    if (offset === first) continue
    buffer.stamp(Math.round(landed))
    const range = { stream: STREAM, partition: 0, first, last: offset - 1, ingestedAt: Math.round(landed) }
    await insertOnce(range, buffer.view(), false, {
      clickhouse,
      log: silentLog,
      isCurrent: () => true,
      heartbeat: async () => undefined,
    })
  }
  return offset
}

/** Quiet at night, two humps by day; about 1 in the mean. WIB. */
function dayShape(at: number): number {
  const hour = (at / HOUR + 7) % 24
  return 0.25 + 0.95 * Math.exp(-(((hour - 10) / 3.5) ** 2)) + 1.3 * Math.exp(-(((hour - 19) / 3) ** 2))
}

const whole = places.reduce((sum, { weight }) => sum + weight, 0)

function placeFor(share: number): Place | undefined {
  let left = share * whole
  return places.find(({ weight }) => {
    left -= weight
    return left <= 0
  })
}

function drawLine(random: () => number, at: number, now: number): { source: string; text: string } | undefined {
  const place = placeFor(random())
  if (place === undefined) return undefined
  const silent = silentFor[place.code.slice(0, 2)] ?? 0
  if (at > now - silent * HOUR) return undefined
  const kpu = kpuPlaces.includes(place) && random() < 0.25
  // Attackers have favourites.
  const share = ['32', '31', '73', '00'].includes(place.code) ? 0.09 : 0.02
  return kpu
    ? { source: `kpu-${place.code}`, text: hostLine(random, place, at) }
    : { source: place.source, text: webLine(random, place, at, share) }
}
