// The same as rollups.test.ts and rollups-rebuild.test.ts, with ten times as many questions.
import { describe } from 'vitest'
import { landingTests } from './rollups-landing-tests.ts'
import { rebuildTests } from './rollups-rebuild-tests.ts'

describe('while rows land', () => landingTests(40))
describe('from what landed before', () => rebuildTests(40))
