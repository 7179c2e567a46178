// What is said about a page? Whether it advertises gambling, whether it was defaced, and whether it shows each another face.
import type { ProbeAgent, ProbeRecord } from '../../../schemas/probe.ts'

export type PageRecord = Extract<ProbeRecord, { kind: 'page' }>

/** How sure it is, and what speaks for it. */
export interface Opinion {
  /** 0 to 1; from 0.5 on it is more likely than not. */
  readonly score: number
  /** What speaks for it, the strongest first. */
  readonly words: readonly string[]
  /** Where that stands: title, text, hidden link, script ... */
  readonly places: readonly string[]
  /** Agents whose view has a score of 0.5 or more. */
  readonly views: readonly ProbeAgent[]
}

export interface GamblingOpinion extends Opinion {
  /** Most of what speaks for it is not seen by people. */
  readonly hidden: boolean
  /** Other hosts with names of gambling sites that the page leads to. */
  readonly hosts: readonly string[]
  /** Addresses of the sitemap that advertise gambling. */
  readonly sitemap: readonly string[]
}

export interface PageJudgement {
  readonly gambling: GamblingOpinion
  readonly defacement: Opinion
  /** Agents that were shown what desktop browsers are not, and how it differs. */
  readonly cloaked: { readonly agents: readonly ProbeAgent[]; readonly how: readonly string[] } | undefined
}

/** Judges the page of a record. Pure, never throws, linear in the length of its texts. */
export type JudgePage = (record: PageRecord) => PageJudgement
