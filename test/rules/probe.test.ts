// Does a finding on what was seen from outside show what was before and what is now, and the words that a judgement goes by?
import { expect, test } from 'vitest'
import { detectionContent, SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { createDetect } from '../../processors/detect/index.ts'
import { createPageJudge } from '../../processors/detect/page/judge.ts'
import { loadPageWords } from '../../processors/detect/page/words.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { createParse } from '../../processors/parse/index.ts'
import { emptyEvent } from '../../schemas/event.ts'
import { samples } from '../processors/parse/samples.ts'

const detect = createDetect(detectionContent(loadRules([SHIPPED_RULES])))
const parse = createParse()
const context = {
  receivedAt: Date.UTC(2026, 10, 20),
  zoneMinutes: 420,
  columns: [],
  judgePage: createPageJudge(loadPageWords([SHIPPED_RULES])),
}

function evidenceOf(format: 'siaga.probe' | 'siaga.lookalike' | 'siaga.certificate'): Record<string, object> {
  const event = emptyEvent()
  parse(samples[format] ?? '', format, event, context)
  return Object.fromEntries(
    detect(event).map(({ title, evidence }) => [
      title,
      Object.fromEntries(evidence.map(({ field, value }) => [field.replace('fields.siaga.', ''), value])),
    ]),
  )
}

test('a page: before and after, words and places', () => {
  const found = evidenceOf('siaga.probe')
  expect(found).toMatchObject({
    'Title of a protected site changed': {
      'probe.title.before': 'Kota',
      'probe.title.after': 'Hacked by Tim Contoh',
    },
    'Content of a protected site was replaced': {
      'probe.text.similarity': '0.2',
      'probe.text.before': 'Pemerintah Kota',
      'probe.text.after': 's1ot gacor maxwin',
    },
    'Script from a new host on a protected site': {
      'probe.script_hosts.before': '(none)',
      'probe.script_hosts.after': 'cdn.example',
    },
    'Protected site now sends visitors to another domain': {
      'probe.redirect.before': '(none)',
      'probe.redirect.after': 'https://lain.example/masuk',
    },
    'Protected site was defaced': { 'probe.defacement.words': expect.stringContaining('hacked by') },
  })
  const gambling =
    found['Gambling links are hidden in a protected site, or shown to search engines only'] ??
    found['Gambling is advertised on a protected site ("judi online")']
  expect(gambling).toMatchObject({
    'probe.gambling.words': expect.stringContaining('slot gacor'),
    'probe.gambling.places': expect.stringContaining('hidden link'),
  })
})

test('a look-alike name and a certificate', () => {
  expect(evidenceOf('siaga.lookalike')).toMatchObject({
    'Domain that looks much like a protected one, or that can send mail': {
      'lookalike.protected': 'kpu.go.id',
      'lookalike.likeness': '90',
    },
  })
  expect(evidenceOf('siaga.certificate')).toMatchObject({
    'Certificate issued for a name that looks like a protected one': {
      'certificate.domain': 'cek-kpu.example',
      'certificate.protected': 'kpu.go.id',
      'certificate.issuer': 'CN=CA',
    },
  })
})
