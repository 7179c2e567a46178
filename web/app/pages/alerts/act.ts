// How does somebody act on alerts from the page? One request for each press, carried out once however often it is sent.
import { signal } from '@preact/signals'
import type { AlertVerb } from '../../../../schemas/alert.ts'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import type { BulkAnswer } from '../../../../schemas/alert-page-api.ts'
import { ApiError, ask } from '../../api.ts'
import { t } from '../../language.ts'
import { acted } from './feed.ts'

export interface Act {
  readonly verb: AlertVerb
  readonly ids: readonly string[]
  readonly reason?: string
  readonly assignee?: string
  readonly other?: string
}

/** What came of the last press, for whoever sees and whoever hears. `failed`: something was refused. */
export const said = signal<{ readonly text: string; readonly failed: boolean } | undefined>(undefined)
/** A press is under way: buttons wait. */
export const acting = signal(false)

/** What a button, or a dialogue, sends its requests under: the same key until the server has answered, so that a press that is repeated acts once. */
export interface Press {
  key: string
}
export const newPress = (): Press => ({ key: newKey() })

/** After a refusal the next press asks anew: the server remembers what it has answered. Where no answer came, it is the same press. */
export function renewed(press: Press, error: unknown): void {
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) press.key = newKey()
}

/** A few characters that differ for other texts: what is written is part of what is asked for. */
export function digest(text: string): string {
  let sum = 0
  for (let at = 0; at < text.length; at += 1) sum = (Math.imul(sum, 31) + text.charCodeAt(at)) | 0
  return (sum >>> 0).toString(36)
}

/** Random, as 32 hexadecimal digits; `crypto.randomUUID` is missing where the page comes without https. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Most ids of one request. */
const MOST = 100

/** Carries it out and says what came of it; answers the alerts as they are now. A second press while one is under way does nothing. */
export async function act(
  { verb, ids, reason = '', assignee = '', other = '' }: Act,
  press: Press,
): Promise<AlertItem[]> {
  if (acting.value || ids.length === 0) return []
  acting.value = true
  said.value = undefined
  try {
    const { answers } = await ask<BulkAnswer>('/v1/alerts/bulk', {
      method: 'POST',
      body: { verb, ids: ids.slice(0, MOST), reason, assignee, other },
      headers: { 'idempotency-key': `${press.key}-${verb}-${digest(reason + assignee + other)}` },
    })
    press.key = newKey()
    const changed = answers.flatMap(({ alert }) => alert ?? [])
    for (const alert of changed) acted(alert)
    said.value = summary(answers)
    return changed
  } catch (error) {
    said.value = { text: failureText(error), failed: true }
    renewed(press, error)
    return []
  } finally {
    acting.value = false
  }
}

/** A refusal in the language of the page. */
export function failureText(error: unknown): string {
  return error instanceof ApiError
    ? `${error.what} ${error.action}`
    : t('Ada yang keliru di halaman ini.', 'Something went wrong on this page.')
}

function summary(answers: BulkAnswer['answers']): { text: string; failed: boolean } {
  const refused = answers.filter(({ outcome }) => outcome === 'refused')
  const accepted = answers.filter(({ outcome }) => outcome === 'accepted').length
  const done = answers.length - refused.length - accepted
  const parts = [
    ...(done > 0 ? [answers.length === 1 ? t('Tersimpan.', 'Done.') : t(`${done} tersimpan.`, `${done} done.`)] : []),
    ...(accepted > 0
      ? [
          t(
            `${accepted} diterima dan dijalankan begitu peringatan dipegang lagi oleh sebuah proses.`,
            `${accepted} kept, and carried out as soon as a process holds the alerts again.`,
          ),
        ]
      : []),
    ...refused.flatMap(({ id, refusal }) =>
      refusal === undefined ? [] : [`${id}: ${t(refusal.pesan, refusal.message)}`],
    ),
  ]
  return { text: parts.join(' '), failed: refused.length > 0 }
}
