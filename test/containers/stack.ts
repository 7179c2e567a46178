// What do the container tests run against? Every role of Siaga from its image, beside Kafka and ClickHouse, on a network of their own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { type Engine, type Images, labels, lastWords, NAME_LABEL, ReadOnlyContainer, sweep } from './engine.ts'
import { waitFor } from './ledger.ts'
import { clickhouseContainer, kafkaContainer, LOGIN, writeMounts } from './parts.ts'
import { startReceiver } from './receiver.ts'

export type Stack = Awaited<ReturnType<typeof startStack>>
export type Name = 'migrate' | 'kafka' | 'clickhouse' | 'centre' | 'ingest' | 'processor-1' | 'processor-2'

/** Siaga's user in its image. */
export const UID = 10_001
const READY_MS = 240_000
/** Starts everything; if a part does not come up, what was started goes, and the error has the end of that part's output. */
export async function startStack(engine: Engine, images: Images) {
  const { dockerode } = engine.container
  await sweep(engine, false)
  const folder = await mkdtemp(join(tmpdir(), 'siaga-containers-'))
  const ending: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const stop = async (): Promise<void> => {
    for (const end of ending.splice(0).reverse()) await end()
  }
  const containers = new Map<Name, StartedTestContainer>()
  try {
    ending.push(() => sweep(engine, true))
    const network = `siaga-test-${process.pid}`
    await dockerode.createNetwork({ Name: network, Driver: 'bridge', Labels: labels })
    const { IPAM } = await dockerode.getNetwork(network).inspect()
    const gateway = IPAM?.Config?.[0]?.Gateway ?? ''
    const receiver = await startReceiver(gateway)
    ending.push(() => receiver.close())
    await writeMounts(folder, receiver.url)
    const [kafkaPort = 0, clickhousePort = 0, ingestPort = 0, ...metricsPorts] = await pickFreePorts(5)
    const { host } = engine.info.containerRuntime

    const services: [Name, GenericContainer][] = [
      ['kafka', kafkaContainer(images.kafka, host, kafkaPort)],
      ['clickhouse', clickhouseContainer(images.clickhouse, clickhousePort)],
    ]
    const start = async (name: Name, container: GenericContainer): Promise<void> => {
      const readied = container
        .withNetworkMode(network)
        .withNetworkAliases(name)
        .withLabels({ ...labels, [NAME_LABEL]: name })
        .withAutoRemove(false)
        .withStartupTimeout(READY_MS)
      try {
        containers.set(name, await readied.start())
      } catch (cause) {
        throw new Error(`${name} did not come up:\n${await lastWords(engine, name)}`, { cause })
      }
    }
    await Promise.all(services.map(([name, container]) => start(name, container)))

    const role = async (
      name: string,
      command: string[],
      environment: Record<string, string>,
      ports: Record<string, number>,
    ) => {
      const volume = await dockerode.createVolume({ Labels: labels })
      return new ReadOnlyContainer(images.siaga)
        .withReadOnlyRoot()
        .withCommand(command)
        .withTmpFs({ '/tmp': 'rw,mode=1777' })
        .withDroppedCapabilities('ALL')
        .withSecurityOpt('no-new-privileges')
        .withHostname(name)
        .withBindMounts([
          { source: volume.name, target: '/var/lib/siaga' },
          { source: join(folder, 'etc'), target: '/etc/siaga', mode: 'ro' },
          { source: join(folder, 'secrets'), target: '/run/secrets', mode: 'ro' },
        ])
        .withEnvironment({
          KAFKA_BROKERS: 'kafka:9092',
          CLICKHOUSE_URL: 'http://clickhouse:8123',
          CLICKHOUSE_USER: LOGIN.username,
          CLICKHOUSE_PASSWORD_FILE: '/run/secrets/clickhouse.password',
          SIAGA_MASTER_KEY_FILE: '/run/secrets/master.key',
          SIAGA_METRICS_FROM: '0.0.0.0/0',
          ...environment,
        })
        .withExposedPorts(...Object.entries(ports).map(([port, onHost]) => ({ container: Number(port), host: onHost })))
        .withWaitStrategy(Wait.forHealthCheck())
    }
    const migrate = (await role('migrate', ['migrate'], {}, {})).withWaitStrategy(Wait.forOneShotStartup())
    await start('migrate', migrate)
    const workers = { SIAGA_WORKERS: '1' }
    await start('centre', await role('centre', ['start'], { SIAGA_WORKERS: '0', SIAGA_COLLECTORS: '0' }, {}))
    await Promise.all([
      start('ingest', await role('ingest', ['ingest'], {}, { 8080: ingestPort })),
      start('processor-1', await role('processor-1', ['process'], workers, { 9464: metricsPorts[0] ?? 0 })),
      start('processor-2', await role('processor-2', ['process'], workers, { 9464: metricsPorts[1] ?? 0 })),
    ])

    const of = (name: Name): StartedTestContainer => {
      const container = containers.get(name)
      if (container === undefined) throw new Error(`${name} was not started`)
      return container
    }
    const handle = (name: Name) => dockerode.getContainer(of(name).getId())
    const clickhouse = createClickHouse({ url: `http://${host}:${clickhousePort}`, ...LOGIN })
    ending.push(() => clickhouse.close())
    const kafka = createKafka({ brokers: [`${host}:${kafkaPort}`], clientId: 'test', log: silentLog })
    const key = (await inside(of('ingest'), 'siaga', 'keys', 'create', 'web')).trim()
    return {
      gateway,
      receiver,
      clickhouse,
      kafka,
      key,
      url: `http://${host}:${ingestPort}`,
      stop,
      /** Runs a command in a role's container; its standard output. Throws if it fails. */
      run: (name: Name, ...command: string[]) => inside(of(name), ...command),
      exec: (name: Name, ...command: string[]) => of(name).exec(command),
      execAs: (user: string, name: Name, ...command: string[]) => of(name).exec(command, { user }),
      /** Sums of counters over both processors, by name. */
      async metrics(): Promise<(name: string) => number> {
        const texts = await Promise.all(
          metricsPorts.map(async (port) => (await fetch(`http://${host}:${port}/metrics`)).text()),
        )
        const lines = texts.join('\n').split('\n')
        return (name) =>
          lines
            .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
            .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
      },
      /** Older runc gives up where a process does not stop at once ("unable to freeze"). */
      pause: (name: Name) =>
        waitFor(`${name} cannot be paused`, async () => {
          await handle(name).pause()
          return true
        }),
      unpause: (name: Name) => handle(name).unpause(),
      kill: (name: Name) => handle(name).kill(),
      /** Starts one that was killed or stopped; resolves when it is healthy again, where its image can tell. */
      async revive(name: Name): Promise<void> {
        await handle(name).start()
        const until = Date.now() + READY_MS
        while (Date.now() < until) {
          const { Health } = (await handle(name).inspect()).State
          if (Health === undefined || Health.Status === 'healthy') return
          await sleep(200)
        }
        throw new Error(`${name} is not healthy again:\n${await lastWords(engine, name)}`)
      },
      cutOff: (name: Name) => dockerode.getNetwork(network).disconnect({ Container: of(name).getId() }),
      putBack: (name: Name) =>
        dockerode.getNetwork(network).connect({ Container: of(name).getId(), EndpointConfig: { Aliases: [name] } }),
      /** SIGTERM, and SIGKILL after `seconds`; answers the exit code. */
      async end(name: Name, seconds: number): Promise<number> {
        await handle(name).stop({ t: seconds })
        return (await handle(name).inspect()).State.ExitCode
      },
      inspect: (name: Name) => handle(name).inspect(),
      lastWords: (name: Name) => lastWords(engine, name),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Standard output of a command in a container; throws if it fails. */
async function inside(container: StartedTestContainer, ...command: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await container.exec(command)
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: exit ${exitCode}: ${stderr || stdout}`)
  return stdout
}
