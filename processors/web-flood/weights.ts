// How much does each sign of a flood count? Points; ten are one unit of log-odds. Learnt on the training hours by test/processors/web-flood/learn-process.ts.
import type { SignName } from './features.ts'

/**
 * A part of a rush before any sign. The fit says -50; ten less, since a minute has some fifty parts and one of them is enough to page.
 */
export const PRIOR = -60

export const weights: Readonly<Record<SignName, number>> = {
  no_parts: 23,
  few_parts: 35,
  path_bare: 28,
  no_referrer: 10,
  abroad: 14,
  hosting: 44,
  few_mobile: 15,
  tools: 0,
  one_agent: 10,
  old_agents: 10,
  desktop: 16,
  old_http: 31,
  unique_queries: 27,
  posts: 22,
  refused: 19,
  cut: 20,
  expensive: 21,
  novel: 20,
  sudden: 0,
  swollen: 8,
  rented: 21,
  familiar: -13,
  even: 10,
  steady: 14,
  single: 22,
  bare: 23,
  carrier: 0,
  demand: -4,
}

/** Named with the verdicts, so that those of other weights are told apart. */
export const WEIGHTS_VERSION = '1'
