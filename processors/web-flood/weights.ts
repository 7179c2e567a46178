// How much does each sign of a flood count? Points; ten are one unit of log-odds. Learnt on the training hours by test/processors/web-flood/learn.ts.
import type { SignName } from './features.ts'

/**
 * A part of a rush before any sign. The fit says -55; five less, since a minute has some fifty parts and one of them is enough to page.
 */
export const PRIOR = -60

/** `demand` is by hand: generated hours say nothing about how often floods come at the vote. */
export const weights: Readonly<Record<SignName, number>> = {
  no_parts: 19,
  few_parts: 23,
  no_referrer: 7,
  abroad: 10,
  hosting: 37,
  few_mobile: 11,
  tools: 22,
  one_agent: 16,
  old_agents: 28,
  desktop: 22,
  old_http: 43,
  unique_queries: 29,
  posts: 16,
  refused: 16,
  cut: 16,
  expensive: 22,
  novel: 15,
  sudden: 20,
  even: 6,
  steady: 15,
  single: 16,
  bare: 17,
  carrier: -8,
  demand: -5,
}

/** Named with the verdicts, so that those of other weights are told apart. */
export const WEIGHTS_VERSION = '1'
