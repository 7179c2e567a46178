// The same as analysts.test.ts for a minute.
import { afterAll, beforeAll, test } from 'vitest'
import type { Rig } from '../faults/rig.ts'
import { landBesideAnalysts, startAnalystsRig } from './analysts.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startAnalystsRig()
}, 120_000)
afterAll(() => rig?.stop())

test('events land while ten analysts spare nobody for a minute', () => landBesideAnalysts(rig, 60))
