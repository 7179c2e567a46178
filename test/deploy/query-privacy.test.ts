// Does what somebody looks for stay out of the server's logs? Whoever looks for a citizen's number types it into a query.
import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'

const number = '3174066107910042'
let admin: ClickHouse
let reader: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  reader = createClickHouse({ url: clickhouse.url, ...clickhouse.users.reader, database: 'siaga' })
  await migrate(admin)
})
afterAll(async () => {
  await admin?.close()
  await reader?.close()
})

// Only the embedded server's configuration is ours, and only its files can be read.
const external = process.env.CLICKHOUSE_URL !== undefined || process.env.SIAGA_TEST_SERVICES === 'containers'
test.skipIf(external)('a number typed into a query, good or bad, is in no file of the server', async () => {
  await reader.rows(z.unknown(), `SELECT count() FROM events WHERE message LIKE '%${number}%'`)
  await expect(reader.rows(z.unknown(), `SELECT nothing FROM events WHERE message = '${number}'`)).rejects.toThrow(
    'nothing',
  )
  await admin.command('SYSTEM FLUSH LOGS')
  const { dataDir } = await getServices()
  const read = (): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) =>
      execFile('grep', ['-rlaF', number, dataDir], { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      ),
    )
  const { code, stdout, stderr } = await read()
  expect(stdout).toBe('')
  // grep ends with 1 if it found nothing, with 2 if a part was merged away while it read: other tests use this server too.
  expect([1, 2]).toContain(code)
  expect(stderr.split('\n').filter((line) => line !== '' && !line.includes('No such file or directory'))).toEqual([])
})
