// What does a rule look at? Its log source, or the kind of its correlation: in words, and as Sigma has it.
import type { RuleView } from '../../../../schemas/rules-api.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { correlationWord, logsourceWord } from './words.ts'

export function LooksAt({ rule: { correlation, logsource } }: { rule: Pick<RuleView, 'correlation' | 'logsource'> }) {
  const [word, sigma] =
    correlation === ''
      ? [logsourceWord(logsource), logsource]
      : [correlationWord(correlation), `${t('korelasi', 'correlation')} ${correlation}`]
  if (word === undefined) return <span class="mono">{visible(sigma)}</span>
  return <span title={sigma}>{word}</span>
}
