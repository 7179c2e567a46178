// In which order do test files run? Those that take longest first, so that no worker is left alone with one of them at the end.
import { join } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of more than half a minute, the longest first. By itself vitest goes by size, and several of these only call what stands beside them. */
export const longFiles: readonly string[] = [
  'e2e/silence',
  'faults/cluster',
  'e2e/report',
  'e2e/backup',
  'faults/backup',
  'e2e/lifecycle',
  'deploy/migrations',
  'docs/readme',
  'deploy/rollups',
  'cli/doctor-roles',
  'faults/exactly-once',
  'upgrade/upgrade',
  'e2e/corpora',
  'docs/operations',
  'deploy/migrations-states',
  'faults/alerts',
  'e2e/bad-input',
  'faults/power-off',
  'faults/power-cut',
  'runtime/lease',
  'processors/web-flood/round',
  'integration/access-bounds',
  'cluster/same-answers',
  'rules/cases',
  'sinks/alert-log',
  'sinks/indicators',
  'e2e/shippers',
  'cli/send',
  'integration/access',
  'e2e/rsyslog',
  'e2e/privacy',
  'cli/commands',
  'web/policy',
  'cli/alerts',
  'e2e/join',
  'faults/indicators',
  'cli/no-transactions',
  'processors/correlate/exactly-once',
]

const places = new Map(longFiles.map((name, place) => [join(import.meta.dirname, `${name}.test.ts`), place]))

// It waits for what is made by itself within minutes of a start: after the others there is little to wait for.
places.set(join(import.meta.dirname, 'browser/daily.browser.ts'), longFiles.length + 1)

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => places.get(moduleId) ?? longFiles.length
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
