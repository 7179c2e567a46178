// Which formats do FTP servers write?
import type { Format } from '../parser.ts'
import { proftpd, readProftpdSyslog } from './proftpd.ts'
import { pureftpd } from './pureftpd.ts'
import { readVsftpd, vsftpd } from './vsftpd.ts'

export const ftpFormats: readonly Format[] = [
  {
    name: 'vsftpd',
    parsers: [vsftpd],
    // `Mon Jun  8 …`: no other log of a server begins with a day of the week and goes on with `[pid 1] `.
    begins: 'MTWFS',
    syslog: { programs: ['vsftpd'], read: readVsftpd, dataset: 'vsftpd' },
  },
  {
    name: 'proftpd',
    parsers: [proftpd],
    begins: '12',
    syslog: { programs: ['proftpd'], read: readProftpdSyslog, dataset: 'proftpd' },
  },
  {
    name: 'pureftpd',
    parsers: [pureftpd],
    begins: '(',
    syslog: { programs: ['pure-ftpd', 'pure-ftpd-wrapper'], read: pureftpd.parse, dataset: 'pureftpd' },
  },
]
