// What arrives, in a process of its own: `landing-process.ts CLICKHOUSE(JSON) RATE`. Says that it has begun; told to stop, it says what it has landed.
import { createClickHouse } from '../../../runtime/clickhouse.ts'
import { startLanding } from './landing.ts'

const [access = '{}', rate = '0'] = process.argv.slice(2)
// Its parent is gone: nobody waits for it any more.
process.on('disconnect', () => process.exit())
const clickhouse = createClickHouse(JSON.parse(access))
const landing = await startLanding(clickhouse, Number(rate))
process.once('message', async () => {
  const landed = landing.progress()
  await landing.stop()
  await clickhouse.close()
  process.send?.(landed)
})
process.send?.('begun')
