// What happens to the embedded services, and to what they hold, when they or their supervisor are killed?
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { startEmbedded } from '../../deploy/embedded/index.ts'
import { identify } from '../../deploy/embedded/processes.ts'
import { isPortFree, pickFreePorts } from '../../runtime/ports.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { query } from './clickhouse-http.ts'

const script = fileURLToPath(new URL('./start-embedded.ts', import.meta.url))

describe('a service that is killed', () => {
  let services: OwnServices
  beforeAll(async () => {
    services = await startOwnServices()
  })
  afterAll(() => services?.stop())

  test('ClickHouse comes back with every row it had acknowledged', async () => {
    const { admin } = services.clickhouse.users
    await query(services, admin, 'CREATE DATABASE siaga')
    await query(services, admin, 'CREATE TABLE siaga.t (n UInt32) ENGINE MergeTree ORDER BY n')
    const before = services.embedded.clickhouse?.pid()
    for (let n = 0; n < 3; n++) {
      await query(services, admin, `INSERT INTO siaga.t VALUES (${n})`)
      services.embedded.clickhouse?.kill('SIGKILL')
      await services.embedded.clickhouse?.ready()
    }
    expect(await query(services, admin, 'SELECT groupArraySorted(9)(n) FROM siaga.t')).toBe('[0,1,2]')
    expect(services.embedded.clickhouse?.pid()).not.toBe(before)
  })

  test('Kafka comes back with every message it had acknowledged', async () => {
    const kafka = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner })
    await admin.connect()
    await producer.connect()
    await admin.createTopics({ topics: [{ topic: 't', numPartitions: 2 }], waitForLeaders: true })
    const messages = Array.from({ length: 1_000 }, (_, n) => ({ key: String(n), value: String(n) }))
    await producer.send({ topic: 't', acks: -1, messages })
    await Promise.all([admin.disconnect(), producer.disconnect()])

    services.embedded.kafka?.kill('SIGKILL')
    await services.embedded.kafka?.ready()
    const after = new Kafka({ brokers: services.brokers, logLevel: logLevel.NOTHING }).admin()
    await after.connect()
    const offsets = await after.fetchTopicOffsets('t')
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1_000)
    await after.disconnect()
  })

  test('a second start in the same data directory is told who has it', async () => {
    const [httpPort = 0, tcpPort = 0] = await pickFreePorts(2)
    const clickhouse = { httpPort, tcpPort }
    await expect(startEmbedded({ dataDir: services.dataDir, clickhouse })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      message: expect.stringContaining(String(process.pid)),
    })
    const elsewhere = run(services.dataDir, undefined, httpPort, tcpPort)
    expect(await firstLine(elsewhere)).toContain(`is in use by process ${process.pid}`)
    expect(await query(services, services.clickhouse.users.admin, 'SELECT 1')).toBe('1')
  })

  test('everything stops in under 4 s', async () => {
    const pids = [services.embedded.kafka?.pid(), services.embedded.clickhouse?.pid()]
    const began = Date.now()
    await services.embedded.stop()
    expect(Date.now() - began).toBeLessThan(4_000)
    for (const pid of pids) expect(identify(pid ?? 0)).toBeUndefined()
  })
})

describe('a supervisor that is killed', () => {
  test('its services end with it, and where they cannot the next start stops them first', async () => {
    const dataDir = temporaryFolder()
    const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
    const first = run(dataDir, kafkaPort, httpPort, tcpPort)
    expect(await firstLine(first)).toBe('up')
    const orphans = ['kafka', 'clickhouse'].map((name) => recordedPid(dataDir, name))
    // Paused processes cannot obey the kernel's word that their parent is gone: they stay, and hold the ports.
    for (const pid of orphans) process.kill(pid, 'SIGSTOP')
    first.kill('SIGKILL')
    await delay(100)
    expect(orphans.map((pid) => identify(pid) !== undefined)).toEqual([true, true])
    expect(await isPortFree(kafkaPort)).toBe(false)

    const services = await startEmbedded({ dataDir, kafka: { port: kafkaPort }, clickhouse: { httpPort, tcpPort } })
    onTestFinished(() => services.stop())
    for (const pid of orphans) expect(identify(pid)).toBeUndefined()
    const url = services.clickhouse?.url ?? ''
    const admin = clickhouseCredentials(loadMasterKey(dataDir), 'admin')
    const asked = { clickhouse: { url, users: { admin, pipeline: admin, reader: admin } } }
    expect(await query(asked, admin, 'SELECT 1')).toBe('1')
  })

  test.runIf(process.platform === 'linux')('its services end by themselves', async () => {
    const dataDir = temporaryFolder()
    const [httpPort = 0, tcpPort = 0] = await pickFreePorts(2)
    const first = run(dataDir, undefined, httpPort, tcpPort)
    expect(await firstLine(first)).toBe('up')
    const pid = recordedPid(dataDir, 'clickhouse')
    first.kill('SIGKILL')
    while (identify(pid)) await delay(20)
    // The kernel gives a port back a moment after the process is gone; later, on a machine where everything waits.
    await vi.waitFor(async () => expect(await isPortFree(httpPort)).toBe(true), { timeout: 20_000 })
  })
})

describe('a start that cannot be', () => {
  test('a port that is taken is named with its setting, and nothing is left running', async () => {
    const dataDir = temporaryFolder()
    const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
    const options = { dataDir, kafka: { port: kafkaPort }, clickhouse: { httpPort, tcpPort } }
    for (const [port, setting] of [
      [kafkaPort, 'SIAGA_EMBEDDED_KAFKA_PORT'],
      [httpPort, 'SIAGA_EMBEDDED_CLICKHOUSE_PORT'],
      [tcpPort, 'SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT'],
    ] as const) {
      const squatter = createServer()
      await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
      await expect(startEmbedded(options)).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: expect.stringContaining(String(port)),
        action: expect.stringContaining(setting),
      })
      await new Promise((resolve) => squatter.close(resolve))
    }
    // The directory is free again, too.
    await (await startEmbedded({ dataDir })).stop()
  })

  test('without Java the other service is stopped again and the error says what to do', async () => {
    const dataDir = temporaryFolder()
    const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
    const line = await firstLine(run(dataDir, kafkaPort, httpPort, tcpPort, { PATH: '/nowhere', JAVA_HOME: '' }))
    expect(line).toMatch(/^JAVA_MISSING /)
    expect(await isPortFree(httpPort)).toBe(true)
  })

  test('without Maven and without fetched jars the error says so', async () => {
    const dataDir = temporaryFolder()
    const java = process.env.PATH?.split(':').find((folder) => existsSync(join(folder, 'java')))
    if (!java) throw new Error('no Java on PATH')
    const home = join(dataDir, 'home')
    const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
    const lonelyJava = join(dataDir, 'java')
    writeFileSync(lonelyJava, `#!/bin/sh\nexec ${join(java, 'java')} "$@"\n`, { mode: 0o755 })
    const env = { PATH: dataDir, JAVA_HOME: '', XDG_CACHE_HOME: home }
    expect(await firstLine(run(dataDir, kafkaPort, httpPort, tcpPort, env))).toMatch(/^MAVEN_MISSING /)

    const mvn =
      '#!/bin/sh\necho "[ERROR] Could not transfer artifact: offline"\necho "[ERROR] Re-run Maven with -X"\nexit 1\n'
    writeFileSync(join(dataDir, 'mvn'), mvn, { mode: 0o755 })
    expect(await firstLine(run(dataDir, kafkaPort, httpPort, tcpPort, env))).toMatch(
      /^MAVEN_FAILED .*Could not transfer artifact: offline$/,
    )
  })

  test('an aborted start stops what it had started', async () => {
    const dataDir = temporaryFolder()
    const [kafkaPort = 0, httpPort = 0, tcpPort = 0] = await pickFreePorts(3)
    const abort = new AbortController()
    const starting = startEmbedded({
      dataDir,
      kafka: { port: kafkaPort },
      clickhouse: { httpPort, tcpPort },
      signal: abort.signal,
      onProgress: ({ service, state }) => {
        if (service === 'clickhouse' && state === 'ready') abort.abort(new Error('Ctrl-C'))
      },
    })
    await expect(starting).rejects.toThrow('Ctrl-C')
    expect(await isPortFree(httpPort)).toBe(true)
    expect(await isPortFree(kafkaPort)).toBe(true)
  })

  test('a data directory that is a file is said to be unwritable', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(startEmbedded({ dataDir: file })).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' })
  })
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function run(dataDir: string, kafka: number | undefined, http: number, tcp: number, env: NodeJS.ProcessEnv = {}) {
  const flags = ['--experimental-ffi', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, script, dataDir, String(kafka ?? ''), String(http), String(tcp)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk)
    if (output.includes('\n')) break
  }
  return output.split('\n')[0] ?? ''
}

function recordedPid(dataDir: string, name: string): number {
  const record: unknown = JSON.parse(readFileSync(join(dataDir, 'run', `${name}.json`), 'utf8'))
  if (typeof record === 'object' && record && 'pid' in record && typeof record.pid === 'number') return record.pid
  throw new Error(`no pid on record for ${name}`)
}
