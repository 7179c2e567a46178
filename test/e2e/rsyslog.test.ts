// Does what a real rsyslog ships become rows? The short version.
import { testRsyslog } from './rsyslog.ts'

testRsyslog(3_000, 25_000)
