// Where under the data directory is what?
import { join } from 'node:path'
import type { ResolvedConfig } from '../../runtime/config.ts'

/** Files that can be made again at any time. */
export function cacheDir(config: Pick<ResolvedConfig, 'data_dir'>): string {
  return join(config.data_dir, 'cache')
}
