// Which ways out of its region does a room try? Written down once; access.test.ts runs each and says what came of it.

/** What must come of an attempt, beside that no word of another region's row is in the answer or the error. */
export type Outcome =
  /** The server refuses. */
  | 'refused'
  /** It answers, with nothing but the room's own. */
  | 'answered'
  /** It answers what the room's own rows give: the same as the query with the room's filter as admin. */
  | { readonly same: string }

export interface Attack {
  readonly way: string
  readonly sql: string
  readonly outcome: Outcome
}

const own = "(region_code = '32' OR startsWith(region_code, '32.')) AND owner IN ('', 'pemda', 'kpu')"
const foreign = `NOT (${own})`
const as = (way: string, outcome: Outcome, statements: readonly string[]): Attack[] =>
  statements.map((sql) => ({ way, sql, outcome }))

/** The same question, put so that it reads nothing but the room's rows if policies hold. */
const countOwn = `SELECT count() FROM siaga.events WHERE ${own}`

export const attacks: readonly Attack[] = [
  ...as('sub-queries, joins, unions, WITH, arrays', { same: countOwn }, [
    'SELECT count() FROM events',
    'SELECT count() FROM (SELECT * FROM (SELECT * FROM events))',
    'SELECT (SELECT count() FROM events)',
    'WITH e AS (SELECT * FROM siaga.events) SELECT count() FROM e',
    'WITH (SELECT count() FROM events) AS n SELECT n',
    "SELECT count() FROM events WHERE 1 OR region_code = '31'",
    'SELECT count() FROM events AS a INNER JOIN (SELECT DISTINCT event_id FROM events) AS b USING (event_id)',
    'SELECT count() FROM events AS a ANY LEFT JOIN events AS b ON a.event_id = b.event_id',
    'SELECT count(b.event_id) FROM numbers(6400) AS n LEFT JOIN events AS b ON n.number = b._offset SETTINGS join_use_nulls = 1',
    "SELECT countIf(b.event_id != '') FROM numbers(6400) AS n FULL JOIN events AS b ON n.number = b._offset",
    'SELECT count() FROM events WHERE event_id IN (SELECT event_id FROM events)',
    'SELECT count() FROM events GLOBAL INNER JOIN (SELECT event_id FROM events) AS b USING (event_id)',
    'SELECT count() FROM events ARRAY JOIN [region_code] AS r',
    "SELECT count() FROM events WHERE arrayExists(r -> r = r, [region_code, '31'])",
    'SELECT length(groupArray(event_id)) FROM events',
    'SELECT sum(n) FROM (SELECT count() AS n FROM events GROUP BY region_code) SETTINGS max_threads = 1',
    'SELECT count() FROM events PREWHERE 1',
    'SELECT count() FROM view(SELECT * FROM siaga.events)',
    "SELECT count() FROM merge('siaga', '^events$')",
    'SELECT uniqExact(_part, _part_offset) FROM events',
    'SELECT count() FROM events LIMIT 1 OFFSET 0',
  ]),
  ...as('unions and excepts', 'answered', [
    "SELECT message FROM events UNION ALL SELECT message FROM events WHERE region_code = '31'",
    "SELECT message FROM events EXCEPT SELECT message FROM events WHERE startsWith(region_code, '32')",
    "SELECT message, region_code FROM events WHERE region_code IN ('31', '31.74', '320', '3', '00', '')",
    'SELECT groupUniqArray(region_code), groupUniqArray(owner), groupUniqArray(message) FROM events',
    'SELECT region_code, count() FROM events GROUP BY region_code WITH TOTALS',
    'SELECT message FROM events ORDER BY region_code DESC LIMIT 5 BY region_code',
    'SELECT * FROM events LIMIT 6400',
    'SELECT topK(100)(message), any(message), anyLast(message), min(message), max(message) FROM events',
    'SELECT first_value(message) OVER (ORDER BY _offset ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM events',
    'SELECT lagInFrame(message) OVER (ORDER BY timestamp) FROM events',
    'SELECT _part, _partition_id, _part_uuid, _part_index, _part_offset, _table, _database, message FROM events',
    "SELECT event_id FROM merge('siaga', '^(events|verdicts)$')",
    "SELECT title FROM merge('siaga', '^alerts_rows$')",
    "SELECT * FROM entity_risk_at(at = now('UTC'), half_life_hours = 24)",
    "SELECT * FROM entity_risk_at(at = now('UTC'), half_life_hours = 1e308)",
    'SELECT * FROM region_states_now',
    'SELECT * FROM system.one',
    'SELECT currentUser(), currentDatabase(), hostName(), version(), uptime()',
    'SELECT * FROM events SETTINGS final = 1, join_use_nulls = 1',
  ]),
  ...as('counts and bounds that a part knows without reading it', { same: countOwn }, [
    'SELECT count() FROM siaga.events',
    'SELECT count(1) FROM siaga.events',
    'SELECT sum(1) FROM siaga.events',
    'SELECT count(event_id) FROM siaga.events',
    'SELECT countIf(1) FROM siaga.events',
  ]),
  ...as(
    'counts and bounds that a part knows without reading it',
    { same: `SELECT min(_offset), max(_offset), min(ingested_at), max(region_code) FROM siaga.events WHERE ${own}` },
    ['SELECT min(_offset), max(_offset), min(ingested_at), max(region_code) FROM siaga.events'],
  ),
  ...as(
    'counts and bounds that a part knows without reading it',
    { same: `SELECT count(), min(alert_id), max(alert_id) FROM siaga.alerts_rows WHERE ${own}` },
    [
      'SELECT count(), min(alert_id), max(alert_id) FROM siaga.alerts_rows',
      'SELECT count(), min(alert_id), max(alert_id) FROM siaga.alerts_rows FINAL',
      'SELECT count(), min(alert_id), max(alert_id) FROM siaga.alerts',
    ],
  ),
  // An expression that fails on other regions' rows, in every place where it could be worked out before the policy.
  ...['events', 'alerts_rows', 'entity_risk_hours', 'findings_rows', 'alerts', 'findings', 'source_states'].flatMap(
    (table) => {
      const bait = `throwIf(${foreign}, 'seen')`
      const once = `SELECT count() FROM siaga.${table} WHERE ${own}`
      const view = ['alerts', 'findings'].includes(table)
      const merged = ['alerts_rows', 'findings_rows', 'entity_risk_hours'].includes(table)
      return [
        ...as('errors that tell', { same: once }, [
          `SELECT count() FROM ${table} WHERE ${bait} = 0`,
          `SELECT count() FROM ${table} WHERE intDiv(1, ${own}) = 1`,
          `SELECT countIf(${bait} = 0) FROM ${table}`,
          `SELECT count() FROM (SELECT ${bait} AS x FROM ${table}) WHERE x = 0`,
          `SELECT count() FROM ${table} AS a INNER JOIN (SELECT 1 AS one) AS b ON ${bait} + 1 = b.one`
            .replaceAll('region_code', 'a.region_code')
            .replaceAll('owner', 'a.owner'),
          ...(view
            ? []
            : [
                `SELECT count() FROM ${table} PREWHERE ${bait} = 0`,
                `SELECT count() FROM ${table} PREWHERE intDiv(1, ${own}) = 1 WHERE ${bait} = 0`,
              ]),
          ...(merged
            ? [
                `SELECT count() FROM ${table} FINAL WHERE ${bait} = 0`,
                `SELECT count() FROM ${table} FINAL PREWHERE ${bait} = 0`,
              ]
            : []),
        ]),
        ...as('errors that tell', 'answered', [
          `SELECT ${bait} FROM ${table} ORDER BY region_code DESC LIMIT 1`,
          `SELECT arrayMap(r -> ${bait}, [1]) FROM ${table}`,
          `SELECT count() FROM ${table} GROUP BY ${bait}`,
        ]),
      ]
    },
  ),
  ...as('errors that show a value', 'refused', [
    'SELECT toUInt32(message) FROM events',
    'SELECT count() FROM events WHERE toUInt32(message) = 1',
    "SELECT count() FROM events PREWHERE toIPv4(user_name) = toIPv4('10.0.0.1')",
    'SELECT toDate(title) FROM alerts_rows FINAL',
    'SELECT CAST(entity AS UUID) FROM entity_risk_hours',
    "SELECT message FROM events WHERE region_code = '31' AND throwIf(1, 'x') = 1 OR toUInt8(message) = 0",
    'SELECT no_such_column FROM events',
    'SELECT * FROM siaga.no_such_table',
  ]),
  ...as('settings', 'refused', [
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS readonly = 2',
    'SELECT 1 SETTINGS allow_ddl = 1',
    'SELECT 1 SETTINGS max_memory_usage = 0',
    'SELECT 1 SETTINGS max_memory_usage = 99999999999',
    'SELECT 1 SETTINGS max_execution_time = 0',
    'SELECT 1 SETTINGS max_execution_time = 3600',
    'SELECT 1 SETTINGS max_threads = 64',
    'SELECT 1 SETTINGS max_result_rows = 0',
    'SELECT 1 SETTINGS max_rows_to_read = 0',
    'SELECT 1 SETTINGS max_concurrent_queries_for_user = 100',
    'SELECT 1 SETTINGS log_queries = 0',
    "SELECT 1 SETTINGS log_queries_min_type = 'EXCEPTION_WHILE_PROCESSING'",
    'SELECT 1 SETTINGS log_queries_probability = 0',
    'SELECT 1 SETTINGS apply_row_policy_after_final = 0',
    'SELECT 1 SETTINGS apply_prewhere_after_final = 1',
    'SELECT 1 SETTINGS use_query_cache = 1, query_cache_share_between_users = 1',
    'SELECT 1 SETTINGS use_query_condition_cache = 1',
    'SELECT 1 SETTINGS use_skip_indexes = 1',
    'SELECT 1 SETTINGS enable_analyzer = 0',
    'SELECT 1 SETTINGS allow_introspection_functions = 1',
    'SELECT 1 SETTINGS allow_experimental_eval_table_function = 1',
    'SELECT 1 SETTINGS allow_experimental_ai_functions = 1',
    "SELECT 1 SETTINGS output_format_schema = 'x'",
    "SELECT 1 SETTINGS format_schema = '/etc/passwd:A'",
    "SELECT 1 SETTINGS additional_result_filter = '1'",
    "SELECT count() FROM events SETTINGS additional_table_filters = {'siaga.events': 'throwIf(1)'}",
    "SELECT 1 SETTINGS send_logs_level = 'trace'",
    "SELECT 1 SETTINGS profile = 'siaga_admin'",
    "SET profile = 'siaga_admin'",
    'SET readonly = 0',
    'SET ROLE siaga_admin',
    'SET DEFAULT ROLE ALL TO siaga_room_jabar',
    'EXECUTE AS siaga_admin SELECT 1',
    'EXECUTE AS siaga_admin',
  ]),
  ...as('writing, DDL, files, other queries', 'refused', [
    "INSERT INTO siaga.events (event_id) VALUES ('x')",
    'INSERT INTO siaga.verdicts SELECT * FROM siaga.verdicts',
    "INSERT INTO FUNCTION null('x UInt8') VALUES (1)",
    "INSERT INTO FUNCTION file('x.tsv', 'TSV', 'a String') SELECT 'a'",
    "INSERT INTO FUNCTION remote('127.0.0.1', 'siaga', 'events') (event_id) VALUES ('x')",
    "SELECT 1 INTO OUTFILE 'out.txt'",
    'CREATE TABLE siaga.t (a UInt8) ENGINE Memory',
    'CREATE TEMPORARY TABLE t (a UInt8)',
    'CREATE VIEW siaga.v SQL SECURITY NONE AS SELECT * FROM siaga.events',
    'CREATE VIEW siaga.v DEFINER = siaga_admin SQL SECURITY DEFINER AS SELECT * FROM siaga.events',
    'CREATE MATERIALIZED VIEW siaga.v ENGINE Memory POPULATE AS SELECT * FROM siaga.events',
    'CREATE DICTIONARY siaga.d (a UInt64) PRIMARY KEY a SOURCE(CLICKHOUSE(TABLE events)) LAYOUT(FLAT()) LIFETIME(0)',
    'CREATE FUNCTION f AS x -> x',
    'DROP FUNCTION file',
    'CREATE USER u',
    'ALTER USER siaga_room_jabar SETTINGS readonly = 0',
    'CREATE ROW POLICY p ON siaga.events USING 1 TO siaga_room_jabar',
    'DROP ROW POLICY p ON siaga.events',
    'CREATE NAMED COLLECTION c AS a = 1',
    'GRANT SELECT ON *.* TO siaga_room_jabar',
    'ALTER TABLE siaga.events DELETE WHERE 1',
    "ALTER TABLE siaga.events UPDATE owner = 'pemda' WHERE 1",
    "ALTER TABLE siaga.events MODIFY COMMENT 'x'",
    'DELETE FROM siaga.events WHERE 1',
    "UPDATE siaga.events SET owner = 'pemda' WHERE 1",
    'OPTIMIZE TABLE siaga.events FINAL',
    'TRUNCATE TABLE siaga.events',
    'DROP TABLE siaga.events',
    'RENAME TABLE siaga.events TO siaga.e',
    'DETACH TABLE siaga.events',
    'ATTACH TABLE siaga.x',
    'CHECK TABLE siaga.events',
    "BACKUP TABLE siaga.events TO File('x.zip')",
    "RESTORE TABLE siaga.events FROM File('x.zip')",
    'SYSTEM FLUSH LOGS',
    'SYSTEM SHUTDOWN',
    'SYSTEM STOP MERGES siaga.events',
    'SYSTEM RELOAD CONFIG',
    "KILL QUERY WHERE user = 'siaga_pipeline'",
    'KILL MUTATION WHERE 1',
  ]),
  ...as('what the server says of itself', 'refused', [
    'SHOW PROCESSLIST',
    'SHOW USERS',
    'SHOW ACCESS',
    'SHOW POLICIES',
    'SHOW CREATE ROW POLICY ON siaga.events',
    'SHOW CREATE USER siaga_room_dki',
    'SHOW GRANTS FOR siaga_room_dki',
    'SHOW CREATE TABLE siaga.streams',
    'DESCRIBE TABLE siaga.streams',
    'SHOW INDEX FROM siaga.events',
    'SHOW DICTIONARIES FROM siaga',
    'EXISTS siaga.streams',
    'USE system',
    "SELECT hasColumnInTable('siaga', 'streams', 'stream')",
    "SELECT dictGet('siaga.assets', 'name', 'x')",
    "SELECT * FROM dictionary('siaga.assets')",
    "SELECT joinGet('siaga.events', 'message', 'x')",
    'SELECT addressToLine(1)',
    'SELECT * FROM information_schema.tables',
  ]),
  ...as('what the server says of itself', 'answered', [
    'EXPLAIN SELECT * FROM events',
    "EXPLAIN indexes = 1 SELECT * FROM alerts_rows WHERE alert_id > 'R[31'",
    "EXPLAIN ESTIMATE SELECT * FROM events WHERE region_code = '31'",
    'EXPLAIN PIPELINE SELECT * FROM events',
    'EXPLAIN SYNTAX SELECT * FROM alerts',
    'EXPLAIN QUERY TREE SELECT * FROM alerts',
    'EXPLAIN indexes = 1, json = 1, actions = 1 SELECT * FROM findings',
    'DESCRIBE TABLE siaga.events',
    'SHOW TABLES FROM siaga',
    'SHOW CREATE TABLE siaga.events',
    'SHOW GRANTS',
    'SHOW QUOTA',
    'SELECT * FROM system.quota_usage',
  ]),
]
