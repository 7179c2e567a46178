// Do collectors and processors of the version before become this one's while events are in flight? The small size; the centre too in upgrade.long.test.ts.
import { expect, test } from 'vitest'
import { upgradeInFlight } from './upgrade.ts'
import { hasCommit, VERSION_BEFORE } from './versions.ts'

test.skipIf(!hasCommit(VERSION_BEFORE))(
  'collectors and processors change one after another: every line is there once, no request was turned away (skipped in a clone without history)',
  async () => {
    const plan = { from: VERSION_BEFORE, batch: 5, everyMs: 100, around: 20, centre: false }
    await expect(upgradeInFlight(plan)).resolves.toBeUndefined()
  },
  300_000,
)
