// What do page and server say to each other about rules: what they found, how they are written, and what one would have found?
import { z } from 'zod'
import { Severity } from './detection.ts'
import { RegionCode } from './place.ts'

export const RuleView = z.object({
  id: z.string(),
  title: z.string(),
  /** In Indonesian, '' if the rule has none. */
  judul: z.string(),
  level: Severity,
  attack: z.array(z.string()),
  /** Type of correlation, '' for a rule of events. */
  correlation: z.string(),
  /** Log source in words. */
  logsource: z.string(),
  /** Of a folder of the operator, not shipped with Siaga. */
  own: z.boolean(),
  /** Matches feed correlations and raise nothing themselves. */
  base: z.boolean(),
  /** Below the level from which findings leave (`finding_severity`). */
  quiet: z.boolean(),
  /** As the rule says it, ISO dates; '' if it does not. */
  date: z.string(),
  modified: z.string(),
  /** When its file was last written, milliseconds since 1970 UTC. */
  written: z.number(),
  /** Findings that landed in the last 24 hours, 7 and 30 days, of what the viewer may see. */
  findings: z.object({ day: z.number(), week: z.number(), month: z.number() }),
  /** Alerts with it that people closed in the last 30 days, and those of them closed as false. */
  closed: z.number(),
  false_positives: z.number(),
})
export type RuleView = z.infer<typeof RuleView>

export const RulesAnswer = z.object({
  at: z.number(),
  rules: z.array(RuleView),
  /** Files, or rules in them, that cannot be used. */
  problems: z.array(z.object({ file: z.string(), line: z.number(), reason: z.string() })),
})
export type RulesAnswer = z.infer<typeof RulesAnswer>

const Part = z.object({ depth: z.number(), text: z.string() })
export const RuleDetail = z.object({
  at: z.number(),
  rule: RuleView,
  description: z.string(),
  status: z.string(),
  false_positives: z.array(z.string()),
  response: z.object({ id: z.string(), en: z.string() }),
  /** What it looks for, in words; empty for a correlation. */
  looks_for: z.object({ id: z.array(Part), en: z.array(Part) }),
  file: z.string(),
  text: z.string(),
  text_cut: z.boolean(),
  cases: z.array(z.object({ kind: z.enum(['hit', 'miss']), format: z.string(), text: z.string(), note: z.string() })),
  /** Findings by day of the last 30, WIB, oldest first; days without any are left out. */
  days: z.array(z.object({ day: z.string(), findings: z.number() })),
  regions: z.array(z.object({ region: z.string(), name: z.string(), findings: z.number() })),
  /** Of the last back-test here: microseconds an event; null: none yet. */
  cost_us: z.number().nullable(),
})
export type RuleDetail = z.infer<typeof RuleDetail>

/** Events that carry the id of the rule, of what the viewer may see. */
export const RuleEvents = z.object({ day: z.number(), week: z.number(), month: z.number() })
export type RuleEvents = z.infer<typeof RuleEvents>

/** Longest span of a back-test here; longer ones: `siaga rules backtest`. */
export const MAX_BACKTEST_DAYS = 31

export const BacktestBody = z.object({
  /** Milliseconds since 1970 UTC, event time. */
  from: z.int().min(0),
  to: z.int().min(0),
  region: RegionCode.or(z.literal('')).default(''),
})

export const BacktestResult = z.object({
  kind: z.enum(['rule', 'correlation']),
  datasets: z.array(z.string()),
  events: z.number(),
  read: z.number(),
  /** False: stopped by somebody, or at the most that is read here. */
  complete: z.boolean(),
  matches: z.number(),
  days: z.array(
    z.object({ day: z.string(), region: z.string(), matches: z.number(), addresses: z.number(), more: z.boolean() }),
  ),
  days_cut: z.boolean(),
  samples: z.array(z.object({ at: z.number(), region: z.string(), line: z.string() })),
  cost_us: z.number().nullable(),
})
export type BacktestResult = z.infer<typeof BacktestResult>

export const BacktestJob = z.object({
  id: z.string(),
  rule: z.string(),
  from: z.number(),
  to: z.number(),
  region: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  read: z.number(),
  /** 0: not known yet. */
  events: z.number(),
  /** Why it failed. */
  problem: z.string(),
  result: BacktestResult.nullable(),
})
export type BacktestJob = z.infer<typeof BacktestJob>
