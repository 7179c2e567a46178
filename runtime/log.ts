// How does Siaga log? pino to standard error, silent in normal work; secrets are removed by key.
import { type Logger, pino } from 'pino'

export type Log = Logger

const secretKeys = ['password', 'secret', 'token', 'key', 'authorization', 'apiKey']

/** A logger that writes JSON lines to standard error. `level` is `silent` … `debug`; normal work logs nothing above debug. */
export function createLog(level: string, name = 'siaga'): Log {
  return pino(
    { name, level, redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[removed]' } },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** A logger that says nothing, for tests and commands that print their own output. */
export const silentLog: Log = pino({ level: 'silent' })
