// What did a probe of a public site see? The record of the probe collector (schemas/probe.ts), in columns and fields.
import type { Event } from '../../../schemas/event.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { type DnsFacts, ProbeRecord, type TlsFacts } from '../../../schemas/probe.ts'
import { PROBE_FORMAT } from '../../../schemas/raw-event.ts'
import { looksLikeObject, readObject } from '../json/json-guard.ts'
import type { Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { setTime } from '../values/time.ts'
import { listed, putChange, putListChange } from './change.ts'
import { readPage } from './page.ts'

type DnsRecord = Extract<ProbeRecord, { kind: 'dns' }>
type TlsRecord = Extract<ProbeRecord, { kind: 'tls' }>

export const probe: Parser = {
  format: PROBE_FORMAT,
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => {
      const parsed = ProbeRecord.safeParse(values)
      if (!parsed.success) return miss
      const record = parsed.data
      event.dataset = PROBE_FORMAT
      event.event_action = `${record.kind}_probe`
      // Kept by the enricher if it is an asset of the configuration.
      event.asset_id = record.asset
      event.url_original = record.url
      event.url_domain = record.host
      setTime(event, Date.parse(record.at) || 0)
      put(event, 'siaga.probe.changed', record.changed.join(', '))
      if (record.kind === 'dns') readDns(record, event)
      else if (record.kind === 'tls') readTls(record, event)
      else readPage(record, event, context.judgePage)
      return ok
    })
  },
}

function readDns(record: DnsRecord, event: Event): void {
  const { now, before, changed } = record
  event.event_category = 'network'
  event.dns_question_name = record.host
  putFailure(record, event)
  if (now === undefined) return
  event.destination_ip = toAddress(now.addresses[0] ?? '')
  const kinds = ['addresses', 'name_servers', 'mail_servers', 'aliases'] as const satisfies readonly (keyof DnsFacts)[]
  for (const kind of kinds) {
    put(event, `siaga.probe.${kind}`, listed(now[kind]))
    if (before !== undefined && changed.some((name) => name === kind))
      putListChange(event, `siaga.probe.${kind}`, before[kind], now[kind])
  }
}

function readTls(record: TlsRecord, event: Event): void {
  const { now, before, changed, days_left, expiry_days } = record
  event.event_category = 'network'
  putFailure(record, event)
  if (days_left !== undefined) {
    put(event, 'siaga.probe.days_left', String(days_left))
    if (days_left < 0) put(event, 'siaga.probe.certificate.expired', 'true')
    else if (days_left <= expiry_days) put(event, 'siaga.probe.certificate.expiring', 'true')
  }
  if (now === undefined) return
  event.tls_version = now.version
  event.tls_server_name = record.host
  put(event, 'siaga.probe.cipher', now.cipher)
  put(event, 'siaga.probe.certificate.problem', now.problem)
  put(event, 'siaga.probe.certificate.chain', now.chain.join(' < '))
  put(event, 'siaga.probe.weak_versions', listed(now.weak_versions))
  for (const [name, change, of] of certificateTexts) {
    put(event, `siaga.probe.certificate.${name}`, of(now))
    if (before === undefined || !changed.some((one) => one === change)) continue
    // The certificate as a whole is its fingerprint.
    const field = name === 'fingerprint' ? 'siaga.probe.certificate' : `siaga.probe.certificate.${name}`
    putChange(event, field, of(before), of(now))
  }
}

/** What a certificate says, and by which change it is told. */
const certificateTexts: readonly (readonly [name: string, change: string, of: (facts: TlsFacts) => string])[] = [
  ['fingerprint', 'certificate', ({ fingerprint }) => fingerprint],
  ['issuer', 'issuer', ({ issuer }) => issuer],
  ['subject', 'certificate', ({ subject }) => subject],
  ['names', 'certificate_names', ({ names }) => listed(names)],
  ['serial', 'certificate', ({ serial }) => serial],
  ['not_before', 'certificate', ({ not_before }) => not_before],
  ['not_after', 'certificate', ({ not_after }) => not_after],
]

function putFailure({ failure, detail }: Pick<DnsRecord, 'failure' | 'detail'>, event: Event): void {
  event.event_outcome = failure === undefined ? 'success' : 'failure'
  if (failure === undefined) return
  put(event, 'siaga.probe.failure', failure)
  put(event, 'siaga.probe.failure.detail', detail)
}
