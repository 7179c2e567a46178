// What do changed lines do to a worker? Takes them the whole way for some seconds, and tells what went wrong and which were slowest.
import type { EventFormat } from '../../../schemas/config.ts'
import { createWorkerPath, type Passed, RECEIVED_AT } from '../worker-path.ts'
import { unfit } from './event-limits.ts'
import { mutate, Random } from './mutate.ts'
import type { Seed } from './seeds.ts'

/**
 * What a line may take in itself, and for each KiB of it. Most take hundredths of that; the slowest known, escapes inside escapes in 512 KiB, took 3.6 ms
 * for a KiB in the tokeniser (2 s) before it left off where no escapes are left. Quadratic is far above.
 */
const MOST_MS = 250
const MOST_MS_PER_KIB = 6
/** Below this a time says more about the machine than about the line. */
const NOISE_MS = 20
const SHOWN = 10
/** `peer.ip` and the device's own time, which are kept however many fields a line has. */
const NORMALISED_FIELDS = 3

export interface SlowLine {
  readonly ms: number
  readonly sealMs: number
  readonly bytes: number
  readonly format: EventFormat
  readonly dataset: string
  readonly payload: Buffer
  /** The fastest of three more times, in quiet; what is remembered of its values then helps. */
  again: number
  /** That over the time of its slower half: 2 is linear, 4 quadratic; 0 if it is too short to tell. */
  growth: number
}

export interface FuzzReport {
  readonly seed: number
  readonly lines: number
  readonly bytes: number
  readonly seconds: number
  readonly outcomes: ReadonlyMap<string, number>
  readonly datasets: number
  /** With the seed of the line, so that it can be made again. */
  readonly failures: readonly string[]
  readonly slowest: readonly SlowLine[]
}

export interface FuzzOptions {
  readonly seeds: readonly Seed[]
  readonly seed: number
  readonly seconds: number
}

/** Changes random lines and takes each through the worker, recognised and with its format set, until the time is over. */
export function fuzz({ seeds, seed, seconds }: FuzzOptions): FuzzReport {
  const pass = createWorkerPath()
  const byFormat = [...Map.groupBy(seeds, ({ format }) => format).values()]
  const outcomes = new Map<string, number>()
  const datasets = new Set<string>()
  const failures: string[] = []
  let slowest: SlowLine[] = []
  let lines = 0
  let bytes = 0
  // What the engine has not compiled yet is slow whatever the line is.
  for (const { text, format } of seeds.slice(0, 2_000)) pass(Buffer.from(text), format)

  const started = performance.now()
  for (; performance.now() - started < seconds * 1_000; lines++) {
    const lineSeed = (seed * 1_000_003 + lines) >>> 0
    const random = new Random(lineSeed)
    const { text, format } = random.of(random.of(byFormat))
    const payload = mutate(Buffer.from(text), Buffer.from(random.of(seeds).text), random)
    bytes += payload.length
    for (const set of ['auto', format] as const) {
      let passed: Passed
      try {
        passed = pass(payload, set)
      } catch (error) {
        failures.push(`seed ${lineSeed} as ${set}: ${error instanceof Error ? error.stack : String(error)}`)
        continue
      }
      const { outcome, event } = passed
      const name =
        outcome.kind === 'dlq' || outcome.kind === 'drop' ? `${outcome.kind} ${outcome.reason}` : outcome.kind
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
      const wrong = wrongAbout(passed, set)
      if (wrong !== '') failures.push(`seed ${lineSeed} as ${set}: ${wrong}`)
      if (outcome.kind === 'ok') datasets.add(event.dataset)
      slowest = withSlow(slowest, passed, payload, set)
    }
    if (failures.length > 20) break
  }
  const took = (performance.now() - started) / 1_000
  for (const line of slowest) {
    line.again = fastestOf(pass, line.payload, line.format)
    line.growth = growthOf(pass, line)
  }
  return { seed, lines, bytes, seconds: took, outcomes, datasets: datasets.size, failures, slowest }
}

/** What about an outcome breaks the rules, '' if nothing does. */
function wrongAbout({ outcome, event, row }: Passed, format: EventFormat): string {
  if (outcome.kind === 'miss') return 'no outcome'
  if (outcome.kind === 'dlq') {
    if (outcome.reason === 'format_mismatch') return format === 'auto' || format === 'syslog' ? outcome.cause : ''
    return outcome.reason.startsWith('json_too_') ? '' : `${outcome.reason}: ${outcome.cause}`
  }
  if (outcome.kind === 'drop') return ''
  if (!(event.timestamp > 0 && event.timestamp <= RECEIVED_AT + 60_000)) return `timestamp ${event.timestamp}`
  if (!(event.score >= 0 && event.score <= 100)) return `score ${event.score}`
  if (row === 0) return 'no row'
  return unfit(event, NORMALISED_FIELDS)
}

function withSlow(slowest: SlowLine[], passed: Passed, payload: Buffer, format: EventFormat): SlowLine[] {
  const ms = passed.sealMs + passed.workMs
  const last = slowest.at(-1)
  if (slowest.length === SHOWN && last !== undefined && ms <= last.ms) return slowest
  const dataset = passed.outcome.kind === 'ok' ? passed.event.dataset : passed.outcome.kind
  const line = { ms, sealMs: passed.sealMs, bytes: payload.length, format, dataset, payload, again: 0, growth: 0 }
  return [...slowest, line].toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN)
}

type Pass = ReturnType<typeof createWorkerPath>

function fastestOf(pass: Pass, payload: Buffer, format: EventFormat): number {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < 3; n++) {
    const started = performance.now()
    pass(payload, format)
    best = Math.min(best, performance.now() - started)
  }
  return best
}

/** How the time of a line grows when it is made twice as long: it is compared with its halves, each with its own head. */
function growthOf(pass: Pass, { payload, format }: SlowLine): number {
  const whole = fastestOf(pass, payload, format)
  if (whole < NOISE_MS) return 0
  const middle = payload.length >> 1
  const head = payload.subarray(0, Math.min(256, middle))
  const halves = [payload.subarray(0, middle), Buffer.concat([head, payload.subarray(middle)])]
  return whole / Math.max(...halves.map((half) => fastestOf(pass, half, format)))
}

/** Lines that are slower than they may be: in themselves, for their length, or growing faster than their length. Measured once more, in quiet. */
export function tooSlow({ slowest }: FuzzReport): string[] {
  const pass = createWorkerPath()
  return slowest.flatMap((line) => {
    const limit = Math.max(MOST_MS, (line.bytes / 1024) * MOST_MS_PER_KIB)
    if (line.ms <= limit && line.growth < 3) return []
    const again = fastestOf(pass, line.payload, line.format)
    const growth = growthOf(pass, line)
    return again > limit || growth >= 3 ? [`${again.toFixed(0)} ms, growth ${growth.toFixed(1)}: ${shown(line)}`] : []
  })
}

function shown({ ms, sealMs, again, bytes, format, dataset, growth, payload }: SlowLine): string {
  const figures = `${ms.toFixed(1).padStart(7)} ms (${sealMs.toFixed(1)} sealing, again ${again.toFixed(1)}) ${String(bytes).padStart(7)} bytes`
  const times = growth === 0 ? '' : `, ${growth.toFixed(1)}× its half`
  return `${figures}  ${format} → ${dataset}${times}  ${JSON.stringify(payload.toString('latin1', 0, 70))}`
}

/** The figures and the worst ten lines, for people. */
export function fuzzText({ seed, lines, bytes, seconds, outcomes, datasets, slowest }: FuzzReport): string {
  const counts = [...outcomes].map(([name, n]) => `${name} ${n}`).join(', ')
  return [
    `fuzz: seed ${seed}, ${lines} lines of ${(bytes / 2 ** 20).toFixed(0)} MiB in ${seconds.toFixed(0)} s, ${datasets} datasets; ${counts}`,
    ...slowest.map((line) => `  ${shown(line)}`),
    '',
  ].join('\n')
}
