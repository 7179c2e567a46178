// What can be done to the alerts that are selected? What at least one of them allows; each answers by itself.
import { useMemo } from 'preact/hooks'
import type { AlertVerb } from '../../../../schemas/alert.ts'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import { t } from '../../language.ts'
import { session } from '../../session.ts'
import { act, acting, newPress } from './act.ts'
import type { Question } from './asking.tsx'
import { say, verbWords } from './words.ts'

interface Props {
  readonly alerts: readonly AlertItem[]
  readonly clear: () => void
  readonly ask: (question: Question) => void
}

const working = new Set(['open', 'acknowledged', 'in_work'])

export function Bulk({ alerts, clear, ask }: Props) {
  const ids = alerts.map(({ id }) => id)
  const list = ids.join()
  // One for this selection: pressing twice does not act twice.
  const press = useMemo(newPress, [list])
  const some = (fits: (alert: AlertItem) => boolean): boolean => alerts.some(fits)
  const open = some(({ status }) => working.has(status))
  const closed = some(({ status }) => !working.has(status))
  const now = (verb: AlertVerb, assignee = ''): void =>
    void act({ verb, ids, assignee }, press).then((changed) => changed.length > 0 && clear())
  const later = (verb: AlertVerb) => (
    <button type="button" disabled={acting.value} onClick={() => ask({ verb, ids })}>
      {say(verbWords[verb])} …
    </button>
  )
  return (
    <div class="bulk" role="toolbar" aria-label={t('Tindakan atas yang dipilih', 'Actions on the selected')}>
      <b>{t(`${ids.length} dipilih`, `${ids.length} selected`)}</b>
      {open && (
        <>
          <button type="button" class="main" disabled={acting.value} onClick={() => now('acknowledge')}>
            {say(verbWords.acknowledge)}
          </button>
          <button
            type="button"
            disabled={acting.value}
            onClick={() => now('assign', session.value?.account.name ?? '')}
          >
            {t('Ambil', 'Take')}
          </button>
          {later('assign')}
          {later('resolve')}
          {later('false_positive')}
        </>
      )}
      {closed && later('reopen')}
      {later('comment')}
      <button type="button" class="quiet" onClick={clear}>
        {t('Batal pilih', 'Clear')}
      </button>
    </div>
  )
}
