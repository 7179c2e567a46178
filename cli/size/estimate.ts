// What machines does a load need? From what was measured; each figure says where.

/** What is to be carried. */
export interface Load {
  /** Events a second in the busiest minute. */
  readonly peak: number
  /** Events a second over a day. */
  readonly average: number
  /** How long events are kept in ClickHouse. */
  readonly days: number
  /** How long raw events are kept in Kafka. */
  readonly kafkaHours: number
  /** Copies of each topic. */
  readonly replication: number
  /** Copies of each row in ClickHouse. */
  readonly copies: number
  /** People who look at the page at one time. */
  readonly viewers: number
}

/** What one kind of process needs in all; memory and disk in bytes. */
export interface Need {
  readonly role: 'ingest' | 'process' | 'centre' | 'kafka' | 'clickhouse'
  /** How many processes, servers or brokers. */
  readonly count: number
  /** Of all of them together. */
  readonly cores: number
  readonly memory: number
  readonly disk: number
}

export interface Estimate {
  readonly needs: readonly Need[]
  /** For `kafka.partitions`. */
  readonly partitions: number
}

/** Microseconds of one core, in an ordinary hour of 2 × AMD EPYC or Intel Xeon, everything on. */
const cost = {
  /** A line that is sealed and written: 95,000 to 114,000 a second by one process (docs/adr/0026). */
  collect: 10.5,
  /** Parse to row: 9.0 (docs/adr/0043), 19 % for the rules (README), as much again for enriching many sources. */
  process: 15,
  /** Landing with its merges at 10,000 events a second and one partition (docs/adr/0041). */
  land: 45,
  /** A record to each copy: 0.7 as it was prototyped, with zstd made anew by the broker. */
  kafka: 2.5,
} as const

/** What each partition beyond the first adds to landing, in cores (docs/adr/0041: 0.45, 0.49, 0.98 for 1, 2 and 4). */
const PARTITION_CORES = 0.18
/** Questions of a situation room beside landing (docs/adr/0042): two cores answer 25 questions at p95 148 ms. */
const QUESTION_CORES = 2
/** The page, alerts and the schedule at 5,000 events a second with 300 viewers, and with none (docs/adr/0043). */
const CENTRE_CORES = { base: 0.2, viewer: 0.11 / 300 } as const

/** The slowest hours seen took twice the time of an ordinary one (README), and a core that is busy to the last makes events wait. */
const RESERVE = 2 / 0.7

const MiB = 1024 ** 2
const GiB = 1024 ** 3
const memory = {
  /** 166 MB at 10,000 lines a second (docs/adr/0043), and bodies under way. */
  ingest: 256 * MiB,
  /** 564 MB for two with our rules (README), parent included. */
  worker: 320 * MiB,
  /** 290 MB with 300 viewers (docs/adr/0043), and exports and PDF. */
  centre: 640 * MiB,
  broker: 1 * GiB,
  /** As the embedded server is sized; people's questions take half of it. */
  clickhouse: 4 * GiB,
} as const

/** Bytes of an event of 212 bytes on disk: `events` and all rollups, packed; before the third day; in Kafka, compressed. */
const disk = {
  /** 162.0 and 45.5 of a made election year (`npm run bench -- queries --events 100000000`, 2026-11-29). */
  packed: 208,
  /** 200 where packed events had 114 (docs/adr/0036). */
  fresh: 365,
  raw: 90,
} as const
const FRESH_DAYS = 3
/** ClickHouse merges into new parts beside the old ones; Kafka and ClickHouse stop on a full disk. */
const DISK_RESERVE = 1.4
const DAY_S = 86_400

/** Adds it all up. Cores are rounded up to halves, memory and disk are not rounded. */
export function estimate(load: Load): Estimate {
  const busy = (microseconds: number) => (load.peak * microseconds * RESERVE) / 1_000_000
  // Two at least: while one ends, the other lands.
  const workers = Math.max(2, Math.ceil(busy(cost.process)))
  const collectors = Math.max(2, Math.ceil(busy(cost.collect)))
  const landing = busy(cost.land) + (workers - 1) * PARTITION_CORES * RESERVE
  const servers = Math.max(1, load.copies)
  const kept =
    load.average *
    DAY_S *
    (Math.min(FRESH_DAYS, load.days) * disk.fresh + Math.max(0, load.days - FRESH_DAYS) * disk.packed)
  const raw = load.average * load.kafkaHours * 3_600 * disk.raw * load.replication
  const need = (role: Need['role'], count: number, cores: number, bytes: number, diskBytes = 0): Need => ({
    role,
    count,
    cores: Math.ceil(cores * 2) / 2,
    memory: bytes,
    disk: diskBytes * DISK_RESERVE,
  })
  return {
    partitions: workers,
    needs: [
      need('ingest', collectors, busy(cost.collect), collectors * memory.ingest),
      need('process', workers, busy(cost.process), workers * memory.worker),
      need('centre', 1, (CENTRE_CORES.base + load.viewers * CENTRE_CORES.viewer) * RESERVE, memory.centre, 10 * GiB),
      need(
        'kafka',
        Math.max(load.replication, 1),
        busy(cost.kafka) * load.replication,
        load.replication * memory.broker,
        raw,
      ),
      need(
        'clickhouse',
        servers,
        (landing + QUESTION_CORES) * servers,
        servers * Math.max(memory.clickhouse, landing * GiB),
        kept * servers,
      ),
    ],
  }
}
