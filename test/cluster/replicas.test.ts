// Do two replicas of a shard hold the same rows, each once, whichever of them takes the insert? On official images, where they can be pulled.
import { GenericContainer, Network, type StartedTestContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { accessFor } from '../../deploy/clickhouse/access.ts'
import { migrateCluster } from '../../deploy/clickhouse/cluster.ts'
import { SHARD_DATABASE } from '../../deploy/clickhouse/sharded.ts'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { usersXml } from '../../deploy/clickhouse/users-xml.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { silentLog } from '../../runtime/log.ts'
import { emptyEvent } from '../../schemas/event.ts'
import { insertOnce } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'

// The embedded server has no port on which another fetches its parts (replicated.test.ts), and official images cannot be pulled everywhere: so it is asked for.
const pulls = process.env.SIAGA_TEST_SERVICES === 'containers'
const version = '26.7'
const masterKey = Buffer.alloc(32, 5)
const Count = z.object({ n: z.coerce.number() })

const replicaXml = (replica: number): string => {
  const server = (nth: number) => `<replica><host>ch${nth}</host><port>9000</port></replica>`
  const shard = `<secret>rahasia</secret><shard><internal_replication>true</internal_replication>${server(1)}${server(2)}</shard>`
  return `<clickhouse><remote_servers><siaga>${shard}</siaga><siaga_1>${shard}</siaga_1></remote_servers>
    <macros><shard>1</shard><replica>r${replica}</replica></macros><interserver_http_host>ch${replica}</interserver_http_host>
    <zookeeper><node><host>zookeeper</host><port>2181</port></node></zookeeper>
    <distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl></clickhouse>`
}

describe.skipIf(!pulls)('two replicas of one shard', () => {
  const containers: StartedTestContainer[] = []
  let clients: ClickHouse[] = []
  let admins: ClickHouse[] = []
  beforeAll(async () => {
    const network = await new Network().start()
    containers.push(
      await new GenericContainer('zookeeper:3.9').withNetwork(network).withNetworkAliases('zookeeper').start(),
    )
    const users = usersXml(masterKey, { access: accessFor([], { sharded: true }), networks: ['::/0'] })
    const servers = await Promise.all(
      [1, 2].map((nth) =>
        new GenericContainer(`clickhouse/clickhouse-server:${version}`)
          .withNetwork(network)
          .withNetworkAliases(`ch${nth}`)
          .withExposedPorts(8123)
          .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: '1', TZ: 'UTC' })
          .withCopyContentToContainer([
            { content: users, target: '/etc/clickhouse-server/users.d/siaga.xml' },
            { content: replicaXml(nth), target: '/etc/clickhouse-server/config.d/siaga.xml' },
          ])
          .withWaitStrategy(Wait.forHttp('/ping', 8123))
          .start(),
      ),
    )
    containers.push(...servers)
    const as = (user: 'admin' | 'pipeline') =>
      servers.map((server) =>
        createClickHouse({
          url: `http://${server.getHost()}:${server.getMappedPort(8123)}`,
          ...clickhouseCredentials(masterKey, user),
        }),
      )
    admins = as('admin')
    clients = as('pipeline')
  }, 600_000)
  afterAll(async () => {
    await Promise.all([...clients, ...admins].map((client) => client.close()))
    await Promise.all(containers.map((container) => container.stop()))
  })

  test('all migrations apply, and once', { timeout: 300_000 }, async () => {
    const [home] = admins
    if (home === undefined) throw new Error('there is a server')
    const schema = { name: 'siaga', replicated: true, shards: [home] }
    expect((await migrateCluster(home, schema)).length).toBeGreaterThan(20)
    expect(await migrateCluster(home, schema)).toEqual([])
  })

  test('a range that one has taken is no news to the other, which has its rows', { timeout: 120_000 }, async () => {
    const range = { stream: 'copies', partition: 0, first: 0, last: 99, ingestedAt: Date.now() }
    const rows = createRowBuffer()
    for (let offset = 0; offset < 100; offset += 1)
      rows.append(
        Object.assign(emptyEvent(), {
          timestamp: range.ingestedAt,
          received_at: range.ingestedAt,
          retain_until: range.ingestedAt + 86_400_000,
          event_id: `copies-${offset}`,
          _stream: range.stream,
          _offset: offset,
        }),
        null,
      )
    rows.stamp(range.ingestedAt)
    for (const [nth, clickhouse] of clients.entries())
      await insertOnce(range, rows.view(), nth > 0, {
        clickhouse,
        database: SHARD_DATABASE,
        log: silentLog,
        isCurrent: () => true,
        heartbeat: async () => undefined,
      })
    for (const admin of admins) {
      await admin.command(`SYSTEM SYNC REPLICA ${SHARD_DATABASE}.events`)
      const [row] = await admin.rows(Count, `SELECT count() AS n FROM ${SHARD_DATABASE}.events`)
      expect(row?.n).toBe(100)
    }
  })
})
