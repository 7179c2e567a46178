// How is a real Kafka broker run on this machine? KRaft, one process: its configuration, command line, health check.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { childEnv } from './environment.ts'
import { findJava, kafkaJars } from './kafka-jars.ts'
import type { ServiceSpec } from './supervisor.ts'

export interface KafkaOptions {
  readonly dataDir: string
  readonly port: number
  /** One of several brokers; alone unless told. */
  readonly quorum?: KafkaQuorum | undefined
  readonly onFetch: () => void
  readonly signal?: AbortSignal | undefined
}

/** What brokers that form a cluster must be told. */
export interface KafkaQuorum {
  /** From 1. */
  readonly nodeId: number
  /** Ports of the controllers on 127.0.0.1, that of broker 1 first. */
  readonly controllerPorts: readonly number[]
  /** The same for all, and for good. */
  readonly clusterId: string
}

const run = promisify(execFile)
const execEntry = fileURLToPath(new URL('./exec.ts', import.meta.url))

/** What the supervisor runs. Throws JAVA_MISSING, MAVEN_MISSING or MAVEN_FAILED. */
export async function kafkaService(options: KafkaOptions): Promise<ServiceSpec> {
  const { dataDir, port, quorum } = options
  const folder = join(dataDir, 'kafka')
  const data = join(folder, 'data')
  const log = join(dataDir, 'logs', 'kafka.log')
  const java = await findJava()
  const jars = await kafkaJars(options.onFetch, options.signal)
  // Jars alone: with a folder in it Java refuses an archive of loaded classes, which halves its start.
  const classPath = join(jars, '*')
  return {
    name: 'kafka',
    startTimeoutMs: 90_000,
    stopGraceMs: 3_000,
    log,
    async prepare() {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      mkdirSync(join(dataDir, 'logs'), { recursive: true })
      // What a broker that was killed has left there.
      rmSync(scratchOf(folder), { recursive: true, force: true })
      mkdirSync(scratchOf(folder), { mode: 0o700 })
      const alone = { nodeId: 1, controllerPorts: await pickFreePorts(1), clusterId: clusterId() }
      const settings = join(folder, 'server.properties')
      writeFileSync(settings, serverProperties({ port, quorum: quorum ?? alone, data }))
      writeFileSync(join(folder, 'log4j2.properties'), loggerProperties(log))
      await formatOnce({ java, classPath, folder, data, settings, id: (quorum ?? alone).clusterId })
      return {
        args: [execEntry, java, ...javaOptions(folder), '-cp', classPath, 'kafka.Kafka', settings],
        env: childEnv(),
      }
    },
    check: () => answersApiVersions(port),
  }
}

const scratchOf = (folder: string): string => join(folder, 'tmp')

function javaOptions(folder: string): string[] {
  return [
    // One heap for a broker on a small machine; the serial collector costs the least processor time at this size.
    '-Xms128m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    `-XX:ErrorFile=${join(folder, 'java-crash.log')}`,
    '-Djava.awt.headless=true',
    // The codec of zstd is unpacked there and run from there, which many a server forbids in /tmp (noexec): no batch could be written then.
    `-Djava.io.tmpdir=${scratchOf(folder)}`,
    // A comma would begin another file.
    `-Dlog4j2.configurationFile=${pathToFileURL(join(folder, 'log4j2.properties')).href.replaceAll(',', '%2C')}`,
    '-Dlog4j2.disableJmx=true',
  ]
}

// Topics carry the cluster's id, and a changed one means a new stream (DESIGN §3.2): so the id lives and goes with the data.
async function formatOnce(at: {
  java: string
  classPath: string
  folder: string
  data: string
  settings: string
  id: string
}): Promise<void> {
  const idFile = join(at.data, 'siaga-cluster.id')
  const formatted = join(at.data, 'siaga-formatted')
  if (existsSync(formatted)) return
  mkdirSync(at.data, { recursive: true, mode: 0o700 })
  if (!existsSync(idFile)) {
    writeFileSync(`${idFile}.draft`, at.id, { flush: true })
    renameSync(`${idFile}.draft`, idFile)
  }
  const id = readFileSync(idFile, 'utf8')
  // --ignore-formatted: an earlier start may have been killed between the formatting and our note of it.
  const args = ['format', '--ignore-formatted', '--cluster-id', id, '--config', at.settings]
  try {
    // It ends before the second compiler of Java has paid off.
    await run(
      at.java,
      [...javaOptions(at.folder), '-XX:TieredStopAtLevel=1', '-cp', at.classPath, 'kafka.tools.StorageTool', ...args],
      {
        env: childEnv(),
        timeout: 60_000,
      },
    )
  } catch (cause) {
    const detail = `its data directory could not be formatted: ${errorText(cause)}`
    throw new SiagaError('SERVICE_START_FAILED', { service: 'kafka', detail, log: at.data }, { cause })
  }
  // Kafka leaves that to the kernel; without what it wrote it never starts again after a power cut.
  for (const name of readdirSync(at.data)) syncPath(join(at.data, name))
  syncPath(at.data)
  writeFileSync(formatted, '')
}

function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

// A leading dash would read as an option.
function clusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? clusterId() : id
}

function serverProperties(at: { port: number; quorum: KafkaQuorum; data: string }): string {
  const { nodeId, controllerPorts } = at.quorum
  const controllers = controllerPorts.map((port, index) => `${index + 1}@127.0.0.1:${port}`)
  const copies = Math.min(3, controllers.length)
  const inSync = Math.max(1, copies - 1)
  return properties({
    'process.roles': 'broker,controller',
    'node.id': nodeId,
    'controller.quorum.voters': controllers.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${at.port},CONTROLLER://127.0.0.1:${controllerPorts[nodeId - 1] ?? 0}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${at.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': at.data,
    'auto.create.topics.enable': false,
    'delete.topic.enable': true,
    'num.partitions': 4,
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    // Few partitions of the internal topics open and recover fast.
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'message.max.bytes': 2 * 1024 * 1024,
    'log.segment.bytes': 256 * 1024 * 1024,
    // Nobody else has a copy: what is acknowledged is on the disk, for machines that lose their power (docs/adr/0048).
    ...(copies === 1 ? { 'log.flush.interval.messages': 1 } : {}),
    'log.retention.hours': 168,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    // After SIGKILL the new process is refused until the dead one's session has run out (default 9 s).
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 300,
  })
}

function loggerProperties(file: string): string {
  return properties({
    status: 'off',
    'appender.file.type': 'RollingFile',
    'appender.file.name': 'file',
    'appender.file.fileName': file,
    'appender.file.filePattern': `${file}.%i`,
    'appender.file.layout.type': 'PatternLayout',
    'appender.file.layout.pattern': '%d{yyyy-MM-dd HH:mm:ss.SSS} %p %c{1} %m%n%throwable',
    'appender.file.policies.type': 'Policies',
    'appender.file.policies.size.type': 'SizeBasedTriggeringPolicy',
    'appender.file.policies.size.size': '5MB',
    'appender.file.strategy.type': 'DefaultRolloverStrategy',
    'appender.file.strategy.max': 2,
    'rootLogger.level': 'warn',
    'rootLogger.appenderRef.file.ref': 'file',
  })
}

function properties(entries: Record<string, string | number | boolean>): string {
  return `${Object.entries(entries)
    .map(([key, value]) => `${key}=${String(value).replaceAll('\\', '\\\\')}`)
    .join('\n')}\n`
}

const apiVersionsKey = 18
const correlationId = 0x51a6a

// Kafka protocol, ApiVersions request v0: it is answered only once the broker takes requests.
function answersApiVersions(port: number): Promise<boolean> {
  const request = Buffer.alloc(14)
  request.writeInt32BE(10, 0)
  request.writeInt16BE(apiVersionsKey, 4)
  request.writeInt16BE(0, 6)
  request.writeInt32BE(correlationId, 8)
  request.writeInt16BE(-1, 12)
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(request))
    let received = Buffer.alloc(0)
    const settle = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(5_000, () => settle(false))
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length >= 10) settle(received.readInt32BE(4) === correlationId && received.readInt16BE(8) === 0)
    })
  })
}
