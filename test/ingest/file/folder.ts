// A folder for each test of the file collector: logs to follow beside the data directory; what a test left running is stopped.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Collector } from '../../../ingest/collector.ts'

let folder = ''
/** Data directory of the present test. */
export let dataDir = ''
/** Collectors to stop behind the test. */
export const running: Collector[] = []

/** Makes and removes the folder around each test of a file. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'siaga-files-'))
    dataDir = join(folder, 'data')
    await mkdir(join(folder, 'logs'))
  })
  afterEach(async () => {
    for (const collector of running.splice(0)) await collector.stop()
    await rm(folder, { recursive: true, force: true })
  })
}

export const log = (name: string): string => join(folder, 'logs', name)
