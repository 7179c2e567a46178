// How does a web server log a request, when we are not told which server it is?

import type { Parser } from '../parser.ts'
import { readAccessLine } from './access-line.ts'

export const webAccess: Parser = {
  format: 'web.access',
  parse: (text, event, context) => readAccessLine(text, event, context, 'web.access'),
}
