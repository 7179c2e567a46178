// How is the access definition written as `users_config` XML, for the embedded server and for containers?
import { createHash } from 'node:crypto'
import { type AccessDefinition, accessFor } from './access.ts'
import type { ClickHouseProfile, ClickHouseQuota } from './profiles.ts'
import { type ClickHouseUser, clickhousePassword } from './users.ts'

export interface UsersXmlOptions {
  /** What to write down; Siaga's own users and no room unless told. */
  readonly access?: AccessDefinition
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
  const { access = accessFor([]), networks = ['::1', '127.0.0.1'], embedded = false } = options
  const users = access.users.map((user) => userXml(user, clickhousePassword(masterKey, user.name), networks))
  return `<clickhouse>
  <profiles>
    <default/>
${access.profiles.map(profileXml).join('\n')}${embedded ? keepAliveProfileXml : ''}
  </profiles>
  <quotas>
    <default/>
${access.quotas.map(quotaXml).join('\n')}
  </quotas>
  <users>
${users.join('\n')}${embedded ? keepAliveUserXml : ''}
  </users>
</clickhouse>
`
}

// The embedded server's keep-alive session (no password, 127.0.0.1) is the one session `default` is allowed, so nobody
// else can log in as it. No time limit may end that session's query: the server would end with it.
// Dictionaries read their tables as `default`, in sessions inside the server that do not count (ADR 35).
const keepAliveProfileXml = `
    <siaga_keep_alive>
      <max_sessions_for_user>1</max_sessions_for_user>
      <max_execution_time>0</max_execution_time>
      <max_threads>1</max_threads>
      <log_queries>0</log_queries>
    </siaga_keep_alive>`

const dictionaryGrants = ['region_names', 'election_windows']
  .map((table) => element('query', `GRANT SELECT ON siaga.${table}`))
  .join('')

const keepAliveUserXml = `
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>siaga_keep_alive</profile>
      <quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT CREATE RESOURCE, CREATE WORKLOAD, DROP WORKLOAD ON *.*</query><query>GRANT SELECT ON system.numbers</query>${dictionaryGrants}</grants>
    </default>`

function profileXml({ name, settings }: ClickHouseProfile): string {
  const entries = Object.entries(settings)
  const values = entries.flatMap(([setting, { value }]) =>
    value === undefined ? [] : [element(setting, String(value))],
  )
  const constraints = entries.flatMap(([setting, { min, max, changeable, fixed }]) => {
    if ([min, max, changeable, fixed].every((bound) => bound === undefined)) return []
    const bounds = [
      min === undefined ? '' : element('min', String(min)),
      max === undefined ? '' : element('max', String(max)),
      changeable === undefined ? '' : '<changeable_in_readonly/>',
      fixed === undefined ? '' : '<readonly/>',
    ]
    return [`<${setting}>${bounds.join('')}</${setting}>`]
  })
  return `    <${name}>${values.join('')}<constraints>${constraints.join('')}</constraints></${name}>`
}

// Without <keyed/> each user has a count of its own; with it the client would choose whose count is used.
function quotaXml({ name, seconds, limits }: ClickHouseQuota): string {
  const values = Object.entries(limits).map(([limit, value]) => element(limit, String(value)))
  return `    <${name}><interval>${element('duration', String(seconds))}${values.join('')}</interval></${name}>`
}

function userXml(user: ClickHouseUser, password: string, networks: readonly string[]): string {
  const grants = user.grants.map((grant) => element('query', `GRANT ${grant}`))
  const policies = policiesXml(user.rowPolicies ?? {})
  return `    <!-- ${user.purpose.replaceAll('-', '&#45;')} -->
    <${user.name}>
      ${element('password_sha256_hex', createHash('sha256').update(password).digest('hex'))}
      <networks>${networks.map((network) => element('ip', network)).join('')}</networks>
      ${element('profile', user.profile)}
      ${element('quota', user.quota ?? 'default')}
      <grants>${grants.join('')}</grants>${policies}
    </${user.name}>`
}

function policiesXml(policies: Readonly<Record<string, string>>): string {
  const databases = Map.groupBy(Object.entries(policies), ([place]) => place.slice(0, place.indexOf('.')))
  const text = [...databases].map(([database, entries]) => {
    const tables = entries.map(([place, filter]) => {
      const table = place.slice(database.length + 1)
      return `<${table}>${element('filter', filter)}</${table}>`
    })
    return `<${database}>${tables.join('')}</${database}>`
  })
  return text.length === 0 ? '' : `\n      <databases>${text.join('')}</databases>`
}

function element(name: string, text: string): string {
  return `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</${name}>`
}
