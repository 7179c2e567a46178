// Which formats do web applications and what they are built with write?
import type { Format } from '../parser.ts'
import { codeigniter, readCodeIgniterEntry } from './codeigniter.ts'
import { isKeycloak, keycloak, readKeycloakJson, readKeycloakText } from './keycloak.ts'
import { laravel, readLaravelEntry, readLaravelSyslog } from './laravel.ts'

export const applicationFormats: readonly Format[] = [
  {
    name: 'keycloak',
    parsers: keycloak,
    begins: '0123456789\u001b',
    recognise: [readKeycloakText],
    objects: [{ is: isKeycloak, read: readKeycloakJson }],
  },
  {
    name: 'laravel',
    parsers: [laravel],
    begins: '[',
    recognise: [readLaravelEntry],
    syslog: { programs: ['laravel'], read: readLaravelSyslog, dataset: 'laravel' },
  },
  // The first letters of its levels.
  { name: 'codeigniter', parsers: [codeigniter], begins: 'ACDEINW', recognise: [readCodeIgniterEntry] },
]
