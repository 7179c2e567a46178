// The same as rollups.test.ts and rollups-rebuild.test.ts, with more pages and ten times as many questions.
import { describe } from 'vitest'
import { large } from './rollups-compared.ts'
import { landingTests } from './rollups-landing-tests.ts'
import { rebuildTests } from './rollups-rebuild-tests.ts'

describe('while rows land', () => landingTests(large))
describe('from what landed before', () => rebuildTests(large))
