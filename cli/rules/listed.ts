// What do a list of rules and the house rules need to know of a rule, be it one of events or a correlation?
import { z } from 'zod'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import { techniques } from '../../processors/detect/sigma/parse.ts'
import type { LogSource } from '../../processors/detect/sigma/rule.ts'
import { Severity } from '../../schemas/detection.ts'

export interface ListedRule {
  readonly id: string
  readonly level: Severity
  readonly title: string
  /** Title in Indonesian, '' if the rule has none. */
  readonly judul: string
  /** Type of correlation, '' for a rule of events. */
  readonly correlation: string
  readonly logsource: LogSource
  readonly attack: readonly string[]
  readonly file: string
}

/** Heads of correlation documents, which are otherwise the business of processors/correlate. */
const CorrelationHead = z.looseObject({
  id: z.string().catch(''),
  title: z.string().catch(''),
  level: Severity.catch('informational'),
  tags: z.array(z.string()).catch([]),
  correlation: z.looseObject({ type: z.string().catch('') }).catch({ type: '' }),
  siaga: z.looseObject({ judul: z.string().catch('') }).catch({ judul: '' }),
})

/** All rules of a set, in the order of their files. */
export function listed({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): ListedRule[] {
  const events = rules.map(
    ({ id, level, title, guidance, logsource, attack, file }): ListedRule => ({
      id,
      level,
      title,
      judul: guidance?.judul ?? '',
      correlation: '',
      logsource,
      attack,
      file,
    }),
  )
  const others = correlations.map(({ document, file }): ListedRule => {
    const head = CorrelationHead.parse(document)
    return {
      id: head.id || file,
      level: head.level,
      title: head.title,
      judul: head.siaga.judul,
      correlation: head.correlation.type || '?',
      logsource: {},
      attack: techniques(head.tags),
      file,
    }
  })
  return [...events, ...others].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
}
