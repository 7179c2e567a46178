// Which look-alike domains are registered? All permutations of protected names are asked of DNS on a schedule; what is new, changed or gone is told.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { errorText } from '../../runtime/errors.ts'
import { startScheduler } from '../../runtime/scheduler.ts'
import type { LookalikeMatch, LookalikeRecord } from '../../schemas/lookalike.ts'
import { LOOKALIKE_FORMAT, LOOKALIKE_SOURCE } from '../../schemas/raw-event.ts'
import type { Lookalikes } from '../../schemas/watch.ts'
import type { Collector, CollectorDependencies, Unsealed } from '../collector.ts'
import { brandOf, shippedPlaces } from './brands.ts'
import { changeOf } from './change.ts'
import { createDomainDns, type DomainDns } from './dns.ts'
import { isKnown } from './match.ts'
import { permutations } from './names.ts'
import { loadLookalikes, saveLookalikes } from './state.ts'

export interface LookalikeOptions {
  readonly dataDir: string
  /** Names of regions as in domains (`placesOf`). */
  readonly places?: readonly string[]
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** A label that nobody has registered. */
  readonly randomLabel?: () => string
  readonly dnsTimeoutMs?: number
  /** Between two tries to write while Kafka is away. */
  readonly retryMs?: number
  /** Called at the end of each whole round. */
  readonly onRound?: () => void
}

/** Domains asked for between two saves of the state. */
const PIECE = 200
/** Domains on their way at one time. */
const PARALLEL = 32
/** Answers of a piece that nobody could give: above this share the resolver is away, and the piece is asked again later. */
const MOST_UNKNOWN = 0.9
const RETRY_MS = 30_000
const STOP_MS = 2_000

/** A permutation that is asked for. */
type Candidate = LookalikeMatch & { readonly domain: string }

/**
 * Asks DNS for the permutations of `names` by schedule; at once at the very first start, and where a round was interrupted it goes on from
 * there. Answers when the state is read; a round runs by itself.
 */
export async function startLookalikes(
  settings: Lookalikes,
  names: readonly string[],
  deps: CollectorDependencies,
  options: LookalikeOptions,
): Promise<Collector> {
  const { dataDir, now = Date.now, retryMs = RETRY_MS } = options
  const { log } = deps
  const places = new Set([...shippedPlaces, ...(options.places ?? [])])
  const good = new Set([
    ...settings.ours,
    ...names.flatMap((name) => [name, brandOf(name, places)?.registered ?? name]),
  ])
  const dns = createDomainDns({
    resolvers: settings.resolvers,
    queriesPerSecond: settings.queries_per_second,
    randomLabel: options.randomLabel ?? (() => `x${randomBytes(9).toString('hex')}`),
    ...(options.dnsTimeoutMs === undefined ? {} : { timeoutMs: options.dnsTimeoutMs }),
  })
  const stopping = new AbortController()
  const { signal } = stopping
  let state = await loadLookalikes(dataDir, (file) =>
    log.error({ file }, 'what was known of look-alike domains cannot be used; they are told anew'),
  )
  let running: Promise<void> | undefined

  /** Permutations of a name, always in the same order: a place in it is enough to go on. */
  function candidates(name: string): Candidate[] {
    const found = permutations(name, { words: settings.words, places, max: settings.max_per_name })
    return Array.from(found, (one) => ({ ...one, protected: name })).filter(({ domain }) => !isKnown(domain, good))
  }

  async function round(): Promise<void> {
    const resumed = state.round !== undefined && names.includes(state.round.name) ? state.round : undefined
    const began = resumed?.began ?? now()
    dns.forget()
    // What is registered comes first: whether it is still there.
    const registered = Object.entries(state.known).map(([domain, { protected: name, kind, likeness }]) => ({
      domain,
      protected: name,
      kind,
      likeness,
    }))
    for (let at = 0; at < registered.length && !signal.aborted; at += PIECE) {
      await keepAsking(registered.slice(at, at + PIECE), began)
      await saveLookalikes(dataDir, state)
    }
    for (const name of resumed === undefined ? names : names.slice(names.indexOf(resumed.name))) {
      const all = candidates(name)
      for (let at = name === resumed?.name ? resumed.done : 0; at < all.length && !signal.aborted; at += PIECE) {
        await keepAsking(all.slice(at, at + PIECE), began)
        if (signal.aborted) return
        state = { ...state, round: { began, name, done: at + PIECE } }
        await saveLookalikes(dataDir, state)
      }
      if (signal.aborted) return
    }
    const { round: _, ...rest } = state
    state = { ...rest, ended: now() }
    await saveLookalikes(dataDir, state)
    options.onRound?.()
  }

  async function keepAsking(piece: readonly Candidate[], began: number): Promise<void> {
    const due = piece.filter(({ domain }) => state.known[domain]?.checked !== began)
    while (!signal.aborted && !(await ask(due, began))) {
      // Nobody answered; it was waited.
    }
  }

  /** Asks for a piece and tells what changed. False if it has to be asked again, since nobody answered. */
  async function ask(piece: readonly Candidate[], began: number): Promise<boolean> {
    const answers = await askAll(dns, piece, signal)
    if (answers === undefined) return false
    const unknown = answers.filter(({ kind }) => kind === 'unknown').length
    if (piece.length >= 10 && unknown > piece.length * MOST_UNKNOWN) {
      log.warn({ again_in_ms: retryMs }, 'DNS does not answer; look-alike domains cannot be asked for')
      await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      return false
    }
    const at = new Date(now()).toISOString()
    const known = { ...state.known }
    const records: LookalikeRecord[] = []
    for (const [n, candidate] of piece.entries()) {
      const { domain, ...match } = candidate
      const answer = answers[n]
      if (answer === undefined) continue
      const change = changeOf(domain, match, known[domain], answer, at)
      if (change.known === undefined) delete known[domain]
      else known[domain] = { ...change.known, checked: began }
      if (change.record !== undefined) records.push(change.record)
    }
    if (records.length > 0 && !(await write(records, began))) return false
    state = { ...state, known }
    return true
  }

  /** Tries until Kafka has it; false if the collector is stopped before. */
  async function write(records: readonly LookalikeRecord[], began: number): Promise<boolean> {
    const events = records.map((record) => eventOf(record, began, now()))
    const bytes = events.reduce((sum, { payload }) => sum + payload.length, 0)
    while (!signal.aborted) {
      deps.metrics.received(LOOKALIKE_SOURCE, events.length, bytes)
      try {
        await deps.writer.write(deps.seal([...events]))
        deps.metrics.accepted(LOOKALIKE_SOURCE, events.length)
        return true
      } catch (error) {
        deps.metrics.refused('KAFKA_UNAVAILABLE', events.length)
        log.warn({ error: errorText(error), again_in_ms: retryMs }, 'look-alike domains cannot be written for now')
        await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
    return false
  }

  /** One round at a time; the clock finds one running and lets it. */
  function run(): Promise<void> {
    running ??= round().finally(() => {
      running = undefined
    })
    return running
  }

  const stopClock = startScheduler([{ name: 'lookalikes', when: settings.when, run }], log)
  if (state.round !== undefined || state.ended === 0) {
    run().catch((error: unknown) =>
      log.warn({ error: errorText(error) }, 'a round of look-alike domains failed and comes again'),
    )
  }
  return {
    name: 'Look-alike domains',
    addresses: [...names],
    async stop() {
      stopping.abort()
      await stopClock()
      await Promise.race([running?.catch(() => undefined), sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}

async function askAll(dns: DomainDns, piece: readonly Candidate[], signal: AbortSignal) {
  const limit = pLimit(PARALLEL)
  try {
    return await Promise.all(piece.map(({ domain }) => limit(() => dns.ask(domain, signal))))
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** The same id where a round is resumed and asks again. */
function eventOf(record: LookalikeRecord, began: number, now: number): Unsealed {
  return {
    source: LOOKALIKE_SOURCE,
    format: LOOKALIKE_FORMAT,
    receivedAt: now,
    peer: '',
    id: `la.${record.domain}.${record.state}.${began.toString(36)}`,
    key: `lookalike-${record.domain}`,
    payload: Buffer.from(JSON.stringify(record)),
  }
}
