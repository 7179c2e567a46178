// What is an alert called? By its rule in the language of the page; by what was found where there is no rule of that name.
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import { t } from '../../language.ts'
import { reportTitle } from '../../parts/report-words.ts'
import { ruleName } from '../../parts/rule-names.ts'

export function alertTitle(alert: Pick<AlertItem, 'rule' | 'title' | 'judul' | 'kind' | 'matters'>): string {
  const { rule, title, judul, kind, matters } = alert
  const report = reportTitle(title)
  if (report !== undefined) return report
  const name = ruleName(rule)
  // A storm's own title says what it is about, of whom and of how many.
  if (kind === 'storm') return t(name === '' ? judul : `Badai: ${name} (${matters} hal)`, title)
  return t(name || judul, title)
}

/** A rule by its name in the language of the page, or by the title that its finding has. */
export const ruleTitle = (id: string, title: string): string => reportTitle(title) ?? (ruleName(id) || title)
