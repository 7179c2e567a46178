// How do tests run deploy/compose/compose.yaml? By the compose CLI, as a project of its own with networks and ports that nobody else has, with images that are here.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { selfSignedCertificate } from '../../ingest/syslog/certificate.ts'
import { blockMarked, root } from '../docs/markdown.ts'
import type { Images } from './engine.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const execute = promisify(execFile)
const MAX_BUFFER = 64 * 1024 * 1024
const START_MS = 15 * 60_000

/** Without Grafana: its image cannot be made of what Debian and npm have; its files are tested by themselves (test/deploy/grafana.test.ts, prometheus.test.ts). */
const services = ['edge', 'ingest-1', 'ingest-2', 'process', 'centre', 'prometheus'] as const

export interface Project {
  readonly receiver: Receiver
  /** What the commands that begin said: the log of the centre, then the first key. */
  readonly greeting: string
  /** `docker compose …` in this project; standard output. Rejects if it fails. */
  compose(...args: string[]): Promise<string>
  /** Lines of a shell in the folder of the compose file, as the handbook shows them. Rejects with what they wrote if one fails. */
  shell(text: string): Promise<string>
  /** A command in a container of a service. */
  inside(service: string, ...command: string[]): Promise<string>
  /** Where a service's port is reached from this machine, as host:port. */
  address(service: string, port: number): Promise<string>
  /** The authority to trust at the edge. */
  readonly certificate: string
  /** Starts what is left, and waits until it is healthy. */
  up(...args: string[]): Promise<void>
  /** The document's commands that have back-ups written into folders, here of the test's own. */
  folders(): Promise<void>
  /** What an operator has after a total loss: the folder, its secrets, and the folders of the back-ups with their lines in `.env`. */
  loseEverything(): Promise<void>
  /** The document's commands that bring the back-up of this time back, and start what is started here. */
  restore(time: string): Promise<void>
  /** Removes containers, networks, volumes and files. */
  stop(): Promise<void>
}

/** Why compose cannot be used; undefined if it can. */
export async function composeMissing(): Promise<string | undefined> {
  try {
    await execute('docker', ['compose', 'version'])
    return undefined
  } catch {
    return 'the compose CLI (docker compose) is not installed'
  }
}

const PROJECT = /^siaga-test-(\d+)$/
const Listed = z.array(z.object({ Name: z.string() }))

/** Takes down projects of runs whose process has ended. */
async function sweep(): Promise<void> {
  const { stdout } = await execute('docker', ['compose', 'ls', '--all', '--format', 'json'])
  for (const { Name } of Listed.parse(JSON.parse(stdout))) {
    const pid = PROJECT.exec(Name)?.[1]
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      await execute('docker', ['compose', '--project-name', Name, 'down', '--volumes', '--remove-orphans'])
  }
}

/** The block of the document that is marked so. */
const shown = (mark: string): string => blockMarked('docs/operations.md', `compose ${mark}`)

/** A copy of what an operator has, since secrets and `.env` are made in it. Answers the folder of the compose file. */
async function copyOfDeploy(work: string): Promise<string> {
  for (const name of ['compose', 'prometheus', 'grafana'])
    await cp(join(root, 'deploy', name), join(work, 'deploy', name), { recursive: true })
  const folder = join(work, 'deploy/compose')
  // Not of whoever works in this tree.
  for (const own of ['.env', 'secrets']) await rm(join(folder, own), { recursive: true, force: true })
  return folder
}

/**
 * Brings the whole topology up as docs/operations.md tells, TLS at the edge too; alerts are told to a receiver on this machine. `yaml` is siaga.yaml, given
 * the receiver's address.
 */
export async function startProject(
  images: Images & { readonly edge: string; readonly prometheus: string },
  yaml: (webhook: string, edgeNetwork: string) => string,
): Promise<Project> {
  await sweep()
  const work = await mkdtemp(join(tmpdir(), 'siaga-compose-'))
  // Docker reads it for containers; what is secret in it has a folder of its own that nobody else may enter.
  await chmod(work, 0o755)
  const folder = await copyOfDeploy(work)
  const third = 16 + (process.pid % 200)
  const [edge, metrics, backend] = [`10.231.${third}.0/26`, `10.231.${third}.64/26`, `10.231.${third}.128/26`]
  const nowhere = '127.0.0.1:0'
  const settings = {
    COMPOSE_PROJECT_NAME: `siaga-test-${process.pid}`,
    SIAGA_IMAGE: images.siaga,
    KAFKA_IMAGE: images.kafka,
    CLICKHOUSE_IMAGE: images.clickhouse,
    EDGE_IMAGE: images.edge,
    PROMETHEUS_IMAGE: images.prometheus,
    EDGE_SUBNET: edge,
    METRICS_SUBNET: metrics,
    BACKEND_SUBNET: backend,
    EDGE_HTTP: nowhere,
    EDGE_HTTPS: nowhere,
    PROMETHEUS_HTTP: nowhere,
    ...Object.fromEntries(
      ['SYSLOG', 'SYSLOG_TLS', 'RELP'].flatMap((name) => [1, 2].map((at) => [`${name}_${at}`, nowhere])),
    ),
    // A machine that is itself a container may give no more.
    CLICKHOUSE_FILES: '16384',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(join(folder, '.env'), lines.join(''))
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DOCKER_HOST: process.env.DOCKER_HOST }
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const { stdout } = await execute(command, args, { env, cwd: folder, maxBuffer: MAX_BUFFER, timeout: START_MS })
    return stdout
  }
  const compose = (...args: string[]): Promise<string> => run('docker', 'compose', '--progress', 'quiet', ...args)
  const shell = (text: string): Promise<string> => run('bash', '-e', '-c', text)
  let receiver: Receiver | undefined
  const stop = async (): Promise<void> => {
    await compose('down', '--volumes', '--remove-orphans', '--timeout', '10')
    await receiver?.close()
    await rm(work, { recursive: true, force: true })
  }
  /** What failed, with what the processes said. */
  const seen = async <T>(doing: Promise<T>): Promise<T> => {
    try {
      return await doing
    } catch (cause) {
      const [states, logs] = await Promise.all([
        compose('ps', '--all', '--format', '{{.Service}} {{.Status}}'),
        compose('logs', '--tail', '15'),
      ])
      throw new Error(`it did not come up:\n${states}\n${logs}`, { cause })
    }
  }
  try {
    const start = shown('start')
    // The networks first: the receiver listens at the gateway of one, and its address goes into siaga.yaml.
    await shell(start.split('\n')[0] ?? '')
    await compose('up', '--no-start', ...services)
    // The bridge has the first address of the network that it makes.
    receiver = await startReceiver(edge.replace(/0\/26$/, '1'))
    await writeFile(join(folder, 'config/siaga.yaml'), yaml(receiver.url, edge), { mode: 0o644 })
    const started = (text: string): string => text.replace('up --detach --wait', `$& ${services.join(' ')}`)
    const greeting = await seen(shell(started(start)))
    const certificate = await makeCertificate(folder)
    await seen(shell(shown('tls')))
    await shell(shown('renewed'))
    return {
      receiver,
      greeting,
      compose,
      certificate,
      shell,
      inside: (service, ...command) => compose('exec', '-T', service, ...command),
      address: async (service, port) => (await compose('port', service, String(port))).trim(),
      up: async (...args) => {
        await seen(compose('up', '--detach', '--wait', ...args))
      },
      async folders() {
        await shell(shown('folders').replaceAll('/mnt/backup', join(work, 'backup')))
      },
      async loseEverything() {
        await compose('down', '--timeout', '10')
        const project = settings.COMPOSE_PROJECT_NAME
        const volumes = (await run('docker', 'volume', 'ls', '--quiet', '--filter', `name=^${project}_`)).trim()
        await run('docker', 'volume', 'rm', ...volumes.split('\n'))
        await rm(join(folder, 'secrets/grafana-admin.password'))
        await cp(join(root, 'deploy/compose/config/siaga.yaml'), join(folder, 'config/siaga.yaml'))
      },
      async restore(time) {
        await seen(shell(started(shown('restore')).replaceAll('20261129T190000Z', time)))
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A certificate for this machine, where the document's operator has theirs. */
async function makeCertificate(folder: string): Promise<string> {
  const { key, cert } = selfSignedCertificate({
    commonName: 'localhost',
    dnsNames: ['localhost'],
    addresses: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    usage: 'server',
  })
  await writeFile(join(folder, 'siaga.example.pem'), cert)
  await writeFile(join(folder, 'siaga.example.key'), key, { mode: 0o600 })
  return cert
}
