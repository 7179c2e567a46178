// npm run differential [-- --events N] [--seed N] [--show N] [--cause NAME]: do Siaga and an independent Sigma engine say the same of the same rules and events?
// Every difference must come of a cause in explained.ts; any other fails the run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { anySource, createSigma } from '../../processors/detect/sigma/engine.ts'
import { readJsonEvent } from '../../processors/detect/sigma/json-event.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import { recordAccessor } from '../../processors/detect/sigma/record.ts'
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import { processEvents } from '../bench/sigma-events.ts'
import { causes, type Difference, ruleCauses } from './explained.ts'
import { askReference } from './reference.ts'
import { createAdversary, type SigmaEvent } from './sigma-events.ts'

/** `event rule` for each match. */
type Matches = ReadonlySet<string>
type Engine = (events: readonly SigmaEvent[]) => Matches

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const corpora = join(import.meta.dirname, '../../../shared/corpora/sigma')
const REALISTIC = 3000
/** A rule of our own is one modifier and a field or two: it takes many events to try all of it. */
const OWN_TIMES = 10

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string', default: '3' },
    cause: { type: 'string' },
  },
})
const reference = process.env.SIAGA_SIGMA_REFERENCE ?? ''
if (!existsSync(reference)) {
  say(
    'differential: set SIAGA_SIGMA_REFERENCE to the program of ../shared/peers/sigma-reference (cargo build --release)',
  )
  process.exit(reference === '' ? 0 : 2)
}

/** Detections as YAML says them, by the rule's id. */
function detectionsOf(files: Iterable<string>): Map<string, Readonly<Record<string, unknown>>> {
  const found = new Map<string, Readonly<Record<string, unknown>>>()
  const Rule = z.object({ id: z.string(), detection: z.record(z.string(), z.unknown()) })
  for (const file of files) {
    const documents = parseAllDocuments(readFileSync(file, 'utf8'))
    for (const document of Array.isArray(documents) ? documents : []) {
      const rule = Rule.safeParse(document.toJS())
      if (rule.success) found.set(rule.data.id, rule.data.detection)
    }
  }
  return found
}

function sourceOf({ logsource: { category = '*', product = '*', service = '*' } }: SigmaRule): string {
  return `${category}/${product}/${service}`
}

function engineOf(rules: readonly SigmaRule[]): Engine {
  const sigma = createSigma(rules, recordAccessor)
  return (events) => {
    const matches = new Set<string>()
    for (const [n, event] of events.entries()) {
      const read = readJsonEvent(event)
      if (read === undefined) throw new Error('an event is no object')
      for (const { rule } of sigma.match(read.record, anySource)) matches.add(`${n} ${rule.id}`)
    }
    return matches
  }
}

const explained = new Map<string, Difference[]>([...causes, ...ruleCauses].map(({ name }) => [name, []]))
const unexplained: Difference[] = []

/** Takes one cause after the other out of the events and asks both engines again; those that then agree are explained by the last one. */
function explain(differences: readonly Difference[], ours: Engine, theirs: Engine): void {
  let open = differences.map((difference) => ({ difference, event: difference.event }))
  for (const { name, without } of causes) {
    const left: typeof open = []
    const tried: typeof open = []
    for (const one of open) {
      const { difference } = one
      const events = without({ ...difference, event: one.event })
      const said = ours(events)
      const kept = events.findIndex((_, n) => said.has(`${n} ${difference.rule.id}`) === difference.ours)
      const event = events[Math.max(kept, 0)]
      if (event === undefined) left.push(one)
      else tried.push({ difference, event })
    }
    if (tried.length === 0) continue
    const events = tried.map(({ event }) => event)
    const [here, there] = [ours(events), theirs(events)]
    for (const [n, one] of tried.entries()) {
      const match = `${n} ${one.difference.rule.id}`
      if (here.has(match) === there.has(match)) explained.get(name)?.push(one.difference)
      else left.push(one)
    }
    open = left
  }
  for (const { difference, event } of open) {
    const cause = ruleCauses.find(({ fits }) => fits({ ...difference, event }))
    if (cause === undefined) unexplained.push(difference)
    else explained.get(cause.name)?.push(difference)
  }
}

const folders = ['rules', 'rules-emerging-threats', 'rules-threat-hunting'].map((name) => join(corpora, name))
if (!existsSync(corpora)) say(`differential: ${corpora} is absent, so only rules of our own are tried`)
const { rules } = loadRules([join(import.meta.dirname, 'rules'), ...(existsSync(corpora) ? folders : [])])
const detections = detectionsOf(new Set(rules.map(({ file }) => file)))
const refused = new Set<string>()
const fired = new Set<string>()
let compared = 0
let agreed = 0
let differing = 0

for (const [source, group] of [...Map.groupBy(rules, sourceOf)].sort(([a], [b]) => a.localeCompare(b))) {
  const adversary = createAdversary(Number(values.seed) * 1000 + group.length)
  const count = Number(values.events) * (source.startsWith('differential') ? OWN_TIMES : 1)
  const events = group.flatMap(({ id }) => adversary(detections.get(id) ?? {}, count))
  if (source === 'process_creation/windows/*') events.push(...processEvents(REALISTIC, Number(values.seed)))
  const files = new Set(group.map(({ file }) => file))
  const theirs: Engine = (asked) => {
    const answer = askReference(reference, files, asked)
    for (const line of answer.refused) refused.add(line)
    return answer.matches
  }
  const ours = engineOf(group)
  const [here, there] = [ours(events), theirs(events)]
  compared += events.length * group.length
  for (const match of here) {
    fired.add(match.slice(match.indexOf(' ') + 1))
    if (there.has(match)) agreed += 1
  }
  const byId = new Map(group.map((rule) => [rule.id, rule]))
  const differences: Difference[] = []
  for (const match of here.symmetricDifference(there)) {
    const [n = '', id = ''] = match.split(' ')
    const rule = byId.get(id)
    const event = events[Number(n)]
    if (rule === undefined || event === undefined)
      throw new Error(`the reference names a rule that it was not given: ${id}`)
    differences.push({ rule, detection: detections.get(id) ?? {}, event, ours: here.has(match), source })
  }
  differing += differences.length
  explain(differences, ours, theirs)
}

say(
  `rules ${rules.length}, refused by the reference ${refused.size}; ${compared.toLocaleString('en')} pairs of rule and event`,
)
for (const line of refused) say(`  ${line.slice(0, 300)}`)
say(
  `rules that fired here ${fired.size}; matches of both ${agreed.toLocaleString('en')}, differences ${differing.toLocaleString('en')}`,
)
for (const { name, right, why } of [...causes, ...ruleCauses]) {
  const list = explained.get(name) ?? []
  say(
    `${String(list.length).padStart(6)}  ${name} (right: ${right}; ${new Set(list.map(({ rule }) => rule.id)).size} rules): ${why}`,
  )
}
say(`${String(unexplained.length).padStart(6)}  not explained`)
const shown = values.cause === undefined ? unexplained : (explained.get(values.cause) ?? [])
for (const { rule, event, ours, source } of shown.slice(0, Number(values.show)))
  say(`\n${source} ${rule.title} ${rule.id}\n  ours ${ours}, theirs ${!ours}\n  ${JSON.stringify(event)}`)
process.exit(unexplained.length === 0 ? 0 : 1)
