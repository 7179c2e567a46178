// Which format does a source have now? As collectors write it into envelopes (ingest/peer.ts).
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { FormatOf } from './dead-letters.ts'

export function formatsOf({ sources }: Pick<ResolvedConfig, 'sources'>): FormatOf {
  const formats = new Map(sources.map(({ id, format }) => [id, format === 'auto' ? '' : format]))
  return (source) => formats.get(source)
}
