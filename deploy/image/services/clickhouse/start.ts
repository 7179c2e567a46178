// How does a container become a ClickHouse server? Configuration and one user from the environment, as in the image clickhouse/clickhouse-server.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepAliveQuery } from '../../../embedded/keep-alive.ts'

const library = '/opt/clickhouse/libchdb.so'
const data = '/var/lib/clickhouse'
/** What others mount here is laid over ours, as in the official image. */
const mounted = '/etc/clickhouse-server'
const server = fileURLToPath(new URL('../../../embedded/clickhouse-server.ts', import.meta.url))

/** The value of a variable, or of the file that NAME_FILE names. */
function setting(name: string): string {
  const file = process.env[`${name}_FILE`]
  return file ? readFileSync(file, 'utf8').replace(/\r?\n$/, '') : (process.env[name] ?? '')
}

// The session that keeps the server listening is `default`, without password from 127.0.0.1, the one session it is allowed (DESIGN §4);
// dictionaries read their tables as `default` within the server.
function usersXml(user: string, password: string): string {
  const own =
    user === ''
      ? ''
      : `<${user}>
      <password_sha256_hex>${createHash('sha256').update(password).digest('hex')}</password_sha256_hex>
      <networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants>
    </${user}>`
  return `<clickhouse>
  <profiles>
    <default/>
    <keep_alive>
      <max_sessions_for_user>1</max_sessions_for_user><max_execution_time>0</max_execution_time>
      <max_threads>1</max_threads><log_queries>0</log_queries>
    </keep_alive>
  </profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks><profile>keep_alive</profile><quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT SELECT ON system.numbers</query><query>GRANT SELECT ON siaga.*</query>
      </grants>
    </default>
    ${own}
  </users>
</clickhouse>
`
}

// A container's own limit counts, not the machine's memory.
function configXml(users: string): string {
  const limit = process.constrainedMemory()
  const memory = Math.floor((limit > 0 && limit < totalmem() ? limit : totalmem()) * 0.6)
  return `<clickhouse>
  <users_config>${users}</users_config>
  <log-level>warning</log-level>
  <logger><level>warning</level><console>1</console></logger>
  <max_connections>1024</max_connections>
  <max_server_memory_usage>${memory}</max_server_memory_usage>
  <background_pool_size>4</background_pool_size>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <query_log>
    <database>system</database><table>query_log</table>
    <engine>ENGINE = Memory SETTINGS max_rows_to_keep = 4000</engine>
  </query_log>
</clickhouse>
`
}

const user = process.env.CLICKHOUSE_SKIP_USER_SETUP ? '' : setting('CLICKHOUSE_USER')
const password = setting('CLICKHOUSE_PASSWORD')
if (!process.env.CLICKHOUSE_SKIP_USER_SETUP) {
  if (!/^[A-Za-z_]\w*$/.test(user) || user === 'default' || password === '')
    throw new Error('CLICKHOUSE_USER (letters, digits, _; not default) and CLICKHOUSE_PASSWORD must be set')
}
const folder = join(tmpdir(), 'clickhouse')
mkdirSync(folder, { recursive: true, mode: 0o700 })
for (const part of ['config.d', 'users.d'])
  cpSync(join(mounted, part), join(folder, part), { recursive: true, force: true, dereference: true })
writeFileSync(join(folder, 'users.xml'), usersXml(user, password), { mode: 0o600 })
writeFileSync(join(folder, 'config.xml'), configXml(join(folder, 'users.xml')), { mode: 0o600 })

// A child, because the first process of a container is not ended by a signal that it does not handle.
const child = spawn(
  process.execPath,
  [
    ...process.execArgv,
    ...[server, library, JSON.stringify([data, tmpdir()])],
    ...[`--config-file=${join(folder, 'config.xml')}`, `--path=${join(data, 'data')}`],
    ...['--http_port=8123', '--tcp_port=9000', '--listen_host=0.0.0.0'],
    `--query=${keepAliveQuery([])}`,
  ],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { PATH: process.env.PATH, TZ: process.env.TZ, HOME: data } },
)
let asked = false
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    asked = true
    child.kill('SIGTERM')
  })
child.on('exit', (code, signal) => process.exit(asked ? 0 : (code ?? (signal === null ? 0 : 1))))
