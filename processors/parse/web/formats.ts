// Which formats do web servers write?
import { miss } from '../../../schemas/outcome.ts'
import type { Format } from '../parser.ts'
import { apacheAccess } from './apache-access.ts'
import { apacheError, readApacheError } from './apache-error.ts'
import { nginxAccess } from './nginx-access.ts'
import { nginxError } from './nginx-error.ts'

export const webFormats: readonly Format[] = [
  {
    name: 'nginx',
    parsers: [nginxAccess, nginxError],
    begins: '0123456789',
    // An access line does not show whose it is: it becomes `web.access` (recognise.ts).
    recognise: [nginxError.parse],
    syslog: {
      programs: ['nginx'],
      read(text, event, context) {
        const outcome = nginxError.parse(text, event, context)
        return outcome === miss ? nginxAccess.parse(text, event, context) : outcome
      },
    },
  },
  {
    name: 'apache',
    parsers: [apacheAccess, apacheError],
    begins: '[',
    recognise: [apacheError.parse],
    syslog: {
      programs: ['httpd', 'apache', 'apache2'],
      read(text, event, context) {
        const outcome = readApacheError(text, event, context, true)
        return outcome === miss ? apacheAccess.parse(text, event, context) : outcome
      },
    },
  },
]
