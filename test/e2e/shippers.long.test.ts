// Does what real shippers send become rows? 20,000 lines each, with Kafka away for 20 seconds.
import { testShippers } from './shippers.ts'

testShippers({ lines: 20_000, awayMs: 20_000, timeoutMs: 120_000 })
