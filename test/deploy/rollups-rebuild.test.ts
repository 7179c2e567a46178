// Do rollups get what landed before they were made, or was lost, once? rollups.long.test.ts asks more.
import { vi } from 'vitest'
import { small } from './rollups-compared.ts'
import { rebuildTests } from './rollups-rebuild-tests.ts'

vi.setConfig({ testTimeout: 180_000 })
rebuildTests(small)
