// What does ClickHouse's refusal say to a person? Its first sentence, its code, and the place in the statement where it gives one.
import { errorText } from './errors.ts'

const MAX_EXPECTED = 8
const MAX_TEXT = 1_000

/** ClickHouse's text without code number, version, the tree of the query and the long list of what else could have stood there. */
export function shortRefusal(text: string): string {
  const bare = withoutVersion(text)
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .trim()
  const name = nameOfRefusal(bare)
  const bracketed = name === '' ? '' : `(${name})`
  const words = bare.slice(0, bare.length - bracketed.length).trim()
  return cutRefusal(`${withoutRest(words)} ${bracketed}`.trim())
}

/** At most so much of a refusal as people read. */
export function cutRefusal(line: string): string {
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line
}

/** `SYNTAX_ERROR`, `ACCESS_DENIED` and the like; '' where it has none. */
export function nameOfRefusal(text: string): string {
  return /\(([A-Z][A-Z0-9_]*)\)$/.exec(withoutVersion(text))?.[1] ?? ''
}

/** The server's version stands last, in brackets that may hold others. */
function withoutVersion(text: string): string {
  const whole = text.trimEnd()
  const at = whole.lastIndexOf('(version ')
  return at < 0 || !whole.endsWith(')') ? whole : whole.slice(0, at).trimEnd()
}

/** What the server said, without our words before it. */
export function refusalText(error: unknown): string {
  return errorText(error).replace(/^ClickHouse refused the query: /, '')
}

/** Where in the statement the server points, counted in characters from 0; undefined if it points nowhere. It counts bytes from 1. */
export function placeOfRefusal(text: string, statement: string): number | undefined {
  const position = Number(/failed at position (\d+)/.exec(text)?.[1] ?? 0)
  if (position < 1) return undefined
  return Buffer.from(statement)
    .subarray(0, position - 1)
    .toString('utf8').length
}

function withoutRest(words: string): string {
  const place = /^.*?failed at position \d+ \(.{0,200}?\)(?: \(line \d+, col \d+\))?(?=: )/s.exec(words)?.[0]
  if (place !== undefined) {
    const expected = (words.slice(place.length).split('Expected one of: ')[1] ?? '').replace(/\.$/, '').split(', ')
    const known = expected.filter((word) => word !== '' && word !== 'token' && word !== 'token sequence')
    const more = known.length > MAX_EXPECTED ? ', …' : ''
    return known.length === 0 ? `${place}.` : `${place}. Expected: ${known.slice(0, MAX_EXPECTED).join(', ')}${more}`
  }
  const end = [' in scope ', ': In scope ', ': While processing ', ': while executing ', '. While processing ']
    .map((mark) => words.indexOf(mark))
    .filter((at) => at > 0)
  const meant = /Maybe you meant: .*$/s.exec(words)?.[0]
  const said = end.length > 0 ? `${words.slice(0, Math.min(...end))}.` : words
  return meant === undefined || said.includes(meant) ? said : `${said} ${meant}`
}
