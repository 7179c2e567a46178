// What does the server's refusal say to a person? Its first sentence, and the place in the statement where it gives one.
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'

const MAX_EXPECTED = 8
const MAX_TEXT = 1_000
const MARKED_WIDTH = 72

/** ClickHouse's text without code number, version, the tree of the query and the long list of what else could have stood there. */
export function shortProblem(text: string): string {
  const bare = text
    .replace(/\s*\(version [^()]*(?:\([^()]*\))?\)\s*$/, '')
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .trim()
  const name = /\([A-Z][A-Z0-9_]*\)$/.exec(bare)?.[0] ?? ''
  const words = bare.slice(0, bare.length - name.length).trim()
  const line = printable(`${withoutRest(words)} ${name}`).trim()
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line
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

/** The line of the statement that the server points at, with a mark beneath; '' if it points nowhere. Positions count bytes from 1. */
export function markedPlace(text: string, statement: string): string {
  const position = Number(/failed at position (\d+)/.exec(text)?.[1] ?? 0)
  if (position < 1) return ''
  const before = Buffer.from(statement)
    .subarray(0, position - 1)
    .toString('utf8')
  const start = before.lastIndexOf('\n') + 1
  const lineEnd = statement.indexOf('\n', start)
  const line = printable(statement.slice(start, lineEnd < 0 ? undefined : lineEnd)).replaceAll('\t', ' ')
  const column = printable(before.slice(start)).length
  const from = Math.max(0, column - Math.floor(MARKED_WIDTH * 0.7))
  return `  ${line.slice(from, from + MARKED_WIDTH)}\n  ${' '.repeat(column - from)}^`
}

/** What the server said, without our words before it. */
function serverText(error: unknown): string {
  return errorText(error).replace(/^ClickHouse refused the query: /, '')
}

/** What went wrong, in one line. */
export function problemLine(error: unknown): string {
  return shortProblem(serverText(error))
}

/** A refusal as people read it; other errors as they are. */
export function explainRefusal(error: unknown, statement: string): unknown {
  if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_REFUSED') return error
  const text = serverText(error)
  const place = markedPlace(text, statement)
  return new CommandError(
    `ClickHouse refused the query: ${shortProblem(text)}${place === '' ? '' : `\n${place}`}`,
    error.action,
  )
}
