// How do the workers come by the indicators in force? From the store in ClickHouse, by way of table files in the cache folder.
import { join } from 'node:path'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createIndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { type IndicatorsInForce, keepIndicators } from '../worker/indicators.ts'
import { cacheDir } from './folders.ts'
import type { Teardown } from './teardown.ts'

/** Keeps them until the end. */
export async function startIndicators(
  config: ResolvedConfig,
  access: ClickHouseOptions,
  metrics: Metrics,
  log: Log,
  teardown: Teardown,
): Promise<IndicatorsInForce> {
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
  return indicators
}
