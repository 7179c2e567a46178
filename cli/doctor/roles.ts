// Do processors and collectors live, wherever they run? By who takes part in the group on Kafka, and by the heartbeats that land.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Beat, createBeatBook, hasStopped, type Instance } from '../../processors/silence/beats.ts'
import { readBeats } from '../../processors/silence/sql.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { waitingMessages } from '../start/jobs.ts'
import { duration, number } from '../terminal.ts'
import { type Examined, ok, trouble } from './examined.ts'

/** Just after a start a processor joins its group, and the first heartbeat lands, within so many milliseconds. */
const PATIENCE_MS = 20_000
const LOOK_MS = 1_000
/** So far back heartbeats are looked for: also of a collector that has died since. */
const BEATS_MS = 15 * 60_000
/** A collector whose last heartbeat landed longer ago is taken for dead, unless the configuration gives it more time. */
const LEAST_STILL_MS = 120_000

/** Who takes part in the processors' group, and what waits for it; they run here or on machines of their own. Waits a little for those that are just starting. */
export async function examineProcessors(
  admin: Pick<KafkaAdmin, 'members' | 'offsets' | 'committed'>,
  patienceMs = PATIENCE_MS,
): Promise<Examined> {
  const members = await asked(
    () => admin.members(PROCESSOR_GROUP),
    (count) => count > 0,
    patienceMs,
  )
  return judgeProcessors(members, await waitingMessages(admin))
}

export function judgeProcessors(members: number, waiting: number): Examined {
  const waits = {
    id: `${number(waiting, 'id')} pesan menunggu`,
    en: `${number(waiting)} messages wait`,
  }
  if (members > 0)
    return ok(
      'processors',
      `${number(members, 'id')} pekerja dalam grup ${PROCESSOR_GROUP}, ${waits.id}`,
      `${number(members)} workers in group ${PROCESSOR_GROUP}, ${waits.en}`,
    )
  return trouble(
    'processors',
    'wrong',
    {
      id: `tidak ada pemroses dalam grup ${PROCESSOR_GROUP}, ${waits.id}`,
      en: `no processor in group ${PROCESSOR_GROUP}, ${waits.en}`,
    },
    {
      id: 'Jalankan siaga process (atau siaga start dengan processors.workers lebih dari 0) dan baca lognya: tanpa pemroses tidak ada yang sampai ke ClickHouse. Yang menunggu tetap di Kafka selama kafka.retention_hours.',
      en: 'Run siaga process (or siaga start with processors.workers above 0) and read its log: without it nothing reaches ClickHouse. What waits stays in Kafka for kafka.retention_hours.',
    },
  )
}

type CollectorConfig = Pick<ResolvedConfig, 'collectors'> & {
  readonly alerts: {
    readonly silence: Pick<ResolvedConfig['alerts']['silence'], 'heartbeat_seconds' | 'stopped_seconds'>
  }
}

/** Collectors by the heartbeats that landed lately. Waits a little for the first one. */
export async function examineCollectors(
  clickhouse: ClickHouse,
  config: CollectorConfig,
  { now = Date.now, patienceMs = PATIENCE_MS }: { readonly now?: () => number; readonly patienceMs?: number } = {},
): Promise<Examined[]> {
  return asked(
    async () => judgeCollectors(await readBeats(clickhouse, now() - BEATS_MS), config, now()),
    (examined) => examined.every(({ state }) => state !== 'wrong'),
    patienceMs,
  )
}

/** Heartbeats of the last quarter of an hour, oldest landing first. Where this process takes in no devices, a `siaga ingest` must live somewhere. */
export function judgeCollectors(beats: readonly Beat[], config: CollectorConfig, now: number): Examined[] {
  const { heartbeat_seconds, stopped_seconds } = config.alerts.silence
  const stillMs = Math.max(LEAST_STILL_MS, stopped_seconds * 1_000, heartbeat_seconds * 4_000)
  const book = createBeatBook(new Set(), { pauseMs: Number.POSITIVE_INFINITY, stoppedMs: stillMs })
  book.fold(beats)
  const elsewhere = !config.collectors.enabled
  const all = [...book.instances.values()].filter(({ instance }) => !elsewhere || isIngest(instance))
  // By when it landed alone: the clock of a collector may be ahead.
  const stopped = ({ landed, goodbye }: Instance): boolean => hasStopped({ landed, last: 0, goodbye }, now, stillMs)
  const live = all.filter((one) => !stopped(one))
  const ago = (landed: number): string => duration(Math.max(0, now - landed) / 1_000)
  const last = all.toSorted((a, b) => b.landed - a.landed)[0]
  if (live.length === 0)
    return [
      trouble('collectors', 'wrong', nobody(elsewhere, last, ago), {
        id: `${elsewhere ? 'Jalankan siaga ingest' : 'Jalankan siaga start atau siaga ingest'} dan baca lognya: tanpa pengumpul tidak ada log yang masuk. Bila pemroses mati atau tertinggal, benahi itu dahulu: detak pengumpul mendarat lewat pemroses.`,
        en: `${elsewhere ? 'Run siaga ingest' : 'Run siaga start or siaga ingest'} and read its log: without it no log comes in. If processors are away or behind, mend that first: heartbeats land by way of them.`,
      }),
    ]
  const newest = ago(Math.max(...live.map(({ landed }) => landed)))
  const lost = all.filter((one) => stopped(one) && !one.goodbye)
  return [
    ok(
      'collectors',
      `${number(live.length, 'id')} pengumpul hidup, detak terakhir ${newest} yang lalu`,
      `${number(live.length)} live, last heartbeat ${newest} ago`,
    ),
    ...lost.map(({ instance, landed }) =>
      trouble(
        'collectors',
        'warning',
        { id: `${instance} diam sejak ${ago(landed)} yang lalu`, en: `${instance} has been silent for ${ago(landed)}` },
        {
          id: 'Baca lognya; bila memang sudah diganti, abaikan: ia dilupakan setelah seperempat jam.',
          en: 'Read its log; if another has taken its place, leave it: it is forgotten after a quarter of an hour.',
        },
      ),
    ),
  ]
}

/** As cli/start/collectors.ts names instances: `<machine>/<role>-<port>`. */
const isIngest = (instance: string): boolean => /\/ingest-\d+$/.test(instance)

function nobody(elsewhere: boolean, last: Instance | undefined, ago: (landed: number) => string): Examined['found'] {
  const who = elsewhere ? ' (siaga ingest)' : ''
  if (last === undefined)
    return {
      id: `tidak ada detak pengumpul${who} dalam ${duration(BEATS_MS / 1_000)} terakhir`,
      en: `no heartbeat of a collector${who} in the last ${duration(BEATS_MS / 1_000)}`,
    }
  const since = ago(last.landed)
  const end = last.goodbye
    ? { id: `berhenti ${since} yang lalu`, en: `stopped ${since} ago` }
    : { id: `diam sejak ${since} yang lalu`, en: `has been silent for ${since}` }
  return {
    id: `tidak ada pengumpul${who} yang hidup; yang terakhir, ${last.instance}, ${end.id}`,
    en: `no collector${who} lives; the last one, ${last.instance}, ${end.en}`,
  }
}

/** Asks until the answer is good or the patience is at its end; the last answer. */
async function asked<T>(ask: () => Promise<T>, good: (answer: T) => boolean, patienceMs: number): Promise<T> {
  for (const end = performance.now() + patienceMs; ; await sleep(LOOK_MS)) {
    const answer = await ask()
    if (good(answer) || performance.now() >= end) return answer
  }
}
