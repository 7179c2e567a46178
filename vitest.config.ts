// Which tests are there, and how do they run? `fast` on every change, `browser` by `npm run test:browser`, `containers` by `npm run test:containers`, `long` by `npm run test:long`.
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/sequencer.ts'

const long = ['test/**/*.long.test.ts']

// Real Kafka and ClickHouse are started once for a run (test/services.ts) and shared by all files.
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: long, globalSetup: ['test/global-setup.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.browser.ts'],
          globalSetup: ['test/browser/global-setup.ts'],
          fileParallelism: false,
          // A browser, a server and what both wait for, on a machine that others use too: what fails twice fails.
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.containers.ts'],
          // Images may have to be built; then a dozen faults, each until it has been felt and made good.
          testTimeout: 1_800_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
          // testcontainers' own reaper is an image that would have to be pulled; test/containers/engine.ts clears up instead.
          env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: long,
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
