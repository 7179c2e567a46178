// How does an export get into the audit trail? As an event of source siaga-audit, acknowledged by Kafka before the package counts as made.
import { createAudit } from '../../ingest/audit/audit.ts'
import { createRawWriter } from '../../ingest/raw-writer.ts'
import { createSeal } from '../../ingest/seal.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { deriveKey, loadMasterKey } from '../../runtime/secrets.ts'
import { reachKafka } from '../kafka-access.ts'

export interface ExportAct {
  readonly id: string
  readonly by: string
  readonly account: string
  readonly case: string
  readonly reason: string
  readonly rows: number | null
  readonly sums: string
}

const WAIT_MS = 30_000

export interface ExportAudit {
  /** Rejects with KAFKA_UNAVAILABLE unless the entry was acknowledged. The query itself is not in it: it may name a citizen. */
  record(act: ExportAct): Promise<void>
  close(): Promise<void>
}

/** Connects to Kafka now, so that nobody waits for ten million rows that may not leave in the end. Rejects with CommandError or KAFKA_UNAVAILABLE. */
export async function openExportAudit(
  config: Pick<ResolvedConfig, 'kafka' | 'data_dir'>,
  env: NodeJS.ProcessEnv,
): Promise<ExportAudit> {
  const kafka = await reachKafka(config, env)
  const masterKey = loadMasterKey(config.data_dir, env)
  const producer = createBatchingProducer(kafka, silentLog)
  let accepted = 0
  const audit = createAudit({
    writer: createRawWriter(producer),
    seal: createSeal({
      hashKey: deriveKey(masterKey, 'payload-hash'),
      tokenKey: deriveKey(masterKey, 'identifier-token'),
    }),
    log: silentLog,
    metrics: {
      received: () => undefined,
      joined: () => undefined,
      accepted(_source, events) {
        accepted += events
      },
      refused: () => undefined,
      lost: () => undefined,
      answered: () => undefined,
    },
  })
  return {
    async record({ id, by, account, case: file, reason, rows, sums }) {
      const said = [
        `evidence package ${id}`,
        ...(file === '' ? [] : [`case ${file}`]),
        ...(rows === null ? [] : [`${rows} rows`]),
        `SHA256SUMS ${sums}`,
        `account ${account}`,
        reason,
      ]
      audit({ action: 'evidence_exported', outcome: 'success', user: by, message: said.join('; ') })
      await audit.stop(WAIT_MS)
      if (accepted === 0) throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'the audit trail was not written' })
    },
    close: () => producer.close(2_000),
  }
}
