// How is one log read? From its present end on: head, proof, entries, matches to Kafka, state; again and again, and never past what is not proven.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import type { LookalikeMatch } from '../../schemas/lookalike.ts'
import { CERTIFICATE_FORMAT, CERTIFICATE_SOURCE } from '../../schemas/raw-event.ts'
import type { CollectorDependencies, Unsealed } from '../collector.ts'
import { consistent, emptyRoot, Frontier } from './merkle.ts'
import { type Piece, readPiece } from './piece.ts'
import { Busy, Distrust, MissingEntry, Refused } from './problems.ts'
import { certificateKey, type RecentCertificates } from './recent.ts'
import { certificateRecord } from './record.ts'
import type { LogSource } from './source.ts'
import { frontierOf, type LogState, type TopicMark } from './state.ts'
import type { TreeHead } from './tree-head.ts'

/** Finds out what was written before the process died. */
export interface ReadBack {
  /** Where what is written for this log will stand: kept beside what is about to be written. */
  mark(key: string): Promise<TopicMark>
  /** Which of these events stand behind the mark. */
  since(mark: TopicMark, ids: readonly string[]): Promise<ReadonlySet<string>>
}

/** What operators see of a log. */
export interface LogProgress {
  readonly log: string
  /** Entries that are read and proven, and what the log holds. */
  readonly read: number
  readonly size: number
  /** '' while it is trusted. */
  readonly distrust: string
}

export interface ReaderOptions {
  /** Name of the log in the configuration. */
  readonly name: string
  /** LogID of RFC 6962. */
  readonly logId: Buffer
  readonly source: LogSource
  readonly match: (name: string) => LookalikeMatch | undefined
  readonly recent: RecentCertificates
  readonly everyMs: number
  /** First wait after a failure; longer each time. */
  readonly retryMs: number
  /** How long entries may be missing before that is told. */
  readonly missingMs: number
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly readBack: ReadBack | undefined
  readonly save: (state: LogState) => Promise<void>
  /** Tells people, once, that a log lies or is trusted again. */
  readonly tell: (log: string, distrust: Distrust | undefined) => void
  readonly progress: (progress: LogProgress) => void
}

const MAX_RETRY_MS = 5 * 60_000
const MAX_DISTRUST_MS = 3_600_000
/** Entries that are missing so many times in a row, and for so long, are left out on purpose: servers of one log lag behind each other. */
const MISSING_TIMES = 3
export const MISSING_MS = 10 * 60_000

/** Reads a log until `stopping`. `saved` is its state from before. Never rejects for what a log does. */
export async function keepReading(
  options: ReaderOptions,
  saved: LogState | undefined,
  deps: Pick<CollectorDependencies, 'writer' | 'seal' | 'metrics' | 'log'>,
  stopping: AbortSignal,
): Promise<void> {
  const { name, source, everyMs, now } = options
  const id = options.logId.toString('hex')
  let state = saved
  let distrust = saved?.distrust?.reason ?? ''
  let failures = 0
  let missing = 0
  let missingSince = 0
  const tell = async (problem: Distrust | undefined): Promise<void> => {
    if (distrust === (problem?.reason ?? '')) return
    distrust = problem?.reason ?? ''
    options.tell(name, problem)
    if (state === undefined) return
    const { distrust: _, ...trusted } = state
    const since = new Date(now()).toISOString()
    state =
      problem === undefined
        ? trusted
        : { ...trusted, distrust: { reason: problem.reason, detail: problem.message, since } }
    await options.save(state)
  }

  /** One look at the log: everything that it has now, or up to the first problem. */
  async function round(): Promise<void> {
    const head = await source.head(stopping)
    if (state === undefined) {
      const frontier = await beginAt(source, head, stopping)
      state = { version: 1, log: id, ...edgeOf(frontier, frontier.root()), timestamp: head.timestamp, recent: [] }
      await options.save(state)
    }
    await compare(source, state, head, stopping)
    options.progress({ log: name, read: state.size, size: head.size, distrust })
    while (state.size < head.size && !stopping.aborted) {
      const piece = await readPiece(source, frontierOf(state), head, options.match, stopping)
      await hand(piece, state)
      state = goneOn(state, piece, head, options.recent.of(name))
      await options.save(state)
      options.progress({ log: name, read: state.size, size: head.size, distrust })
    }
    // A head of a server that lags behind takes nothing back.
    if (state.size === head.size) await tell(undefined)
  }

  /** Writes the matches of a piece. What is about to be written is saved first, so that it is looked for after a crash or a failed write. */
  async function hand({ matches, malformed, frontier }: Piece, before: LogState): Promise<void> {
    const { metrics } = deps
    const { pending, ...rest } = before
    const written = await writtenBefore(pending)
    const claimed: string[] = []
    const events: Unsealed[] = []
    for (const { entry, facts, sighting } of matches) {
      const certificate = certificateKey(facts.issuer, facts.serial)
      if (!options.recent.claim(name, certificate)) continue
      claimed.push(certificate)
      const event = eventOf(id, name, certificateRecord(name, entry, facts, sighting, now()), now())
      if (!written.has(event.id)) events.push(event)
    }
    try {
      if (events.length > 0 && options.readBack !== undefined) {
        const mark = pending?.mark ?? (await options.readBack.mark(keyOf(name)))
        const ids = [...new Set([...(pending?.ids ?? []), ...events.map((event) => event.id)])]
        state = { ...rest, pending: { ids, to: Math.max(frontier.size, pending?.to ?? 0), mark } }
        await options.save(state)
      }
      await write(events)
    } catch (error) {
      options.recent.release(name, claimed)
      throw error
    }
    if (malformed > 0) {
      metrics.received(CERTIFICATE_SOURCE, malformed, 0)
      metrics.refused('certificate_malformed', malformed)
    }
  }

  async function write(events: readonly Unsealed[]): Promise<void> {
    if (events.length === 0) return
    deps.metrics.received(CERTIFICATE_SOURCE, events.length, sum(events))
    try {
      await deps.writer.write(deps.seal([...events]))
    } catch (error) {
      deps.metrics.refused('KAFKA_UNAVAILABLE', events.length)
      throw error
    }
    deps.metrics.accepted(CERTIFICATE_SOURCE, events.length)
  }

  async function writtenBefore(pending: LogState['pending']): Promise<ReadonlySet<string>> {
    if (pending === undefined || options.readBack === undefined) return new Set()
    return options.readBack.since(pending.mark, pending.ids)
  }

  while (!stopping.aborted) {
    let waits = everyMs
    try {
      await round()
      failures = 0
      missing = 0
    } catch (error) {
      if (stopping.aborted) return
      failures++
      missing = error instanceof MissingEntry ? missing + 1 : 0
      if (missing === 1) missingSince = now()
      const problem =
        missing >= MISSING_TIMES && error instanceof MissingEntry && now() - missingSince >= options.missingMs
          ? new Distrust('missing_entries', error.message)
          : error
      if (problem instanceof Distrust) {
        await tell(problem).catch((failed: unknown) => warn(failed, waits))
        options.progress({ log: name, read: state?.size ?? 0, size: state?.size ?? 0, distrust })
        waits = backoff(everyMs, failures, MAX_DISTRUST_MS)
      } else {
        const asked = error instanceof Busy ? error.afterMs : 0
        waits = Math.max(asked, backoff(options.retryMs, failures, MAX_RETRY_MS))
        warn(error, waits)
      }
    }
    await sleep(waits, undefined, { signal: stopping, ref: false }).catch(() => undefined)
  }

  function warn(error: unknown, waits: number): void {
    deps.log.warn(
      { certificate_log: name, error: errorText(error), again_in_ms: waits },
      'a certificate log cannot be read for now',
    )
  }
}

function backoff(first: number, times: number, most: number): number {
  return Math.min(Math.max(first, most), first * 2 ** Math.min(times - 1, 20))
}

/** The frontier at the present end, checked: the history of a log is never read. */
async function beginAt(source: LogSource, head: TreeHead, signal: AbortSignal): Promise<Frontier> {
  const frontier = head.size === 0 ? new Frontier() : await source.frontier(head, signal)
  if (frontier === undefined) throw new MissingEntry(`no proof of the last of ${head.size} entries`)
  const empty = head.size === 0 && head.root.equals(emptyRoot)
  if (!empty && !frontier.root().equals(head.root)) {
    throw new Distrust('root_mismatch', `the proof of the last of ${head.size} entries does not give the signed root`)
  }
  return frontier
}

/** Throws Distrust if the head and what is known are not of one tree. */
async function compare(source: LogSource, state: LogState, head: TreeHead, signal: AbortSignal): Promise<void> {
  const root = Buffer.from(state.root, 'hex')
  if (head.size === state.size) {
    if (head.root.equals(root)) return
    throw new Distrust(
      'equivocation',
      `two roots for ${head.size} entries: ${state.root} and ${head.root.toString('hex')}`,
    )
  }
  if (head.size > state.size) {
    const proof = state.size === 0 ? [] : await source.consistency(state.size, head.size, signal)
    holds(consistent(state.size, root, head.size, head.root, proof), state.size, head.size)
    return
  }
  // A smaller head is of a server that lags behind. It must be a beginning of what is known all the same, if that server can show it yet.
  const proof = head.size === 0 ? [] : await unlessAbsent(source.consistency(head.size, state.size, signal))
  if (proof === undefined) return
  holds(consistent(head.size, head.root, state.size, root, proof), head.size, state.size)
}

function holds(isConsistent: boolean, first: number, second: number): void {
  if (isConsistent) return
  throw new Distrust('inconsistent', `the tree of ${second} entries does not begin with that of ${first}`)
}

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof MissingEntry || error instanceof Refused) return undefined
    throw error
  }
}

function edgeOf(frontier: Frontier, root: Buffer): Pick<LogState, 'size' | 'root' | 'frontier'> {
  return {
    size: frontier.size,
    root: root.toString('hex'),
    frontier: frontier.hashes.map((hash) => hash.toString('hex')),
  }
}

/** The state behind a piece. What was pending stays so until everything of it has been read again: the head may be one of a server that lags. */
function goneOn({ pending, ...rest }: LogState, { frontier, root }: Piece, head: TreeHead, recent: string[]): LogState {
  const state = { ...rest, ...edgeOf(frontier, root), timestamp: head.timestamp, recent }
  return pending === undefined || frontier.size >= pending.to ? state : { ...state, pending }
}

/** Kafka key of a log: its events lie in one partition, where they are looked for after a crash. */
function keyOf(log: string): string {
  return `certificate-log-${log}`
}

/** Id of an event: the same whenever this entry is read again. */
function eventOf(logId: string, log: string, record: { index: number }, now: number): Unsealed {
  return {
    source: CERTIFICATE_SOURCE,
    format: CERTIFICATE_FORMAT,
    receivedAt: now,
    peer: '',
    id: `ct.${logId.slice(0, 16)}.${record.index}`,
    key: keyOf(log),
    payload: Buffer.from(JSON.stringify(record)),
  }
}

function sum(events: readonly Unsealed[]): number {
  return events.reduce((bytes, { payload }) => bytes + payload.length, 0)
}
