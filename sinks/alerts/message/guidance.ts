// Why does an alert have its score, and what is to be done? The parts of its message that say so, for whoever shows alerts.
import type { Alert } from '../../../schemas/alert.ts'
import type { Guidance } from '../../../schemas/alert-api.ts'
import { renderMessage } from './message.ts'
import type { MessageOptions } from './options.ts'
import { type Label, labels } from './words.ts'

/** In the words of the message about this alert, in the language of the options. */
export function guidanceOf(
  alert: Alert,
  options: Omit<MessageOptions, 'outside' | 'publicUrl' | 'deadline'>,
): Guidance {
  const { parts } = renderMessage(
    {
      notification_id: '',
      alert_id: alert.alert_id,
      channel: '',
      recipient: '',
      room: '',
      level: '',
      reason: 'opened',
      created_at: alert.changed_at,
      due_at: alert.changed_at,
      attempts: 0,
      last_error: '',
      status: 'pending',
      alert,
    },
    { ...options, outside: false, publicUrl: '' },
  )
  const lines = (label: Label): string[] => [
    ...(parts.find((part) => part.label === labels[label][options.language])?.lines ?? []),
  ]
  return {
    why: lines('why'),
    steps: lines('steps'),
    rule: lines('specific'),
    call: lines('call'),
    never: lines('never'),
    report: lines('report'),
  }
}
