// Which formats do security products and honeypots write?
import type { Format } from '../parser.ts'
import { cowrie, isCowrie, readCowrie } from './cowrie.ts'
import { crowdsec, isCrowdsec, readCrowdsec } from './crowdsec.ts'
import { isOpenCanary, openCanary, readOpenCanary } from './opencanary.ts'
import { isWazuh, readWazuh, wazuh } from './wazuh.ts'

export const securityFormats: readonly Format[] = [
  { name: 'wazuh', parsers: [wazuh], objects: [{ is: isWazuh, read: readWazuh }] },
  { name: 'crowdsec', parsers: [crowdsec], objects: [{ is: isCrowdsec, read: readCrowdsec }] },
  {
    name: 'cowrie',
    parsers: [cowrie],
    begins: '0123456789',
    objects: [{ is: isCowrie, read: readCowrie }],
  },
  { name: 'opencanary', parsers: [openCanary], objects: [{ is: isOpenCanary, read: readOpenCanary }] },
]
