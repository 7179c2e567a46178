// Which formats do name servers write?
import type { Format } from '../parser.ts'
import { bind, bindBegins, readNamed } from './bind.ts'
import { dnsmasq } from './dnsmasq.ts'

export const dnsFormats: readonly Format[] = [
  {
    name: 'bind',
    parsers: [bind],
    begins: `0123456789${bindBegins}`,
    syslog: { programs: ['named'], read: readNamed, dataset: 'bind' },
  },
  {
    name: 'dnsmasq',
    parsers: [dnsmasq],
    recognise: [],
    syslog: {
      programs: ['dnsmasq', 'dnsmasq-dhcp', 'pihole-FTL'],
      read: dnsmasq.parse,
      dataset: 'dnsmasq',
    },
  },
]
