// What do the short and the long test of a real rsyslog share? Ship so many lines one way, through real Kafka, and count.
import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collector, Unsealed } from '../../ingest/collector.ts'
import { createRawWriter } from '../../ingest/raw-writer.ts'
import { startRelp } from '../../ingest/relp/relp.ts'
import { startSyslog } from '../../ingest/syslog/syslog.ts'
import { ownCertificatePath } from '../../ingest/syslog/tls.ts'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { Config } from '../../schemas/config.ts'
import { portOf, testDependencies } from '../ingest/syslog/support.ts'
import { getServices } from '../services.ts'
import { endProcess, numberOf, startRsyslog, type Way } from './rsyslog-client.ts'

export interface Shipped {
  /** How often each number is on the topic; -1 counts damaged lines. */
  readonly copies: Map<number, number>
  /** Lines that the collector counted as lost, by reason. */
  readonly lost: Record<string, number>
  /** From the first line received to the last acknowledged by Kafka. */
  readonly linesPerSecond: number
  readonly complaints: string
}

/** Ships `lines` lines and waits until all are on the topic, over UDP until no more come. */
export async function shipThroughKafka(way: Way, lines: number): Promise<Shipped> {
  const { kafka, topic } = await newTopic()
  const directory = await mkdtemp(join(tmpdir(), 'siaga-collector-'))
  const dependencies = testDependencies([{ id: 'kpu', networks: ['127.0.0.1'] }])
  const producer = createBatchingProducer(kafka, silentLog)
  const { counts } = dependencies
  let firstAt = 0
  let lastAt = 0
  const real = {
    ...dependencies,
    seal(events: Unsealed[]) {
      firstAt ||= events[0]?.receivedAt ?? 0
      return dependencies.seal(events)
    },
    writer: createRawWriter(producer, topic),
    metrics: {
      ...dependencies.metrics,
      accepted(source: string, events: number) {
        lastAt = Date.now()
        dependencies.metrics.accepted(source, events)
      },
    },
  }
  const config = Config.parse({ syslog: { port: 0, tls_port: 0 }, relp: { port: 0 } })
  const collectors: Collector[] = []
  try {
    collectors.push(await startSyslog(config.syslog, real, directory), await startRelp(config.relp, real))
    const addresses = collectors.flatMap((collector) => collector.addresses)
    const port = portOf(addresses, way === 'tcp-counted' ? 'tcp' : way)
    const rsyslog = await startRsyslog({ way, port, lines, ca: ownCertificatePath(directory) })
    try {
      await untilAllCame(() => counts.accepted + lostOf(counts.lost), lines, way === 'udp')
    } finally {
      await rsyslog.stop()
    }
    await Promise.all(collectors.splice(0).map((collector) => collector.stop()))
    const linesPerSecond = Math.round(counts.accepted / ((lastAt - firstAt) / 1000))
    return {
      copies: await readTopic(kafka, topic),
      lost: counts.lost,
      linesPerSecond,
      complaints: rsyslog.complaints(),
    }
  } finally {
    await Promise.all(collectors.map((collector) => collector.stop()))
    await producer.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Ships over RELP while the collector, a process of its own, is killed `kills` times on the way. Answers copies and kills done. */
export async function shipWhileKilling(
  lines: number,
  kills: number,
): Promise<{ copies: Map<number, number>; killed: number }> {
  const { kafka, topic, broker } = await newTopic()
  const [port = 0] = await pickFreePorts(1)
  let accepted = 0
  let killed = 0
  let collector: ChildProcess | undefined
  let ended = false

  function startCollector(): void {
    const child = fork(join(import.meta.dirname, 'collector-process.ts'), [broker, topic, String(port)])
    collector = child
    child.on('message', (events) => {
      accepted += Number(events)
      if (killed < kills && child === collector && accepted >= ((killed + 1) * lines) / (kills + 1)) {
        // Not at the same place between two answers each time.
        setTimeout(() => child.kill('SIGKILL'), killed * 7)
        killed += 1
      }
    })
    child.on('exit', () => {
      if (!ended) startCollector()
    })
  }

  startCollector()
  const rsyslog = await startRsyslog({ way: 'relp', port, lines, relpWindow: lines > 10_000 ? 1_024 : 128 })
  try {
    let copies = new Map<number, number>()
    for (const end = Date.now() + 180_000; Date.now() < end; await sleep(500)) {
      if (accepted < lines * 0.9) continue
      copies = await readTopic(kafka, topic)
      if (copies.size >= lines) break
    }
    return { copies, killed }
  } finally {
    ended = true
    await rsyslog.stop()
    if (collector !== undefined) await endProcess(collector, 'SIGKILL')
  }
}

async function newTopic(): Promise<{ kafka: KafkaClient; topic: string; broker: string }> {
  const { brokers } = await getServices()
  const kafka = createKafka({ brokers, clientId: 'rsyslog-test', log: silentLog })
  const topic = `test.rsyslog.${randomUUID()}`
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic, partitions: 3, replication: 1, config: { 'compression.type': 'zstd' } }])
  await admin.disconnect()
  return { kafka, topic, broker: brokers[0] ?? '' }
}

async function readTopic(kafka: KafkaClient, topic: string): Promise<Map<number, number>> {
  for (let attempt = 1; ; attempt++) {
    const copies = new Map<number, number>()
    try {
      await kafka.readAll(topic, ({ value }) => {
        const number = numberOf(value?.toString('latin1') ?? '')
        copies.set(number, (copies.get(number) ?? 0) + 1)
      })
      return copies
    } catch (error) {
      // The first group of a fresh broker meets a coordinator that is still loading.
      if (attempt === 5) throw error
      await sleep(1_000)
    }
  }
}

/** Waits until `came` reaches `lines`; where lines may be lost without a trace, also until none came for five seconds. */
async function untilAllCame(came: () => number, lines: number, mayEndEarly: boolean): Promise<void> {
  let before = 0
  let changedAt = Date.now()
  const end = Date.now() + 120_000
  while (came() < lines) {
    if (came() !== before) changedAt = Date.now()
    before = came()
    if (mayEndEarly && before > 0 && Date.now() - changedAt > 5_000) return
    if (Date.now() > end) throw new Error(`only ${before} of ${lines} lines came`)
    await sleep(20)
  }
}

function lostOf(lost: Record<string, number>): number {
  return Object.values(lost).reduce((sum, events) => sum + events, 0)
}
