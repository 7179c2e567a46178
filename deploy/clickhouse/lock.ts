// How does one process at a time change the schema? By a query that runs for as long as the process works: the server starts no second one of its id.
import { randomUUID } from 'node:crypto'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

/** Held until it is released, or until the process or the server is gone. */
export interface Lock {
  /** Throws CLICKHOUSE_UNAVAILABLE if the server has dropped it. */
  check(): void
  release(): Promise<void>
}

const QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING = '216'
const RETRY_MS = 100
/** How often one who waits is asked whether there is still something to wait for. */
const ASK_MS = 2_000
/** A row comes this often, so that neither side takes the connection for dead, and the query of a killed process ends as soon. */
const BEAT_S = 0.2

/**
 * Waits for the lock of this name. It holds on one server: behind a load balancer two processes may meet different ones. `waiting` is asked every two
 * seconds while another has it; answers undefined once that answers false.
 */
export async function acquireLock(
  clickhouse: ClickHouse,
  name: string,
  waiting: () => Promise<boolean> = async () => true,
): Promise<Lock | undefined> {
  // What tells this holder's query from the next one's, which has the same id.
  const holder = randomUUID()
  for (let asked = Date.now(); ; ) {
    try {
      const rows = await clickhouse.stream(
        `SELECT sleepEachRow(${BEAT_S}) FROM system.numbers FORMAT TSV -- ${holder}`,
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
        async release() {
          // A proxy may go on reading for a client that is gone; then the query would run for ever.
          const kill = 'KILL QUERY WHERE query_id = {name:String} AND endsWith(query, {holder:String}) ASYNC'
          if (!lost) await clickhouse.command(kill, { name, holder }).catch(() => undefined)
          rows.destroy()
        },
      }
    } catch (error) {
      if (!isTaken(error)) throw error
      if (Date.now() - asked >= ASK_MS) {
        if (!(await waiting())) return undefined
        asked = Date.now()
      }
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
