// Who is Siaga in ClickHouse? The users that it logs in as, their rights, and how passwords come about.
import { deriveSecret } from '../../runtime/secrets.ts'

/** One user; its password follows from its name. */
export interface ClickHouseUser {
  readonly name: string
  /** What it is for, said in one line. */
  readonly purpose: string
  readonly profile: string
  /** Name of its quota; none unless told. */
  readonly quota?: string
  /** GRANT clauses without the grantee. */
  readonly grants: readonly string[]
  /** Rows the user sees, by `database.table`; of a table that is named for anybody, whoever does not name it sees nothing. */
  readonly rowPolicies?: Readonly<Record<string, string>>
}

/** The users that Siaga itself logs in as, and their rights. Those of Operation Rooms: rooms.ts. */
export const clickhouseUsers = {
  admin: {
    name: 'siaga_admin',
    purpose: 'migrations and upkeep of database siaga',
    profile: 'siaga_admin',
    grants: [
      'ALL ON siaga.*',
      'TABLE ENGINE ON *',
      'SELECT ON system.*',
      'SHOW ON *.*',
      'CREATE FUNCTION, DROP FUNCTION ON *.*',
      'KILL QUERY ON *.*',
      'SYSTEM RELOAD DICTIONARY, SYSTEM FLUSH LOGS ON *.*',
    ],
  },
  pipeline: {
    name: 'siaga_pipeline',
    purpose: 'processors and sinks: lands rows and looks up what has landed',
    profile: 'siaga_pipeline',
    grants: [
      'SELECT, INSERT, OPTIMIZE, dictGet ON siaga.*',
      // A feed of indicators is replaced as a whole, partition by partition; what a hunt or a judge of floods keeps goes when it is over.
      ...[
        'indicator_rows',
        'indicator_next',
        'indicator_given',
        'history_candidates',
        'history_matches',
        'web_flood_requests',
      ].map((table) => `ALTER DELETE ON siaga.${table}`),
      // Old days are packed by it (sinks/clickhouse/packing.ts), and what merges left over is completed (sinks/clickhouse/projections.ts).
      'ALTER SETTINGS ON siaga.events',
      'ALTER MATERIALIZE PROJECTION ON siaga.*',
      'SYSTEM RELOAD DICTIONARY ON *.*',
      'KILL QUERY ON *.*',
      ...[
        'processes',
        'parts',
        'tables',
        'columns',
        'databases',
        'disks',
        'merges',
        'mutations',
        'projections',
        'metrics',
        'asynchronous_metrics',
      ].map((table) => `SELECT ON system.${table}`),
    ],
  },
  reader: {
    name: 'siaga_reader',
    purpose: '`siaga sql`: reads database siaga within limits',
    profile: 'siaga_reader',
    grants: ['SELECT, dictGet ON siaga.*'],
  },
} as const satisfies Record<string, ClickHouseUser>

/** A key of {@link clickhouseUsers}. */
export type ClickHouseUserKey = keyof typeof clickhouseUsers

/** Name and password with which Siaga itself logs in as one of its users. */
export interface ClickHouseCredentials {
  readonly username: string
  readonly password: string
}

/** The credentials of one user under this master key. */
export function clickhouseCredentials(masterKey: Buffer, key: ClickHouseUserKey): ClickHouseCredentials {
  const { name } = clickhouseUsers[key]
  return { username: name, password: clickhousePassword(masterKey, name) }
}

/** The password of the ClickHouse user `name`: derived, so that it is stored nowhere. */
export function clickhousePassword(masterKey: Buffer, name: string): string {
  return deriveSecret(masterKey, `clickhouse/${name}`)
}
