// Does a whole Siaga of the version before become this one while events are in flight? With page, alerts and schedule.
import { expect, test } from 'vitest'
import { upgradeInFlight } from './upgrade.ts'
import { hasCommit, VERSION_BEFORE } from './versions.ts'

test.skipIf(!hasCommit(VERSION_BEFORE))(
  'schema, collectors, processors and the centre change one after another: the ledger is exact, an open alert goes on (skipped in a clone without history)',
  async () => {
    const plan = { from: VERSION_BEFORE, batch: 20, everyMs: 40, around: 200, centre: true }
    await expect(upgradeInFlight(plan)).resolves.toBeUndefined()
  },
)
