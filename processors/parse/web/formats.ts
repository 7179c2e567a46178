// Which formats do web servers write?
import { miss } from '../../../schemas/outcome.ts'
import type { Format } from '../parser.ts'
import { apacheAccess } from './apache-access.ts'
import { apacheError, readApacheError } from './apache-error.ts'
import { caddy, isCaddyAccess, isCaddyLog, readCaddyAccess, readCaddyLog } from './caddy.ts'
import {
  cloudflare,
  isCloudflareFirewall,
  isCloudflareHttp,
  readCloudflareFirewall,
  readCloudflareHttp,
} from './cloudflare.ts'
import { haproxy, readHaproxySession, readHaproxySyslog } from './haproxy.ts'
import { iis } from './iis.ts'
import { modsecurityAudit, readNativeAudit } from './modsecurity.ts'
import { isAuditJson, readAuditJson } from './modsecurity-json.ts'
import { nginxAccess } from './nginx-access.ts'
import { nginxError } from './nginx-error.ts'
import { isTraefik, readTraefikJson, readTraefikLine, traefik } from './traefik.ts'

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
  {
    name: 'haproxy',
    parsers: haproxy,
    // Addresses of clients, also of IPv6.
    begins: '0123456789abcdefABCDEF:[',
    recognise: [readHaproxySession],
    syslog: { programs: ['haproxy', 'hapee-lb'], read: readHaproxySyslog, dataset: 'haproxy.log' },
  },
  {
    name: 'traefik',
    parsers: [traefik],
    begins: '0123456789abcdef:',
    recognise: [readTraefikLine],
    objects: [{ is: isTraefik, read: readTraefikJson }],
  },
  {
    name: 'caddy',
    parsers: caddy,
    recognise: [],
    objects: [
      { is: isCaddyAccess, read: readCaddyAccess },
      { is: isCaddyLog, read: readCaddyLog },
    ],
  },
  { name: 'iis', parsers: [iis], begins: '0123456789<' },
  {
    // What it writes to the error log of its web server is read as such.
    name: 'modsecurity',
    parsers: [modsecurityAudit, apacheError, nginxError],
    begins: '-',
    recognise: [readNativeAudit],
    objects: [{ is: isAuditJson, read: readAuditJson }],
  },
  {
    name: 'cloudflare',
    parsers: cloudflare,
    recognise: [],
    objects: [
      { is: isCloudflareFirewall, read: readCloudflareFirewall },
      { is: isCloudflareHttp, read: readCloudflareHttp },
    ],
  },
]
