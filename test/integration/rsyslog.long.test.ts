import { testRsyslog } from './rsyslog-suite.ts'

testRsyslog(50_000, 4, (line) => process.stderr.write(`rsyslog → ${line}\n`))
