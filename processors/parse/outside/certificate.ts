// Who got a certificate for a name that looks like a protected one? The record of the reader of certificate logs, in columns and fields.
import { CertificateRecord } from '../../../schemas/lookalike.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { CERTIFICATE_FORMAT } from '../../../schemas/raw-event.ts'
import { looksLikeObject, readObject } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { put } from '../values/fields.ts'
import { setTime } from '../values/time.ts'
import { putMatch } from './lookalike.ts'

export const certificate: Parser = {
  format: CERTIFICATE_FORMAT,
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => {
      const parsed = CertificateRecord.safeParse(values)
      if (!parsed.success) return miss
      const record = parsed.data
      event.dataset = CERTIFICATE_FORMAT
      event.event_category = 'threat'
      event.event_action = 'certificate_seen'
      event.event_outcome = 'success'
      event.url_domain = record.domain
      setTime(event, Date.parse(record.at) || 0)
      putMatch('siaga.certificate', record, event)
      put(event, 'siaga.certificate.domain', record.domain)
      put(event, 'siaga.certificate.unicode', record.unicode)
      put(event, 'siaga.certificate.names', record.names.join(', '))
      put(event, 'siaga.certificate.log', record.log)
      put(event, 'siaga.certificate.index', String(record.index))
      put(event, 'siaga.certificate.precertificate', String(record.precertificate))
      put(event, 'siaga.certificate.fingerprint', record.fingerprint)
      put(event, 'siaga.certificate.serial', record.serial)
      put(event, 'siaga.certificate.issuer', record.issuer)
      put(event, 'siaga.certificate.not_before', record.not_before)
      put(event, 'siaga.certificate.not_after', record.not_after)
      put(event, 'siaga.certificate.logged_at', record.logged_at)
      return ok
    })
  },
}
