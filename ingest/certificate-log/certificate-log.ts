// Which certificates are issued for names that look like protected ones? Certificate Transparency logs are read as they grow.
import { setTimeout as sleep } from 'node:timers/promises'
import { createGuard } from '../../runtime/guard/fetch.ts'
import type { LookalikeMatch } from '../../schemas/lookalike.ts'
import type { CertificateLogs } from '../../schemas/watch.ts'
import type { Audit } from '../audit/audit.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { createAsk } from './ask.ts'
import type { Distrust } from './problems.ts'
import { keepReading, type LogProgress, MISSING_MS, type ReadBack } from './reader.ts'
import { createRecent } from './recent.ts'
import { createRfc6962Source } from './rfc6962.ts'
import { loadState, saveState } from './state.ts'
import { createStaticSource } from './static.ts'
import { originOf, readLogKey } from './tree-head.ts'

export interface CertificateLogOptions {
  readonly dataDir: string
  /** Where it is told that a log lies, so that a rule can find it. */
  readonly audit?: Audit
  /** Looks after a crash what had reached Kafka; without it that may be written a second time, under the same id. */
  readonly readBack?: ReadBack
  readonly onProgress?: (progress: LogProgress) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  readonly retryMs?: number
  readonly missingMs?: number
}

const STOP_MS = 2_000

/**
 * Reads the logs, each by itself: one that is away or lies holds up no other. Begins at the present end of a log; what is read is
 * remembered in the data directory. Rejects with CONFIG_INVALID for a key that is none.
 */
export async function startCertificateLogs(
  settings: CertificateLogs,
  match: (name: string) => LookalikeMatch | undefined,
  deps: CollectorDependencies,
  options: CertificateLogOptions,
): Promise<Collector> {
  const { dataDir, now = Date.now, retryMs = 1_000, missingMs = MISSING_MS } = options
  const { log: logger } = deps
  const guard = createGuard({ allowPrivate: settings.allow_private })
  const stopping = new AbortController()
  const logs = await Promise.all(
    settings.logs.map(async (log) => {
      const key = readLogKey(log)
      const saved = await loadState(dataDir, log.id, key.id, (file) =>
        logger.error(
          { certificate_log: log.id, file },
          'what was known of a certificate log cannot be used; it is read from its present end',
        ),
      )
      const prefix = log.url.replace(/\/{1,8}$/, '')
      const ask = createAsk({ guard, prefix, timeoutMs: settings.timeout_seconds * 1000, now })
      const source = log.api === 'static' ? createStaticSource(ask, key, originOf(log)) : createRfc6962Source(ask, key)
      return { name: log.id, url: log.url, logId: key.id, source, saved }
    }),
  )
  const recent = createRecent(new Map(logs.map(({ name, saved }) => [name, saved?.recent ?? []])))
  const tell = (log: string, distrust: Distrust | undefined): void => {
    if (distrust === undefined)
      logger.warn({ certificate_log: log }, 'a certificate log shows what it signed again and is read on')
    else {
      const { reason, message } = distrust
      logger.error(
        { certificate_log: log, reason, detail: message },
        'a certificate log cannot be trusted and is not read further',
      )
    }
    options.audit?.({
      action: 'certificate_log_checked',
      outcome: distrust === undefined ? 'success' : 'failure',
      message:
        distrust === undefined
          ? `certificate log ${log} shows what it signed again and is read on`
          : `certificate log ${log} is not read further: ${distrust.reason}: ${distrust.message}`,
    })
  }
  const loops = logs.map(({ name, logId, source, saved }) =>
    keepReading(
      {
        name,
        logId,
        source,
        match,
        recent,
        everyMs: settings.every_seconds * 1000,
        retryMs,
        missingMs,
        now,
        readBack: options.readBack,
        save: (state) => saveState(dataDir, name, state),
        tell,
        progress: options.onProgress ?? (() => undefined),
      },
      saved,
      deps,
      stopping.signal,
    ),
  )
  return {
    name: 'Certificate logs',
    addresses: logs.map(({ url }) => url),
    async stop() {
      stopping.abort()
      await Promise.race([Promise.all(loops), sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}
