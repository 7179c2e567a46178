// Is a site that looks down from here held back while our own network is gone, and only then?
import { expect, test } from 'vitest'
import { isOwnNetwork } from '../../../../sinks/alerts/policy/shipped.ts'

const SITE_DOWN = 'f16b0687-d695-4771-b323-fcb487c8ddda'
const at = Date.parse('2024-11-27T03:00:00Z')
const network = { rule_id: 'siaga-probe-network', first_seen: at, status: 'open' } as const

test.each([
  ['while it is gone', SITE_DOWN, at + 60_000, [network], true],
  ['shortly before it was sure', SITE_DOWN, at - 10 * 60_000, [network], true],
  ['an hour before', SITE_DOWN, at - 3_600_000, [network], false],
  ['when it is back', SITE_DOWN, at + 60_000, [{ ...network, status: 'resolved' as const }], false],
  ['when it was never gone', SITE_DOWN, at, [{ ...network, rule_id: 'another' }], false],
  ['another rule', 'another', at + 60_000, [network], false],
])('%s', (_when, rule_id, window_end, open, held) => {
  expect(isOwnNetwork({ rule_id, window_end }, () => open)).toBe(held)
})
