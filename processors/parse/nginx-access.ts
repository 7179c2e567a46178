// How does nginx log a request?
import { readAccessLine } from './access-line.ts'
import type { Parser } from './parser.ts'

export const nginxAccess: Parser = {
  format: 'nginx.access',
  parse: (text, event, context) => readAccessLine(text, event, context, 'nginx.access'),
}
