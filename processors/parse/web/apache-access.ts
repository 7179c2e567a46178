// How does Apache log a request?

import type { Parser } from '../parser.ts'
import { readAccessLine } from './access-line.ts'

export const apacheAccess: Parser = {
  format: 'apache.access',
  parse: (text, event, context) => readAccessLine(text, event, context, 'apache.access'),
}
