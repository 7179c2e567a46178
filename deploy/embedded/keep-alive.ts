// What keeps clickhouse-local listening as a server? A query that never ends.

/**
 * The `--query` that makes it listen after `statements` have run. Then it never ends by itself: 3 s asleep per row of an endless table. The time
 * limits of its session are lifted in the profile of `default`.
 */
export function keepAliveQuery(statements: readonly string[]): string {
  return `${statements.map((statement) => `${statement};\n`).join('')}SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP;
SELECT count() FROM system.numbers WHERE sleepEachRow(3) SETTINGS function_sleep_max_microseconds_per_block=0`
}
