// Which container engine and which images do the container tests run on? What is missing is pulled or built; what a dead run left behind goes.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers'
import { errorText } from '../../runtime/errors.ts'

export type Engine = Awaited<ReturnType<typeof getContainerRuntimeClient>>

export interface Images {
  readonly siaga: string
  readonly kafka: string
  readonly clickhouse: string
}

const run = promisify(execFile)
const folder = new URL('../../', import.meta.url).pathname
const BUILD_MS = 30 * 60_000

/** The official images, and what stands in for them where they cannot be pulled (deploy/image/services). */
const services = {
  kafka: { official: 'apache/kafka:4.1.2', local: 'siaga-kafka:local' },
  clickhouse: { official: 'clickhouse/clickhouse-server:26.7', local: 'siaga-clickhouse:local' },
  edge: { official: 'nginx:1.29', local: 'siaga-edge:local' },
  prometheus: { official: 'prom/prometheus:v3.5.0', local: 'siaga-prometheus:local' },
} as const

/** The engine that answers, or why none does. */
export async function findEngine(): Promise<{ readonly engine: Engine } | { readonly missing: string }> {
  try {
    return { engine: await getContainerRuntimeClient() }
  } catch (error) {
    return { missing: `no container engine answers (${errorText(error)})` }
  }
}

/** Every part of a run carries its process id, so that what a killed run left behind is known. */
const PID_LABEL = 'id.siaga.test.pid'
export const NAME_LABEL = 'id.siaga.test.name'
export const labels: Record<string, string> = { [PID_LABEL]: String(process.pid) }

/** A container whose root can be made read-only, which testcontainers has no word for. */
export class ReadOnlyContainer extends GenericContainer {
  withReadOnlyRoot(): this {
    this.hostConfig.ReadonlyRootfs = true
    return this
  }
}

/** Removes containers, networks and volumes of this process (`own`), or of runs whose process has ended. */
export async function sweep({ container: { dockerode } }: Engine, own: boolean): Promise<void> {
  const mine = String(process.pid)
  const goes = (labels: Record<string, string> | undefined): boolean => {
    const pid = labels?.[PID_LABEL]
    return pid !== undefined && (own ? pid === mine : pid !== mine && !existsSync(`/proc/${pid}`))
  }
  const filters = { label: [PID_LABEL] }
  for (const { Id, Labels } of await dockerode.listContainers({ all: true, filters }))
    if (goes(Labels)) await dockerode.getContainer(Id).remove({ force: true, v: true })
  for (const { Id, Labels } of await dockerode.listNetworks({ filters }))
    if (goes(Labels)) await dockerode.getNetwork(Id).remove()
  for (const { Name, Labels } of (await dockerode.listVolumes({ filters })).Volumes ?? [])
    if (goes(Labels)) await dockerode.getVolume(Name).remove({ force: true })
}

/** The end of what a container of this run has written. */
export async function lastWords({ container: { dockerode } }: Engine, name: string): Promise<string> {
  const filters = { label: [`${PID_LABEL}=${process.pid}`, `${NAME_LABEL}=${name}`] }
  const [found] = await dockerode.listContainers({ all: true, filters })
  if (found === undefined) return '(no container)'
  const text = await dockerode.getContainer(found.Id).logs({ stdout: true, stderr: true, tail: 40 })
  // Pieces of output, each behind a head of eight bytes that ends with its length.
  const pieces: Buffer[] = []
  for (let at = 0; at + 8 <= text.length; ) {
    const end = at + 8 + text.readUInt32BE(at + 4)
    pieces.push(text.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * Images of Kafka and ClickHouse: the official one if the engine has it, else the local one if it has that, else the official one is pulled, else the
 * local one is built. `SIAGA_TEST_IMAGES=official` wants the official ones.
 */
export async function findServiceImages(engine: Engine): Promise<Omit<Images, 'siaga'>> {
  const base = await baseImage(engine)
  return {
    kafka: await serviceImage(engine, 'kafka', base),
    clickhouse: await serviceImage(engine, 'clickhouse', base),
  }
}

/** Those and Siaga's own: built on `SIAGA_TEST_BASE` or the base that is there, unless the one that is there is of this very commit with nothing changed since. */
export async function findImages(engine: Engine): Promise<Images> {
  const services = await findServiceImages(engine)
  const siaga = 'siaga:local'
  const { stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
    cwd: folder,
  })
  const revision = stdout.trim()
  if (revision.endsWith('-dirty') || (await revisionOf(engine, siaga)) !== revision)
    await build('deploy/image/build.sh', await baseImage(engine))
  return { siaga, ...services }
}

/** The commit that an image says it was made of. */
async function revisionOf({ container: { dockerode } }: Engine, image: string): Promise<string | undefined> {
  try {
    return (await dockerode.getImage(image).inspect()).Config.Labels?.['org.opencontainers.image.revision']
  } catch {
    return undefined
  }
}

/** The image of a service beside Siaga, such as the proxy before it. */
export async function findService(engine: Engine, name: 'edge' | 'prometheus'): Promise<string> {
  return serviceImage(engine, name, await baseImage(engine))
}

/** Why no image can be made here of what the engine has or can pull; undefined if one can. */
export async function baseMissing(engine: Engine): Promise<string | undefined> {
  const base = await baseImage(engine)
  if (await has(engine, base)) return undefined
  try {
    await run('docker', ['pull', '--quiet', base], { timeout: BUILD_MS })
    return undefined
  } catch (error) {
    return `the base ${base} is neither there nor can it be pulled (${errorText(error)})`
  }
}

/** A server with systemd. Built each time: what the engine has of it already takes no time. */
export async function findSystemd(engine: Engine): Promise<string> {
  const image = 'siaga-systemd:local'
  const base = `BASE=${await baseImage(engine)}`
  await build('docker', 'build', '--quiet', '--build-arg', base, '--tag', image, 'test/containers/systemd')
  return image
}

async function serviceImage(engine: Engine, name: keyof typeof services, base: string): Promise<string> {
  const { official, local } = services[name]
  if (await has(engine, official)) return official
  const wanted = process.env.SIAGA_TEST_IMAGES === 'official'
  if (!wanted && (await has(engine, local))) return local
  try {
    await run('docker', ['pull', '--quiet', official], { timeout: BUILD_MS })
    return official
  } catch (error) {
    if (wanted) throw error
  }
  await build('deploy/image/services/build.sh', base, name)
  return local
}

/** The usual base where it is or can be pulled, else the one that deploy/image/base.sh makes. */
async function baseImage(engine: Engine): Promise<string> {
  const own = process.env.SIAGA_TEST_BASE
  if (own) return own
  const local = 'siaga-base:bookworm'
  return (await has(engine, local)) ? local : 'debian:bookworm-slim'
}

async function build(...command: string[]): Promise<void> {
  const [script = '', ...args] = command
  process.stdout.write(`building: ${command.join(' ')}\n`)
  await run(script, args, { cwd: folder, timeout: BUILD_MS, maxBuffer: 64 * 1024 * 1024 })
}

async function has({ container: { dockerode } }: Engine, image: string): Promise<boolean> {
  try {
    await dockerode.getImage(image).inspect()
    return true
  } catch {
    return false
  }
}
