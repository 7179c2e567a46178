// What looks outside, and with what? Probes of public sites, look-alike domains, certificate logs and feeds, each if the configuration asks for it.
import { getDomain } from 'tldts'
import type { Audit } from '../../ingest/audit/audit.ts'
import { startCertificateLogs } from '../../ingest/certificate-log/certificate-log.ts'
import { createReadBack } from '../../ingest/certificate-log/read-back.ts'
import type { Collector, CollectorDependencies } from '../../ingest/collector.ts'
import { type FeedPort, startFeeds } from '../../ingest/feeds/feeds.ts'
import { protectedNames } from '../../ingest/feeds/hold.ts'
import { placesOf } from '../../ingest/lookalike/brands.ts'
import { startLookalikes } from '../../ingest/lookalike/lookalike.ts'
import { createLookalikeMatcher } from '../../ingest/lookalike/match.ts'
import { startProbes } from '../../ingest/probe/probe.ts'
import { openAsn } from '../../processors/enrich/asn.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference } from '../../runtime/reference.ts'
import { version } from '../frame.ts'
import { cacheDir } from './folders.ts'

export interface OutsideParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly deps: CollectorDependencies
  readonly audit: Audit
  readonly kafka: KafkaClient
  readonly metrics: Metrics
  readonly feedPort: FeedPort
}

/** Names that everybody takes for the election's, whoever watches it. */
const ELECTION_NAMES = ['kpu.go.id', 'bawaslu.go.id'] as const

/** Starts what is configured; `started` is called with each that runs, so that all can be stopped if a later one cannot start. */
export async function startOutside(parts: OutsideParts, started: (collector: Collector) => void): Promise<void> {
  const { config, baseDir, deps, audit, kafka, metrics, feedPort } = parts
  const { probes, lookalikes, certificate_logs, intelligence, data_dir: dataDir } = config
  const sites = config.assets.some(({ url }) => /^https?:/i.test(url))
  if (probes.enabled && (sites || config.rooms.some(({ domains }) => domains.length > 0))) {
    started(startProbes(probes, config, deps, { dataDir, version: version() }))
  }
  const names = protectedDomains(config)
  const { regions } = loadReference(config, baseDir)
  const places = placesOf(Array.from(regions.values(), ({ name }) => name))
  if (lookalikes.enabled && names.length > 0) {
    started(await startLookalikes(lookalikes, names, deps, { dataDir, places }))
  }
  if (certificate_logs.logs.length > 0) {
    const { ours, words } = lookalikes
    const matcher = createLookalikeMatcher({ protected: names, ours, words, places })
    const readBack = createReadBack(kafka)
    started(await startCertificateLogs(certificate_logs, matcher, deps, { dataDir, audit, readBack }))
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

/** Names that look-alikes are searched for: those of the settings, else the domains of the assets that have a site, and the election's. */
function protectedDomains({
  lookalikes,
  certificate_logs,
  assets,
}: Pick<ResolvedConfig, 'lookalikes' | 'certificate_logs' | 'assets'>): string[] {
  if (lookalikes.protected.length > 0) return [...lookalikes.protected]
  const own = assets.flatMap(({ url }) => (URL.canParse(url) ? (getDomain(new URL(url).hostname) ?? []) : []))
  // Who watches no site and no log asks nobody anything.
  return own.length === 0 && certificate_logs.logs.length === 0 ? [] : [...new Set([...own, ...ELECTION_NAMES])]
}
