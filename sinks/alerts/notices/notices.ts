// Which notices are there, and who hears of them? Made by people or by rule, moved on by owners, probes and the clock; every step is kept and logged.
import type { AlertErrorCode } from '../../../runtime/alert-errors.ts'
import type { NoticeTokens } from '../../../runtime/notice-token.ts'
import type { Reference } from '../../../runtime/reference.ts'
import { mayRead } from '../../../runtime/scope.ts'
import { type Actor, type Level, siagaActor } from '../../../schemas/actor.ts'
import { type Alert, closedStatuses } from '../../../schemas/alert.ts'
import type { Alerts } from '../../../schemas/alerting.ts'
import type { Asset } from '../../../schemas/config.ts'
import type { Finding } from '../../../schemas/detection.ts'
import {
  CHECK_AFTER_MS,
  endedNotices,
  isNoticeShown,
  NOTICE_LAPSES_MS,
  NOTICE_SHOWN_MS,
  type Notice,
  type NoticeRequest,
  type NoticeStep,
} from '../../../schemas/notice.ts'
import type { Room } from '../../../schemas/room.ts'
import type { AlertBook } from '../book.ts'
import type { Ledger } from '../ledger.ts'
import { mayAct } from '../lifecycle/act.ts'
import type { Post } from '../post.ts'
import { quietEnd } from '../route/duty.ts'
import { levelsOf } from '../route/ladder.ts'
import type { Router } from '../route/router.ts'
import { createNoticePost } from './mail.ts'
import { automaticId, newNotice, withToken } from './make.ts'
import { silenceOf } from './silence.ts'
import { move, type NoticeMove } from './state.ts'

export interface NoticeParts {
  readonly settings: Pick<Alerts, 'notices' | 'public_url' | 'quiet_hours' | 'recipients' | 'fallback'>
  readonly assets: readonly Asset[]
  readonly rooms: readonly Room[]
  readonly reference: Pick<Reference, 'regions'>
  readonly ledger: Ledger
  readonly book: Pick<AlertBook, 'get'>
  readonly post: Pick<Post, 'make'>
  readonly router: Pick<Router, 'onDuty' | 'roomsOf'>
  /** Without them none can be made. */
  readonly tokens: Pick<NoticeTokens, 'hash'> | undefined
}

export type NoticeResult =
  | { readonly ok: true; readonly alerts: readonly string[] }
  | { readonly ok: false; readonly code: AlertErrorCode; readonly params: Readonly<Record<string, string>> }

export interface Notices {
  restore(notice: Notice): void
  request(request: NoticeRequest, now: number): NoticeResult
  /** What was found again after its owner has said that it is fixed. */
  findings(findings: readonly Finding[], now: number): void
  /** Alerts that have changed: those of rules that send notices by themselves get one. */
  look(alertIds: Iterable<string>, now: number): void
  /** Reminders, rooms that are told of silence, what has lapsed or may be forgotten. */
  due(now: number): void
  nextAt(): number | undefined
}

const DAY_MS = 86_400_000
/** Notices of rooms about one system: whoever makes and withdraws them must not fill the mailbox of its owner in Siaga's name. */
const MOST_IN_A_DAY = 10

/** Nobody is on duty anywhere: looked for again after this time. */
const AGAIN_MS = 300_000

export function createNotices(parts: NoticeParts): Notices {
  const { settings, assets, rooms, reference, ledger, book, router, tokens } = parts
  const all = new Map<string, Notice>()
  const next = new Map<string, number>()
  const assetOf = new Map(assets.map((asset) => [asset.id, asset]))
  const automatic = new Set(settings.notices.automatic)
  const mail = createNoticePost(parts)
  const hasLink = (settings.notices.public_url || settings.public_url) !== ''
  const silenceParts = {
    settings: settings.notices,
    awake: ({ region_code, severity }: Pick<Notice, 'region_code' | 'severity'>, at: number) =>
      quietEnd(
        at,
        severity === 'critical' ? '' : settings.quiet_hours,
        reference.regions.get(region_code)?.zone ?? 'WIB',
      ),
  }

  /** When there is something to do about it next. */
  const nextOf = (notice: Notice, now: number): number => {
    if (endedNotices.has(notice.state)) return notice.ended_at + NOTICE_SHOWN_MS
    const { reminders, levels, nextAt } = silenceOf(notice, now, silenceParts)
    if (reminders > notice.reminders || levels.length > 0) return now
    return Math.min(nextAt ?? Number.POSITIVE_INFINITY, notice.changed_at + NOTICE_LAPSES_MS)
  }
  const put = (notice: Notice, step: NoticeStep): void => {
    all.set(notice.notice_id, notice)
    next.set(notice.notice_id, nextOf(notice, step.at))
    ledger.keep({ kind: 'notice', notice }, notice.notice_id)
    ledger.log({ kind: 'notice', notice, step })
  }
  const bySiaga = (
    notice: Notice,
    changed: Partial<Notice>,
    what: NoticeStep['what'],
    text: string,
    now: number,
  ): Notice => {
    const after = { ...notice, ...changed, changed_at: now, version: notice.version + 1 }
    put(after, { at: now, what, by: siagaActor, text })
    return after
  }
  /** Contacts with the hash of the token that their next message carries. */
  const withTokens = (notice: Notice): Notice => (tokens === undefined ? notice : withToken(notice, tokens))

  /** Tells the rooms of a region; false if nobody is on duty there. */
  const tellRooms = (
    notice: Notice,
    at: { level: Level; region: string },
    reason: 'notice_silent' | 'notice_failed',
    now: number,
  ): boolean => {
    const there = router
      .roomsOf(at.region)
      .filter((room) => mayRead(room, notice))
      .map((room) => ({ room: room.id, ids: router.onDuty(room, now) }))
      .filter(({ ids }) => ids.length > 0)
    if (there.length === 0 && at.level === 'pusat' && settings.fallback.length > 0)
      there.push({ room: '', ids: settings.fallback })
    for (const { room, ids } of there) mail.toRoom(notice, { room, level: at.level, ids, reason }, now)
    return there.length > 0
  }
  /** Tells the lowest level that is there, from one level on; answers the levels that are thereby done with. */
  const tellFrom = (notice: Notice, from: Level, reason: 'notice_silent' | 'notice_failed', now: number): Level[] => {
    const ladder = levelsOf(notice.region_code)
    const passed: Level[] = []
    for (const rung of ladder.slice(ladder.findIndex(({ level }) => level === from))) {
      passed.push(rung.level)
      if (tellRooms(notice, rung, reason, now)) return passed
    }
    return []
  }

  const make = (alert: Alert, id: string, by: Actor, text: string, now: number): NoticeResult => {
    const asset = assetOf.get(alert.asset_id)
    if (asset === undefined || (asset.contacts ?? []).length === 0)
      return refusal('NOTICE_NO_CONTACT', { asset: alert.asset_id })
    if (tokens === undefined || !hasLink) return refusal('NOTICE_NO_LINK', {})
    const notice = withTokens(
      newNotice(alert, asset, { id, by, text, answerHours: settings.notices.answer_hours }, now),
    )
    put(notice, { at: now, what: 'sent', by, text: notice.text })
    mail.toOwner(notice, now)
    return { ok: true, alerts: [alert.alert_id] }
  }
  const liveOf = (fits: (notice: Notice) => boolean): Notice | undefined => {
    for (const notice of all.values()) if (!endedNotices.has(notice.state) && fits(notice)) return notice
    return undefined
  }
  const step = (notice: Notice, what: NoticeMove, now: number): NoticeResult => {
    const outcome = move(notice, what, now)
    if (outcome.kind === 'refused') return refusal(outcome.code, outcome.params)
    if (outcome.step !== undefined) put(outcome.notice, outcome.step)
    return { ok: true, alerts: [notice.alert_id] }
  }

  const requestMake = ({ alert_id, notice_id, actor, text }: NoticeRequest, now: number): NoticeResult => {
    const alert = book.get(alert_id)?.alert
    if (alert === undefined || !mayAct(alert, actor, rooms)) return refusal('ALERT_UNKNOWN', { alert: alert_id })
    if (alert.status === 'merged') return refusal('ALERT_MERGED', { alert: alert_id, into: alert.merged_into })
    const live = liveOf((notice) => notice.alert_id === alert_id)
    if (live !== undefined) return refusal('NOTICE_EXISTS', { notice: live.notice_id, alert: alert_id })
    if (all.has(notice_id)) return { ok: true, alerts: [alert_id] }
    const { asset_id } = alert
    const lately = all.values().filter((one) => one.asset_id === asset_id && one.sent_at > now - DAY_MS)
    if (lately.filter(({ made_by }) => made_by.room !== '').toArray().length >= MOST_IN_A_DAY)
      return refusal('NOTICE_OFTEN', { asset: asset_id, most: String(MOST_IN_A_DAY) })
    return make(alert, notice_id, actor, text, now)
  }
  const requestOfOwner = (
    notice: Notice,
    request: NoticeRequest,
    verb: 'received' | 'answered' | 'fixed',
    now: number,
  ): NoticeResult => {
    const { token_hash, text, actor } = request
    const contact = notice.contacts.findIndex(({ token_hashes }) => token_hashes.includes(token_hash))
    if (contact < 0 || token_hash === '' || !isNoticeShown(notice, now))
      return refusal('NOTICE_UNKNOWN', { notice: notice.notice_id })
    // The name is that of the configuration, whatever the request says.
    const name = notice.contacts[contact]?.name ?? ''
    const by: Actor = { name: name === '' ? notice.owner : name, room: '', region: '', from: actor.from }
    return step(notice, { verb, by, text, contact }, now)
  }
  const requestOfRoom = (
    notice: Notice,
    request: NoticeRequest,
    verb: 'withdrawn' | 'verified',
    now: number,
  ): NoticeResult => {
    const { actor, text, fixed_at } = request
    const unknown = refusal('NOTICE_UNKNOWN', { notice: notice.notice_id })
    if (!mayAct(notice, actor, rooms)) return unknown
    if (actor.room === '') {
      // What was checked is another claim than the one that stands.
      if (verb === 'verified' && fixed_at !== notice.fixed_at)
        return refusal('NOTICE_STATE', { notice: notice.notice_id, state: notice.state, what: verb })
    } else if (text.trim() === '') return refusal('ALERT_REASON_MISSING', { verb })
    return step(notice, { verb, by: actor, text, contact: -1 }, now)
  }

  /** Nobody is asked for anything about an alert that is over; a claim that is being checked stays, unless there never was anything. */
  const over = ({ alert_id, status }: Alert, now: number): void => {
    if (status === 'merged') return
    const live = liveOf((notice) => notice.alert_id === alert_id)
    if (live === undefined || (live.state === 'fixed' && status !== 'false_positive')) return
    step(live, { verb: 'withdrawn', by: siagaActor, text: `the alert is ${status}`, contact: -1 }, now)
  }
  const dueOf = (known: Notice, now: number): void => {
    let notice = known
    const id = notice.notice_id
    if (endedNotices.has(notice.state)) {
      next.set(id, nextOf(notice, now))
      if (isNoticeShown(notice, now)) return
      all.delete(id)
      next.delete(id)
      ledger.forget('notice', id)
      return
    }
    if (now >= notice.changed_at + NOTICE_LAPSES_MS) {
      bySiaga(notice, { state: 'withdrawn', ended_at: now }, 'withdrawn', 'nothing has happened for 90 days', now)
      return
    }
    const silence = silenceOf(notice, now, silenceParts)
    if (silence.reminders > notice.reminders) {
      // After a standstill one message stands for all that were missed.
      notice = bySiaga(withTokens(notice), { reminders: silence.reminders }, 'reminded', '', now)
      mail.toOwner(notice, now)
    }
    let nobody = false
    for (const { level } of silence.levels) {
      if (notice.climbed.includes(level)) continue
      const done = tellFrom(notice, level, 'notice_silent', now)
      nobody ||= done.length === 0
      if (done.length > 0)
        notice = bySiaga(notice, { climbed: [...new Set([...notice.climbed, ...done])] }, 'climbed', done.join(), now)
    }
    next.set(id, nobody ? now + AGAIN_MS : nextOf(notice, now))
  }

  return {
    restore(notice) {
      all.set(notice.notice_id, notice)
      next.set(notice.notice_id, 0)
    },
    request(request, now) {
      if (request.what === 'make') return requestMake(request, now)
      const notice = all.get(request.notice_id)
      if (notice === undefined) return refusal('NOTICE_UNKNOWN', { notice: request.notice_id })
      switch (request.what) {
        case 'received':
        case 'fixed':
          return requestOfOwner(notice, request, request.what, now)
        case 'answer':
          return requestOfOwner(notice, request, 'answered', now)
        case 'verified':
          return requestOfRoom(notice, request, 'verified', now)
        case 'withdraw':
          return requestOfRoom(notice, request, 'withdrawn', now)
      }
    },
    findings(findings, now) {
      const claimed = [...all.values()].filter(({ state }) => state === 'fixed')
      if (claimed.length === 0) return
      for (const { asset_id, rule_id, window_end } of findings) {
        for (const { notice_id } of claimed) {
          const notice = all.get(notice_id)
          if (notice?.state !== 'fixed' || notice.asset_id !== asset_id || !notice.rules.includes(rule_id)) continue
          if (window_end <= notice.fixed_at + CHECK_AFTER_MS) continue
          step(notice, { verb: 'failed_check', by: siagaActor, text: rule_id, contact: -1 }, now)
          const failed = withTokens(all.get(notice_id) ?? notice)
          all.set(notice_id, failed)
          ledger.keep({ kind: 'notice', notice: failed }, notice_id)
          mail.toOwner(failed, now)
          const [lowest] = levelsOf(failed.region_code)
          if (lowest !== undefined) tellFrom(failed, lowest.level, 'notice_failed', now)
        }
      }
    },
    look(alertIds, now) {
      for (const id of alertIds) {
        const alert = book.get(id)?.alert
        if (alert === undefined) continue
        if (closedStatuses.has(alert.status)) {
          over(alert, now)
          continue
        }
        if (alert.kind === 'storm') continue
        const noticeId = automaticId(id)
        if (!alert.rules.some(({ rule_id }) => automatic.has(rule_id)) || all.has(noticeId)) continue
        // One at a time about one system: its owner is not flooded.
        if (liveOf((notice) => notice.asset_id === alert.asset_id) !== undefined) continue
        make(alert, noticeId, siagaActor, '', now)
      }
    },
    due(now) {
      for (const [id, at] of next) {
        const notice = all.get(id)
        if (at <= now && notice !== undefined) dueOf(notice, now)
      }
    },
    nextAt() {
      let least: number | undefined
      for (const at of next.values()) if (least === undefined || at < least) least = at
      return least
    },
  }
}

function refusal(code: AlertErrorCode, params: Readonly<Record<string, string>>): NoticeResult {
  return { ok: false, code, params }
}
