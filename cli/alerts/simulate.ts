// Who would have been told what, and when? Findings through the engine that runs, with a clock that runs as fast as it can; nothing is sent.
import { randomUUID } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { type Alert, AskReason, type Level, type Notification, type NotificationReason } from '../../schemas/alert.ts'
import type { HeldHour } from '../../schemas/alert-log.ts'
import type { Finding, Severity } from '../../schemas/detection.ts'
import type { Engine } from '../../sinks/alerts/engine.ts'
import type { AlertPolicy } from '../../sinks/alerts/policy/policy.ts'

/** Findings that Siaga would have read at a moment, milliseconds since 1970 UTC. */
export interface FindingAt {
  readonly at: number
  readonly finding: Finding
}

export interface SimulationParts {
  /** Without memory. */
  readonly engine: Engine
  /** In force from the beginning, whatever phase it is: what is tried is the configuration as it stands. */
  readonly policy: AlertPolicy
  /** When the daily summary is made, minutes behind a full hour. */
  readonly summaryMinute: number
  /** Whoever is told first acknowledges so much later; nobody does without it. */
  readonly ackAfterMs?: number | undefined
  /** How long the clock runs on behind the last finding at most. */
  readonly tailMs?: number
  /** Called now and then. */
  readonly onProgress?: (findings: number, now: number) => void
}

/** One message that would have been sent. */
export interface Told {
  readonly at: number
  readonly level: Level | ''
  readonly room: string
  /** Empty for what is forwarded to machines. */
  readonly recipient: string
  readonly channel: string
  readonly reason: NotificationReason
  readonly severity: Severity
  readonly region: string
  readonly alert: string
  readonly title: string
}

export interface Simulation {
  readonly told: readonly Told[]
  readonly findings: number
  /** As they stood at the end, what became part of others left out. */
  readonly alerts: readonly Alert[]
  /** Findings that made no alert. */
  readonly held: readonly { readonly reason: string; readonly detail: string; readonly findings: number }[]
  /** Alerts that nobody could be told of: nobody was on duty anywhere, and nobody stands in. */
  readonly unrouted: number
  /** When the clock stood still. */
  readonly ended: number
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** As often as the clock of a running Siaga. */
const TICK_MS = 500
const PAGE = 1_000
const TAIL_MS = 48 * HOUR_MS
const asking: ReadonlySet<string> = new Set(AskReason.options)

/** Runs it. Findings must come in the order of their times. */
export async function simulate(findings: AsyncIterable<FindingAt>, parts: SimulationParts): Promise<Simulation> {
  const { engine, ackAfterMs, tailMs = TAIL_MS, onProgress = () => undefined } = parts
  const told: Told[] = []
  const alerts = new Map<string, Alert>()
  const hours = new Map<number, HeldHour>()
  /** In the order of their times, since each is as long after its message as any other. */
  const acknowledgements: { at: number; alert: string; room: string }[] = []
  const answering = new Set<string>()
  let clock = Number.NaN
  let count = 0

  const take = (): void => {
    for (;;) {
      const { log, offers } = engine.take()
      for (const entry of log) {
        if (entry.kind === 'alert') alerts.set(entry.alert.alert_id, entry.alert)
        else if (entry.kind === 'held') hours.set(entry.held.hour, entry.held)
      }
      if (offers.length === 0) return
      for (const offer of offers) {
        told.push(toldOf(offer))
        deliver(offer)
        if (ackAfterMs === undefined || !asking.has(offer.reason) || offer.recipient === '') continue
        if (answering.has(offer.alert_id)) continue
        answering.add(offer.alert_id)
        acknowledgements.push({ at: clock + ackAfterMs, alert: offer.alert_id, room: offer.room })
      }
    }
  }
  const deliver = ({ notification_id, alert_id, channel, recipient, room, reason }: Notification): void => {
    const attempt = { notification_id, alert_id, channel, recipient, room, reason, attempt: 1, at: clock, took_ms: 0 }
    engine.attempted(
      { ...attempt, outcome: 'delivered', detail: '' },
      { status: 'delivered', due_at: clock, attempts: 1, last_error: '' },
    )
  }
  const acknowledge = (): void => {
    for (;;) {
      const next = acknowledgements[0]
      if (next === undefined || next.at > clock) return
      acknowledgements.shift()
      answering.delete(next.alert)
      const region = alerts.get(next.alert)?.region_code ?? ''
      // Without a room (a stand-in) Siaga itself does it: the engine judges people by their room.
      const actor = { name: 'simulate', room: next.room, region: next.room === '' ? '00' : region, from: '' }
      const act = { kind: 'act', verb: 'acknowledge', dedup_key: '', reason: '', assignee: '', other: '' } as const
      const { requests } = engine.progress
      const request = { ...act, request_id: randomUUID(), at: clock, actor, alert_id: next.alert }
      engine.requests([request], requests + 1, clock)
    }
  }
  /** What is due next; the clock never stands. */
  const dueAt = (): number => {
    const due = Math.min(
      engine.nextAt() ?? Number.POSITIVE_INFINITY,
      acknowledgements[0]?.at ?? Number.POSITIVE_INFINITY,
    )
    return Math.max(due, clock + TICK_MS)
  }
  const runTo = (until: number): void => {
    for (;;) {
      const next = Math.min(dueAt(), nextHour(clock, parts.summaryMinute))
      if (next > until) break
      clock = next
      acknowledge()
      engine.tick(clock)
      take()
    }
    clock = Math.max(clock, until)
  }
  const page = (batch: readonly FindingAt[]): void => {
    const last = batch.at(-1)
    if (last === undefined) return
    if (Number.isNaN(clock)) {
      clock = last.at
      engine.restore(new Map([['policy', { kind: 'policy', in_force: parts.policy }]]), clock)
      // The first tick says when the first summary is due.
      engine.tick(clock)
    } else runTo(last.at)
    engine.findings(
      batch.map(({ finding }) => finding),
      count,
      clock,
    )
    take()
  }

  let batch: FindingAt[] = []
  let breathed = performance.now()
  for await (const one of findings) {
    const first = batch[0]
    if (first !== undefined && (one.at >= first.at + TICK_MS || batch.length === PAGE)) {
      page(batch)
      batch = []
      if (performance.now() - breathed > 100) {
        onProgress(count, clock)
        await breathe()
        breathed = performance.now()
      }
    }
    batch.push(one)
    count += 1
  }
  page(batch)
  const end = clock + tailMs
  while (!Number.isNaN(clock) && (engine.nextAt() !== undefined || acknowledgements.length > 0)) {
    const next = dueAt()
    if (next > end) break
    runTo(next)
  }
  return {
    told,
    findings: count,
    alerts: [...alerts.values()].filter(({ status }) => status !== 'merged'),
    held: heldOf(hours.values()),
    unrouted: engine.unrouted(),
    ended: clock,
  }
}

/** The next full hour, or the next time of the daily summary. */
function nextHour(clock: number, minute: number): number {
  const hour = Math.floor(clock / HOUR_MS) * HOUR_MS
  const summary = hour + minute * MINUTE_MS
  return summary > clock ? summary : hour + HOUR_MS
}

/** Minutes behind the hour at which the centre gets its summary. */
export function summaryMinute(time: string): number {
  return Number(time.split(':')[1] ?? 0)
}

function toldOf(offer: Notification): Told {
  const { alert } = offer
  return {
    at: offer.created_at,
    level: offer.level,
    room: offer.room,
    recipient: offer.recipient,
    channel: offer.channel,
    reason: offer.reason,
    severity: alert.severity,
    region: alert.region_code,
    alert: offer.alert_id,
    title: alert.title,
  }
}

function heldOf(hours: Iterable<HeldHour>): Simulation['held'] {
  const sums = new Map<string, { reason: string; detail: string; findings: number }>()
  for (const { counts } of hours)
    for (const { reason, detail, findings } of counts) {
      const key = `${reason} ${detail}`
      sums.set(key, { reason, detail, findings: (sums.get(key)?.findings ?? 0) + findings })
    }
  return [...sums.values()].sort((a, b) => b.findings - a.findings)
}

export interface Load {
  readonly recipient: string
  readonly channel: string
  readonly messages: number
  /** Most messages within one hour of the clock of WIB, and when it began. */
  readonly worst: number
  readonly worstHour: number
}

/** How much each recipient (or machine) would have got, the most first. */
export function loadOf(told: readonly Told[]): Load[] {
  const all = Map.groupBy(told, ({ recipient, channel }) => `${recipient}\n${channel}`)
  const loads = Array.from(all.values(), (messages): Load => {
    const hours = new Map<number, number>()
    for (const { at } of messages) {
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS
      hours.set(hour, (hours.get(hour) ?? 0) + 1)
    }
    const [worstHour, worst] = [...hours].reduce((most, one) => (one[1] > most[1] ? one : most))
    const { recipient = '', channel = '' } = messages[0] ?? {}
    return { recipient, channel, messages: messages.length, worst, worstHour }
  })
  return loads.sort((a, b) => b.messages - a.messages)
}
