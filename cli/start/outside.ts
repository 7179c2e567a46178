// What looks outside, and with what? Probes of public sites, look-alike domains, certificate logs and feeds, each if the configuration asks for it.
import type { Audit } from '../../ingest/audit/audit.ts'
import { startCertificateLogs } from '../../ingest/certificate-log/certificate-log.ts'
import { createReadBack } from '../../ingest/certificate-log/read-back.ts'
import type { LogProgress } from '../../ingest/certificate-log/reader.ts'
import type { Collector, CollectorDependencies } from '../../ingest/collector.ts'
import { type FeedPort, startFeeds } from '../../ingest/feeds/feeds.ts'
import { protectedNames } from '../../ingest/feeds/hold.ts'
import { placesOf } from '../../ingest/lookalike/brands.ts'
import { startLookalikes } from '../../ingest/lookalike/lookalike.ts'
import { createLookalikeMatcher } from '../../ingest/lookalike/match.ts'
import { protectedNames as lookalikeNames } from '../../ingest/lookalike/protected.ts'
import { type ProbeCollector, startProbes } from '../../ingest/probe/probe.ts'
import { openAsn } from '../../processors/enrich/asn.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Reference } from '../../runtime/reference.ts'
import { version } from '../frame.ts'
import { cacheDir } from './folders.ts'

export interface OutsideParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly reference: Reference
  readonly deps: CollectorDependencies
  readonly audit: Audit
  readonly kafka: KafkaClient
  readonly metrics: Metrics
  readonly feedPort: FeedPort
  /** Probes run: a way to have an asset looked at at once. */
  readonly onProbes?: ((probes: Pick<ProbeCollector, 'look'>) => void) | undefined
}

/** Starts what is configured; `started` is called with each that runs, so that all can be stopped if a later one cannot start. */
export async function startOutside(parts: OutsideParts, started: (collector: Collector) => void): Promise<void> {
  const { config, baseDir, reference, deps, audit, kafka, metrics, feedPort } = parts
  const { probes, lookalikes, certificate_logs, intelligence, data_dir: dataDir } = config
  const sites = config.assets.some(({ url }) => /^https?:/i.test(url))
  if (probes.enabled && (sites || config.rooms.some(({ domains }) => domains.length > 0))) {
    const running = startProbes(probes, config, deps, { dataDir, version: version() })
    started(running)
    parts.onProbes?.(running)
  }
  const names = lookalikeNames(lookalikes, config.assets)
  // Who watches no site, names no name and reads no log asks nobody anything.
  const wanted = sites || lookalikes.protected.length > 0
  const places = placesOf(Array.from(reference.regions.values(), ({ name }) => name))
  if (lookalikes.enabled && wanted) {
    started(await startLookalikes(lookalikes, names, deps, { dataDir, places }))
  }
  if (certificate_logs.logs.length > 0) {
    const { ours, words } = lookalikes
    const matcher = createLookalikeMatcher({ protected: names, ours, words, places })
    const readBack = createReadBack(kafka)
    const onProgress = ({ log, read, size, distrust }: LogProgress): void => {
      metrics.certificateLogSize.set({ log }, size)
      metrics.certificateLogRead.set({ log }, read)
      metrics.certificateLogDistrusted.set({ log }, distrust === undefined ? 0 : 1)
    }
    started(await startCertificateLogs(certificate_logs, matcher, deps, { dataDir, audit, readBack, onProgress }))
  }
  if (intelligence.feeds.length > 0) {
    const systems = openAsn(cacheDir(config))
    started(
      startFeeds({
        settings: intelligence,
        port: feedPort,
        names: protectedNames(config, names),
        systemOf: (address) => systems(address).number,
        audit,
        log: deps.log,
        metrics,
        dataDir,
        baseDir,
      }),
    )
  }
}
