// How does nginx log a request?

import type { Parser } from '../parser.ts'
import { readAccessLine } from './access-line.ts'

export const nginxAccess: Parser = {
  format: 'nginx.access',
  parse: (text, event, context) => readAccessLine(text, event, context, 'nginx.access'),
}
