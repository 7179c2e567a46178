import { testRsyslog } from './rsyslog-suite.ts'

testRsyslog(2_000, 2, () => {})
