// Which formats do network devices and sensors write?
import type { Format } from '../parser.ts'
import { cef } from './cef.ts'
import { paloAlto, readPaloAlto } from './palo-alto.ts'
import { isEve, readEve, suricataEve } from './suricata-eve.ts'
import { suricataFast } from './suricata-fast.ts'

export const networkFormats: readonly Format[] = [
  {
    name: 'suricata',
    parsers: [suricataEve, suricataFast],
    begins: '0123456789',
    recognise: [suricataFast.parse],
    objects: [{ is: isEve, read: readEve }],
  },
  { name: 'cef', parsers: [cef], begins: 'C0123456789' },
  { name: 'paloalto', parsers: paloAlto, begins: '0123456789,', recognise: [readPaloAlto] },
]
