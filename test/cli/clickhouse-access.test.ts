// As whom does Siaga speak to a ClickHouse of yours? As the user that is set, or as its own users where `siaga access` has made them.
import { expect, test } from 'vitest'
import { clickHouseOptions } from '../../cli/clickhouse-access.ts'
import { clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { loadConfig } from '../../runtime/config.ts'

const MASTER_KEY = '07'.repeat(32)
const options = (env: Record<string, string>, user: 'admin' | 'pipeline' | 'reader') =>
  clickHouseOptions(loadConfig({ env, cwd: '/' }).config, { SIAGA_MASTER_KEY: MASTER_KEY, ...env }, user)
const url = 'http://ch.example:8123'

test.each(['admin', 'pipeline', 'reader'] as const)(
  'one of its own users without a password: %s, by the master key',
  (user) => {
    const own = clickhouseCredentials(Buffer.from(MASTER_KEY, 'hex'), user)
    expect(options({ CLICKHOUSE_URL: url, CLICKHOUSE_USER: 'siaga_admin' }, user)).toEqual({ url: `${url}/`, ...own })
  },
)

test.each([
  ['a password', { CLICKHOUSE_USER: 'siaga_admin', CLICKHOUSE_PASSWORD: 'rahasia' }, 'siaga_admin', 'rahasia'],
  ['a user of yours without a password', { CLICKHOUSE_USER: 'kita' }, 'kita', ''],
  ['no user', {}, 'default', ''],
])('with %s that one does everything', (_what, env, username, password) => {
  for (const user of ['admin', 'reader'] as const)
    expect(options({ CLICKHOUSE_URL: url, ...env }, user)).toEqual({ url: `${url}/`, username, password })
})

test('without a master key that is there none is made', () => {
  const { config } = loadConfig({ env: { CLICKHOUSE_URL: url, CLICKHOUSE_USER: 'siaga_admin' }, cwd: '/' })
  expect(() => clickHouseOptions({ ...config, data_dir: '/nowhere' }, {}, 'admin')).toThrow('has not been started')
})
