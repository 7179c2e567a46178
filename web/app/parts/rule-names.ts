// What are rules called? Asked for once for each rule that stands on the page, many at a time; texts of rules are for those who may read rules.
import { signal } from '@preact/signals'
import type { RuleView } from '../../../schemas/rules-api.ts'
import { ask } from '../api.ts'
import { language } from '../language.ts'

type RuleName = Pick<RuleView, 'title' | 'judul'>

const known = signal<ReadonlyMap<string, RuleName>>(new Map())
const asked = new Set<string>()
let waiting: string[] = []

/** Whatever a page draws at once is asked for at once. */
const GATHER_MS = 30
/** As many as the server takes. */
const MOST = 100

/** Undefined until it is known, and of detections that are no rules. */
function ruleNames(id: string): RuleName | undefined {
  if (id !== '' && !asked.has(id)) {
    asked.add(id)
    waiting.push(id)
    if (waiting.length === 1) setTimeout(() => void learn(), GATHER_MS)
  }
  return known.value.get(id)
}

/** Takes all that waits at once: whoever comes meanwhile begins a round of their own. */
async function learn(): Promise<void> {
  const ids = waiting
  waiting = []
  for (let from = 0; from < ids.length; from += MOST) await learnSome(ids.slice(from, from + MOST))
}

async function learnSome(ids: readonly string[]): Promise<void> {
  try {
    const names = await ask<Record<string, RuleName>>(
      `/api/rules/titles?${new URLSearchParams(ids.map((id) => ['id', id]))}`,
    )
    known.value = new Map([...known.value, ...Object.entries(names)])
  } catch {
    // Asked for again with whatever is drawn next; until then a rule is called as its finding calls it.
    for (const id of ids) asked.delete(id)
  }
}

/** The name of a rule in the language of the page, as far as it has one there; '' where none is known. */
export function ruleName(id: string): string {
  const names = ruleNames(id)
  if (names === undefined) return ''
  return language.value === 'en' ? names.title : names.judul
}

/** The same, in English where there is no Indonesian name. */
export const anyRuleName = (id: string): string => ruleName(id) || (ruleNames(id)?.title ?? '')
