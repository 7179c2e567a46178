// siaga alerts simulate: which history, which configuration, which output?
import { resolve } from 'node:path'
import { readLocalTime } from '../../runtime/local-time.ts'
import { loadReference } from '../../runtime/reference.ts'
import { createEngine } from '../../sinks/alerts/engine.ts'
import { policyOf } from '../../sinks/alerts/policy/policy.ts'
import { CommandError, type Frame } from '../frame.ts'
import { withReader } from '../rules/history.ts'
import { sharedThings } from '../start/shared-things.ts'
import { gauge, languageOf, localTime, number, printable } from '../terminal.ts'
import { type Clock, findingsOfFile, findingsOfHistory, type Played } from './history.ts'
import { showSimulation } from './show-simulation.ts'
import { loadOf, type Simulation, simulate, summaryMinute } from './simulate.ts'

export interface SimulateOptions {
  readonly file?: string
  readonly from?: string
  readonly to?: string
  readonly clock: Clock
  readonly ackAfter?: number
  readonly json?: boolean
  readonly lang?: string
}

const DAY_MS = 86_400_000

export async function runSimulation(options: SimulateOptions, frame: Frame): Promise<void> {
  if (options.file !== undefined) {
    if (options.from !== undefined || options.to !== undefined)
      throw new CommandError('A file is played whole.', 'Leave out --from and --to, or --file.', 2)
    const file = options.file === '-' ? '-' : resolve(frame.cwd, options.file)
    return play(await findingsOfFile(file, frame.stdin), options, frame)
  }
  const to = options.to === undefined ? Date.now() : timeOf(options.to, '--to')
  const from = options.from === undefined ? to - DAY_MS : timeOf(options.from, '--from')
  if (from >= to) throw new CommandError('--from is not before --to.', 'Times without a zone are WIB.', 2)
  await withReader(frame, async (clickhouse) => {
    await play(await findingsOfHistory(clickhouse, { from, to, clock: options.clock }), options, frame)
  })
}

function timeOf(text: string, option: string): number {
  const time = readLocalTime(text, 'WIB')
  if (time !== undefined) return time
  throw new CommandError(`${option}: \`${printable(text)}\` is no time.`, 'Write it as 2024-11-27 08:00 WITA.', 2)
}

async function play({ total, findings }: Played, options: SimulateOptions, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const language = languageOf(options.lang, frame.env)
  const reference = loadReference(config, baseDir)
  const progress = frame.progress()
  const live = frame.stderr.isTTY === true
  if (live) progress.doing(`0 / ${number(total, language)}`)
  let simulation: Simulation
  try {
    simulation = await simulate(findings, {
      engine: createEngine({
        config,
        assets: config.assets,
        reference,
        shared: sharedThings(config, baseDir, reference),
      }),
      policy: policyOf(config),
      summaryMinute: summaryMinute(config.alerts.summary_time),
      ackAfterMs: options.ackAfter === undefined ? undefined : options.ackAfter * 60_000,
      onProgress: (done, now) => {
        if (live)
          progress.doing(
            barText(done, total, `${number(done, language)} / ${number(total, language)}  ${localTime(now)}`),
          )
      },
    })
  } finally {
    progress.stop()
  }
  if (options.json === true) {
    const { alerts, told, ...rest } = simulation
    const iso = (ms: number): string => new Date(ms).toISOString()
    const answer = {
      ...rest,
      ended: Number.isNaN(rest.ended) ? undefined : iso(rest.ended),
      told: told.map((one) => ({ ...one, at: iso(one.at) })),
      load: loadOf(told).map((one) => ({ ...one, worstHour: iso(one.worstHour) })),
      alerts: alerts.map(({ alert_id, title, severity, score, kind, region_code, findings, matters, case_id }) => {
        return { alert_id, title, severity, score, kind, region_code, findings, matters, case_id }
      }),
    }
    frame.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`)
    return
  }
  const zoneOf = (region: string) => reference.regions.get(region)?.zone ?? 'WIB'
  frame.stdout.write(showSimulation(simulation, zoneOf, language, frame.paint))
}

const BAR_WIDTH = 24

function barText(done: number, total: number, said: string): string {
  const part = total === 0 ? 1 : Math.min(1, done / total)
  return `${String(Math.floor(part * 100)).padStart(3)}% ${gauge(part, BAR_WIDTH)}  ${said}`
}
