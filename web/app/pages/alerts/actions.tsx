// What can be done about this alert? Exactly what its status and the viewer's role allow; what needs words asks for them.
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { AlertVerb } from '../../../../schemas/alert.ts'
import type { AlertDetail } from '../../../../schemas/alert-api.ts'
import { t } from '../../language.ts'
import { may, session } from '../../session.ts'
import { act, acting, newPress } from './act.ts'
import { Asking, type Question } from './asking.tsx'
import { useKeys } from './keys.tsx'
import { Suppress } from './suppress.tsx'
import { say, verbWords } from './words.ts'

/** What needs nothing but a press, and what asks first; in the order of a matter's life. */
const asked: readonly AlertVerb[] = ['resolve', 'false_positive', 'accept', 'reopen', 'assign', 'link', 'merge']

export function Actions({ alert, again }: { alert: AlertDetail; again: () => void }) {
  const question = useSignal<Question | undefined>(undefined)
  const holding = useSignal(false)
  const can = new Set(alert.verbs)
  const me = session.value?.account.name ?? ''
  const press = useMemo(newPress, [alert.id])
  const now = (verb: AlertVerb, assignee = ''): void => void act({ verb, ids: [alert.id], assignee }, press).then(again)
  const isFirst = alert.unacknowledged || alert.status === 'open'
  useKeys([
    ...(can.has('acknowledge')
      ? [{ keys: ['a'], does: () => now('acknowledge'), id: 'tanggapi', en: 'acknowledge' }]
      : []),
    ...(can.has('assign') ? [{ keys: ['t'], does: () => now('assign', me), id: 'ambil', en: 'take' }] : []),
  ])
  if (alert.verbs.length === 0)
    return (
      <p class="soft">
        {t('Peran Anda melihat peringatan tanpa bertindak.', 'Your role sees alerts and does not act.')}
      </p>
    )
  return (
    <div class="actions">
      {can.has('acknowledge') && (
        <button
          type="button"
          class={isFirst ? 'main' : ''}
          disabled={acting.value}
          aria-keyshortcuts="a"
          onClick={() => now('acknowledge')}
        >
          {say(verbWords.acknowledge)}
        </button>
      )}
      {can.has('assign') && alert.assignee !== me && (
        <button type="button" disabled={acting.value} aria-keyshortcuts="t" onClick={() => now('assign', me)}>
          {t('Ambil', 'Take')}
        </button>
      )}
      {can.has('start') && (
        <button
          type="button"
          class={!isFirst && alert.status === 'acknowledged' ? 'main' : ''}
          disabled={acting.value}
          onClick={() => now('start')}
        >
          {say(verbWords.start)}
        </button>
      )}
      {asked
        .filter((verb) => can.has(verb))
        .map((verb) => (
          <button
            key={verb}
            type="button"
            class={verb === 'resolve' && alert.status === 'in_work' ? 'main' : ''}
            disabled={acting.value}
            onClick={() => (question.value = { verb, ids: [alert.id] })}
          >
            {say(verbWords[verb])} …
          </button>
        ))}
      {may('alerts', 'write') && (
        <button type="button" onClick={() => (holding.value = true)}>
          {t('Tahan yang serupa …', 'Hold back the like …')}
        </button>
      )}
      {question.value !== undefined && (
        <Asking
          question={question.value}
          close={(done) => {
            question.value = undefined
            if (done) again()
          }}
        />
      )}
      {holding.value && <Suppress alert={alert} close={() => (holding.value = false)} />}
    </div>
  )
}
