// Do the cases of the rules that come with Siaga hold, each against all rules?
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCorrelations, runCorrelationCases } from '../../cli/rules/correlation-cases.ts'
import { houseProblems } from '../../cli/rules/house.ts'
import { caseGroups, runStreamCases } from '../../cli/rules/run-cases.ts'
import { SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import { getServices } from '../services.ts'

const set = loadRules([SHIPPED_RULES])
const groups = caseGroups(set)
const { config, baseDir } = loadConfig({ env: {}, cwd: join(import.meta.dirname, '../fixtures') })
const place = (file: string): string => file.slice(SHIPPED_RULES.length + 1)

test('every rule file can be used and keeps to the house rules', () => {
  expect(set.problems).toEqual([])
  expect(readCorrelations(set).problems).toEqual([])
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

describe('cases of correlations', () => {
  test('those that should fire do, the others do not', { timeout: 600_000 }, async () => {
    const { clickhouse } = await getServices()
    const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
    try {
      await migrate(admin)
      const failed: string[] = []
      for await (const { ok, file, line, kind, reason } of runCorrelationCases(groups, set, config, baseDir, admin))
        if (!ok) failed.push(`${place(file)}:${line}: ${kind} ${reason}`)
      expect(failed).toEqual([])
    } finally {
      await admin.close()
    }
  })
})
