// Does docs/operations.md tell how a cluster of ClickHouse is set up? Its own lines, on two servers in containers: users, tables, and what a room sees of both shards.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { blockMarked } from '../docs/markdown.ts'
import { type Engine, findEngine, findImages, labels, sweep } from './engine.ts'
import { waitFor } from './ledger.ts'
import { clickhouseContainer, kafkaContainer, LOGIN } from './parts.ts'

const found = await findEngine()
const missing = 'missing' in found ? found.missing : undefined
const execute = promisify(execFile)

/** The block of the document that is marked so. */
const shown = (mark: string): string => blockMarked('docs/operations.md', `cluster ${mark}`)
const more = `http: {host: 0.0.0.0}
sources: [{id: web, format: nginx, region: "32.04", owner: pemda}]
rooms: [{id: jabar, region: "32", owner: pemda}, {id: aceh, region: "11", owner: pemda}]
`
const Rows = z.object({ rows: z.coerce.number() })
const REQUESTS = 64
/** Of the network, and of Siaga's container. */
const name = `siaga-cluster-${process.pid}`

describe.skipIf(missing !== undefined)(
  `a cluster of ClickHouse by the document${missing === undefined ? '' : `: skipped, ${missing}`}`,
  () => {
    let engine: Engine
    let folder: string
    let options: string[]
    let addresses: string[]
    let servers: ClickHouse[]

    beforeAll(async () => {
      if ('missing' in found) return
      engine = found.engine
      await sweep(engine, false)
      const images = await findImages(engine)
      folder = await mkdtemp(join(tmpdir(), 'siaga-cluster-'))
      await chmod(folder, 0o755)
      for (const part of ['config.d', 'users.d', 'etc', 'secrets', 'work']) await mkdir(join(folder, part))
      // Each writes as the user of its image.
      await chmod(join(folder, 'work'), 0o777)
      const files: Record<string, string> = {
        'config.d/cluster.xml': shown('servers'),
        // One broker is all that there is here.
        'etc/siaga.yaml': shown('settings').replace('replication: 3', 'replication: 1') + more,
        'secrets/master.key': `${randomBytes(32).toString('base64')}\n`,
      }
      for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text, { mode: 0o644 })

      await engine.container.dockerode.createNetwork({ Name: name, Driver: 'bridge', Labels: labels })
      const mounts = { etc: '/etc/siaga:ro', secrets: '/run/secrets:ro', work: '/work' }
      options = [
        ...['--network', name, '--read-only', '--tmpfs', '/tmp', '--workdir', '/work'],
        ...Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]),
        ...Object.entries(mounts).flatMap(([from, to]) => ['--volume', `${join(folder, from)}:${to}`]),
        ...['--env', 'KAFKA_BROKERS=kafka:9092', '--env', 'SIAGA_MASTER_KEY_FILE=/run/secrets/master.key'],
        ...['--env', 'SIAGA_CONFIG=/etc/siaga/siaga.yaml'],
      ]
      await run(shown('users').replace('10.32.9.0/24', '0.0.0.0/0'))
      await copyFile(join(folder, 'work/siaga.xml'), join(folder, 'users.d/siaga.xml'))
      const [first = 0, second = 0, kafka = 0] = await pickFreePorts(3)
      const { host } = engine.info.containerRuntime
      const configuration = ['config.d', 'users.d'].map((part) => ({
        source: join(folder, part),
        target: `/etc/clickhouse-server/${part}`,
        mode: 'ro' as const,
      }))
      const parts = [
        { alias: 'kafka', container: kafkaContainer(images.kafka, host, kafka) },
        ...[first, second].map((port, index) => ({
          alias: `ch${index + 1}.internal`,
          container: clickhouseContainer(images.clickhouse, port).withBindMounts(configuration),
        })),
      ]
      await Promise.all(
        parts.map(({ alias, container }) =>
          container
            .withNetworkMode(name)
            .withNetworkAliases(alias)
            .withHostname(alias)
            .withLabels(labels)
            .withAutoRemove(false)
            .start(),
        ),
      )
      addresses = [first, second].map((port) => `http://${host}:${port}`)
      servers = addresses.map((url) => createClickHouse({ url, ...LOGIN }))
    })
    afterAll(async () => {
      await Promise.all((servers ?? []).map((server) => server.close()))
      if (engine !== undefined) await sweep(engine, true)
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    })

    const docker = async (...args: string[]): Promise<string> => (await execute('docker', args)).stdout
    /** A block of the document, in a container of its own. */
    const run = (text: string): Promise<string> =>
      docker('run', '--rm', ...options, '--entrypoint', 'sh', 'siaga:local', '-e', '-c', text)

    test('tables are made; Siaga runs on them and finds everything in order', async () => {
      await run(shown('tables'))
      const data = ['--tmpfs', '/var/lib/siaga:uid=10001,gid=10001,mode=700']
      await docker(
        'run',
        '--detach',
        '--name',
        name,
        '--publish',
        '127.0.0.1::8080',
        ...data,
        ...options,
        'siaga:local',
        'start',
      )
      const port = (await docker('port', name, '8080')).trim()
      await waitFor('it is not ready', async () => (await fetch(`http://${port}/readyz`)).ok)
      await docker('exec', name, ...shown('doctor').trim().split(' '))
    })

    test('events land on both shards, once; a room sees its own at the first server, of both', async () => {
      const port = (await docker('port', name, '8080')).trim()
      const key = (await docker('exec', name, 'siaga', 'keys', 'create', 'web')).trim()
      const post = async (n: number): Promise<number> => {
        const body = `198.51.100.${n} - - [30/Nov/2026:00:00:00 +0000] "GET /${n} HTTP/1.1" 200 5 "-" "uji"`
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain' }
        return (await fetch(`http://${port}/v1/events/web`, { method: 'POST', headers, body })).status
      }
      // A new key is known within a second.
      await waitFor('the key is not known', async () => (await post(0)) === 202)
      for (let n = 1; n < REQUESTS; n += 1) expect(await post(n)).toBe(202)
      const rowsOf = async (server: ClickHouse | undefined, table: string): Promise<number> =>
        (await server?.rows(Rows, `SELECT count() AS rows FROM ${table} WHERE source_id = 'web'`))?.[0]?.rows ?? -1
      await waitFor('not everything has landed', async () => (await rowsOf(servers[0], 'siaga.events')) >= REQUESTS)
      const [first, second] = await Promise.all(servers.map((server) => rowsOf(server, 'siaga_shard.events')))
      expect((first ?? 0) + (second ?? 0)).toBe(REQUESTS)
      expect(Math.min(first ?? 0, second ?? 0)).toBeGreaterThan(0)
      for (const [room, rows] of [
        ['jabar', REQUESTS],
        ['aceh', 0],
      ] as const) {
        const password = (await docker('exec', name, 'siaga', 'access', 'password', room)).trim()
        const user = createClickHouse({ url: addresses[0] ?? '', username: `siaga_room_${room}`, password })
        expect(await rowsOf(user, 'siaga.events'), room).toBe(rows)
        await user.close()
      }
    })
  },
)
