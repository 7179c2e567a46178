// Has the configuration changed since the last start? Its digest is kept in the data directory, so that the audit trail can say so.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedConfig } from '../../runtime/config.ts'

/** The new digest if it differs from the last start's, undefined otherwise or on the first start. The digest is kept. */
export function configChange(config: ResolvedConfig): string | undefined {
  const digest = createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16)
  const folder = join(config.data_dir, 'run')
  const file = join(folder, 'config.digest')
  const before = readIfThere(file)
  if (before === digest) return undefined
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${file}.new`, digest)
  renameSync(`${file}.new`, file)
  return before === undefined ? undefined : digest
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
