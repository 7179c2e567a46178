// What does the server's refusal say to a person? Its first sentence, and the place in the statement where it gives one.
import { cutRefusal, placeOfRefusal, refusalText, shortRefusal } from '../../runtime/clickhouse-problem.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { CommandError } from '../frame.ts'
import { printable } from '../terminal.ts'

const MARKED_WIDTH = 72

/** {@link shortRefusal} for a terminal. */
export function shortProblem(text: string): string {
  return cutRefusal(printable(shortRefusal(text)))
}

/** The line of the statement that the server points at, with a mark beneath; '' if it points nowhere. Positions count bytes from 1. */
export function markedPlace(text: string, statement: string): string {
  const at = placeOfRefusal(text, statement)
  if (at === undefined) return ''
  const before = statement.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  const lineEnd = statement.indexOf('\n', start)
  const line = printable(statement.slice(start, lineEnd < 0 ? undefined : lineEnd)).replaceAll('\t', ' ')
  const column = printable(before.slice(start)).length
  const from = Math.max(0, column - Math.floor(MARKED_WIDTH * 0.7))
  return `  ${line.slice(from, from + MARKED_WIDTH)}\n  ${' '.repeat(column - from)}^`
}

/** What went wrong, in one line. */
export function problemLine(error: unknown): string {
  return shortProblem(refusalText(error))
}

/** A refusal as people read it; other errors as they are. */
export function explainRefusal(error: unknown, statement: string): unknown {
  if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_REFUSED') return error
  const text = refusalText(error)
  const place = markedPlace(text, statement)
  return new CommandError(
    `ClickHouse refused the query: ${shortProblem(text)}${place === '' ? '' : `\n${place}`}`,
    error.action,
  )
}
