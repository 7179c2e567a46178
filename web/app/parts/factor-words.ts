// What did a factor of a score see? Keys of phases and severities in words; texts of rules and lines as they are.
import { electionName, phaseName } from './phases.ts'
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
  return isMarked(detail) ? severityWord(detail) : detail
}
