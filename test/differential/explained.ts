// Which differences between Siaga and sigma-reference does the Sigma specification explain, and who is right?
import type { SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { SigmaEvent, Value } from './sigma-events.ts'

/** An event on which the engines do not agree for a rule. */
export interface Difference {
  readonly rule: SigmaRule
  /** As YAML says it. */
  readonly detection: Readonly<Record<string, unknown>>
  readonly event: SigmaEvent
  /** Whether the rule matched here. */
  readonly ours: boolean
  readonly source: string
}

/**
 * A cause of differences. It explains one if the engines agree once the cause is taken out of the event, all else left as it is. `without`: such
 * events, of which the first is taken on which our answer stays; none if the cause is not there.
 */
export interface Cause {
  readonly name: string
  readonly right: 'Siaga' | 'the reference' | 'both may'
  readonly why: string
  readonly without: (difference: Difference) => readonly SigmaEvent[]
}

/** The event with every text in it changed; undefined if nothing changed. */
function eachText(event: SigmaEvent, change: (text: string) => Value): SigmaEvent | undefined {
  let changed = false
  const visit = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, visit(one)]))
    if (typeof value !== 'string') return value
    const next = change(value)
    if (next !== value) changed = true
    return next
  }
  const result = Object.fromEntries(Object.entries(event).map(([name, value]) => [name, visit(value)]))
  return changed ? result : undefined
}

/** Every event that has one element in the place of each list. */
function withoutLists(event: SigmaEvent): SigmaEvent[] {
  let events: SigmaEvent[] = [{}]
  let lists = 0
  const visit = (value: Value): Value[] => {
    if (Array.isArray(value)) {
      lists += 1
      return value.length === 0 ? [null] : value.flatMap(visit)
    }
    if (typeof value !== 'object' || value === null) return [value]
    let all: Record<string, Value>[] = [{}]
    for (const [name, one] of Object.entries(value)) {
      const choices = visit(one)
      all = all.flatMap((before) => choices.map((choice) => ({ ...before, [name]: choice })))
    }
    return all
  }
  for (const [name, value] of Object.entries(event)) {
    const choices = visit(value)
    events = events.flatMap((before) => choices.map((choice) => ({ ...before, [name]: choice }))).slice(0, 500)
  }
  return lists === 0 ? [] : events
}

function text(change: (text: string) => Value) {
  return ({ event }: Difference): SigmaEvent[] => {
    const changed = eachText(event, change)
    return changed === undefined ? [] : [changed]
  }
}

/** Items of a detection with a field, however deep: name, modifiers, values. */
function itemsOf(search: unknown): { field: string; modifiers: string[]; values: unknown[] }[] {
  if (Array.isArray(search)) return search.flatMap(itemsOf)
  if (typeof search !== 'object' || search === null) return []
  return Object.entries(search).flatMap(([key, value]) => {
    const [field = '', ...modifiers] = key.split('|')
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
    return nested ? itemsOf(value) : [{ field, modifiers, values: Array.isArray(value) ? value.flat() : [value] }]
  })
}

/** Keywords of a detection: values without a field. */
function keywordsOf(detection: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(detection).flatMap(([name, search]) => {
    if (name === 'condition') return []
    const bare = (Array.isArray(search) ? search : [search]).filter((one) => typeof one !== 'object')
    const all = itemsOf(search).flatMap(({ field, values }) => (field === '' ? values : []))
    return [...bare, ...all]
  })
}

function itemsOfAll(detection: Readonly<Record<string, unknown>>): ReturnType<typeof itemsOf> {
  return Object.entries(detection).flatMap(([name, search]) => (name === 'condition' ? [] : itemsOf(search)))
}

/** The event with a value of its own for each field that it lacks. */
function filled({ detection, event }: Difference, value: string | null): SigmaEvent[] {
  const missing = itemsOfAll(detection)
    .flatMap(({ field, modifiers, values }) => [field, ...(modifiers.includes('fieldref') ? values.map(String) : [])])
    .filter((field) => field !== '' && (event[field] === undefined || event[field] === null))
  if (missing.length === 0) return []
  const added = missing.map((field, n): [string, Value] => [field, value === null ? null : `${value} ${n}`])
  return [{ ...event, ...Object.fromEntries(added) }]
}

const wild = /(?<!\\)(?:\\\\)*[*?]/

/** A rule that has such an item; the event can't be freed of the cause, so the difference itself is what is explained. */
function item(test: (one: ReturnType<typeof itemsOf>[number]) => boolean, ours?: boolean) {
  return (difference: Difference): boolean =>
    (ours === undefined || difference.ours === ours) && itemsOfAll(difference.detection).some(test)
}

export const causes: readonly Cause[] = [
  {
    name: 'long s, Kelvin sign',
    right: 'Siaga',
    why: "values are case-insensitive, and by Unicode's case folding ſ is s and the Kelvin sign is k; the reference only lowers letters",
    without: text((one) => one.replaceAll('ſ', 's').replaceAll('\u212a', 'k')),
  },
  {
    name: 'line ends',
    right: 'Siaga',
    why: '* stands for any characters and ? for any one; the reference makes a regex of them whose dot takes no line end',
    without: text((one) => one.replaceAll('\n', ' ')),
  },
  {
    name: 'lists as values',
    right: 'Siaga',
    why: 'the specification is silent; in both an element that matches is enough, but the index of the reference passes over lists',
    without: ({ event }) => withoutLists(event),
  },
  {
    name: 'numbers written otherwise',
    right: 'Siaga',
    why: 'all values are strings: 04624 and 4624.0 are not 4624; the reference compares numbers',
    without: text((one) => (/^\s*[-+]?\d+(?:\.\d+)?\s*$/.test(one) ? String(Number(one)) : one)),
  },
  {
    name: 'truth written otherwise',
    right: 'Siaga',
    why: 'all values are strings: 1 and yes are not true',
    without: text((one) => (/^(?:1|yes)$/i.test(one) ? 'true' : /^(?:0|no)$/i.test(one) ? 'false' : one)),
  },
  {
    name: 'dates without a time',
    right: 'both may',
    why: 'ISO 8601 has them; the reference wants a time behind the date',
    without: text((one) => (/^\d{4}-\d\d-\d\d$/.test(one) ? `${one}T00:00:00Z` : one)),
  },
  {
    name: 'exists with null',
    right: 'Siaga',
    why: 'exists "only verifies the presence of a field, not its value, be it empty or null"',
    without: (difference) =>
      item(({ modifiers }) => modifiers.includes('exists'))(difference)
        ? [Object.fromEntries(Object.entries(difference.event).map(([name, value]) => [name, value ?? '']))]
        : [],
  },
  {
    name: 'null among several values',
    right: 'Siaga',
    why: 'values of a list are linked by OR; the reference takes a field that is not there for null only where null stands alone',
    without: (difference) =>
      item(({ values }) => values.length > 1 && values.includes(null))(difference) ? filled(difference, null) : [],
  },
  {
    name: 'neq of a field that is not there',
    right: 'both may',
    why: 'neq is NOT equal, as in pySigma, and what is not there is not equal; the reference asks for the field',
    without: (difference) =>
      item(({ modifiers }) => modifiers.includes('neq'))(difference) ? filled(difference, 'anything else') : [],
  },
  {
    name: 'index of exact values',
    right: 'Siaga',
    why: 'maps of a list are linked by OR; where one of them has an exact value, the index of the reference wants an exact value of the rule in the event, though another map holds',
    without: ({ event, detection, ours }) =>
      ours
        ? itemsOfAll(detection).flatMap(({ field, modifiers, values }) =>
            field !== '' && modifiers.length === 0
              ? values.flatMap((one) =>
                  typeof one === 'string' && !wild.test(one)
                    ? [{ ...event, [field]: one.replaceAll('\\\\', '\\') }]
                    : [],
                )
              : [],
          )
        : [],
  },
  {
    name: 'mapped addresses',
    right: 'both may',
    why: '::ffff:10.20.0.1 is the address 10.20.0.1; the reference does not hold it against a network of version 4',
    without: text((one) => one.replace(/::ffff:/i, '')),
  },
]

/** Causes that lie in the rule. */
export const ruleCauses: readonly {
  name: string
  right: Cause['right']
  why: string
  fits: (difference: Difference) => boolean
}[] = [
  {
    name: 'keywords behind |all',
    right: 'Siaga',
    why: 'keywords are looked for anywhere in the event; behind |all the reference wants each to be the same whole value',
    fits: item(({ field, modifiers }) => field === '' && modifiers.includes('all'), true),
  },
  {
    name: 'neq with fieldref',
    right: 'Siaga',
    why: 'neq "can be used with fieldref"; the reference passes over it and asks for equality',
    fits: item(({ modifiers }) => modifiers.includes('neq') && modifiers.includes('fieldref')),
  },
  {
    name: 'parts of a time behind a comparison',
    right: 'Siaga',
    why: 'modifiers apply in their order, so week|gte compares the week; the reference compares the text',
    fits: item(({ modifiers }) => modifiers.includes('week') && modifiers.includes('gte'), true),
  },
  {
    name: 'asterisk in the middle of a name',
    right: 'Siaga',
    why: '"Matching is done with * wildcards (any number of characters) at arbitrary positions in the pattern"; the reference knows it at the ends',
    fits: ({ detection }) => /\bof \w+\*\w+/.test(String(detection.condition)),
  },
  {
    name: 'fieldref of two nulls',
    right: 'both may',
    why: 'the specification says nothing; here what has no value equals nothing',
    fits: ({ event, ...rest }) =>
      Object.values(event).includes(null) &&
      item(({ modifiers }) => modifiers.includes('fieldref'), false)({ event, ...rest }),
  },
  {
    name: 'AND, OR, NOT in capitals',
    right: 'both may',
    why: 'the specification writes them small; here both are read, the reference never matches',
    fits: ({ detection, ours }) => ours && /\b(?:AND|OR|NOT)\b/.test(String(detection.condition)),
  },
  {
    name: 'keywords with wildcards',
    right: 'Siaga',
    why: 'keywords are looked for anywhere in the event; the reference wants the pattern to be a whole value',
    fits: ({ detection, ours }) =>
      ours && keywordsOf(detection).some((one) => typeof one === 'string' && wild.test(one)),
  },
  {
    name: 'keywords that are numbers',
    right: 'Siaga',
    why: 'all values are strings; the reference never finds them',
    fits: ({ detection, ours }) => ours && keywordsOf(detection).some((one) => typeof one === 'number'),
  },
  {
    name: 'startswith and endswith with wildcards',
    right: 'Siaga',
    why: 'the reference holds the wrong end: startswith is tied to the end of the value, endswith to its beginning',
    fits: item(
      ({ modifiers, values }) =>
        modifiers.some((one) => one === 'startswith' || one === 'endswith') &&
        values.some((one) => typeof one === 'string' && wild.test(one)),
    ),
  },
  {
    name: 'base64offset: last character',
    right: 'Siaga',
    why: 'the last character is decided by what follows, so it must be cut ("except the first and last byte"); the reference keeps it',
    fits: item(({ modifiers }) => modifiers.includes('base64offset'), true),
  },
  {
    name: 'fieldref with startswith, endswith, contains',
    right: 'both may',
    why: 'the specification names neq alone; pySigma has all, the reference takes them for equality',
    fits: item(({ modifiers }) => modifiers.includes('fieldref') && modifiers.length > 1 && !modifiers.includes('neq')),
  },
  {
    name: 'neq of several values',
    right: 'Siaga',
    why: '"the field is different from the specified values": from all of them; the reference is content with one',
    fits: item(({ modifiers, values }) => modifiers.includes('neq') && values.length > 1, false),
  },
  {
    name: 'windash: / in the rule',
    right: 'Siaga',
    why: 'the dashes and / stand for each other; the reference varies each - of the rule, but no /',
    fits: item(
      ({ modifiers, values }) => modifiers.includes('windash') && values.some((one) => /\//.test(String(one))),
    ),
  },
  {
    name: 'windash: - within words',
    right: 'both may',
    why: 'the specification speaks of the characters, the reference varies all; here, as in pySigma and Tenzir, those that begin a word',
    fits: item(
      ({ modifiers, values }) => modifiers.includes('windash') && values.some((one) => /[\w-]-/.test(String(one))),
      false,
    ),
  },
]
