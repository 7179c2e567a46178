// Which formats do network devices and sensors write?
import type { Format } from '../parser.ts'
import { cef } from './cef.ts'
import { filterlog } from './filterlog.ts'
import { fortigate, readFortigate } from './fortigate.ts'
import { leef } from './leef.ts'
import { mikrotik, mikrotikBegins } from './mikrotik.ts'
import { netfilter } from './netfilter.ts'
import { paloAlto, readPaloAlto } from './palo-alto.ts'
import { isEve, readEve, suricataEve } from './suricata-eve.ts'
import { suricataFast } from './suricata-fast.ts'
import { readZeek, recogniseZeek, zeek } from './zeek.ts'
import { isZeekObject } from './zeek-record.ts'

export const networkFormats: readonly Format[] = [
  {
    name: 'suricata',
    parsers: [suricataEve, suricataFast],
    begins: '0123456789',
    recognise: [suricataFast.parse],
    objects: [{ is: isEve, read: readEve }],
  },
  {
    name: 'zeek',
    parsers: zeek,
    begins: '0123456789',
    recognise: [recogniseZeek],
    objects: [{ is: isZeekObject, read: readZeek }],
  },
  { name: 'cef', parsers: [cef], begins: 'C0123456789' },
  { name: 'leef', parsers: [leef], begins: 'L' },
  { name: 'paloalto', parsers: paloAlto, begins: '0123456789,', recognise: [readPaloAlto] },
  { name: 'fortigate', parsers: fortigate, begins: 'dilt', recognise: [readFortigate] },
  { name: 'mikrotik', parsers: [mikrotik], begins: mikrotikBegins },
  {
    name: 'netfilter',
    parsers: [netfilter],
    begins: '[I',
    syslog: { programs: ['kernel', 'ulogd'], read: netfilter.parse },
  },
  {
    name: 'filterlog',
    parsers: [filterlog],
    begins: '0123456789',
    syslog: { programs: ['filterlog'], read: filterlog.parse, dataset: 'filterlog' },
  },
]
