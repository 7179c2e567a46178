// How is a report filed, whoever brings it? Once for each identity: sealed, written to Kafka, remembered with its receipt.
import { hash } from 'node:crypto'
import { type DutySchedule, dutySchedule } from '../../runtime/duty.ts'
import { errorText } from '../../runtime/errors.ts'
import { makeReceipt } from '../../runtime/receipt.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { Config } from '../../schemas/config.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { type ReportAnswer, ReportRecord } from '../../schemas/report.ts'
import type { Room } from '../../schemas/room.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies } from '../collector.ts'
import { keyedHash, LINGER_MS } from '../http/request.ts'
import { ReportError } from './errors.ts'
import { readIncident, readNihil } from './fields.ts'
import { answerOf, type Filing, incidentRecord, nihilRecord } from './record.ts'
import type { ReportStore } from './store.ts'

export interface FilingOptions {
  readonly deps: Omit<CollectorDependencies, 'sources'>
  readonly config: Pick<Config, 'reports'> & { readonly rooms: readonly Room[] }
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly limits: Pick<Config['http'], 'send_timeout_seconds'>
  readonly store: Pick<ReportStore, 'attach' | 'look' | 'remember'>
  readonly audit?: ((entry: AuditEntry) => void) | undefined
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

/** Tokens are longer than what they replace: a report of this size is still one event when all of it has become tokens. */
export const MAX_REPORT_BYTES = 256 * 1024
const KAFKA_RETRY_SECONDS = 5

/** A room as its reports need it. */
export interface Desk {
  readonly room: Room
  readonly regionName: string
  readonly duty: DutySchedule
}

export type ReportKind = ReportRecord['kind']

export interface Brought {
  readonly desk: Desk
  readonly kind: ReportKind
  /** The form as JSON; of nihil it may be empty. */
  readonly bytes: Buffer
  /** What a repeat has in common with the first; without it the same words are the same report, and nihil is one for each due time. */
  readonly idempotencyKey: string | undefined
  /** Address that it came from. */
  readonly peer: string
}

export interface Filed {
  readonly answer: ReportAnswer
  /** It was filed before, and this is the receipt that it got then. */
  readonly repeated: boolean
}

export interface ReportDesk {
  /** The room of that id; undefined if the configuration names none. */
  desk(room: string): Desk | undefined
  /** Files it, or answers as before. Rejects with a {@link ReportError}. */
  file(brought: Brought): Promise<Filed>
  /** Waits for what Kafka has not acknowledged yet, about two seconds. */
  settle(): Promise<void>
}

/** A report on its way: what it is told when it is there. */
interface Pending {
  readonly bodyHash: string
  readonly done: Promise<ReportAnswer>
}

/** The one way in which reports are filed in this process: by keys of rooms, and from the page. */
export function createReportDesk(options: FilingOptions): ReportDesk {
  const { deps, config, reference, limits, store, audit, now } = options
  const { writer, seal, log, metrics } = deps
  const desks = new Map(config.rooms.map((room) => [room.id, deskOf(room, config.reports, reference)]))
  const pending = new Map<string, Pending>()

  async function file({ desk, kind, bytes, idempotencyKey, peer }: Brought): Promise<Filed> {
    const body = bytes.length === 0 && kind === 'nihil' ? {} : parseBody(bytes)
    refuseForgery(body, desk, peer)
    const at = now()
    const due = desk.duty.nearest(at)
    const bodyHash = hash('sha256', bytes, 'base64url')
    const own = idempotencyKey ?? (kind === 'nihil' ? `${due?.at} ${bodyHash}` : bodyHash)
    const identity = Buffer.from(keyedHash(seal, [desk.room.id, kind, own]), 'base64url')
      .toString('hex')
      .slice(0, 32)

    const filed = await store.look(identity)
    // Nothing is awaited from here to `pending.set`: of two that come at once, one is the repeat of the other.
    const before = pending.get(identity) ?? (filed && { bodyHash: filed.bodyHash, done: Promise.resolve(filed.answer) })
    if (before !== undefined) {
      if (before.bodyHash !== bodyHash) throw new ReportError('IDEMPOTENCY_KEY_REUSED')
      metrics.received(desk.room.id, 1, bytes.length)
      metrics.refused('idempotent_repeat', 1)
      return { answer: await inTime(before.done), repeated: true }
    }
    const receiptHash = Buffer.from(keyedHash(seal, [desk.room.id, kind, own, bodyHash]), 'base64url')
    const filing: Filing = {
      receipt: makeReceipt(kind === 'incident' ? 'LAP' : 'NIL', desk.room.region, receiptHash),
      room: desk.room,
      regionName: desk.regionName,
      zone: desk.duty.zone,
      reportedAt: at,
    }
    const done = write(filing, identity, bodyHash, peer, () => recordOf(kind, body, filing, desk))
    pending.set(identity, { bodyHash, done })
    done.catch(() => undefined).finally(() => pending.delete(identity))
    return { answer: await inTime(done), repeated: false }
  }

  async function recordOf(
    kind: ReportKind,
    body: unknown,
    filing: Filing,
    { duty, room }: Desk,
  ): Promise<ReportRecord> {
    if (kind === 'nihil') {
      const { value, problems } = readNihil(body)
      const due = duty.nearest(filing.reportedAt)
      if (value === undefined) throw new ReportError('REPORT_INVALID', {}, { fields: problems })
      const nobody = { at: filing.reportedAt, after: 0, until: filing.reportedAt, votingDay: false }
      return nihilRecord(filing, value, due ?? nobody)
    }
    const { value, problems } = readIncident(body, duty.zone, filing.reportedAt)
    if (value === undefined) throw new ReportError('REPORT_INVALID', {}, { fields: problems })
    const attachments = await store.attach(room.id, filing.receipt, value.input.attachments)
    return incidentRecord(filing, value.input, value.discovered, attachments)
  }

  /** Writes one report and remembers its answer; what is remembered and answered is what travels, tokens for numbers. */
  async function write(
    filing: Filing,
    identity: string,
    bodyHash: string,
    peer: string,
    make: () => Promise<ReportRecord>,
  ): Promise<ReportAnswer> {
    const { id } = filing.room
    const payload = Buffer.from(JSON.stringify(await make()))
    metrics.received(id, 1, payload.length)
    const { receipt, reportedAt } = filing
    const sealed = seal([
      { source: id, format: REPORT_FORMAT, receivedAt: reportedAt, peer, id: receipt, key: receipt, payload },
    ])
    const answer = answerOf(filing, ReportRecord.parse(JSON.parse(sealed[0]?.value.toString() ?? '')))
    try {
      await writer.write(sealed)
    } catch (error) {
      metrics.refused('KAFKA_UNAVAILABLE', 1)
      log.warn({ room: id, cause: errorText(error) }, 'a report could not be written')
      throw new ReportError('KAFKA_UNAVAILABLE', {}, { retryAfter: KAFKA_RETRY_SECONDS })
    }
    metrics.accepted(id, 1)
    // It is filed; what can't be remembered only makes a repeat travel again, under the same receipt.
    await store.remember(identity, { bodyHash, answer }, id).catch((error: unknown) => {
      log.error({ room: id, cause: errorText(error) }, 'the answer to a report could not be kept')
    })
    return answer
  }

  async function inTime<T>(done: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const refusal = new ReportError('KAFKA_UNAVAILABLE', {}, { retryAfter: KAFKA_RETRY_SECONDS })
      timer = setTimeout(() => reject(refusal), limits.send_timeout_seconds * 1000)
    })
    try {
      return await Promise.race([done, late])
    } finally {
      clearTimeout(timer)
    }
  }

  function refuseForgery(body: unknown, { room }: Desk, peer: string): void {
    const named = typeof body === 'object' && body !== null && 'region' in body ? body.region : undefined
    if (named === undefined || named === room.region) return
    audit?.({
      action: 'report_refused',
      outcome: 'failure',
      user: room.id,
      peer,
      message: `a report of room ${room.id} named another region than its own`,
    })
    throw new ReportError('REGION_OF_ANOTHER', { region: String(named).slice(0, 20), own: room.region })
  }

  return {
    desk: (room) => desks.get(room),
    file,
    async settle() {
      await Promise.race([
        Promise.allSettled([...pending.values()].map(({ done }) => done)),
        new Promise((resolve) => setTimeout(resolve, LINGER_MS).unref()),
      ])
    },
  }
}

function deskOf(room: Room, reports: Config['reports'], reference: FilingOptions['reference']): Desk {
  return {
    room,
    regionName: reference.regions.get(room.region)?.name ?? room.region,
    duty: dutySchedule(room, reports, reference),
  }
}

function parseBody(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
    throw new ReportError('JSON_INVALID', { detail: 'it is another value' })
  } catch (error) {
    // The parser's own words quote the body.
    throw error instanceof ReportError ? error : new ReportError('JSON_INVALID', { detail: 'it cannot be parsed' })
  }
}
