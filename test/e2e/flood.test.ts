import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aboutIntruder, flood, floodYaml } from './flood.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siaga-flood-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** In the middle of an hour, so that the flood lies in two of them. */
const votingDay = Date.parse('2024-11-27T03:20:00Z')
const ordinaryDay = Date.parse('2026-03-10T03:20:00Z')

test.each([
  ['on voting day', votingDay, true],
  ['on an ordinary day, by a source without an asset', ordinaryDay, false],
] as const)(
  'an hour of flood %s is at most three alerts, one of them the intrusion inside it',
  async (name, from, asset) => {
    await writeFile(join(folder, 'siaga.yaml'), floodYaml(asset))
    const { open, pages, findings, dead } = await flood({
      from,
      asset,
      folder,
      events: 150_000,
      durationMs: 3_600_000,
      intrusionAfterMs: 2_220_000,
      seed: 7,
      say: (line) => process.stdout.write(`flood ${name}: ${line}\n`),
    })
    expect(dead).toBe(0)
    expect(findings).toBeGreaterThan(20_000)
    expect(open.length).toBeLessThanOrEqual(3)
    expect(open.filter(({ kind }) => kind === 'storm').length).toBe(1)
    const [intrusion] = aboutIntruder(open).filter(({ severity }) => severity === 'critical')
    expect(intrusion).toMatchObject({ kind: 'findings', status: 'open', findings: 4 })
    // Somebody was told of it, by its own name.
    expect(
      pages.filter(({ alert_id, reason }) => alert_id === intrusion?.alert_id && reason === 'opened').length,
    ).toBeGreaterThan(0)
  },
)
