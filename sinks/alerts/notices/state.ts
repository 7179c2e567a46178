// What may happen to a notice in which state? One table; it only moves forward, and what was done already changes nothing.
import type { AlertErrorCode } from '../../../runtime/alert-errors.ts'
import type { Actor } from '../../../schemas/actor.ts'
import {
  endedNotices,
  MAX_NOTICE_ANSWERS,
  MAX_NOTICE_TEXT,
  type Notice,
  type NoticeState,
  type NoticeStep,
} from '../../../schemas/notice.ts'

export type NoticeVerb = 'received' | 'answered' | 'fixed' | 'verified' | 'failed_check' | 'withdrawn'

export interface NoticeMove {
  readonly verb: NoticeVerb
  readonly by: Actor
  readonly text: string
  /** Of what the owner does: which contact; -1 otherwise. */
  readonly contact: number
}

export type MoveOutcome =
  /** Without a step nothing changed: it had been done before. */
  | { readonly kind: 'ok'; readonly notice: Notice; readonly step?: NoticeStep }
  | { readonly kind: 'refused'; readonly code: AlertErrorCode; readonly params: Readonly<Record<string, string>> }

const open = <T extends NoticeState>(to: T) => ({ sent: to, received: to, answered: to }) as const

/** State before → after. What stays as it is has been done already; what is missing is not possible. */
const moves: Readonly<Record<NoticeVerb, Readonly<Partial<Record<NoticeState, NoticeState>>>>> = {
  // Whoever has done more than that has received it; pressing the button on an old page does no harm.
  received: {
    sent: 'received',
    received: 'received',
    answered: 'answered',
    fixed: 'fixed',
    failed_check: 'failed_check',
    verified: 'verified',
    withdrawn: 'withdrawn',
  },
  answered: { ...open('answered'), fixed: 'fixed', failed_check: 'failed_check' },
  fixed: { ...open('fixed'), failed_check: 'fixed', fixed: 'fixed', verified: 'verified' },
  verified: { fixed: 'verified', verified: 'verified' },
  failed_check: { fixed: 'failed_check', failed_check: 'failed_check' },
  withdrawn: { ...open('withdrawn'), fixed: 'withdrawn', failed_check: 'withdrawn', withdrawn: 'withdrawn' },
}

/** The notice after somebody has done something, at `now` (milliseconds since 1970 UTC). */
export function move(notice: Notice, { verb, by, text, contact }: NoticeMove, now: number): MoveOutcome {
  const to = moves[verb][notice.state]
  const said = text.trim().slice(0, MAX_NOTICE_TEXT)
  if (to === undefined) return refused('NOTICE_STATE', { notice: notice.notice_id, state: notice.state, what: verb })
  const known = notice.answers.some((answer) => answer.contact === contact && answer.text === said)
  const adds = said !== '' && contact >= 0 && !known && !endedNotices.has(notice.state)
  // An answer without words, or with the same ones, is none.
  const changes = verb === 'answered' ? adds : to !== notice.state
  if (!changes) return { kind: 'ok', notice }
  if (adds && notice.answers.length >= MAX_NOTICE_ANSWERS && verb === 'answered')
    return refused('NOTICE_FULL', { notice: notice.notice_id })
  const answers = adds
    ? [...notice.answers, { at: now, by: by.name, contact, text: said }].slice(0, MAX_NOTICE_ANSWERS)
    : notice.answers
  const byOwner = contact >= 0
  const step: NoticeStep = { at: now, what: verb, by, text: said }
  return {
    kind: 'ok',
    step,
    notice: {
      ...notice,
      state: to,
      answers,
      received_at: byOwner && notice.received_at === 0 ? now : notice.received_at,
      answered_at: adds && notice.answered_at === 0 ? now : notice.answered_at,
      ...(verb === 'received' && { waiting_since: Math.max(now, notice.answer_by) }),
      ...(verb === 'fixed' && { fixed_at: now }),
      ...((verb === 'verified' || verb === 'failed_check') && { checked_at: now }),
      // It is the owner's turn once more, and silence begins anew.
      ...(verb === 'failed_check' && { waiting_since: now, reminders: 0, climbed: [] }),
      ...(endedNotices.has(to) && { ended_at: now }),
      changed_at: now,
      version: notice.version + 1,
    },
  }
}

function refused(code: AlertErrorCode, params: Readonly<Record<string, string>>): MoveOutcome {
  return { kind: 'refused', code, params }
}
