// An update of a feed in a process of its own, to be killed: `indicators-process.ts CLICKHOUSE(JSON) SOURCE COUNT LABEL`. Says when it begins.
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { createIndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { feedOf } from './indicator-feed.ts'

const [access = '', source = '', count = '', label = ''] = process.argv.slice(2)
const store = createIndicatorStore(createClickHouse(JSON.parse(access)))
process.on('disconnect', () => process.exit())
process.send?.('begun')
await store.replace(source, feedOf(source, Number(count), label), Date.now())
process.send?.('done')
