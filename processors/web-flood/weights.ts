// How much does each sign of a flood count? Points; ten are one unit of log-odds. Learnt on the training hours by test/processors/web-flood/learn.ts.
import type { SignName } from './features.ts'

/**
 * A part of a rush before any sign. The fit says -52; ten less, since a minute has some fifty parts and one of them is enough to page.
 */
export const PRIOR = -62

/** `demand` is by hand: generated hours say nothing about how often floods come at the vote. */
export const weights: Readonly<Record<SignName, number>> = {
  no_parts: 14,
  few_parts: 37,
  path_bare: 30,
  no_referrer: 19,
  abroad: 15,
  hosting: 57,
  few_mobile: 8,
  tools: 12,
  one_agent: 9,
  old_agents: 10,
  desktop: 17,
  old_http: 34,
  unique_queries: 27,
  posts: 26,
  refused: 18,
  cut: 22,
  expensive: 21,
  novel: 19,
  sudden: 0,
  swollen: 8,
  rented: 20,
  familiar: -10,
  even: 10,
  steady: 14,
  single: 21,
  bare: 17,
  carrier: -14,
  demand: -5,
}

/** Named with the verdicts, so that those of other weights are told apart. */
export const WEIGHTS_VERSION = '1'
