// Which texts make a regular expression slow? Derived from the expression itself: what it repeats, repeated, with an end that does not match.

type Node =
  | { readonly kind: 'one'; readonly source: string }
  | { readonly kind: 'all'; readonly of: readonly Node[] }
  | { readonly kind: 'any'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly what: Node; readonly min: number; readonly max: number }

/** A text to match: `head`, then `unit` as often as one likes, then `tail`. */
export interface Attack {
  readonly head: string
  readonly unit: string
  readonly tail: string
}

const candidates = [...' 0a"\'\\/-_.:;,=@#%&*+<>()[]{}|?!~^$`'].concat(['Z', 'f', '1', '\n', '\t', '\r', '\u001d', 'é'])
/** Repeats up to this often cost the same however long the text is. */
const MANY = 8

/** Reads an expression. Look-arounds count as what they look at, references as nothing. */
function parse(source: string, flags: string): Node {
  const unicode = /[uv]/.test(flags)
  let at = 0
  const eat = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found === null) return undefined
    at += found[0].length
    return found
  }
  const alternatives = (): Node => {
    const of: Node[] = [sequence()]
    while (eat(/\|/y)) of.push(sequence())
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'any', of }
  }
  const sequence = (): Node => {
    const of: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      const atom = eat(/\((?:\?(?:[:=!]|<[=!]|<\w+>))?/y)
        ? inGroup()
        : eat(/\^|\$|\\[bB]/y)
          ? undefined
          : one(eat(/\[(?:\\.|[^\]\\])*\]|\\u\{\w+\}|\\u\w{4}|\\x\w\w|\\c\w|\\p\{[^}]*\}|\\k<\w+>|\\.|./sy)?.[0] ?? '')
      const often = eat(/(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/y)
      if (atom === undefined) continue
      if (often === undefined) of.push(atom)
      else {
        const [sign, least, comma, most] = often
        const min = least === undefined ? (sign.startsWith('+') ? 1 : 0) : Number(least)
        const open = least === undefined ? !sign.startsWith('?') : comma === ',' && most === ''
        const max = open ? Number.POSITIVE_INFINITY : least === undefined ? 1 : Number(most || least)
        of.push({ kind: 'repeat', what: atom, min, max })
      }
    }
    return { kind: 'all', of }
  }
  const inGroup = (): Node => {
    const inner = alternatives()
    eat(/\)/y)
    return inner
  }
  const one = (text: string): Node => ({ kind: 'one', source: /^\\k|^\\[1-9]/.test(text) && !unicode ? '' : text })
  return alternatives()
}

/** The characters that an atom takes. */
function charactersOf(source: string, flags: string): string[] {
  const plain = source.length === 1 && source !== '.' ? [source] : []
  const atom = new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''))
  const escaped = /^\\(?:u|x)/.test(source)
    ? [String.fromCodePoint(Number.parseInt(source.replace(/[^\da-f]/gi, ''), 16))]
    : []
  return [...plain, ...escaped, ...candidates.filter((character) => atom.test(character))]
}

/** A short text that the node takes. */
function sampleOf(node: Node, flags: string): string {
  if (node.kind === 'one') return charactersOf(node.source, flags)[0] ?? ''
  if (node.kind === 'all') return node.of.map((part) => sampleOf(part, flags)).join('')
  if (node.kind === 'any') return sampleOf(node.of[0] ?? { kind: 'all', of: [] }, flags)
  return sampleOf(node.what, flags).repeat(Math.max(node.min, node.max > 0 ? 1 : 0))
}

function atomsIn(node: Node): string[] {
  if (node.kind === 'one') return [node.source]
  return node.kind === 'repeat' ? atomsIn(node.what) : node.of.flatMap(atomsIn)
}

/** Every attack on an expression, each once. */
export function attacksOn(source: string, flags: string): Attack[] {
  const root = parse(source, flags)
  const found = new Map<string, Attack>()
  const add = (head: string, unit: string): void => {
    if (unit === '') return
    for (const tail of ['\0', '\n\u0001']) found.set(JSON.stringify([head, unit, tail]), { head, unit, tail })
  }
  const visit = (node: Node, before: string): void => {
    if (node.kind === 'any') for (const part of node.of) visit(part, before)
    if (node.kind === 'all') {
      let head = before
      for (const part of node.of) {
        visit(part, head)
        head += sampleOf(part, flags)
      }
    }
    if (node.kind !== 'repeat') return
    visit(node.what, before)
    if (node.max < MANY) return
    const sample = sampleOf(node.what, flags)
    const units = atomsIn(node.what).flatMap((atom) => charactersOf(atom, flags).slice(0, 6))
    for (const unit of new Set([sample, ...units])) {
      add(before, unit)
      add('', unit)
    }
    // Each place in the text is a new beginning.
    add('', before + sample)
    add('', before)
    add('', before + sample.repeat(8))
  }
  visit(root, '')
  const whole = sampleOf(root, flags)
  add('', whole)
  add('', whole.slice(0, -1))
  return [...found.values()]
}

/** An attack of some length. */
export function attackText({ head, unit, tail }: Attack, length: number): string {
  return head + unit.repeat(Math.max(1, Math.floor(length / unit.length))) + tail
}
