// What is done by the clock? Disks are measured, repeats that senders made are counted, old days packed, projections completed; the consumer's lag is looked up for the status page.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import type { EventStore, EventStores } from '../../sinks/clickhouse/event-stores.ts'
import { oldDays, packDays } from '../../sinks/clickhouse/packing.ts'
import { completeProjections } from '../../sinks/clickhouse/projections.ts'
import { disksOf, type Room, roomUnder } from '../doctor/disk.ts'

const Repeats = z.object({ n: z.coerce.number() })

/** The scheduled jobs of `siaga start`. What lies in parts is looked after where it lies: a shard that is away catches up the next time. */
export function jobs(
  clickhouse: ClickHouse,
  stores: Pick<EventStores, 'all'>,
  metrics: Metrics,
  dataDir: string,
): Job[] {
  const onEach = (work: (store: EventStore) => Promise<void>): Promise<void> => eachOf(stores.all, work)
  return [
    {
      name: 'measure disks',
      when: '50 * * * * *',
      everywhere: true,
      run: () => measureDisks(stores.all, metrics, dataDir),
    },
    {
      name: 'count sender repeats',
      when: '20 * * * * *',
      // Each process tells its own metrics.
      everywhere: true,
      async run() {
        const [row] = await clickhouse.rows(
          Repeats,
          'SELECT count() - uniqExact(event_id) AS n FROM siaga.events WHERE ingested_at >= now() - INTERVAL 10 MINUTE',
        )
        metrics.repeats.set(row?.n ?? 0)
      },
    },
    {
      name: 'pack old days',
      // Two in the morning in the west of the country, four in the east.
      when: '0 0 19 * * *',
      catchUp: 'once',
      run: ({ at, signal }) =>
        onEach(async (store) => {
          const table = `${store.database}.events`
          await packDays(store.clickhouse, await oldDays(store.clickhouse, at, table), signal, table)
        }),
    },
    {
      name: 'complete projections',
      when: '0 40 * * * *',
      // What a quarter of an hour of merges has not taken is left over.
      run: ({ at, signal }) =>
        onEach((store) => completeProjections(store.clickhouse, store.database, { before: at - 900_000 }, signal)),
    },
  ]
}

/** Of a cluster every server: a partition stands still when the disk of its own is full, whatever room the others have. */
async function measureDisks(
  stores: readonly EventStore[],
  { diskFree, diskSize }: Pick<Metrics, 'diskFree' | 'diskSize'>,
  dataDir: string,
): Promise<void> {
  const tell = (disk: string, { free, total }: Pick<Room, 'free' | 'total'>): void => {
    diskFree.set({ disk }, free)
    diskSize.set({ disk }, total)
  }
  // Told before ClickHouse is asked: with a full disk it may not answer.
  tell('data_dir', await roomUnder(dataDir))
  await eachOf([...stores.entries()], async ([at, { clickhouse }]) => {
    const server = at === 0 ? 'clickhouse' : `clickhouse ${at + 1}`
    for (const { name, ...room } of await disksOf(clickhouse)) tell(`${server} ${name}`, room)
  })
}

/** One after the other; rejects with the first failure once all have been tried. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  for (const one of all) await work(one).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** Partitions of siaga.raw with messages that no worker has landed yet, and how many. */
export async function partitionsBehind(
  admin: Pick<KafkaAdmin, 'offsets' | 'committed'>,
): Promise<{ partition: number; waiting: number }[]> {
  const [offsets, committed] = await Promise.all([
    admin.offsets(topics.raw),
    admin.committed(PROCESSOR_GROUP, topics.raw),
  ])
  const done = new Map(committed.map(({ partition, offset }) => [partition, offset]))
  return offsets
    .map(({ partition, low, high }) => ({ partition, waiting: high - Math.max(low, done.get(partition) ?? low) }))
    .filter(({ waiting }) => waiting > 0)
}

/** Messages of siaga.raw that no worker has landed yet. */
export async function waitingMessages(admin: Pick<KafkaAdmin, 'offsets' | 'committed'>): Promise<number> {
  const behind = await partitionsBehind(admin)
  return behind.reduce((sum, { waiting }) => sum + waiting, 0)
}
