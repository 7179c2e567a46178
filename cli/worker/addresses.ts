// How do workers come by the address databases? They are made once, by a process of its own.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isEnrichPrepared } from '../../processors/enrich/index.ts'

const entry = fileURLToPath(new URL('./addresses-prepare.ts', import.meta.url))

/**
 * Makes the files of `cacheDir` that are missing. What that takes of memory a process that runs for weeks would not give back. Rejects with what went
 * wrong, and when `signal` is aborted.
 */
export async function prepareAddresses(cacheDir: string, signal?: AbortSignal): Promise<void> {
  if (isEnrichPrepared(cacheDir)) return
  const flags = ['--disable-warning=ExperimentalWarning']
  await promisify(execFile)(process.execPath, [...flags, entry, cacheDir], signal === undefined ? {} : { signal })
}
