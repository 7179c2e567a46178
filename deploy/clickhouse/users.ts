// Who may do what in ClickHouse? One table of users; the XML an embedded or a container server reads is made from it.
import { createHash } from 'node:crypto'
import { deriveSecret } from '../../runtime/secrets.ts'

/** A setting's value, and (unless it is only a default) the range within which a session may change it. */
interface ProfileSetting {
  readonly value: string | number
  readonly min?: number
  readonly max?: number
}

interface ClickHouseProfile {
  readonly name: string
  readonly settings: Readonly<Record<string, ProfileSetting>>
}

/** One user; its password follows from its name. */
export interface ClickHouseUser {
  readonly name: string
  /** What it is for, said in one line. */
  readonly purpose: string
  readonly profile: string
  /** GRANT clauses without the grantee. */
  readonly grants: readonly string[]
  /** Rows the user sees, by table of database siaga; a table not named here is seen whole if it is granted. */
  readonly rowPolicies?: Readonly<Record<string, string>>
}

const GiB = 1024 ** 3

const profiles: readonly ClickHouseProfile[] = [
  { name: 'siaga_admin', settings: { max_execution_time: { value: 0 }, async_insert: { value: 0 } } },
  {
    // Exactly once rests on one insert making one part at once: async inserts (on by default since 26.3) break that.
    name: 'siaga_pipeline',
    settings: {
      async_insert: { value: 0 },
      max_execution_time: { value: 0 },
      deduplicate_blocks_in_dependent_materialized_views: { value: 1 },
    },
  },
  {
    // readonly=2: reading only, but a client may still set output formats and tighten its own limits.
    // A least value of 1 keeps 0 ("no limit") out of reach.
    name: 'siaga_reader',
    settings: {
      readonly: { value: 2 },
      // Whoever looks for a citizen's number types it into a query; the query log must not keep it.
      log_queries: { value: 0, min: 0, max: 0 },
      max_execution_time: { value: 60, min: 1, max: 600 },
      max_memory_usage: { value: GiB, min: 1, max: 2 * GiB },
      max_concurrent_queries_for_user: { value: 16, min: 1, max: 16 },
      max_bytes_before_external_group_by: { value: GiB / 2 },
      max_bytes_before_external_sort: { value: GiB / 2 },
    },
  },
]

/** Every ClickHouse user Siaga has, and its rights. Roles and regions are added here, with row policies. */
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
      'SYSTEM RELOAD DICTIONARY ON *.*',
      'KILL QUERY ON *.*',
      ...[
        'processes',
        'parts',
        'tables',
        'columns',
        'databases',
        'merges',
        'mutations',
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
function clickhousePassword(masterKey: Buffer, name: string): string {
  return deriveSecret(masterKey, `clickhouse/${name}`)
}

export interface UsersXmlOptions {
  /** Whom to write down; everybody of {@link clickhouseUsers} unless told. */
  readonly users?: readonly ClickHouseUser[]
  /** Networks the users may come from; loopback unless the server runs in a container. */
  readonly networks?: readonly string[]
  /**
   * True if this XML makes the user `default` for the embedded server's own session (deploy/embedded/clickhouse.ts).
   * Elsewhere nobody uses `default` and it is left out.
   */
  readonly embedded?: boolean
}

/** The `users_config` XML of all users; it holds only hashes of the passwords. */
export function usersXml(masterKey: Buffer, options: UsersXmlOptions = {}): string {
  const { users = Object.values(clickhouseUsers), networks = ['::1', '127.0.0.1'], embedded = false } = options
  return `<clickhouse>
  <profiles>
    <default/>
${profiles.map(profileXml).join('\n')}${embedded ? keepAliveProfileXml : ''}
  </profiles>
  <quotas><default/></quotas>
  <users>
${users.map((user) => userXml(user, clickhousePassword(masterKey, user.name), networks)).join('\n')}${embedded ? keepAliveUserXml : ''}
  </users>
</clickhouse>
`
}

// The embedded server's keep-alive session (no password, 127.0.0.1) is the one session `default` is allowed, so nobody
// else can log in as it. No time limit may end that session's query: the server would end with it.
const keepAliveProfileXml = `
    <siaga_keep_alive>
      <max_sessions_for_user>1</max_sessions_for_user>
      <max_execution_time>0</max_execution_time>
      <max_threads>1</max_threads>
      <log_queries>0</log_queries>
    </siaga_keep_alive>`

const keepAliveUserXml = `
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>siaga_keep_alive</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT SELECT ON system.numbers</query></grants>
    </default>`

function profileXml({ name, settings }: ClickHouseProfile): string {
  const entries = Object.entries(settings)
  const values = entries.map(([setting, { value }]) => element(setting, String(value)))
  const constraints = entries.flatMap(([setting, { min, max }]) => {
    if (min === undefined && max === undefined) return []
    const bounds = [
      min === undefined ? '' : element('min', String(min)),
      max === undefined ? '' : element('max', String(max)),
    ]
    return [`<${setting}>${bounds.join('')}</${setting}>`]
  })
  return `    <${name}>${values.join('')}<constraints>${constraints.join('')}</constraints></${name}>`
}

function userXml(user: ClickHouseUser, password: string, networks: readonly string[]): string {
  const grants = user.grants.map((grant) => element('query', `GRANT ${grant}`))
  const policies = Object.entries(user.rowPolicies ?? {}).map(
    ([table, filter]) => `<${table}>${element('filter', filter)}</${table}>`,
  )
  const databases = policies.length > 0 ? `\n      <databases><siaga>${policies.join('')}</siaga></databases>` : ''
  return `    <!-- ${user.purpose} -->
    <${user.name}>
      ${element('password_sha256_hex', createHash('sha256').update(password).digest('hex'))}
      <networks>${networks.map((network) => element('ip', network)).join('')}</networks>
      ${element('profile', user.profile)}
      <quota>default</quota>
      <grants>${grants.join('')}</grants>${databases}
    </${user.name}>`
}

function element(name: string, text: string): string {
  return `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`
}
