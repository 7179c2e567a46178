// Which records do Siaga's own collectors write that look from outside? Never recognised by their text: only those collectors name them.
import { CERTIFICATE_FORMAT, LOOKALIKE_FORMAT, PROBE_FORMAT } from '../../../schemas/raw-event.ts'
import type { Format } from '../parser.ts'
import { certificate } from './certificate.ts'
import { lookalike } from './lookalike.ts'
import { probe } from './probe.ts'

export const outsideFormats: readonly Format[] = [
  { name: PROBE_FORMAT, parsers: [probe] },
  { name: LOOKALIKE_FORMAT, parsers: [lookalike] },
  { name: CERTIFICATE_FORMAT, parsers: [certificate] },
]
