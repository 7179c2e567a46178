// Is a proposed exception a filter that Siaga's own rules can take, on nothing that an attacker chooses, and harmless in a shell?
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { proposeException } from '../../cli/alerts/exception.ts'
import { parseRules } from '../../processors/detect/sigma/parse.ts'
import type { AlertDetail } from '../../schemas/alert-api.ts'
import { blankAlert } from '../../sinks/alerts/blank.ts'
import { alertDetail } from '../../web/alerts/items.ts'

const RULE = '60d2b36d-a7b3-4d9f-bd1c-5d7cf4e6a732'
const none = { why: [], steps: [], rule: [], call: [], never: [], report: [] }

function detail(evidence: { field: string; value: string }[][], changed: object = {}): AlertDetail {
  const worst = evidence.map((parts, n) => ({
    ...({ finding_id: `f-${n}`, rule_id: RULE, title: 'SQL injection', severity: 'high', score: 80 } as const),
    ...{ entity: '', event_id: `e-${n}`, source_id: 'nginx', at: 0, evidence: parts, factors: [] },
  }))
  const alert = blankAlert(0, {
    alert_id: 'A-1',
    rule_id: RULE,
    title: 'SQL injection',
    severity: 'high',
    worst,
    ...changed,
  })
  return alertDetail(alert, {
    places: { regions: new Map(), deadline: () => undefined, judul: () => '' },
    attempts: [],
    waiting: [],
    centre: true,
    guidance: { id: none, en: none },
    verbs: [],
    words: () => ({ id: '', en: '' }),
  })
}

const user = { field: 'user_name', value: 'svc*backup' }
const query = { field: 'url_query', value: 'id=1' }

test('a filter on what all findings have in common and no attacker writes', () => {
  const { filter } = proposeException(
    detail([
      [user, query, { field: 'source_ip', value: '192.0.2.1' }],
      [user, query, { field: 'source_ip', value: '192.0.2.2' }],
    ]),
    'backup malam',
    () => '0d5bd6ac-8e8c-4d07-9e5c-0f0f2e7c1a11',
  )
  expect(filter).toContain('known:\n    user_name: svc\\*backup\n')
  expect(filter).not.toContain('url_query')
  expect(filter).not.toContain('192.0.2')
  const { filters, rules, problems } = parseRules(filter ?? '', 'usulan.yml')
  expect(problems).toEqual([])
  expect(rules).toEqual([])
  expect(filters).toMatchObject([{ rules: [RULE], title: 'Exception: SQL injection' }])
})

test('where only the attacker tells the case apart, no filter is proposed', () => {
  expect(proposeException(detail([[query]], { asset_id: 'situs' }), 'x').filter).toBeUndefined()
  const foreign = detail([[user]])
  const builtin = { ...foreign, worst: foreign.worst.map((one) => ({ ...one, rule_id: 'siaga.builtin.failed_login' })) }
  expect(proposeException(builtin, 'x').filter).toBeUndefined()
})

test('what an attacker wrote stays text when the command is pasted into a shell, and in the file', () => {
  const evil = `user:$(touch x)';\`id\`\nrm "-rf" \u2028 #`
  const { suppression, filter } = proposeException(
    detail([[{ field: 'user_name', value: 'a: b\n  rules: [any]' }]], {
      entity: evil,
      title: 'x\nfilter: {rules: [any]}',
    }),
    `it's "fine" $HOME`,
  )
  const pasted = execFileSync('sh', ['-c', suppression.replace(/^siaga/, 'printf "%s\\n"')], { encoding: 'utf8' })
  const words = pasted.split('\n')
  expect(words[words.indexOf('--entity') + 1]).toBe(evil.replaceAll(/[\n\u2028]+/g, ' ').trim())
  expect(words[words.indexOf('--reason') + 1]).toBe(`A-1: it's "fine" $HOME`)
  expect(parseRules(filter ?? '', 'usulan.yml').filters).toMatchObject([{ rules: [RULE] }])
})
