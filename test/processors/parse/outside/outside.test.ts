// Do the records of probes, look-alike names and certificate logs come into columns and fields, with before and after?
import { describe, expect, test } from 'vitest'
import type { CertificateRecord, LookalikeRecord } from '../../../../schemas/lookalike.ts'
import type { ProbeRecord } from '../../../../schemas/probe.ts'
import { parseOne, read } from '../read.ts'
import { samples } from '../samples.ts'

const head = { asset: 'situs-kota', url: 'https://kota.go.id/', host: 'kota.go.id', at: '2026-07-01T00:00:00Z' }
const dns: Extract<ProbeRecord, { kind: 'dns' }> = {
  kind: 'dns',
  ...head,
  changed: ['name_servers'],
  detail: '',
  now: { addresses: ['192.0.2.80'], name_servers: ['b.example', 'a.example'], mail_servers: [], aliases: [] },
  before: { addresses: ['192.0.2.80'], name_servers: ['a.example', 'old.example'], mail_servers: [], aliases: [] },
}
const facts = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  fingerprint: 'aa',
  subject: 'CN=kota.go.id',
  issuer: 'CN=New CA',
  names: ['kota.go.id'],
  serial: '01',
  not_before: '2026-06-30T00:00:00Z',
  not_after: '2026-09-30T00:00:00Z',
  chain: ['CN=kota.go.id', 'CN=New CA'],
  problem: '',
  weak_versions: ['TLSv1'],
}
const tls: Extract<ProbeRecord, { kind: 'tls' }> = {
  kind: 'tls',
  ...head,
  changed: ['certificate', 'issuer'],
  detail: '',
  now: facts,
  before: { ...facts, fingerprint: 'bb', issuer: 'CN=Old CA' },
  days_left: 10,
  expiry_days: 21,
}
const lookalike: LookalikeRecord = {
  protected: 'kpu.go.id',
  kind: 'homoglyph',
  likeness: 95,
  at: head.at,
  domain: 'xn--kp-xka.example',
  unicode: 'kpü.example',
  state: 'changed',
  addresses: ['203.0.113.7'],
  name_servers: ['ns.example'],
  mail_servers: ['mx.example'],
  first_seen: '2026-06-01T00:00:00Z',
  before: { addresses: ['203.0.113.7'], name_servers: ['ns.example'], mail_servers: [] },
}
const certificate: CertificateRecord = {
  protected: 'kpu.go.id',
  kind: 'added_word',
  likeness: 80,
  at: head.at,
  domain: 'cek-kpu.example',
  unicode: 'cek-kpu.example',
  names: ['cek-kpu.example', 'www.cek-kpu.example'],
  log: 'log-a',
  index: 7,
  precertificate: true,
  fingerprint: 'cc',
  serial: '02',
  issuer: 'CN=CA',
  not_before: '2026-06-30T00:00:00Z',
  not_after: '2026-09-28T00:00:00Z',
  logged_at: '2026-06-30T23:59:00Z',
}

describe('a probe', () => {
  test('of name servers that changed', () => {
    expect(read(JSON.stringify(dns), 'siaga.probe')).toMatchObject({
      timestamp: '2026-07-01T00:00:00.000Z',
      dataset: 'siaga.probe',
      asset_id: 'situs-kota',
      event_category: 'network',
      event_action: 'dns_probe',
      event_outcome: 'success',
      url_original: head.url,
      url_domain: head.host,
      dns_question_name: head.host,
      destination_ip: '192.0.2.80',
      fields: {
        'siaga.probe.changed': 'name_servers',
        'siaga.probe.addresses': '192.0.2.80',
        'siaga.probe.name_servers': 'a.example, b.example',
        'siaga.probe.name_servers.before': 'a.example, old.example',
        'siaga.probe.name_servers.after': 'a.example, b.example',
        'siaga.probe.name_servers.added': 'b.example',
        'siaga.probe.name_servers.removed': 'old.example',
      },
    })
  })

  test('that nothing changed for shows no before and after, whatever was known', () => {
    const event = read(JSON.stringify({ ...dns, changed: [] }), 'siaga.probe')
    expect(Object.keys(event.fields ?? {}).filter((name) => name.endsWith('.before'))).toEqual([])
  })

  test('of a host that is no more', () => {
    const { now: _, ...gone } = dns
    const event = read(JSON.stringify({ ...gone, failure: 'dns_not_found', detail: 'NXDOMAIN' }), 'siaga.probe')
    expect(event).toMatchObject({
      event_outcome: 'failure',
      fields: { 'siaga.probe.failure': 'dns_not_found', 'siaga.probe.failure.detail': 'NXDOMAIN' },
    })
  })

  test('of a certificate', () => {
    const event = read(JSON.stringify(tls), 'siaga.probe')
    expect(event).toMatchObject({
      event_action: 'tls_probe',
      tls_version: 'TLSv1.3',
      fields: {
        'siaga.probe.certificate.before': 'bb',
        'siaga.probe.certificate.after': 'aa',
        'siaga.probe.certificate.issuer.before': 'CN=Old CA',
        'siaga.probe.certificate.issuer.after': 'CN=New CA',
        'siaga.probe.certificate.chain': 'CN=kota.go.id < CN=New CA',
        'siaga.probe.certificate.expiring': 'true',
        'siaga.probe.days_left': '10',
        'siaga.probe.weak_versions': 'TLSv1',
      },
    })
    expect(event.fields).not.toHaveProperty('siaga.probe.certificate.subject.before')
    const late = read(JSON.stringify({ ...tls, days_left: -1 }), 'siaga.probe')
    expect(late.fields).toMatchObject({ 'siaga.probe.certificate.expired': 'true', 'siaga.probe.days_left': '-1' })
  })

  test('of a page', () => {
    expect(read(samples['siaga.probe'] ?? '', 'siaga.probe')).toMatchObject({
      event_category: 'web',
      event_action: 'page_probe',
      http_status_code: 200,
      http_response_bytes: 100,
      destination_ip: '192.0.2.80',
      fields: {
        'siaga.probe.title': 'Hacked by Tim Contoh',
        'siaga.probe.title.before': 'Kota',
        'siaga.probe.title.after': 'Hacked by Tim Contoh',
        'siaga.probe.generator.before': '(none)',
        'siaga.probe.generator.after': 'WordPress',
        'siaga.probe.script_hosts.added': 'cdn.example',
        'siaga.probe.hidden_links.before': '0',
        'siaga.probe.hidden_links.after': '1',
        'siaga.probe.text.similarity': '0.2',
        'siaga.probe.text.before': 'Pemerintah Kota',
        'siaga.probe.text.after': 's1ot gacor maxwin',
        'siaga.probe.redirect.other_host': 'lain.example',
        'siaga.probe.redirect.other_domain': 'lain.example',
        'siaga.probe.crawler.failure': 'timeout',
        'siaga.probe.crawler.similarity': '0.1',
        'siaga.probe.sitemap.urls': '2',
        'siaga.probe.sitemap.before': '1',
      },
    })
  })

  test('that sends visitors to a name of its own domain sends them to no other domain', () => {
    const record = JSON.parse(samples['siaga.probe'] ?? '')
    record.views[0].redirects = [{ status: 301, location: 'https://www.kota.go.id/', followed: false }]
    const { fields } = read(JSON.stringify(record), 'siaga.probe')
    expect(fields).toMatchObject({ 'siaga.probe.redirect.other_host': 'www.kota.go.id' })
    expect(fields).not.toHaveProperty('siaga.probe.redirect.other_domain')
  })
})

test('a look-alike that got a mail server', () => {
  expect(read(JSON.stringify(lookalike), 'siaga.lookalike')).toMatchObject({
    event_category: 'threat',
    event_action: 'lookalike_changed',
    url_domain: 'xn--kp-xka.example',
    destination_ip: '203.0.113.7',
    fields: {
      'siaga.lookalike.protected': 'kpu.go.id',
      'siaga.lookalike.unicode': 'kpü.example',
      'siaga.lookalike.likeness': '95',
      'siaga.lookalike.mail_servers.before': '(none)',
      'siaga.lookalike.mail_servers.after': 'mx.example',
    },
  })
})

test('a certificate for a look-alike', () => {
  expect(read(JSON.stringify(certificate), 'siaga.certificate')).toMatchObject({
    event_action: 'certificate_seen',
    url_domain: 'cek-kpu.example',
    fields: {
      'siaga.certificate.protected': 'kpu.go.id',
      'siaga.certificate.names': 'cek-kpu.example, www.cek-kpu.example',
      'siaga.certificate.issuer': 'CN=CA',
      'siaga.certificate.index': '7',
    },
  })
})

describe('records', () => {
  test.each([
    ['siaga.probe', dns],
    ['siaga.lookalike', lookalike],
    ['siaga.certificate', certificate],
  ] as const)(
    '%s are believed only where their collector named the format, and are poison if they are none',
    (format, record) => {
      expect(read(JSON.stringify(record)).dataset).toBe('json')
      expect(parseOne(JSON.stringify({ ...record, at: 7 }), format).outcome).toMatchObject({ kind: 'dlq' })
    },
  )
})
