// Does what a real rsyslog ships become rows? 50,000 lines over each way.
import { testRsyslog } from './rsyslog.ts'

testRsyslog(50_000, 180_000)
