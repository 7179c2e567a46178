// Do the cases of correlations hold? Their lines go through the pipeline, and the correlation over the events in a table of its own in ClickHouse.

import { z } from 'zod'
import { readCorrelationCases, runCorrelationCase } from '../../processors/correlate/cases.ts'
import { type LinkedCorrelation, linkCorrelations } from '../../processors/correlate/link.ts'
import { readCorrelation } from '../../processors/correlate/parse.ts'
import type { CorrelationRule } from '../../processors/correlate/rule.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { RuleProblem } from '../../processors/detect/sigma/rule.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { EventFormat } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import { clickHouseOptions } from '../clickhouse-access.ts'
import { CommandError, type Frame } from '../frame.ts'
import { reasonOf } from './house.ts'
import { createLab } from './lab.ts'
import type { CaseConfig, CaseGroup, CaseResult } from './run-cases.ts'

/** The correlations of a set, read and linked to the rules that they name. */
export function readCorrelations(set: Pick<RuleSet, 'rules' | 'correlations'>): {
  readonly rules: readonly CorrelationRule[]
  /** How many of them name nothing that is missing. */
  readonly usable: number
  readonly problems: readonly RuleProblem[]
} {
  const problems: RuleProblem[] = []
  const rules = set.correlations.flatMap(({ document, file, line }) => {
    const read = readCorrelation(document, file, line)
    if ('rule' in read) return [read.rule]
    problems.push(read.problem)
    return []
  })
  const linked = linkCorrelations(rules, set.rules)
  return { rules, usable: linked.correlations.length, problems: [...problems, ...linked.problems] }
}

/** A correlation behind those that it names, as if it were the only one: so it speaks for itself. */
export function chainOf(
  wanted: CorrelationRule,
  all: readonly CorrelationRule[],
  set: Pick<RuleSet, 'rules'>,
): readonly LinkedCorrelation[] {
  const { correlations } = linkCorrelations(all, set.rules)
  const needed = new Set<string>()
  const need = (id: string): void => {
    if (needed.has(id)) return
    needed.add(id)
    const found = correlations.find(({ rule }) => rule.id === id)
    for (const role of found?.roles ?? []) if (role.kind === 'correlation') need(role.id)
  }
  need(wanted.id)
  const chain = linkCorrelations(
    all.filter(({ id }) => needed.has(id)),
    set.rules,
  ).correlations
  return chain.at(-1)?.rule.id === wanted.id ? chain : []
}

/** Runs the cases of correlations. The user of `clickhouse` must be allowed to create tables in `siaga`. */
export async function* runCorrelationCases(
  groups: readonly CaseGroup[],
  set: RuleSet,
  config: CaseConfig,
  baseDir: string,
  clickhouse: ClickHouse,
): AsyncGenerator<CaseResult> {
  const { rules } = readCorrelations(set)
  const lab = createLab(set.rules, config, baseDir)
  for (const { ruleFile, cases, correlation } of groups) {
    if (!correlation) continue
    // A file may hold a chain; its cases are of the last one.
    const rule = rules.findLast(({ file }) => file === ruleFile)
    const result = { file: cases.file, rules: rule === undefined ? [] : [rule.id], text: '', parts: [], others: [] }
    const broken = (line: number, reason: string): CaseResult => ({
      ...result,
      line,
      kind: 'hit',
      ok: false,
      reason,
      note: '',
    })
    const chain = rule === undefined ? [] : chainOf(rule, rules, set)
    if (chain.length === 0) {
      yield broken(1, 'belongs to a correlation that cannot be used')
      continue
    }
    let read: ReturnType<typeof readCorrelationCases>
    try {
      read = readCorrelationCases(cases.document)
    } catch (error) {
      yield broken(1, `is no case: ${reasonOf(error)}`)
      continue
    }
    for (const [index, one] of read.entries()) {
      const line = cases.cases[index]?.line ?? 1
      const kind = one.hit ? 'hit' : 'miss'
      const events: Event[] = []
      let reason = ''
      for (const { timestamp, format, line: text, set: columns } of one.lines) {
        const answer = lab({
          text,
          format: formatOf(format),
          region: '',
          receivedAt: timestamp,
          at: timestamp,
          set: Object.fromEntries(columns),
        })
        if (answer.kind === 'unread') reason = `${answer.reason}: ${text}`
        else {
          const { event, matches } = answer
          events.push({
            ...event,
            // A repeat from the sender carries the same id and counts once.
            event_id: `case-${events.length}`,
            ingested_at: timestamp,
            tags: [...event.tags],
            fields: new Map(event.fields),
            rule_ids: matches.map((match) => match.rule.id),
          })
        }
      }
      if (reason === '') {
        const findings = await runCorrelationCase(chain, events, clickhouse, one)
        const known = events.filter(({ rule_ids }) => rule_ids.length > 0).length
        if (findings.length > 0 && !one.hit) reason = `fires ${findings.length} times and should not`
        else if (findings.length === 0 && one.hit)
          reason = `does not fire (${known} of ${events.length} events matched a rule)`
      }
      yield { ...result, line, kind, ok: reason === '', reason, note: one.note }
    }
  }
}

function formatOf(text: string): EventFormat {
  return EventFormat.catch('auto').parse(text)
}

/** ClickHouse with the tables of Siaga, or why cases of correlations can't be run. */
export async function caseClickHouse(frame: Frame): Promise<{ clickhouse: ClickHouse } | { reason: string }> {
  const { config } = frame.config()
  let options: ReturnType<typeof clickHouseOptions>
  try {
    options = clickHouseOptions(config, frame.env, 'admin')
  } catch (error) {
    if (error instanceof CommandError) return { reason: error.message }
    throw error
  }
  const clickhouse = createClickHouse(options)
  try {
    if (await clickhouse.ping()) {
      const [found] = await clickhouse.rows(z.object({ result: z.number() }), 'EXISTS TABLE siaga.events')
      if (found?.result === 1) return { clickhouse }
    }
    await clickhouse.close()
    return { reason: 'ClickHouse does not answer, or has no table siaga.events yet.' }
  } catch (error) {
    await clickhouse.close()
    return { reason: reasonOf(error) }
  }
}
