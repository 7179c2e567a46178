// Which formats do databases write?
import { miss } from '../../../schemas/outcome.ts'
import type { Format } from '../parser.ts'
import { mariadbAudit, readMysqlSyslog } from './mariadb-audit.ts'
import { isMysqlJson, mysqlError, mysqlGeneral, mysqlSlow, readMysqlJson } from './mysql.ts'
import { isPostgresJson, postgresql, readPostgresJson, readPostgresSyslog } from './postgresql.ts'

export const databaseFormats: readonly Format[] = [
  {
    name: 'postgresql',
    parsers: [postgresql],
    begins: '0123456789<',
    recognise: [
      // `2024-11-27 …`, or `< 2024-11-27 …` of older packages.
      (text, event, context) =>
        text.charCodeAt(10) === 32 || text.charCodeAt(1) === 32 ? postgresql.parse(text, event, context) : miss,
    ],
    syslog: { programs: ['postgres', 'postgresql'], read: readPostgresSyslog, dataset: 'postgresql' },
    objects: [{ is: isPostgresJson, read: readPostgresJson }],
  },
  {
    name: 'mysql',
    parsers: [mysqlError, mysqlGeneral, mariadbAudit, mysqlSlow],
    begins: '0123456789#',
    recognise: [
      mysqlError.parse,
      mysqlGeneral.parse,
      mariadbAudit.parse,
      (text, event, context) => (text.charCodeAt(0) === 35 ? mysqlSlow.parse(text, event, context) : miss),
    ],
    syslog: {
      programs: ['mysqld', 'mariadbd', 'mysqld_safe', 'mysql-server_auditing'],
      read: readMysqlSyslog,
      dataset: 'mysql.error',
    },
    objects: [{ is: isMysqlJson, read: readMysqlJson }],
  },
]
