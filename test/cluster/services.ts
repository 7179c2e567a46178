// What do the tests of a cluster run against? Several real ClickHouse servers as shards, several real brokers, all on this machine.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseCluster } from '../../deploy/clickhouse/cluster.ts'
import type { RoomScope } from '../../deploy/clickhouse/rooms.ts'
import { SHARD_DATABASE } from '../../deploy/clickhouse/sharded.ts'
import { clickhouseCredentials, clickhousePassword } from '../../deploy/clickhouse/users.ts'
import { type EmbeddedServices, startEmbedded } from '../../deploy/embedded/index.ts'
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { type EventStores, shardedEventStores } from '../../sinks/clickhouse/event-stores.ts'
import type { OwnServices } from '../services.ts'
import { startZooKeeper } from './zookeeper.ts'

export type Cluster = Awaited<ReturnType<typeof startCluster>>

/** The first server and all brokers, as tests of one server know them; they go with the cluster. */
export function ownServicesOf({ masterKey, dataDir, brokers, nodes }: Cluster): OwnServices {
  const [first] = nodes
  if (first?.clickhouse === undefined) throw new Error('a cluster has a server')
  return {
    brokers,
    clickhouse: {
      url: first.clickhouse.url,
      users: {
        admin: clickhouseCredentials(masterKey, 'admin'),
        pipeline: clickhouseCredentials(masterKey, 'pipeline'),
        reader: clickhouseCredentials(masterKey, 'reader'),
      },
    },
    masterKey,
    dataDir,
    embedded: first,
    stop: async () => undefined,
  }
}

export interface ClusterOptions {
  readonly shards?: number
  /** None unless told. */
  readonly brokers?: number
  readonly rooms?: readonly RoomScope[]
  /** With a ZooKeeper: tables are replicated, each shard with one replica. */
  readonly replicated?: boolean
}

const NAME = 'siaga'
const rootOf = (index: number): string => `/server-${index + 1}`

/** Starts servers that know each other, without tables. The first one is `home`. */
export async function startCluster({ shards = 2, brokers = 0, rooms = [], replicated = false }: ClusterOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-cluster-'))
  const masterKey = loadMasterKey(dataDir)
  const folders = Array.from({ length: Math.max(shards, brokers) }, (_, index) => join(dataDir, `node-${index + 1}`))
  for (const folder of folders) {
    await mkdir(folder)
    await cp(join(dataDir, 'secrets'), join(folder, 'secrets'), { recursive: true })
  }
  const ports = await pickFreePorts(2 * shards + 2 * brokers)
  const tcpPorts = ports.slice(0, shards)
  const httpPorts = ports.slice(shards, 2 * shards)
  const kafkaPorts = ports.slice(2 * shards, 2 * shards + brokers)
  const controllerPorts = ports.slice(2 * shards + brokers)
  const zookeeper = replicated
    ? await startZooKeeper(
        join(dataDir, 'zookeeper'),
        tcpPorts.map((_, index) => rootOf(index)),
      )
    : undefined
  const clusterId = masterKey.toString('hex').slice(0, 22)
  const starting = folders.map((folder, index) => {
    const [httpPort, tcpPort, port] = [httpPorts[index], tcpPorts[index], kafkaPorts[index]]
    const macros = { shard: String(index + 1), replica: 'r1' }
    const keeper = zookeeper && { address: zookeeper.address, root: rootOf(index) }
    return startEmbedded({
      dataDir: folder,
      kafka: port === undefined ? undefined : { port, quorum: { nodeId: index + 1, controllerPorts, clusterId } },
      clickhouse:
        httpPort === undefined || tcpPort === undefined
          ? undefined
          : { httpPort, tcpPort, rooms, cluster: { name: NAME, shards: tcpPorts, macros, zookeeper: keeper } },
    })
  })
  const settled = await Promise.allSettled(starting)
  const nodes = settled.flatMap((one): EmbeddedServices[] => (one.status === 'fulfilled' ? [one.value] : []))
  const clients: ClickHouse[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(nodes.map((node) => node.stop()))
    await zookeeper?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const access = (user: string): ClickHouseOptions[] =>
    httpPorts.map((port) => ({
      url: `http://127.0.0.1:${port}`,
      username: user,
      password: clickhousePassword(masterKey, user),
    }))
  /** A client of each server. */
  const as = (user: string): ClickHouse[] => {
    const made = access(user).map(createClickHouse)
    clients.push(...made)
    return made
  }
  const admins = as('siaga_admin')
  const [home] = admins
  if (home === undefined) throw new Error('a cluster has a server')
  return {
    dataDir,
    masterKey,
    nodes,
    brokers: kafkaPorts.map((port) => `127.0.0.1:${port}`),
    access,
    as,
    home,
    admins,
    schema: (count = shards): ClickHouseCluster => ({
      name: NAME,
      replicated,
      onCluster: false,
      shards: admins.slice(0, count),
    }),
    stores: (user = 'siaga_pipeline', count = shards): EventStores => {
      const [first, ...others] = as(user)
      if (first === undefined) throw new Error('a cluster has a server')
      const servers = [first, ...others].slice(0, count)
      return shardedEventStores(
        first,
        servers.map((clickhouse) => ({ clickhouse, database: SHARD_DATABASE })),
      )
    },
    stop,
  }
}
