// Does a cluster land what it accepted exactly once, whichever part of it is away? The body of the fault test on two shards and three brokers.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { migrateCluster } from '../../deploy/clickhouse/cluster.ts'
import { SHARD_DATABASE } from '../../deploy/clickhouse/sharded.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type Cluster, startCluster } from '../cluster/services.ts'
import { exactlyOnceUnderKills, type FaultPlan, ledgerOf, settled } from './exactly-once.ts'
import { push, type Rig, startRig } from './rig.ts'

export interface ClusterRig {
  readonly cluster: Cluster
  readonly rig: Rig
  stop(): Promise<void>
}

/** Two shards, three brokers, two workers. */
export async function startClusterRig(): Promise<ClusterRig> {
  const cluster = await startCluster({ shards: 2, brokers: 3 })
  try {
    await migrateCluster(cluster.home, cluster.schema())
    const rig = await startRig({ cluster })
    return {
      cluster,
      rig,
      async stop() {
        await rig.stop()
        await cluster.stop()
      },
    }
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** Waits until every partition has all its copies in step, those of commits too: three brokers killed within a second are more than copies promise to survive. */
async function inStep({ admin }: Rig): Promise<void> {
  const all = async () => (await admin.describe([topics.raw, topics.findings, '__consumer_offsets'])).topics
  const isWhole = async () => {
    const found = await all().catch(() => [])
    return (
      found.length > 1 &&
      found.every(({ partitions }) =>
        partitions.every(({ inSync, leader, replicas }) => inSync === replicas && leader >= 0),
      )
    )
  }
  for (const end = Date.now() + 60_000; !(await isWhole()) && Date.now() < end; ) await sleep(250)
}

/** As on one server, with both shards and all brokers among the victims; of the brokers one at a time, as their copies promise. */
export async function exactlyOnceOnCluster({ cluster, rig }: ClusterRig, plan: FaultPlan): Promise<void> {
  const { nodes } = cluster
  type Victim = [string, () => void | Promise<void>]
  const victims = Object.fromEntries(
    nodes.flatMap(({ clickhouse, kafka }, index): Victim[] => [
      ...(clickhouse ? [[`shard ${index + 1}`, () => clickhouse.kill('SIGKILL')] satisfies Victim] : []),
      ...(kafka ? [[`broker ${index + 1}`, () => inStep(rig).then(() => kafka.kill('SIGKILL'))] satisfies Victim] : []),
    ]),
  )
  await exactlyOnceUnderKills(rig, { victims, ...plan })
  await expectPlaces({ cluster, rig })
}

const Place = z.object({ partition: z.coerce.number(), shard: z.coerce.number() })

/** Every partition is recorded once, both shards have some, and rows lie where it is recorded. */
async function expectPlaces({ cluster }: Pick<ClusterRig, 'cluster' | 'rig'>): Promise<Map<number, number>> {
  const recorded = await cluster.home.rows(
    Place,
    'SELECT partition, shard FROM siaga.partition_shards ORDER BY partition',
  )
  expect(new Set(recorded.map(({ partition }) => partition)).size).toBe(recorded.length)
  const counts = [1, 2].map((nth) => recorded.filter(({ shard }) => shard === nth).length)
  expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0)), JSON.stringify(recorded)).toBeLessThanOrEqual(1)
  for (const [index, admin] of cluster.admins.entries()) {
    const there = await admin.rows(
      Place,
      `SELECT DISTINCT _partition AS partition, ${index + 1} AS shard FROM ${SHARD_DATABASE}.events ORDER BY partition`,
    )
    const mine = recorded.filter(({ shard }) => shard === index + 1).map(({ partition }) => partition)
    for (const { partition } of there) expect(mine).toContain(partition)
  }
  return new Map(recorded.map(({ partition, shard }) => [partition, shard]))
}

const Landed = z.object({ n: z.coerce.number() })

/** While one shard is away for long, whatever lands on the other lands; the rest lands when it is back. */
export async function othersGoOn(rigs: ClusterRig, events: number): Promise<void> {
  const { cluster, rig } = rigs
  const deadline = Date.now() + 150_000
  const lines = (run: string) => Array.from({ length: events }, (_, i) => `${run}-${i} level=info`)
  /** In parts, each with a key of its own: they spread over the partitions. */
  const send = async (run: string): Promise<void> => {
    const all = lines(run)
    for (let at = 0; at < all.length; at += 50) await push(rig, `${run}-${at}`, all.slice(at, at + 50), deadline)
  }
  await send('before')
  await settled(rig, 'before-', events, deadline)
  const places = await expectPlaces(rigs)
  expect(places.size).toBe(4)
  const second = cluster.nodes[1]?.clickhouse
  const offsets = async (): Promise<Map<number, number>> =>
    new Map((await rig.admin.offsets('siaga.raw')).map(({ partition, high }) => [partition, high]))
  await second?.stop()
  const from = await offsets()
  await send('during')
  const to = await offsets()
  const onFirst = [...places].filter(([, shard]) => shard === 1).map(([partition]) => partition)
  const expected = onFirst.reduce((sum, partition) => sum + (to.get(partition) ?? 0) - (from.get(partition) ?? 0), 0)
  expect(expected).toBeGreaterThan(0)
  expect(expected).toBeLessThan(events)
  const landedOnFirst = async (): Promise<number> => {
    const [row] = await cluster.home.rows(
      Landed,
      `SELECT count() AS n FROM ${SHARD_DATABASE}.events WHERE startsWith(message, 'during-')`,
    )
    return row?.n ?? 0
  }
  while ((await landedOnFirst()) < expected && Date.now() < deadline) await sleep(100)
  expect(await landedOnFirst()).toBe(expected)
  await second?.restart()
  await settled(rig, 'during-', events, deadline)
  for (const run of ['before-', 'during-'])
    expect(await ledgerOf(rig, run)).toEqual({ rows: events, numbers: events, offsets: events })
  await expectPlaces(rigs)
}
