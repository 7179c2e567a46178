// What may analysts take together, however many they are? A workload: queries beyond it wait for their turn, and landing keeps the rest.

/** The workload of rooms and of `siaga sql`; a server that does not know it lets it run as it comes. */
export const ANALYSTS_WORKLOAD = 'siaga_analysts'

/** Queries of all analysts that run at a time: they read at the speed of the disk and the cores, which more of them would only divide. */
const AT_ONCE = 4
/** Beyond these a query is refused. */
const WAITING = 200

/**
 * Statements that make the workload; each may be run again. With the memory of a single query (profiles.ts) it bounds what analysts take together:
 * without it ten of them take all that the server has, and an insert that gets no memory is tried again and again. (A workload can bound memory itself,
 * MEMORY RESERVATION; in 26.7 two queries that both want more then wait for each other past their time.)
 */
export const workloadsSql: readonly string[] = [
  'CREATE RESOURCE IF NOT EXISTS siaga_queries (QUERY)',
  'CREATE WORKLOAD IF NOT EXISTS siaga_all',
  `CREATE OR REPLACE WORKLOAD ${ANALYSTS_WORKLOAD} IN siaga_all SETTINGS max_concurrent_queries = ${AT_ONCE}, max_waiting_queries = ${WAITING}`,
]
