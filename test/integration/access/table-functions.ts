// What may a room do with each table function of the server? One that is not named here has not been looked at, and fails the test.

/**
 * - `harmless`: makes rows out of nothing, or reads tables with the rights and policies of whoever asks.
 * - `empty`: reads an index past the policies of its table; a row policy of its own leaves nothing.
 * - `refused`: reaches files, addresses, other servers, programs, dictionaries, or keeps what it makes.
 */
type Judgement = 'harmless' | 'empty' | 'refused'

const named = (judgement: Judgement, names: string): [string, Judgement][] =>
  names.split(/\s+/).map((name) => [name, judgement])

export const judged: Readonly<Record<string, Judgement | undefined>> = Object.fromEntries([
  ...named(
    'harmless',
    'SQLStandardValues fuzzJSON fuzzQuery generateRandom generateSeries generate_series merge null numbers numbers_mt primes values view viewIfPermitted',
  ),
  ...named(
    'empty',
    'mergeTreeAnalyzeIndexes mergeTreeAnalyzeIndexesUUID mergeTreeIndex mergeTreeProjection mergeTreeTextIndex',
  ),
  ...named(
    'refused',
    `azureBlobStorage azureBlobStorageCluster cluster clusterAllReplicas cosn deltaLake deltaLakeAzure deltaLakeAzureCluster deltaLakeCluster
    deltaLakeLocal deltaLakeS3 deltaLakeS3Cluster dictionary eval executable file fileCluster filesystem format gcs hdfs hdfsCluster hudi
    hudiCluster iceberg icebergAzure icebergAzureCluster icebergCluster icebergHDFS icebergHDFSCluster icebergLocal icebergLocalCluster
    icebergS3 icebergS3Cluster input jdbc loop mongodb mysql odbc oss paimon paimonAzure paimonAzureCluster paimonCluster paimonHDFS
    paimonHDFSCluster paimonLocal paimonS3 paimonS3Cluster postgresql prometheusQuery prometheusQueryRange redis remote remoteSecure s3
    s3Cluster sqlite timeSeriesData timeSeriesMetrics timeSeriesSamples timeSeriesSelector timeSeriesTags url urlCluster viewExplain
    ytsaurus zeros zeros_mt`,
  ),
])

/** Calls of a table function with the arguments that one of its kind may take: a table, a path, an address, a server, a query. */
export function callsOf(
  name: string,
  { secretFile, canary }: { readonly secretFile: string; readonly canary: string },
): string[] {
  const server = "'127.0.0.1:1', 'd', 't', 'u', 'p'"
  const lists = [
    '',
    '10',
    "'siaga', 'events'",
    "'siaga.events'",
    'siaga.events',
    "'siaga', 'events', 1",
    "'siaga', 'events', 'by_election'",
    "'siaga', '.*rows'",
    "'siaga', 'events', 'up', now()",
    "'siaga', 'events', 'up', now(), now(), 1",
    `'${secretFile}'`,
    `'${secretFile}', 'LineAsString', 'line String'`,
    `'${secretFile}', 't'`,
    `'${canary}'`,
    `'${canary}', 'LineAsString', 'line String'`,
    `'${canary}', 'key', 'secret', 'LineAsString', 'line String'`,
    `'${canary}', '//path', 'token', 'line String'`,
    `'c', '${canary}', 'LineAsString', 'line String'`,
    "'127.0.0.1', 'siaga', 'events'",
    "'default', 'siaga', 'events'",
    server,
    `${server}, 'a String'`,
    "'127.0.0.1:1', 'key', 'key String'",
    "'DSN=x', 't'",
    "'x.sh', 'TSV', 'a String'",
    "'a String'",
    "'JSONEachRow', '{}'",
    "'SELECT 1'",
    'EXPLAIN SELECT 1',
    "'EXPLAIN', '', (SELECT 1)",
    'SELECT * FROM siaga.streams',
    "SELECT * FROM siaga.streams ELSE null('x UInt8')",
  ]
  return lists.map((values) => `SELECT * FROM ${name}(${values}) LIMIT 3`)
}
