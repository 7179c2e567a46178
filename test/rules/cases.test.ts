// Do the cases of the rules that come with Siaga hold, each against all rules?
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { houseProblems } from '../../cli/rules/house.ts'
import { shippedRules } from '../../cli/rules/rule-set.ts'
import { caseGroups, runStreamCases } from '../../cli/rules/run-cases.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { loadConfig } from '../../runtime/config.ts'

const set = loadRules([shippedRules])
const groups = caseGroups(set)
const { config, baseDir } = loadConfig({ env: {}, cwd: join(import.meta.dirname, '../fixtures') })
const place = (file: string): string => file.slice(shippedRules.length + 1)

test('every rule file can be used and keeps to the house rules', () => {
  expect(set.problems).toEqual([])
  expect(houseProblems(set.files)).toEqual([])
  expect(set.rules.length).toBeGreaterThanOrEqual(90)
})

describe('stream cases', () => {
  const results = [...runStreamCases(groups, set, config, baseDir)]

  test('each rule has hits and misses', () => {
    expect(results.length).toBeGreaterThanOrEqual(2 * set.rules.length)
  })

  test('hits match their rule, misses do not', () => {
    const failed = results.filter(({ ok }) => !ok)
    expect(
      failed.map(({ file, line, kind, reason, text }) => `${place(file)}:${line}: ${kind} ${reason}: ${text}`),
    ).toEqual([])
  })
})
