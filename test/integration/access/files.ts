// How is a file of the machine reached through functions? PATH stands for one that holds a secret word.

/** Every place where ClickHouse works out an expression, early or late, quoted or not. */
export const fileAttacks: readonly string[] = [
  "SELECT file('PATH')",
  "SELECT `file`('PATH')",
  'SELECT "file"(\'PATH\')',
  "SELECT `fil\\x65`('PATH')",
  "SELECT file/**/('PATH')",
  "SELECT FILE('PATH')",
  "SELECT file('PATH', '')",
  "SELECT * APPLY(file) FROM (SELECT 'PATH' AS a)",
  "SELECT COLUMNS('a') APPLY(x -> file(x)) FROM (SELECT 'PATH' AS a)",
  "SELECT arrayMap(file, ['PATH'])",
  "SELECT arrayMap(x -> file(x), ['PATH'])",
  "WITH (x -> file(x)) AS f SELECT f('PATH')",
  "WITH file AS f SELECT f('PATH')",
  "SELECT file('PATH') SETTINGS enable_analyzer = 0",
  "SELECT file(p) FROM (SELECT materialize('PATH') AS p)",
  "SELECT if(1, concat(file('PATH'), ''), '')",
  "SELECT 1 FROM events PREWHERE file('PATH') != '' LIMIT 1",
  "SELECT * FROM values('a String', (concat(file('PATH'), '')))",
  "SELECT * FROM values('a String', ((SELECT file('PATH'))))",
  "SELECT * FROM values(concat(file('PATH'), ''), 1)",
  "SELECT * FROM generateRandom(concat(file('PATH'), ''))",
  "SELECT * FROM merge(concat(file('PATH'), ''), 'x')",
  "SELECT * FROM fuzzQuery(concat(file('PATH'), '')) LIMIT 1",
  "SELECT * FROM fuzzJSON(concat('{\"a\":\"', file('PATH'), '\"}')) LIMIT 1",
  "SELECT * FROM input(concat(file('PATH'), ''))",
  "SELECT * FROM view(SELECT concat(file('PATH'), ''))",
  "SELECT 1 LIMIT toUInt64(concat(file('PATH'), ''))",
  "SELECT number FROM numbers(3) ORDER BY number WITH FILL TO toUInt64(concat(file('PATH'), ''))",
  "SELECT quantile(toFloat64(concat(file('PATH'), '')))(score) FROM events",
  "SELECT 'x' IN (concat(file('PATH'), ''))",
  "SELECT CAST('1', concat(file('PATH'), ''))",
  "SELECT toDateTime('2020-01-01 00:00:00', concat(file('PATH'), ''))",
  "SELECT getSetting(concat(file('PATH'), ''))",
  "SHOW TABLES WHERE throwIf(1, concat(file('PATH'), ''))",
  "EXPLAIN SELECT * FROM values('a String', concat(file('PATH'), ''))",
  "DESCRIBE values(concat(file('PATH'), ''), 1)",
  "SELECT count() FROM entity_risk_at(at = now('UTC'), half_life_hours = toFloat64(concat(file('PATH'), '')))",
  "SELECT * FROM file('PATH', 'LineAsString', 'line String')",
  "SELECT * FROM file('PATH')",
  "DESCRIBE file('PATH')",
  "SELECT * FROM filesystem('PATH')",
]

/** Arguments that every function of the server is given. */
export function functionArguments({
  secretFile,
  canary,
}: {
  readonly secretFile: string
  readonly canary: string
}): string[] {
  return [`'${secretFile}'`, `'${canary}'`, `'${secretFile}', '${canary}'`]
}
