// Does what real shippers send become rows? The short version.
import { testShippers } from './shippers.ts'

testShippers({ lines: 1_000, awayMs: 4_000, timeoutMs: 25_000 })
