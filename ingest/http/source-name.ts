// Does the name that a shipper sends to agree with its key? An index, a tenant: the source's id, alone or with something behind it.
import type { SourceDirectory, SourceRef } from '../collector.ts'
import { HttpError } from './errors.ts'

/**
 * Throws KEY_OF_ANOTHER_SOURCE unless `name` is empty, the id of `source`, or begins with it (`web-2024.11.27` of source `web`) while no
 * source with a longer id fits better. So a shipper with the key of one source and the settings of another is found out.
 */
export function agreeOnSource(sources: Pick<SourceDirectory, 'byId'>, name: string, source: SourceRef): void {
  for (let end = name.length; end > 0; end = Math.max(name.lastIndexOf('-', end - 1), name.lastIndexOf('.', end - 1))) {
    const found = sources.byId(name.slice(0, end))
    if (found?.id === source.id) return
    if (found !== undefined) break
  }
  if (name !== '') throw new HttpError('KEY_OF_ANOTHER_SOURCE', { source: name })
}
