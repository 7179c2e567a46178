// In which order do test files run? Those that take longest first, so that no worker is left alone with one of them at the end.
import { join } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of more than half a minute, the longest first. By itself vitest goes by size, and several of these only call what stands beside them. */
export const longFiles: readonly string[] = [
  'docs/readme',
  'deploy/rollups',
  'e2e/report',
  'e2e/silence',
  'faults/exactly-once',
  'e2e/lifecycle',
  'cli/alerts',
  'e2e/bad-input',
  'integration/analysts',
  'e2e/corpora',
  'e2e/join',
  'faults/alerts',
  'faults/indicators',
  'e2e/shippers',
  'e2e/rsyslog',
  'deploy/rollups-rebuild',
  'integration/access-bounds',
  'rules/cases',
  'deploy/migrations',
  'e2e/privacy',
  'processors/correlate/exactly-once',
  'embedded/faults',
  'integration/access',
  'cli/send',
  'cli/commands',
  'processors/web-flood/round',
  'cli/rules',
  'e2e/outside',
  'processors/correlate/history',
  'runtime/lease',
  'cli/probe',
  'e2e/flood',
  'cli/start/correlate',
  'deploy/migrations-states',
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
