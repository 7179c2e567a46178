// A process that migrates and ends: `node migrate-process.ts URL USER PASSWORD DATABASE`, so that a test can kill it.
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'

const [url = '', username = '', password = '', database = ''] = process.argv.slice(2)
const clickhouse = createClickHouse({ url, username, password })
const done = await migrate(clickhouse, { database })
process.stdout.write(JSON.stringify(done))
await clickhouse.close()
