// How is a host name taken apart? Labels, the public suffix, and what people read of it.
import { domainToUnicode } from 'node:url'
import { getPublicSuffix } from 'tldts'
import { hostOptions } from './brands.ts'
import { foldUnicode } from './confusables.ts'
import { academicEndings, endings, restrictedEndings } from './endings.ts'

export type EndingClass =
  /** Given out after proof of who one is: go.id. */
  | 'restricted'
  | 'academic'
  /** Everything else under .id. */
  | 'indonesian'
  /** Shared by many under a host's own name, such as pages.dev. */
  | 'hosting'
  /** Seen in deceit, or cheap. */
  | 'listed'
  | 'other'

export interface Host {
  /** In A-labels, small letters. */
  readonly name: string
  /** The same as people read it: letters that look Latin are Latin. */
  readonly readable: string
  /** Public suffix. */
  readonly suffix: string
  /** Labels of `readable` before the suffix; the last one is that of the registered domain. */
  readonly labels: readonly string[]
  /** True for labels that hold other letters than ASCII. */
  readonly foreign: readonly boolean[]
  readonly ending: EndingClass
}

const LONGEST = 253

/** A name of a certificate as a plain host name: small letters, no wildcard, no final dot; '' if it is none. */
export function hostName(name: string): string {
  const from = name.startsWith('*.') ? 2 : 0
  let to = name.length
  if (name.charCodeAt(to - 1) === DOT) to--
  if (to - from > LONGEST) return ''
  let dots = 0
  let capitals = false
  for (let at = from, label = from; at <= to; at++) {
    const code = at === to ? DOT : name.charCodeAt(at)
    if (code === DOT) {
      if (at === label || at - label > 63) return ''
      label = at + 1
      dots++
    } else if (code >= 65 && code <= 90) capitals = true
    else if (!(code >= 97 && code <= 122) && !(code >= 48 && code <= 57) && code !== HYPHEN && code !== UNDERSCORE)
      return ''
  }
  if (dots < 2) return ''
  const plain = from === 0 && to === name.length ? name : name.slice(from, to)
  return capitals ? plain.toLowerCase() : plain
}

const DOT = 46
const HYPHEN = 45
const UNDERSCORE = 95

/** Takes a host name in A-labels apart; undefined if it is a public suffix itself. */
export function splitHost(name: string): Host | undefined {
  const suffix = getPublicSuffix(name, hostOptions)
  if (suffix === null || suffix === name) return undefined
  const isForeign = name.includes('xn--')
  const unicode = isForeign ? domainToUnicode(name) : name
  if (unicode === '') return undefined
  const readable = isForeign ? foldUnicode(unicode) : name
  const suffixLabels = suffix.split('.').length
  const labels = readable.split('.').slice(0, -suffixLabels)
  const foreign = isForeign ? name.split('.').map((label) => label.startsWith('xn--')) : labels.map(() => false)
  if (labels.length === 0) return undefined
  return { name, readable, suffix, labels, foreign, ending: endingClass(suffix) }
}

function endingClass(suffix: string): EndingClass {
  if (restrictedEndings.has(suffix)) return 'restricted'
  if (academicEndings.has(suffix)) return 'academic'
  if (suffix === 'id' || suffix.endsWith('.id')) return 'indonesian'
  if (endings.has(suffix)) return 'listed'
  return getPublicSuffix(suffix, { ...hostOptions, allowPrivateDomains: false }) === suffix ? 'other' : 'hosting'
}
