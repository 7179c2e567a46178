// Does every rollup say what the raw rows say, for any window, region and grouping, after whatever may happen while rows land? rollups.long.test.ts asks more.
import { vi } from 'vitest'
import { small } from './rollups-compared.ts'
import { landingTests } from './rollups-landing-tests.ts'

// Hundreds of small queries on a machine of two cores that does other things too.
vi.setConfig({ testTimeout: 180_000 })
landingTests(small)
