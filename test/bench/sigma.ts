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
  const began = performance.now()
  const { rules: all, problems } = loadRules(folders)
  say(`load: ${all.length} rules of ${all.length + problems.length} files in ${seconds(began)} s`)
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
    const compiling = performance.now()
    const engine = createSigma(rules, recordAccessor)
    engine.rulesOf(anySource)
    const compiled = seconds(compiling)
    const ours = measure(records, (record) => engine.match(record, anySource).length)
    const others = withFiles(rules, text, (folder, file) => [
      ...(reference === undefined ? [] : [['sigma-reference', askReference(reference, folder, file)] as const]),
      // Tenzir starts slowly, so it is asked for the sets of the one log source only.
      ...(tenzir === undefined || name.includes('lot')
        ? []
        : [['tenzir', askTenzir(tenzir, folder, file, count)] as const]),
    ])
    say(`${rules.length.toLocaleString('en').padStart(5)} rules, ${name} (compiled in ${compiled} s)`)
    say(`  siaga            ${show(ours)}; ${ours.cpu} by CPU time of the whole process`)
    for (const [engineName, result] of others)
      say(`  ${engineName.padEnd(16)} ${show(result)}; siaga is ${(ours.rate / result.rate).toFixed(1)} times as fast`)
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2)
}

function show({ rate, matches }: Result): string {
  return `${Math.round(rate).toLocaleString('en').padStart(9)} events/s, ${matches.toLocaleString('en')} matches`
}

function recordOf(line: string): SigmaRecord {
  const event = readJsonEvent(JSON.parse(line))
  if (event === undefined) throw new Error('an event is no object')
  return event.record
}

/** What reading costs beside matching: the others parse before they measure, so we do too. */
function reading(lines: readonly string[], say: Say): void {
  const began = performance.now()
  for (const line of lines) recordOf(line)
  const rate = (lines.length / (performance.now() - began)) * 1000
  say(
    `reading JSON into records: ${Math.round(rate).toLocaleString('en')} events/s, not part of the rates below, for any engine but tenzir`,
  )
}

/** The median of some passes, after one that is not counted. */
function measure(records: readonly SigmaRecord[], match: (record: SigmaRecord) => number): Result & { cpu: string } {
  let matches = 0
  const rates: number[] = []
  const cpu: number[] = []
  for (let pass = 0; pass <= PASSES; pass += 1) {
    matches = 0
    const began = performance.now()
    const used = process.cpuUsage()
    for (const record of records) matches += match(record)
    const { user, system } = process.cpuUsage(used)
    if (pass === 0) continue
    rates.push((records.length / (performance.now() - began)) * 1000)
    cpu.push((records.length / (user + system)) * 1e6)
  }
  return { rate: median(rates), matches, cpu: Math.round(median(cpu)).toLocaleString('en') }
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

function withFiles<T>(rules: readonly SigmaRule[], text: string, run: (folder: string, file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-bench-'))
  try {
    mkdirSync(join(folder, 'rules'))
    for (const [n, { file }] of rules.entries()) symlinkSync(file, join(folder, 'rules', `${n}.yml`))
    writeFileSync(join(folder, 'events.ndjson'), text)
    return run(join(folder, 'rules'), join(folder, 'events.ndjson'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function askReference(path: string, rules: string, file: string): Result {
  const { stderr } = spawnSync(path, [rules, file], { encoding: 'utf8', maxBuffer: 2 ** 30 })
  const found = /hits (\d+) events\/s (\d+)/.exec(stderr)
  return { rate: Number(found?.[2] ?? Number.NaN), matches: Number(found?.[1] ?? Number.NaN) }
}

/** On one core. Starting and loading rules is measured with an event alone and taken off. */
function askTenzir(path: string, rules: string, file: string, count: number): Result {
  const run = (head: number): { took: number; matches: number } => {
    const pipeline = `from_file "${file}" { read_ndjson }\nhead ${head}\nsigma path="${rules}"\nsummarize n=count()\nwrite_ndjson`
    const began = performance.now()
    const { stdout } = spawnSync('taskset', ['-c', '0', path, pipeline], { encoding: 'utf8', maxBuffer: 2 ** 30 })
    return { took: performance.now() - began, matches: Number(/"n":(\d+)/.exec(stdout)?.[1] ?? Number.NaN) }
  }
  const start = run(1)
  const whole = run(count)
  return { rate: (count / (whole.took - start.took)) * 1000, matches: whole.matches }
}
