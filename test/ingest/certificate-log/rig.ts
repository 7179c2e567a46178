// What do tests of the reader share? A log that grows, a reader of it, and what the reader wrote and told.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { type CertificateLogOptions, startCertificateLogs } from '../../../ingest/certificate-log/certificate-log.ts'
import type { LogProgress } from '../../../ingest/certificate-log/reader.ts'
import type { Collector } from '../../../ingest/collector.ts'
import { createLookalikeMatcher } from '../../../ingest/lookalike/match.ts'
import { CertificateRecord } from '../../../schemas/lookalike.ts'
import type { CertificateLog } from '../../../schemas/watch.ts'
import { fakeDependencies } from '../http/fakes.ts'
import { type CertificateMaker, type Submission, serialOf, withSerial } from './ct-certificates.ts'
import type { CtLog } from './ct-log.ts'

export const match = createLookalikeMatcher({ protected: ['kpu.go.id', 'bawaslu.go.id'] })

export interface Rig {
  readonly writer: ReturnType<typeof fakeDependencies>['writer']
  readonly metrics: ReturnType<typeof fakeDependencies>['metrics']
  readonly audited: AuditEntry[]
  readonly logged: { level: number; msg: string; again_in_ms?: number; error?: string }[]
  readonly dataDir: string
  progress: Map<string, LogProgress>
  start(logs: readonly CertificateLog[], options?: Partial<CertificateLogOptions>): Promise<Collector>
  records(): CertificateRecord[]
  ids(): string[]
  close(): Promise<void>
}

export const asRfc = (log: CtLog, id = 'rfc'): CertificateLog => ({
  id,
  api: 'rfc6962',
  url: log.rfcUrl,
  key: log.key,
  origin: '',
})
export const asStatic = (log: CtLog, id = 'static'): CertificateLog => ({
  id,
  api: 'static',
  url: log.staticUrl,
  key: log.key,
  origin: '',
})

export async function createRig(): Promise<Rig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'siaga-ct-'))
  const { deps, writer, metrics } = fakeDependencies()
  const audited: AuditEntry[] = []
  const logged: Rig['logged'] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) })
  const running: Collector[] = []
  const audit = Object.assign((entry: AuditEntry) => void audited.push(entry), { stop: async () => undefined })
  const rig: Rig = {
    writer,
    metrics,
    audited,
    logged,
    dataDir,
    progress: new Map(),
    async start(logs, options = {}) {
      const settings = { logs: [...logs], every_seconds: 0.02, timeout_seconds: 10, allow_private: ['127.0.0.1'] }
      const collector = await startCertificateLogs(
        settings,
        match,
        { ...deps, log },
        {
          dataDir,
          audit,
          retryMs: 10,
          missingMs: 0,
          onProgress: (progress) => rig.progress.set(progress.log, progress),
          ...options,
        },
      )
      running.push(collector)
      return collector
    },
    records: () => writer.texts.map((text) => CertificateRecord.parse(JSON.parse(text))),
    ids: () => writer.events.map(({ id }) => id),
    async close() {
      await Promise.all(running.map((collector) => collector.stop()))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return rig
}

/** Waits until something is so. */
export async function until(true_: () => boolean, what: string): Promise<void> {
  for (let n = 0; n < 2000; n++) {
    if (true_()) return
    await sleep(10)
  }
  throw new Error(`never happened: ${what}`)
}

/** Puts ordinary certificates into a log, cheaply: one, again and again under other serials. */
export async function filler(maker: CertificateMaker): Promise<(log: CtLog, count: number) => void> {
  const first = serialOf(0xffff_0000)
  const certificate = await maker.certificate(['www.toko-sepatu.example', 'toko-sepatu.example'], { serial: first })
  const precertificate = await maker.precertificate(['www.toko-buku.example'], { serial: first })
  let next = 0x1_0000_0000
  const one = (n: number): Submission => withSerial(n % 2 === 0 ? certificate : precertificate, first, serialOf(next++))
  return (log, count) => {
    for (let n = 0; n < count; n++) log.add(one(n))
  }
}
