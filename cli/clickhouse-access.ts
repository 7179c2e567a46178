// Where is ClickHouse, and as whom do we speak to it? Your server with the credentials of its address, else the embedded one.
import { type ClickHouseUserKey, clickhouseCredentials, clickhouseUsers } from '../deploy/clickhouse/users.ts'
import type { ClickHouseOptions } from '../runtime/clickhouse.ts'
import { readClientTls } from '../runtime/client-tls.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import { SiagaError } from '../runtime/errors.ts'
import { existingMasterKey } from '../runtime/secrets.ts'
import { secretReader } from '../sinks/alerts/channels/secrets.ts'
import { CommandError } from './frame.ts'

/**
 * Address and credentials of one user. Of a server of your own, one user does everything: that of `clickhouse.user`, or the one in the address. Where that is one
 * of Siaga's own, which `siaga access` has made there, and no password is set, each user does its own work with the password that follows from the master key.
 */
export function clickHouseOptions(
  config: Pick<ResolvedConfig, 'clickhouse' | 'data_dir'>,
  env: NodeJS.ProcessEnv,
  user: ClickHouseUserKey,
): ClickHouseOptions {
  const { clickhouse } = config
  if (clickhouse.url !== '') {
    const url = new URL(clickhouse.url)
    const username = ownClickHouseUser(clickhouse)
    const password = decodeURIComponent(url.password) || passwordOf(clickhouse, env)
    url.username = ''
    url.password = ''
    const tls = clickhouse.tls === undefined ? {} : { tls: readClientTls(clickhouse.tls, 'clickhouse.tls') }
    if (password === '' && isOwn(username)) {
      return { url: url.href, ...clickhouseCredentials(masterKeyOf(config, env), user), ...tls }
    }
    return { url: url.href, username, password, ...tls }
  }
  const masterKey = masterKeyOf(config, env)
  return { url: `http://127.0.0.1:${config.clickhouse.embedded_port}`, ...clickhouseCredentials(masterKey, user) }
}

const isOwn = (username: string): boolean => Object.values(clickhouseUsers).some(({ name }) => name === username)

function masterKeyOf(config: Pick<ResolvedConfig, 'data_dir'>, env: NodeJS.ProcessEnv): Buffer {
  // Asking must not make a key: in the wrong folder it would be one that no server knows.
  const masterKey = existingMasterKey(config.data_dir, env)
  if (masterKey !== undefined) return masterKey
  throw new CommandError(
    `Siaga has not been started with the data directory ${config.data_dir}.`,
    'Start it in this folder (siaga start), or name its folder with SIAGA_DATA_DIR.',
  )
}

/** How to log in at each shard of your cluster, in their order; none without a cluster. */
export function shardOptions(
  config: Pick<ResolvedConfig, 'clickhouse' | 'data_dir'>,
  env: NodeJS.ProcessEnv,
  user: ClickHouseUserKey,
): ClickHouseOptions[] {
  const { cluster } = config.clickhouse
  if (cluster === undefined) return []
  const home = clickHouseOptions(config, env, user)
  return cluster.shards.map((url) => ({ ...home, url }))
}

/** The user of Siaga at a server of your own. */
export function ownClickHouseUser({ url, user }: Pick<ResolvedConfig['clickhouse'], 'url' | 'user'>): string {
  return user || decodeURIComponent(new URL(url).username) || 'default'
}

/** The server may ask for none: a variable that is not set means that. */
function passwordOf({ password }: ResolvedConfig['clickhouse'], env: NodeJS.ProcessEnv): string {
  if ('env' in password && !env[password.env]) return ''
  return secretReader(env, '')(password, 'clickhouse.password')
}

/** Says how to start the embedded server where that is what is missing. */
export function explainUnavailable(error: unknown, config: Pick<ResolvedConfig, 'clickhouse'>): unknown {
  if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_UNAVAILABLE' || config.clickhouse.url !== '')
    return error
  return new CommandError(error.message, 'Start Siaga in this folder and wait until it is ready: siaga start')
}
