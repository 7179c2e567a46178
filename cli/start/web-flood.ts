// How are floods of web requests judged beside everything else? A scheduled job, a minute at a time, behind what has landed.
import { z } from 'zod'
import { createWebFloods } from '../../processors/web-flood/round.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference } from '../../runtime/reference.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { topics } from '../../schemas/raw-event.ts'
import { findingMessage } from '../../sinks/findings.ts'
import { partitionsBehind } from './jobs.ts'

export interface WebFloodParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly kafka: KafkaClient
  readonly admin: Pick<KafkaAdmin, 'offsets' | 'committed'>
  readonly clickhouse: ClickHouse
  readonly metrics: Metrics
  readonly log: Log
}

const Received = z.object({ partition: z.number(), received: z.number() })

/** The job that judges floods (`alerts.web_flood`); `stop` waits for the minute under way. */
export function webFloodJob(parts: WebFloodParts): { job: Job; stop(): Promise<void> } {
  const { config, baseDir, kafka, admin, clickhouse, metrics, log } = parts
  const { regions } = loadReference(config, baseDir)
  const producer = createBatchingProducer(kafka, log)
  const floods = createWebFloods({
    clickhouse,
    minRate: config.alerts.web_flood.min_rate,
    zoneOf: (region) => regions.get(region)?.zone ?? 'WIB',
    send: (findings) => producer.send(topics.findings, findings.map(findingMessage)),
  })
  let stopped = false
  let running: Promise<unknown> = Promise.resolve()

  const round = async (): Promise<void> => {
    const end = metrics.webFloodSeconds.startTimer()
    try {
      const { verdicts, findings, skipped } = await floods.round(await landedUpTo(admin, clickhouse))
      for (const { verdict, outage } of verdicts) {
        metrics.webFloodVerdicts.inc({ verdict })
        if (outage !== undefined) metrics.webFloodVerdicts.inc({ verdict: 'outage' })
      }
      for (const { severity } of findings) metrics.findings.inc({ severity })
      if (skipped > 0) {
        metrics.webFloodSkipped.inc(skipped)
        log.warn({ skipped }, 'more sites are under load at once than are judged')
      }
    } finally {
      end()
    }
  }
  return {
    job: {
      name: 'web floods',
      when: '20,50 * * * * *',
      async run() {
        if (stopped || !config.alerts.web_flood.enabled) return
        const begun = round()
        running = begun.catch(() => undefined)
        await begun
      },
    },
    async stop() {
      stopped = true
      await running
      await producer.close(500)
    },
  }
}

/** Event time up to which everything has landed: now, or the newest receipt of the partition that is furthest behind. */
async function landedUpTo(admin: WebFloodParts['admin'], clickhouse: ClickHouse): Promise<number> {
  const now = Date.now()
  const behind = await partitionsBehind(admin)
  if (behind.length === 0) return now
  const rows = await clickhouse.rows(
    Received,
    `SELECT _partition AS partition, toUnixTimestamp64Milli(max(received_at)) AS received FROM siaga.events
     WHERE ingested_at > now() - INTERVAL 15 MINUTE GROUP BY _partition`,
  )
  const received = new Map(rows.map((row) => [row.partition, row.received]))
  return Math.min(now, ...behind.map(({ partition }) => received.get(partition) ?? now))
}
