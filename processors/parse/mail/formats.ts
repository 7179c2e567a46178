// Which formats do mail servers write?
import type { Format } from '../parser.ts'
import { dovecot, readDovecotSyslog } from './dovecot.ts'
import { postfix, readPostfixSyslog } from './postfix.ts'

/** Daemons of Postfix by the last part of their tag (`postfix/smtpd`). */
const daemons =
  'postfix smtpd postscreen smtp lmtp qmgr oqmgr cleanup pickup bounce local virtual pipe error discard anvil scache verify trivial-rewrite master tlsproxy tlsmgr dnsblog proxymap postfix-script postdrop postsuper sendmail showq flush spawn'

export const mailFormats: readonly Format[] = [
  {
    name: 'postfix',
    parsers: [postfix],
    syslog: { programs: daemons.split(' '), read: readPostfixSyslog },
  },
  {
    name: 'dovecot',
    parsers: [dovecot],
    begins: '12',
    syslog: {
      programs: [
        'dovecot',
        'imap-login',
        'pop3-login',
        'managesieve-login',
        'submission-login',
        'auth-worker',
        'auth',
        'imap',
        'pop3',
      ],
      read: readDovecotSyslog,
      dataset: 'dovecot',
    },
  },
]
