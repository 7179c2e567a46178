// What do the tests on real logs share? Where the logs are, and what the shipped rules say about their lines, correlations included.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCorrelations } from '../../cli/rules/correlation-cases.ts'
import { createLab } from '../../cli/rules/lab.ts'
import { SHIPPED_RULES } from '../../cli/worker/rules.ts'
import { runCorrelationCase } from '../../processors/correlate/cases.ts'
import { type LinkedCorrelation, linkCorrelations } from '../../processors/correlate/link.ts'
import { loadRules } from '../../processors/detect/sigma/load.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import type { SourceFormat } from '../../schemas/config.ts'
import type { Severity } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'

const root = join(import.meta.dirname, '../../../shared/corpora')

/** False where the corpora are absent. */
export const present = existsSync(join(root, 'crowdsec/manifest.json'))

export interface CrowdsecCase {
  case: string
  log: string
  sources: string[]
}

export const manifest: readonly CrowdsecCase[] = present
  ? JSON.parse(readFileSync(join(root, 'crowdsec/manifest.json'), 'utf8'))
  : []

const set = loadRules([SHIPPED_RULES])
const { config, baseDir } = loadConfig({ env: {}, cwd: join(import.meta.dirname, '../fixtures') })
const lab = createLab(set.rules, config, baseDir)
const correlations = readCorrelations(set).rules

/** Something said of level medium or more, by a rule about one event or by a correlation. */
export interface Said {
  readonly rule: string
  readonly level: Severity
  /** As in findings: source_ip:192.0.2.1, user:budi. */
  readonly entity: string
  /** The line, if it is about one. */
  readonly line: string
}

/** Lines of a file of the corpora that hold anything. */
export function linesOf(path: string): string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

/** Lines of a case of CrowdSec. */
export function crowdsecLines(name: string): string[] {
  const found = manifest.find((one) => one.case === name)
  if (found === undefined) throw new Error(`${name} is not in the manifest`)
  return linesOf(`crowdsec/${name}/${found.log}`)
}

/** A correlation behind those that it names, as if it were the only one. */
function chainOf(id: string): readonly LinkedCorrelation[] {
  const { correlations: all } = linkCorrelations(correlations, set.rules)
  const needed = new Set([id])
  // Inner ones stand before outer ones, so one pass from the end finds all.
  for (const { rule, roles } of [...all].reverse())
    if (needed.has(rule.id)) for (const role of roles) if (role.kind === 'correlation') needed.add(role.id)
  return linkCorrelations(
    correlations.filter((rule) => needed.has(rule.id)),
    set.rules,
  ).correlations
}

const notable = new Set<Severity>(['medium', 'high', 'critical'])

/** Titles of the rules of level medium or more that match a line by itself. */
export function rulesOn(text: string, format: SourceFormat = 'auto'): { title: string; level: Severity }[] {
  const answer = lab({ text, format, region: '', receivedAt: Date.UTC(2026, 0, 1), set: {} })
  if (answer.kind !== 'read') throw new Error(`${answer.reason}: ${text}`)
  return answer.matches.flatMap(({ rule: { title, level } }) => (notable.has(level) ? [{ title, level }] : []))
}

/** Reads lines as a source would, and gathers what is said about them. */
export async function readAll(
  lines: readonly string[],
  clickhouse: ClickHouse,
  format: SourceFormat = 'auto',
): Promise<readonly Said[]> {
  const events: Event[] = []
  const said: Said[] = []
  for (const text of lines) {
    const answer = lab({ text, format, region: '', receivedAt: Date.UTC(2026, 0, 1), set: {} })
    if (answer.kind !== 'read') throw new Error(`${answer.reason}: ${text}`)
    const { event, matches } = answer
    events.push({
      ...event,
      event_id: `line-${events.length}`,
      tags: [...event.tags],
      fields: new Map(event.fields),
      rule_ids: matches.map(({ rule }) => rule.id),
    })
    for (const { rule } of matches)
      if (notable.has(rule.level))
        said.push({ rule: rule.title, level: rule.level, entity: `source_ip:${event.source_ip}`, line: text })
  }
  const seen = new Set(events.flatMap(({ rule_ids }) => rule_ids))
  for (const { id, title, level, pattern } of correlations) {
    // Weeks of the same hour: samples from several years hold none, and every hour between them would be judged.
    if (pattern.type === 'baseline') continue
    const chain = notable.has(level) ? chainOf(id) : []
    if (!chain.some(({ roles }) => roles.some((role) => seen.has(role.id)))) continue
    for (const { entity } of await runCorrelationCase(chain, events, clickhouse))
      said.push({ rule: title, level, entity, line: '' })
  }
  return said
}
