// What do the routes of rules get from the engine? The rules in force as plain data, and a back-test that runs beside this process.
import type { BacktestResult, RuleDetail, RuleView } from '../../schemas/rules-api.ts'
import type { PartDependencies } from '../parts.ts'
import type { Viewer } from '../viewer.ts'

/** What is known of a rule without asking the store. */
export type RuleHead = Omit<RuleView, 'findings' | 'closed' | 'false_positives'>

/** What stands in its files. */
export type RuleText = Pick<
  RuleDetail,
  'description' | 'status' | 'false_positives' | 'response' | 'looks_for' | 'file' | 'text' | 'text_cut' | 'cases'
>

export interface BacktestQuestion {
  readonly rule: string
  /** Milliseconds since 1970 UTC. */
  readonly from: number
  readonly to: number
  /** '' all that the viewer may see. */
  readonly region: string
}

export interface RuleParts extends PartDependencies {
  readonly rules: {
    list(): readonly RuleHead[]
    problems(): readonly { readonly file: string; readonly line: number; readonly reason: string }[]
    text(id: string): RuleText | undefined
  }
  /** Runs as the viewer's own ClickHouse user. Aborted: answers what was found so far, or rejects. */
  readonly backtest: (
    viewer: Pick<Viewer, 'room'>,
    question: BacktestQuestion,
    signal: AbortSignal,
    onProgress: (read: number, events: number) => void,
  ) => Promise<BacktestResult>
}
