// Which format does a source have now? As collectors write it into envelopes.
import type { Source } from '../../schemas/config.ts'
import { envelopeFormat } from '../../schemas/raw-event.ts'
import type { FormatOf } from './dead-letters.ts'

export function formatsOf({ sources }: { readonly sources: readonly Pick<Source, 'id' | 'format'>[] }): FormatOf {
  const formats = new Map(sources.map(({ id, format }) => [id, envelopeFormat(format)]))
  return (source) => formats.get(source)
}
