// How does Apache log a request?
import { readAccessLine } from './access-line.ts'
import type { Parser } from './parser.ts'

export const apacheAccess: Parser = {
  format: 'apache.access',
  parse: (text, event) => readAccessLine(text, event, 'apache.access'),
}
