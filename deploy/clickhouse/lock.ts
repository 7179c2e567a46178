// How does one process at a time change the schema? By a query that runs for as long as the process works: the server starts no second one of its id.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

/** Held until it is released, or until the process or the server is gone. */
export interface Lock {
  /** Throws CLICKHOUSE_UNAVAILABLE if the server has dropped it. */
  check(): void
  release(): void
}

const QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING = '216'
const RETRY_MS = 100
/** A row comes this often, so that neither side takes the connection for dead, and the query of a killed process ends as soon. */
const BEAT_S = 0.2

/** Waits for the lock of this name. It holds on one server: behind a load balancer two processes may meet different ones. */
export async function acquireLock(clickhouse: ClickHouse, name: string): Promise<Lock> {
  for (;;) {
    try {
      const rows = await clickhouse.stream(
        `SELECT sleepEachRow(${BEAT_S}) FROM system.numbers FORMAT TSV`,
        {},
        {
          // Only of a query that changes nothing does the server look whether its client is still there.
          readonly: 2,
          cancel_http_readonly_queries_on_client_close: 1,
          max_block_size: 1,
          max_threads: 1,
          max_execution_time: 0,
          http_response_buffer_size: 0,
          log_queries: 0,
        },
        name,
      )
      let lost = false
      const end = (): void => {
        lost = true
      }
      rows.once('end', end).once('close', end).once('error', end)
      rows.resume()
      return {
        check() {
          if (lost) throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: `the lock ${name} was lost` })
        },
        release: () => void rows.destroy(),
      }
    } catch (error) {
      if (!isTaken(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())))
    }
  }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'code' in cause &&
    cause.code === QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
  )
}
