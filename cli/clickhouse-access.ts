// Where is ClickHouse, and as whom do we speak to it? Your server with the credentials of its address, else the embedded one.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ClickHouseUserKey, clickhouseCredentials } from '../deploy/clickhouse/users.ts'
import type { ClickHouseOptions } from '../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import { SiagaError } from '../runtime/errors.ts'
import { loadMasterKey } from '../runtime/secrets.ts'
import { CommandError } from './frame.ts'

/** Address and credentials of one user. Of a server of your own, the user in CLICKHOUSE_URL is used for everything. */
export function clickHouseOptions(
  config: Pick<ResolvedConfig, 'clickhouse' | 'data_dir'>,
  env: NodeJS.ProcessEnv,
  user: ClickHouseUserKey,
): ClickHouseOptions {
  if (config.clickhouse.url !== '') {
    const url = new URL(config.clickhouse.url)
    const username = decodeURIComponent(url.username) || 'default'
    const password = decodeURIComponent(url.password)
    url.username = ''
    url.password = ''
    return { url: url.href, username, password }
  }
  // Asking must not make a key: in the wrong folder it would be one that no server knows.
  if (!env.SIAGA_MASTER_KEY && !existsSync(join(config.data_dir, 'secrets', 'master.key'))) {
    throw new CommandError(
      `Siaga has not been started with the data directory ${config.data_dir}.`,
      'Start it in this folder (siaga start), or name its folder with SIAGA_DATA_DIR.',
    )
  }
  const masterKey = loadMasterKey(config.data_dir, env)
  return { url: `http://127.0.0.1:${config.clickhouse.embedded_port}`, ...clickhouseCredentials(masterKey, user) }
}

/** Says how to start the embedded server where that is what is missing. */
export function explainUnavailable(error: unknown, config: Pick<ResolvedConfig, 'clickhouse'>): unknown {
  if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_UNAVAILABLE' || config.clickhouse.url !== '')
    return error
  return new CommandError(error.message, 'Start Siaga in this folder and wait until it is ready: siaga start')
}
