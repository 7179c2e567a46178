// Which detectors are there? The built-in signals; the rule engine joins them here.
export { createDetect, DEVICE_ALERT, FAILED_LOGIN } from './builtin.ts'
