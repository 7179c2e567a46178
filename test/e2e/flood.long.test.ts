// An hour of 20,000 events a second, as many of them as FLOOD_EVENTS says (default: all 72,000,000), spread over the hour.
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

test('an hour of 20,000 events a second on voting day is at most three alerts, one of them the intrusion inside it', async () => {
  await writeFile(join(folder, 'siaga.yaml'), floodYaml(true))
  const { open, dead } = await flood({
    from: Date.parse('2024-11-27T03:20:00Z'),
    asset: true,
    folder,
    events: Number(process.env.FLOOD_EVENTS ?? 72_000_000),
    durationMs: 3_600_000,
    intrusionAfterMs: 2_220_000,
    seed: 7,
    say: (line) => process.stdout.write(`flood: ${line}\n`),
  })
  expect(dead).toBe(0)
  expect(open.length).toBeLessThanOrEqual(3)
  expect(aboutIntruder(open).map(({ severity }) => severity)).toContain('critical')
})
