// How does Apache log a request?
import { readAccessLine } from './access-line.ts'
import type { Parser } from './parser.ts'

export const apacheAccess: Parser = {
  format: 'apache.access',
  parse: (text, event, context) => readAccessLine(text, event, context, 'apache.access'),
}
