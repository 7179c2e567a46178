// Which indicators does a plain list hold? A value a line, with comments, hosts files, defanged values and ranges.
import { emptyAddress, parseAddress } from '../../runtime/address.ts'
import { formatAddress } from '../../runtime/indicator-value.ts'
import { createIntake, type Intake, type Parsed, type ParseSettings } from './intake.ts'
import { linesOf } from './lines.ts'

/** Addresses of a hosts file that stand for nowhere. */
const nowhere: ReadonlySet<string> = new Set(['0.0.0.0', '127.0.0.1', '::', '::1', '255.255.255.255', 'fe80::1%lo0'])
const localNames = /^(?:localhost|localhost\.localdomain|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0)$/i

/**
 * Reads a plain list. What follows `#`, `;` or `//` at the beginning of a line, or behind a space, is a comment; of `0.0.0.0 domain` the
 * domains count; `192.0.2.1 - 192.0.2.9` is a range. A value ends at the first space or tab otherwise.
 */
export function parseList(bytes: Buffer, settings: ParseSettings, now: number): Parsed {
  const intake = createIntake(settings, now)
  for (const line of linesOf(bytes)) {
    if (line === undefined) intake.problem('line_too_long', '')
    else readLine(line, settings, intake)
  }
  return intake.done()
}

function readLine(line: string, { type }: ParseSettings, intake: Intake): void {
  // `evil [dot] example` is one value; `value  description` is two.
  const bare = withoutComment(line)
  const text = !/[[({ ]/.test(bare) ? bare : bare.replace(/ ?[[({] ?(?:\.|dot) ?[\])}] ?| dot /gi, '.')
  if (text === '') return
  if (!/[\s-]/.test(text)) {
    intake.add({ value: text, type })
    return
  }
  const range = rangeOf(text)
  if (range !== undefined) {
    for (const network of range) intake.add({ value: network, type: type === undefined ? undefined : 'network' })
    return
  }
  const [first = '', ...rest] = text.split(/[ \t]+/)
  if (rest.length > 0 && nowhere.has(first)) {
    for (const name of rest.slice(0, 50)) if (!localNames.test(name)) intake.add({ value: name, type })
    return
  }
  intake.add({ value: first, type })
}

function withoutComment(line: string): string {
  const text = line.trim()
  if (text === '' || text.startsWith('#') || text.startsWith(';') || text.startsWith('//')) return ''
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code === 35 || code === 59) && isSpace(text.charCodeAt(i - 1))) return text.slice(0, i).trimEnd()
  }
  return text
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** The networks of an IPv4 range; undefined if the text is none. */
function rangeOf(text: string): string[] | undefined {
  const [, from, to] = /^([\d.]{7,15}) ?- ?([\d.]{7,15})$/.exec(text) ?? []
  if (from === undefined || to === undefined) return undefined
  const first = emptyAddress()
  const last = emptyAddress()
  if (!parseAddress(from, first) || !parseAddress(to, last) || last.a < first.a) return undefined
  const networks: string[] = []
  for (let at = first.a; at <= last.a; ) {
    let size = 1
    let bits = 32
    // The largest network that begins here and does not go beyond the end.
    while (bits > 0 && at % (size * 2) === 0 && at + size * 2 - 1 <= last.a) {
      size *= 2
      bits--
    }
    networks.push(`${formatAddress({ family: 4, a: at, b: 0, c: 0, d: 0 })}/${bits}`)
    at += size
  }
  return networks
}
