// Do the README's commands do what it says, unchanged, against a Siaga started as it says?
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePlace, markedBlocks, type Place, START_MS, type Started } from './place.ts'

const blocks = markedBlocks('README.md')
/** The newcomer's hour. */
const hour = markedBlocks('docs/analysts.md')

let place: Place
let siaga: Started | undefined

beforeAll(async () => {
  place = await makePlace()
})
afterAll(() => place?.remove())

describe('the README', () => {
  test('npm start becomes ready and says what to do next', { timeout: START_MS + 10_000 }, async () => {
    siaga = await place.npmStart()
    const output = siaga.output
    expect(output()).toContain('Siaga siap / is ready')
    expect(output()).toContain('/v1/events/demo')
    for (const path of ['/healthz', '/metrics', '/', '/status'])
      expect([path, await place.statusOf(path)]).toEqual([path, 200])
  })

  test('the line that npm start prints to send an event works as it stands', async () => {
    const line = siaga?.output().match(/^ +curl .*$/m)?.[0] ?? ''
    expect(await place.shell(line)).toMatchObject({ code: 0, stdout: '{"accepted":1}' })
  })

  test('has blocks to test', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(9)
  })

  test.each(blocks)('line $line: $title', { timeout: 120_000 }, (block) => place.runBlock(block))

  test('the newcomer’s hour leads from a first query to a hunt of one’s own', () => {
    expect(hour.filter(({ language }) => language === 'sql').length).toBeGreaterThanOrEqual(6)
    expect(hour.at(-1)?.text).toContain('siaga export')
  })

  test.each(hour)('docs/analysts.md, line $line: $title', { timeout: 120_000 }, (block) => place.runBlock(block))

  test('Ctrl-C ends everything in under five seconds with exit code 0', { timeout: 60_000 }, async () => {
    const { code, ms } = (await siaga?.ctrlC()) ?? { code: -1, ms: 0 }
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
    expect(existsSync(join(place.dataDir, 'run', 'holder.pid'))).toBe(false)
    expect(await place.statusOf('/healthz')).toBe(0)
  })

  test('a second start goes on with the rows of the first', { timeout: START_MS + 60_000 }, async () => {
    siaga = await place.npmStart()
    const count =
      "SELECT countIf(dataset = 'nginx.access'), countIf(source_ip = '203.0.113.66') FROM events WHERE source_id = 'demo'"
    expect(await place.shell(`npx siaga sql --format TSV "${count}"`)).toMatchObject({ code: 0, stdout: '3\t2\n' })
    const { code, ms } = (await siaga?.ctrlC()) ?? { code: -1, ms: 0 }
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
  })
})
