// Where do tests run the units for systemd? On a server of their own: a container with systemd as its first process, Siaga mounted at /opt/siaga, Kafka and ClickHouse beside it.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from '../../deploy/embedded/kafka-jars.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { root } from '../docs/markdown.ts'
import { type Engine, findServiceImages, findSystemd, labels, NAME_LABEL, sweep } from './engine.ts'
import { waitFor } from './ledger.ts'
import { clickhouseContainer, kafkaContainer, LOGIN } from './parts.ts'

const execute = promisify(execFile)
const MAX_BUFFER = 64 * 1024 * 1024

/** What systemd needs beyond a container's usual: mounts for its sandboxes, the buffer of a socket, a look at other users' processes. */
const CAPABILITIES = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE'] as const

// The disk on which the unit of the back-up puts tables of a ClickHouse of one's own (deploy/systemd/roles).
const BACKUPS_XML = `<clickhouse>
  <storage_configuration><disks><backups><type>local</type><path>/var/lib/clickhouse/backups/</path></backups></disks></storage_configuration>
  <backups><allowed_disk>backups</allowed_disk></backups>
</clickhouse>
`

export interface Machine {
  /** Where this machine reaches it, and by which address it sees this machine. */
  readonly address: string
  readonly gateway: string
  /** A script of root's, in /srv; standard output. Rejects with all output and the end of the journal if it fails. */
  shell(script: string): Promise<string>
  /** Writes a file, with options of install(1); its folder is there. */
  write(path: string, text: string, options?: string): Promise<void>
  /** Starts Kafka and ClickHouse, for the machine at kafka:9092 and clickhouse:8123. */
  startServices(): Promise<{ readonly kafka: KafkaClient; readonly clickhouse: ClickHouse }>
  stop(): Promise<void>
}

export async function startMachine(engine: Engine): Promise<Machine> {
  const { dockerode } = engine.container
  await sweep(engine, false)
  const ending: (() => Promise<unknown>)[] = [() => sweep(engine, true)]
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).reverse()) await end()
  }
  try {
    const [image, services] = [await findSystemd(engine), await findServiceImages(engine)]
    const network = `siaga-test-systemd-${process.pid}`
    await dockerode.createNetwork({ Name: network, Driver: 'bridge', Labels: labels })
    const id = await runMachine(image, network)
    const { NetworkSettings } = await dockerode.getContainer(id).inspect()
    const { IPAddress: address = '', Gateway: gateway = '' } = NetworkSettings.Networks[network] ?? {}

    const inside = async (options: readonly string[], ...command: string[]): Promise<string> =>
      (await execute('docker', ['exec', ...options, id, ...command], { maxBuffer: MAX_BUFFER })).stdout
    const shell = async (script: string): Promise<string> => {
      try {
        return await inside(['--workdir', '/srv'], 'bash', '-euo', 'pipefail', '-c', script)
      } catch (cause) {
        const journal = await inside([], 'journalctl', '--no-pager', '--lines', '200').catch(String)
        const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : ''
        throw new Error(`${script}\n${said}\n${journal}`, { cause })
      }
    }
    await waitFor('systemd is not up', async () =>
      /^(?:running|degraded)$/.test((await inside([], 'sh', '-c', 'systemctl is-system-running || true')).trim()),
    )
    const startServices = async () => {
      const folder = await mkdtemp(join(tmpdir(), 'siaga-systemd-'))
      ending.unshift(() => rm(folder, { recursive: true, force: true }))
      const [kafkaPort = 0, clickhousePort = 0] = await pickFreePorts(2)
      const { host } = engine.info.containerRuntime
      const backups = join(folder, 'backups.xml')
      await writeFile(backups, BACKUPS_XML, { mode: 0o644 })
      const containers = {
        kafka: kafkaContainer(services.kafka, host, kafkaPort),
        clickhouse: clickhouseContainer(services.clickhouse, clickhousePort).withBindMounts([
          { source: backups, target: '/etc/clickhouse-server/config.d/backups.xml', mode: 'ro' },
        ]),
      }
      await Promise.all(
        Object.entries(containers).map(([name, container]) =>
          container
            .withNetworkMode(network)
            .withNetworkAliases(name)
            .withLabels({ ...labels, [NAME_LABEL]: name })
            .withAutoRemove(false)
            .start(),
        ),
      )
      const clickhouse = createClickHouse({ url: `http://${host}:${clickhousePort}`, ...LOGIN })
      ending.push(() => clickhouse.close())
      const kafka = createKafka({ brokers: [`${host}:${kafkaPort}`], clientId: 'test', log: silentLog })
      return { kafka, clickhouse }
    }
    return {
      address,
      gateway,
      shell,
      async write(path, text, options = '-m 0644') {
        await shell(`install ${options} /dev/stdin ${path} <<'END OF FILE'\n${text}\nEND OF FILE`)
      },
      startServices,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Creates it, lays the broker's jars where Siaga's cache will be, and starts it; its id. */
async function runMachine(image: string, network: string): Promise<string> {
  const jars = dirname(await kafkaJars(() => process.stdout.write("Maven fetches the broker's jars\n")))
  const options = [
    ...CAPABILITIES.flatMap((name) => ['--cap-add', name]),
    ...['seccomp', 'apparmor'].flatMap((name) => ['--security-opt', `${name}=unconfined`]),
    ...['--cgroupns', 'private', '--tmpfs', '/run', '--tmpfs', '/run/lock'],
    ...['--network', network, '--hostname', 'server'],
    ...['--volume', `${root}:/opt/siaga:ro`],
    ...Object.entries({ ...labels, [NAME_LABEL]: 'machine' }).flatMap(([name, value]) => [
      '--label',
      `${name}=${value}`,
    ]),
  ]
  const { stdout } = await execute('docker', ['create', ...options, image])
  const id = stdout.trim()
  // A folder of Siaga's cache, which systemd gives to Siaga's user when it makes it.
  await execute('docker', ['cp', jars, `${id}:/var/cache/siaga/`])
  await execute('docker', ['start', id])
  return id
}
