// Are rules read again while everything runs, and does a broken file leave the others in force?
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { detectionContent, loadConfiguredRules } from '../../../cli/worker/rules.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { Finding } from '../../../schemas/detection.ts'
import { topics } from '../../../schemas/raw-event.ts'
import { type Rig, startRig } from '../../faults/rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'siaga-reload-'))
const rule = (id: string, word: string): string => `title: Rule ${id}
id: ${id}
level: high
tags: [attack.t1190]
logsource: {category: webserver}
detection: {s: {c-uri|contains: ${word}}, condition: s}
`
let rig: Rig
let sent = 0

beforeAll(async () => {
  writeFileSync(join(folder, 'one.yml'), rule('one', 'alpha'))
  rig = await startRig({ workers: 1, ruleFolders: [folder] })
})
afterAll(async () => {
  await rig.stop()
  rmSync(folder, { recursive: true })
})

/** Ids of the rules on the row of a request for this path. */
async function rulesOn(path: string): Promise<string[]> {
  sent += 1
  const target = `${path}?n=${sent}`
  const line = `192.0.2.7 - - [27/Nov/2024:08:00:00 +0700] "GET ${target} HTTP/1.1" 200 5 "-" "Mozilla/5.0"`
  const answer = await fetch(`${rig.url}/v1/events/demo`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rig.key}`, 'content-type': 'text/plain' },
    body: line,
  })
  expect(answer.status).toBe(202)
  const Row = z.object({ rule_ids: z.array(z.string()) })
  const rows = () =>
    rig.clickhouse.rows(Row, 'SELECT rule_ids FROM siaga.events WHERE url_original = {target:String}', { target })
  await expect.poll(async () => (await rows()).length, { timeout: 30_000 }).toBe(1)
  return (await rows())[0]?.rule_ids ?? []
}

test('a rule that is written, changed, broken or removed is so for the next events', async () => {
  expect(await rulesOn('/alpha')).toEqual(['one'])
  expect(await rulesOn('/beta')).toEqual([])

  writeFileSync(join(folder, 'two.yml'), rule('two', 'beta'))
  await expect.poll(() => rulesOn('/beta'), { timeout: 30_000 }).toEqual(['two'])

  writeFileSync(join(folder, 'one.yml'), 'title: [')
  writeFileSync(join(folder, 'two.yml'), rule('two', 'gamma'))
  await expect.poll(() => rulesOn('/gamma'), { timeout: 30_000 }).toEqual(['two'])
  expect(await rulesOn('/alpha')).toEqual([])
  const metrics = await rig.metrics.registry.metrics()
  expect(metrics).toMatch(/^siaga_rules 1$/m)
  expect(metrics).toMatch(/^siaga_rule_problems 1$/m)

  const findings: string[] = []
  await rig.kafka.readAll(topics.findings, ({ value }) => {
    const { rule_id, attack, evidence } = Finding.parse(JSON.parse(String(value)))
    expect(attack).toEqual(['T1190'])
    expect(evidence[0]?.field).toBe('url_original')
    findings.push(rule_id)
  })
  expect(new Set(findings)).toEqual(new Set(['one', 'two']))
})

test('what is disabled is left out, and what a correlation refers to is silent unless it says otherwise', () => {
  const own = join(mkdtempSync(join(tmpdir(), 'siaga-rules-')), 'rules')
  mkdirSync(own)
  for (const id of ['a', 'b', 'c', 'd']) writeFileSync(join(own, `${id}.yml`), `name: name_${id}\n${rule(id, id)}`)
  const correlation = (id: string, rules: string, extra = ''): string =>
    `title: ${id}\nid: ${id}\ncorrelation:\n  type: event_count\n  rules: ${rules}\n  timespan: 1m\n  condition: {gte: 3}\n${extra}`
  writeFileSync(join(own, 'x.yml'), correlation('x', '[name_a, b]'))
  writeFileSync(join(own, 'y.yml'), correlation('y', '[c]', '  generate: true\n'))
  writeFileSync(join(own, '..', 'siaga.yaml'), `rules: {shipped: false, folders: [${own}], disabled: [d]}`)
  const { config, baseDir } = loadConfig({ file: join(own, '..', 'siaga.yaml'), env: {}, cwd: own })
  const set = loadConfiguredRules(config, baseDir)
  expect(set.problems).toEqual([])
  expect(set.rules.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect([...detectionContent(set).silent]).toEqual(['a', 'b'])
  rmSync(join(own, '..'), { recursive: true })
})
