// Who is told of what has changed? Pages of the alerts whose time has come, machines that hear of everything, those who hear that it is over.
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import type { Alerts } from '../../schemas/alerting.ts'
import type { AlertBook } from './book.ts'
import { createLeads, haveSameEvents } from './lead.ts'
import type { Post } from './post.ts'
import { type Change, closings, forwards } from './route/forward.ts'
import type { Page } from './route/page.ts'
import type { Router } from './route/router.ts'

export interface Telling {
  /** Looks at alerts that have changed. */
  look(ids: Iterable<string>, now: number): void
  /** Looks at all whose time has come. */
  due(now: number): void
  /** When something is due next; undefined if nothing is, as far as is known. */
  nextAt(): number | undefined
  /** What was known of an alert before, so that a change is seen. */
  restore(alert: Alert): void
  forget(id: string): void
  /** Ids of open alerts that this one speaks for and that are about the same events: what somebody says of the one holds for them. */
  followersOf(alert: Alert): string[]
  /** Alerts that nobody could be told of. */
  unrouted(): number
}

export interface TellingParts {
  readonly settings: Pick<Alerts, 'forward' | 'channels'>
  readonly book: AlertBook
  readonly post: Post
  readonly router: Router
}

/** What decides whether machines hear of an alert again. */
interface Known {
  /** Time of the last one: an alert keeps only the newest of many. */
  readonly askedAt: number
  readonly closed: boolean
  readonly status: Alert['status']
}

export function createTelling({ settings, book, post, router }: TellingParts): Telling {
  const known = new Map<string, Known>()
  const next = new Map<string, number>()
  const unrouted = new Set<string>()
  const leads = createLeads(book)
  /** Alerts that others speak for. */
  const silent = new Set<string>()

  const tell = (id: string, pages: readonly Page[], keys: readonly string[], now: number): void => {
    const alert = book.get(id)?.alert
    if (alert === undefined) return
    for (const page of pages) post.make(alert, page, now)
    const people = pages.map(({ room, level, recipient, channel }) => ({ room, level, recipient, channel }))
    book.told(id, keys, people, now)
  }
  const page = (id: string, now: number): void => {
    const record = book.get(id)
    if (record === undefined) return
    const lead = leads.leadOf(record.alert)
    if (lead !== undefined) {
      // Looked at again when the one that speaks for it changes.
      next.delete(id)
      silent.add(id)
      unrouted.delete(id)
      return
    }
    silent.delete(id)
    const plan = router.plan(record.alert, now, record.muted)
    const { send, settled } = router.settle(plan.pages, new Set(record.told), now)
    tell(id, send, settled, now)
    if (plan.nextAt === undefined) next.delete(id)
    else next.set(id, plan.nextAt)
    if (plan.unrouted) unrouted.add(id)
    else unrouted.delete(id)
  }
  const changeOf = (alert: Alert, before: Known | undefined): Change | undefined => {
    const closed = closedStatuses.has(alert.status)
    if (before === undefined) return closed ? undefined : 'opened'
    if (closed) return before.closed ? undefined : 'closed'
    return knownOf(alert).askedAt > before.askedAt || before.closed ? 'changed' : undefined
  }

  const lookAt = (id: string, now: number): void => {
    const record = book.get(id)
    if (record === undefined) return
    const { alert, people, told } = record
    const change = changeOf(alert, known.get(id))
    known.set(id, knownOf(alert))
    page(id, now)
    if (change === undefined) return
    const machines = forwards(settings, alert, change)
    const over = change === 'closed' ? closings(settings, alert, people) : []
    const made = new Set(told)
    const fresh = [...machines, ...over].filter(({ key }) => !made.has(key))
    const keys = fresh.map(({ key }) => key)
    tell(id, fresh, keys, now)
  }

  return {
    look(ids, now) {
      const changed = [...ids]
      const left = new Set<string>()
      // All of a step first: the worst of them speaks for the others.
      for (const id of changed) {
        const alert = book.get(id)?.alert
        if (alert !== undefined) for (const other of leads.put(alert)) left.add(other)
      }
      for (const id of changed) lookAt(id, now)
      // Those that changed may have spoken for these, here or where they were before.
      const looked = new Set(changed)
      for (const id of new Set([...left, ...leads.around(changed)]))
        if (silent.has(id) && !looked.has(id)) page(id, now)
    },
    due(now) {
      for (const [id, at] of next) if (at <= now) page(id, now)
    },
    nextAt() {
      let least: number | undefined
      for (const at of next.values()) if (least === undefined || at < least) least = at
      return least
    },
    restore(alert) {
      leads.put(alert)
      known.set(alert.alert_id, knownOf(alert))
      // Its next page is found at the first tick.
      if (!closedStatuses.has(alert.status)) next.set(alert.alert_id, 0)
    },
    forget(id) {
      known.delete(id)
      next.delete(id)
      unrouted.delete(id)
      silent.delete(id)
      leads.forget(id)
    },
    followersOf(alert) {
      // Somebody may have acted on others of it in this very step.
      leads.put(alert)
      return leads.others(alert).filter((id) => {
        const other = silent.has(id) ? book.get(id)?.alert : undefined
        // Of one that is closed somebody has said something already.
        if (other === undefined || closedStatuses.has(other.status)) return false
        return leads.leadOf(other)?.alert_id === alert.alert_id && haveSameEvents(alert, other)
      })
    },
    unrouted: () => unrouted.size,
  }
}

function knownOf(alert: Alert): Known {
  return { askedAt: alert.asks.at(-1)?.at ?? 0, closed: closedStatuses.has(alert.status), status: alert.status }
}
