import { expect, test } from 'vitest'
import { createRuleTexts } from '../../../cli/start/rule-texts.ts'
import { loadConfiguredRules } from '../../../cli/worker/rules.ts'
import { readCorrelation } from '../../../processors/correlate/parse.ts'
import { loadConfig } from '../../../runtime/config.ts'
import { matterOf } from '../../../sinks/alerts/message/titles.ts'

const { config, baseDir } = loadConfig({ env: {}, cwd: import.meta.dirname })
const current = loadConfiguredRules(config, baseDir)
const texts = createRuleTexts({ current })

test('every shipped rule and correlation is called by its own title, whole, in both languages', () => {
  const correlations = current.correlations.flatMap(({ document, file, line }) => {
    const read = readCorrelation(document, file, line)
    return 'rule' in read ? [read.rule] : []
  })
  const all = [...current.rules, ...correlations]
  expect(correlations.length).toBeGreaterThan(20)
  const about = { outside: true, rules: texts() } as const
  for (const { id, title, guidance } of all) {
    const alert = { rule_id: id, title, attack: [] }
    expect(guidance?.judul, title).toMatch(/\w/)
    expect(matterOf(alert, { ...about, language: 'id' }), id).toBe(guidance?.judul)
    expect(matterOf(alert, { ...about, language: 'en' }), id).toBe(title)
    expect(texts().get(id)?.response, id).toEqual(guidance?.response)
  }
})

test('texts are read again with the rules, and not otherwise', () => {
  const rules = { current }
  const of = createRuleTexts(rules)
  const first = of()
  expect(of()).toBe(first)
  rules.current = { ...current, correlations: [] }
  expect(of().size).toBe(current.rules.length)
})
