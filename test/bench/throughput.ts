// How many nginx events a second go from Kafka to ClickHouse with full enrichment?
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { createRawWriter } from '../../ingest/raw-writer.ts'
import { createSeal } from '../../ingest/seal.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { type Rig, startRig } from '../faults/rig.ts'
import { nginxLines } from './lines.ts'
import { cpuSeconds, memory, serverPids } from './rig.ts'

const Count = z.object({ n: z.coerce.number() })

/**
 * What our own rules cost: the same load without any rule and with them, five times. Machines are now fast, now slow, so that what is compared
 * stands next to each other, in turning order, and the median of the five comparisons counts.
 */
export async function rulesCost(events: number, say: (line: string) => void): Promise<void> {
  const falls: number[] = []
  const rates: Record<'without' | 'with', number[]> = { without: [], with: [] }
  for (let turn = 0; turn < 5; turn += 1) {
    const run = async (rules: 'without' | 'with') => {
      rates[rules].push(await throughput(events, say, rules === 'without' ? [] : undefined))
    }
    for (const rules of turn % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const))
      await run(rules)
    falls.push(1 - (rates.with.at(-1) ?? 0) / (rates.without.at(-1) ?? 1))
  }
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[2] ?? 0
  const percent = (fall: number) => `${(fall * 100).toFixed(1)} %`
  say(
    `our own rules: ${median(rates.with).toLocaleString('en')} events/s, ${median(rates.without).toLocaleString('en')} without (medians); side by side ${percent(median(falls))} less (median of ${falls.map(percent).join(', ')})`,
  )
}

/**
 * Fills the topic first, then starts the workers and measures from the first landed row to the last. `ruleFolders` in place of the shipped
 * rules. Answers events a second.
 */
export async function throughput(events: number, say: (line: string) => void, ruleFolders?: string[]): Promise<number> {
  const rules = ruleFolders === undefined ? {} : { ruleFolders }
  const rig = await startRig({ workers: 0, flushMs: 400, autoStart: false, ...rules })
  try {
    await fill(rig, events, say)
    // Once to let the engine compile the pipeline, as in a process that has been up for a minute; then the measured part.
    const warm = Math.floor(events / 3)
    rig.startWorkers(2)
    await rig.workers().ready()
    const landed = async () => (await rig.clickhouse.rows(Count, 'SELECT count() AS n FROM siaga.events'))[0]?.n ?? 0
    while ((await landed()) < warm) await sleep(250)
    const servers = serverPids(rig)
    const pids = rig.workers().pids()
    const before = {
      n: await landed(),
      at: performance.now(),
      worker: cpuSeconds(pids),
      ch: cpuSeconds(servers.clickhouse),
      kafka: cpuSeconds(servers.kafka),
    }
    let n = before.n
    let at = before.at
    while (n < events) {
      await sleep(250)
      n = await landed()
      at = performance.now()
    }
    const measured = n - before.n
    const seconds = (at - before.at) / 1000
    const per = (now: number, then: number) => `${(((now - then) * 1e6) / measured).toFixed(1)} µs`
    const { now, peak } = memory(pids)
    say(
      `Kafka → ClickHouse, nginx combined, full enrichment, ${ruleFolders === undefined ? 'our rules' : 'no rules'}: ${Math.round(measured / seconds).toLocaleString('en')} events/s (${measured.toLocaleString('en')} events in ${seconds.toFixed(1)} s, after ${before.n.toLocaleString('en')} to warm up)`,
    )
    say(
      `CPU per event: workers ${per(cpuSeconds(pids), before.worker)}, ClickHouse ${per(cpuSeconds(servers.clickhouse), before.ch)}, Kafka ${per(cpuSeconds(servers.kafka), before.kafka)}`,
    )
    say(`memory of ${pids.length} workers together: ${now} MB, at most ${peak} MB`)
    return Math.round(measured / seconds)
  } finally {
    await rig.stop()
  }
}

async function fill(rig: Rig, events: number, say: (line: string) => void): Promise<void> {
  const producer = createBatchingProducer(rig.kafka, silentLog)
  const writer = createRawWriter(producer)
  const seal = createSeal({ hashKey: Buffer.alloc(32, 1), tokenKey: Buffer.alloc(32, 2) })
  const page = 20_000
  const began = performance.now()
  for (let done = 0; done < events; done += page) {
    const count = Math.min(page, events - done)
    const receivedAt = Date.now()
    const lines = nginxLines(count, receivedAt, done + 1)
    const sealed = seal(
      lines.map((line, i) => ({
        source: 'demo',
        format: 'nginx',
        receivedAt,
        peer: '127.0.0.1',
        id: '',
        key: `page-${done}-${i % 64}`,
        payload: Buffer.from(line),
      })),
    )
    await writer.write(sealed)
  }
  await producer.close()
  say(`filled the topic: ${events.toLocaleString('en')} events in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}
