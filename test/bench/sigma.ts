// How many events a second does the Sigma engine match on one core, how does that fall with the number of rules, and how do other engines do beside it?
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anySource, createSigma } from '../../processors/detect/sigma/engine.ts'
import { readJsonEvent } from '../../processors/detect/sigma/json-event.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { recordAccessor, type SigmaRecord } from '../../processors/detect/sigma/record.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { windowsSource } from '../../processors/detect/sigma/windows-source.ts'
import { random } from './lines.ts'
import { processEvents } from './sigma-events.ts'

type Say = (line: string) => void

/** A set of rules that every event is held against, whatever their log source. */
interface Trial {
  readonly name: string
  readonly rules: readonly SigmaRule[]
}

interface Result {
  /** Events a second of CPU time, of all threads: what one core does, whatever else the machine has to do. */
  readonly rate: number
  readonly matches: number
}

const corpora = join(import.meta.dirname, '../../../shared/corpora/sigma')
const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting'].map((name) => join(corpora, name))
const PASSES = 5

/** Runs the bench on `count` process events. SIAGA_SIGMA_REFERENCE and SIAGA_TENZIR name the programs of the other engines. */
export function sigma(count: number, say: Say): void {
  if (!existsSync(corpora)) {
    say(`sigma: ${corpora} is absent`)
    return
  }
  const events = processEvents(count)
  const lines = events.map((event) => JSON.stringify(event))
  const text = lines.join('\n')
  const lengths = events.map(({ CommandLine }) => String(CommandLine).length).sort((a, b) => a - b)
  say(
    `events: ${count.toLocaleString('en')} process creations, ${Math.round(text.length / count)} bytes of JSON each, command lines of ${lengths[count >> 1]} characters (median), ${lengths[Math.floor(count * 0.9)]} (90 %)`,
  )
  const loading = process.cpuUsage()
  const { rules: all, problems } = loadRules(folders)
  const loaded = cpuSeconds(process.cpuUsage(loading))
  say(`load: ${all.length} rules of ${all.length + problems.length} files in ${loaded.toFixed(2)} s of CPU`)
  say('rates are by CPU time, all threads together: what one core does')
  const records = lines.map(recordOf)
  reading(lines, say)

  const place = join(corpora, 'rules/windows/process_creation')
  const source = windowsSource('Microsoft-Windows-Sysmon/Operational', 1)
  const shuffled = shuffle(all)
  const trials: Trial[] = [
    { name: 'rules/windows/process_creation', rules: all.filter(({ file }) => file.startsWith(place)) },
    { name: 'every rule of that log source', rules: createSigma(all, recordAccessor).rulesOf(source) },
    ...[10, 100, 1000, 3000].map((n) => ({ name: 'of all log sources, by lot', rules: shuffled.slice(0, n) })),
  ]
  const reference = program('SIAGA_SIGMA_REFERENCE', 'sigma-reference', say)
  const tenzir = program('SIAGA_TENZIR', 'tenzir', say)
  for (const { name, rules } of trials) {
    const compiling = process.cpuUsage()
    const engine = createSigma(rules, recordAccessor)
    engine.rulesOf(anySource)
    const compiled = cpuSeconds(process.cpuUsage(compiling))
    const ours = measure(records, (record) => engine.match(record, anySource).length)
    say(`${thousands(rules.length).padStart(5)} rules, ${name} (compiled in ${compiled.toFixed(2)} s of CPU)`)
    say(`  siaga            ${show(ours)}; by the clock ${thousands(ours.clock)}`)
    withFiles(rules, lines, (folder, file) => {
      const others: [string, Result][] = []
      if (reference !== undefined) others.push(['sigma-reference', askReference(reference, folder, file, count)])
      // Tenzir is asked for the sets of the one log source only: it takes minutes.
      if (tenzir !== undefined && !name.includes('lot')) others.push(['tenzir', askTenzir(tenzir, folder, file, count)])
      for (const [other, result] of others)
        say(`  ${other.padEnd(16)} ${show(result)}; siaga is ${(ours.rate / result.rate).toFixed(1)} times as fast`)
    })
  }
}

function cpuSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function show({ rate, matches }: Result): string {
  return `${thousands(rate).padStart(9)} events/s, ${thousands(matches)} matches`
}

function recordOf(line: string): SigmaRecord {
  const event = readJsonEvent(JSON.parse(line))
  if (event === undefined) throw new Error('an event is no object')
  return event.record
}

/** What reading costs beside matching, which the rates do not hold but for Tenzir's. */
function reading(lines: readonly string[], say: Say): void {
  const used = process.cpuUsage()
  for (const line of lines) recordOf(line)
  say(
    `reading JSON into records, which is not part of siaga's rates: ${thousands(lines.length / cpuSeconds(process.cpuUsage(used)))} events/s`,
  )
}

/** The median of some passes, after one that is not counted. */
function measure(records: readonly SigmaRecord[], match: (record: SigmaRecord) => number): Result & { clock: number } {
  let matches = 0
  const clock: number[] = []
  const rates: number[] = []
  for (let pass = 0; pass <= PASSES; pass += 1) {
    matches = 0
    const began = performance.now()
    const used = process.cpuUsage()
    for (const record of records) matches += match(record)
    const cpu = cpuSeconds(process.cpuUsage(used))
    if (pass === 0) continue
    clock.push((records.length / (performance.now() - began)) * 1000)
    rates.push(records.length / cpu)
  }
  return { rate: median(rates), matches, clock: median(clock) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function shuffle<T>(items: readonly T[]): T[] {
  const next = random(11)
  const list = [...items]
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1))
    ;[list[i], list[j]] = [list[j] as T, list[i] as T]
  }
  return list
}

function program(variable: string, name: string, say: Say): string | undefined {
  const path = process.env[variable] ?? ''
  if (existsSync(path)) return path
  say(`${name}: not measured, ${variable} names no program`)
  return undefined
}

/** Rules and events in a folder; `events.ndjson.one` holds the first event alone. */
function withFiles(
  rules: readonly SigmaRule[],
  lines: readonly string[],
  run: (folder: string, file: string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-bench-'))
  try {
    mkdirSync(join(folder, 'rules'))
    for (const [n, { file }] of rules.entries()) symlinkSync(file, join(folder, 'rules', `${n}.yml`))
    const events = join(folder, 'events.ndjson')
    writeFileSync(events, lines.join('\n'))
    writeFileSync(`${events}.one`, lines[0] ?? '')
    run(join(folder, 'rules'), events)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Run {
  readonly stdout: string
  readonly stderr: string
  /** Seconds of CPU time. */
  readonly cpu: number
}

function runProgram(path: string, args: readonly string[]): Run {
  const { stdout, stderr } = spawnSync('sh', ['-c', '"$@"; times', 'sh', path, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  // The second line of `times` is of the children: user and system.
  const [, , user, system] = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(-4)
    .map(([, m, s]) => Number(m) * 60 + Number(s))
  return { stdout, stderr, cpu: (user ?? Number.NaN) + (system ?? Number.NaN) }
}

/** Starting and loading rules is measured with an event alone and taken off. */
function askReference(path: string, rules: string, file: string, count: number): Result {
  const start = runProgram(path, [rules, `${file}.one`])
  const whole = runProgram(path, [rules, file])
  const printed = /hits (\d+) events\/s (\d+)/.exec(whole.stderr)
  // Its CPU time holds the parsing of the events, its own figure is by the clock: the better one counts.
  const rate = Math.max(count / (whole.cpu - start.cpu), Number(printed?.[2] ?? Number.NaN))
  return { rate, matches: Number(printed?.[1] ?? Number.NaN) }
}

function askTenzir(path: string, rules: string, file: string, count: number): Result {
  const run = (events: string): Run =>
    runProgram(path, [
      `from_file "${events}" { read_ndjson }\nsigma path="${rules}"\nsummarize n=count()\nwrite_ndjson`,
    ])
  const start = run(`${file}.one`)
  const whole = run(file)
  const matches = Number(/"n":(\d+)/.exec(whole.stdout)?.[1] ?? Number.NaN)
  return { rate: count / (whole.cpu - start.cpu), matches }
}
