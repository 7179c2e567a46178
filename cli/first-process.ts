// What does a signal do to Siaga as the first process of a container? The kernel drops signals that such a process does not handle: these end it.
import { constants } from 'node:os'

/** As the first process: SIGTERM, SIGINT and SIGHUP end it as elsewhere, unless a command handles them itself (cli/start/teardown.ts). */
export function endOnSignals(): void {
  if (process.pid !== 1) return
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
    })
}
