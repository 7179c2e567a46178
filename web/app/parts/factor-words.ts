// What did a factor of a score see? Keys of phases and severities in words; texts of rules and lines as they are.
import { factorNames } from '../../../schemas/factor-words.ts'
import { t } from '../language.ts'
import { columnWord, hasWord } from './column-words.ts'
import { electionName, phaseName } from './phases.ts'
import { reportTitle } from './report-words.ts'
import { anyRuleName } from './rule-names.ts'
import { isMarked, severityWord } from './severity.tsx'

export function factorDetail({ name, detail }: { readonly name: string; readonly detail: string }): string {
  if (name === 'phase') {
    const [, election, phase] = /^(\S+) (\w+)$/.exec(detail) ?? []
    return election === undefined || phase === undefined ? detail : `${electionName(election)}, ${phaseName(phase)}`
  }
  if (name === 'asset') {
    const [, asset, criticality = ''] = /^(.*) \((\w+)\)$/.exec(detail) ?? []
    return asset !== undefined && isMarked(criticality) ? `${asset} (${severityWord(criticality)})` : detail
  }
  if (name.startsWith('rule:')) {
    const [, field = '', value, severity = ''] = /^([a-z_.]+): (.*) \((\w+)\)$/s.exec(detail) ?? []
    if (value === undefined || !isMarked(severity)) return detail
    return `${hasWord(field) ? columnWord(field, undefined) : field}: ${value} (${severityWord(severity)})`
  }
  if (name === 'device_severity') {
    const [, points, title = ''] = /^(\d+): (.*)$/s.exec(detail) ?? []
    return points === undefined ? detail : `${points}: ${reportTitle(title) ?? title}`
  }
  return isMarked(detail) ? severityWord(detail) : detail
}

/** A factor by its name; a rule is called by its own, not by its number. */
export function factorName(name: string): string {
  if (name.startsWith('rule:')) return anyRuleName(name.slice('rule:'.length)) || name
  const known = name.startsWith('web_flood:') ? 'web_flood' : name
  const words = Object.hasOwn(factorNames, known) ? factorNames[known] : undefined
  return words === undefined ? name : t(words.id, words.en)
}
