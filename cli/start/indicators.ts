// How do the workers come by the indicators in force? From the store in ClickHouse, by way of table files in the cache folder.
import { join } from 'node:path'
import type { FeedPort } from '../../ingest/feeds/feeds.ts'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createIndicatorStore, type IndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { type IndicatorsInForce, keepIndicators } from '../worker/indicators.ts'
import { cacheDir } from './folders.ts'
import type { HistoryWork } from './history.ts'
import type { Teardown } from './teardown.ts'

/** Keeps them until the end. */
export async function startIndicators(
  config: ResolvedConfig,
  access: ClickHouseOptions,
  metrics: Metrics,
  log: Log,
  teardown: Teardown,
): Promise<{ indicators: IndicatorsInForce; store: IndicatorStore }> {
  const clickhouse = createClickHouse(access)
  const store = createIndicatorStore(clickhouse)
  const indicators = await keepIndicators({
    version: () => store.current(),
    clickhouse: access,
    folder: join(cacheDir(config), 'indicators'),
    metrics,
    log,
  })
  teardown.add('indicators', 2, async () => {
    await indicators.stop()
    await clickhouse.close()
  })
  return { indicators, store }
}

/** Where feeds hand over what they bring: into the store, and from there at once to the workers. */
export function feedPortOf(
  store: IndicatorStore,
  indicators: Pick<IndicatorsInForce, 'refresh'>,
  { traffic }: Pick<HistoryWork, 'traffic'>,
): FeedPort {
  return {
    async replace(source, given, at) {
      const replaced = await store.replace(source, given, at)
      // A failure is told by the next look, a few seconds later.
      if (replaced.added > 0 || replaced.removed > 0) indicators.refresh().catch(() => undefined)
      return replaced
    },
    traffic,
  }
}
