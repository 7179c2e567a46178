// How are regexes from rules run without ever hanging the pipeline? By RE2's linear-time automata, behind literals that any match must hold.
import { RE2JS } from 're2js'
import { DetectionError } from './modifiers.ts'

/** Whether a text holds a match anywhere. */
export type RegexTest = (text: string) => boolean

/** Throws DetectionError if RE2 does not take the regex: look-around, back-references, slips of the pen. */
export function assertRegex(source: string, flags: string): void {
  compile(source, flags)
}

/**
 * A test for a regex in RE2 syntax with Sigma's flags i, m, s. It is compiled when it is first asked, since behind its literals most never are, and
 * once for all fields: compiled ones are large. The regex must have passed `assertRegex`.
 */
export function lazyRegex(source: string, flags: string): RegexTest {
  const key = `${flags}/${source}`
  const known = lazy.get(key)?.deref()
  if (known !== undefined) return known
  let compiled: { test(text: string): boolean } | undefined
  const test: RegexTest = (text) => {
    compiled ??= simple(source, flags) ?? compile(source, flags)
    return compiled.test(text)
  }
  lazy.set(key, new WeakRef(test))
  return test
}

/** Tests that are in use, so that the same regex on several fields is one. */
const lazy = new Map<string, WeakRef<RegexTest>>()

/** Single characters from the start of the text on, each perhaps repeated. */
const characters = /^\^(?:(?:[A-Za-z0-9/_-]|\\[./-]|\[[A-Za-z0-9_./-]+\])(?:[+*?]|\{\d{1,3}(?:,\d{0,3})?\})?)+\$?$/
const variable = /(?:[^\\]|^)[+*?]|\{\d+,\d*\}/g

/**
 * The engine's own regex where it can't be slow: fixed at the start, no alternatives, at most one character repeated a varying number of times, so
 * that a text is walked through at most twice. It is twenty times as fast as an automaton. The source must be one that RE2 takes.
 */
function simple(source: string, flags: string): RegExp | undefined {
  if (flags !== '' || !characters.test(source) || (source.match(variable)?.length ?? 0) > 1) return undefined
  return new RegExp(source)
}

function compile(source: string, flags: string): RE2JS {
  let bits = 0
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE
  if (flags.includes('m')) bits |= RE2JS.MULTILINE
  if (flags.includes('s')) bits |= RE2JS.DOTALL
  try {
    return RE2JS.compile(asPcre(source), bits)
  } catch (cause) {
    throw new DetectionError(
      `has a regex that RE2 does not take (${cause instanceof Error ? cause.message : String(cause)}): ${source}`,
    )
  }
}

/** Sigma's regexes are PCRE's, whose `\\s` has the vertical tab in it; RE2's has not. */
function asPcre(source: string): string {
  if (!/\\s/i.test(source)) return source
  let result = ''
  let inClass = false
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charAt(at)
    if (character === '\\') {
      const escaped = source.charAt(at + 1)
      at += 1
      if (escaped === 's') result += inClass ? '\\s\\x0b' : '[\\s\\x0b]'
      else if (escaped === 'S' && !inClass) result += '[^\\s\\x0b]'
      else result += character + escaped
      continue
    }
    if (inClass) {
      if (character === ']') inClass = false
      else if (character === '[' && source.charAt(at + 1) === ':') {
        const end = source.indexOf(':]', at)
        if (end > 0) {
          result += source.slice(at, end + 2)
          at = end + 1
          continue
        }
      }
    } else if (character === '[') {
      inClass = true
      // A bracket that comes first is one of the characters.
      const first = /^\[\^?\]/.exec(source.slice(at, at + 3))
      if (first !== null) {
        result += first[0]
        at += first[0].length - 1
        continue
      }
    }
    result += character
  }
  return result
}

/** What a part of a regex needs: at least one of these literals, or undefined if nothing can be said. */
type Needs = readonly string[] | undefined

const MAX_ALTERNATIVES = 64

/**
 * Literals of which every match holds at least one, whatever its case; undefined if there are none of two characters and more. Careful rather than
 * clever: what it doesn't know ends a literal.
 */
export function requiredLiterals(source: string): readonly string[] | undefined {
  let at = 0

  const best = (a: Needs, b: Needs): Needs => {
    if (a === undefined || b === undefined) return a ?? b
    const shortest = (list: readonly string[]): number => Math.min(...list.map(({ length }) => length))
    return shortest(b) > shortest(a) || (shortest(b) === shortest(a) && b.length < a.length) ? b : a
  }

  const alternatives = (): Needs => {
    let all: string[] | undefined = []
    for (;;) {
      const needs = sequence()
      if (needs === undefined || all === undefined || all.length + needs.length > MAX_ALTERNATIVES) all = undefined
      else all.push(...needs)
      if (source[at] !== '|') return all
      at += 1
    }
  }

  const sequence = (): Needs => {
    let found: Needs
    let run = ''
    const close = (): void => {
      if (run.length >= 2) found = best(found, [run])
      run = ''
    }
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const atom = readAtom()
      const optional = quantifier()
      if (typeof atom === 'string') {
        if (optional === 'maybe') close()
        else {
          run += atom
          if (optional === 'repeated') close()
        }
        continue
      }
      close()
      if (optional !== 'maybe') found = best(found, atom)
    }
    close()
    return found
  }

  /** A literal character as a string, anything else as what it needs. */
  const readAtom = (): string | Needs => {
    const character = source[at] as string
    at += 1
    if (character === '(') return group()
    if (character === '[') {
      skipClass()
      return undefined
    }
    if (character === '.' || character === '^' || character === '$') return undefined
    if (character !== '\\') return character
    const escaped = source[at] ?? ''
    at += 1
    if (/[^\w\s]/.test(escaped)) return escaped
    if (escaped === 'x' || escaped === 'p' || escaped === 'P') {
      if (source[at] === '{') at = closing('}')
      else at += escaped === 'x' ? 2 : 1
    } else if (escaped === 'Q') {
      const end = source.indexOf('\\E', at)
      at = end < 0 ? source.length : end + 2
    } else if (/[0-7]/.test(escaped)) while (/[0-7]/.test(source[at] ?? '')) at += 1
    return undefined
  }

  const group = (): Needs => {
    if (source[at] === '?') {
      const named = /^\?P?<[^>]*>/.exec(source.slice(at, at + 80))
      const flags = /^\?[imsU-]*[:)]/.exec(source.slice(at, at + 12))
      at += (named ?? flags)?.[0].length ?? 1
      // Flags for the rest of the group, such as (?i): no group of their own.
      if (flags?.[0].endsWith(')')) return undefined
    }
    const needs = alternatives()
    if (source[at] === ')') at += 1
    return needs
  }

  const quantifier = (): 'once' | 'maybe' | 'repeated' => {
    const character = source[at]
    let kind: 'once' | 'maybe' | 'repeated' = 'once'
    if (character === '?' || character === '*') kind = 'maybe'
    else if (character === '+') kind = 'repeated'
    else if (character === '{' && /^\{\d+(?:,\d*)?\}/.test(source.slice(at))) {
      kind = /^\{0+[,}]/.test(source.slice(at)) ? 'maybe' : 'repeated'
      at = closing('}') - 1
    }
    if (kind === 'once') return kind
    at += 1
    if (source[at] === '?') at += 1
    return kind
  }

  const skipClass = (): void => {
    if (source[at] === '^') at += 1
    if (source[at] === ']') at += 1
    while (at < source.length && source[at] !== ']') {
      if (source[at] === '\\') at += 1
      else if (source.startsWith('[:', at)) at = source.indexOf(':]', at) + 1
      at += 1
    }
    at += 1
  }

  const closing = (bracket: string): number => {
    const end = source.indexOf(bracket, at)
    return end < 0 ? source.length : end + 1
  }

  const needs = alternatives()
  // A stray bracket: the source is not what this reader thinks.
  return at < source.length ? undefined : needs
}
