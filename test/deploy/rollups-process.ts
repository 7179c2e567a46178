// A process that lands the pages of a plan and may be killed at any moment: `rollups-process.ts CLICKHOUSE(JSON) PLAN(JSON)`. A message for each page.
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { landAll, pagesOf } from './rollups-landing.ts'

const [access = '{}', plan = '{}'] = process.argv.slice(2)
// Its parent is gone: nobody waits for it any more.
process.on('disconnect', () => process.exit())
await landAll(createClickHouse(JSON.parse(access)), pagesOf(JSON.parse(plan)), false, () => process.send?.('landed'))
