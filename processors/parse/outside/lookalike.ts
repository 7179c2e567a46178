// Which name that looks like a protected one is registered? The record of the look-alike collector, in columns and fields.
import type { Event } from '../../../schemas/event.ts'
import { type LookalikeMatch, LookalikeRecord } from '../../../schemas/lookalike.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { LOOKALIKE_FORMAT } from '../../../schemas/raw-event.ts'
import { looksLikeObject, readObject } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { setTime } from '../values/time.ts'
import { listed, putListChange } from './change.ts'

export const lookalike: Parser = {
  format: LOOKALIKE_FORMAT,
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => {
      const parsed = LookalikeRecord.safeParse(values)
      if (!parsed.success) return miss
      const record = parsed.data
      const { before } = record
      event.dataset = LOOKALIKE_FORMAT
      event.event_category = 'threat'
      event.event_action = `lookalike_${record.state}`
      event.event_outcome = 'success'
      event.url_domain = record.domain
      event.dns_question_name = record.domain
      event.destination_ip = toAddress(record.addresses[0] ?? '')
      setTime(event, Date.parse(record.at) || 0)
      putMatch('siaga.lookalike', record, event)
      put(event, 'siaga.lookalike.unicode', record.unicode)
      put(event, 'siaga.lookalike.state', record.state)
      put(event, 'siaga.lookalike.first_seen', record.first_seen)
      for (const kind of ['addresses', 'name_servers', 'mail_servers'] as const) {
        put(event, `siaga.lookalike.${kind}`, listed(record[kind]))
        if (before !== undefined) putListChange(event, `siaga.lookalike.${kind}`, before[kind], record[kind])
      }
      return ok
    })
  },
}

/** What the name looks like, how it was made to, and how easily it is taken for the other. */
export function putMatch(prefix: string, match: LookalikeMatch, event: Event): void {
  put(event, `${prefix}.protected`, match.protected)
  put(event, `${prefix}.kind`, match.kind)
  put(event, `${prefix}.likeness`, String(match.likeness))
}
