// Does the driver inside Grafana's data source, clickhouse-go, work with a room's user over both protocols, and who stands in the audit?
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { startClientRig } from './rig.ts'
import { answersOf } from './tools.ts'

const folder = join(import.meta.dirname, 'go')
const missing = await promisify(execFile)('go', ['build', '-o', '/dev/null', '.'], {
  cwd: folder,
  timeout: 600_000,
}).then(
  () => '',
  (error: unknown) => `cannot be had here: ${errorText(error).slice(0, 200)}`,
)

test.skipIf(missing !== '')(`clickhouse-go ${missing}`, async () => {
  const rig = await startClientRig()
  try {
    const { username, password } = rig.login('jabar')
    const [{ native = 0 } = {}] = await rig.admin.rows(z.object({ native: z.number() }), 'SELECT tcpPort() AS native')
    const answers = await answersOf('go', ['run', '-C', folder, '.'], {
      ROOM_HTTP: `${rig.host}:${rig.port}`,
      ROOM_NATIVE: `${rig.host}:${native}`,
      ROOM_USER: username,
      ROOM_PASSWORD: password,
    })
    for (const protocol of ['http', 'native']) {
      expect(answers[`${protocol} 30 rows`]).toMatch(/^100000 biasa-/)
      expect(answers[`${protocol} 30 regions`]).toBe('1 32 32.73')
      expect(answers[`${protocol} 30 insert`]).toMatch(/^refused .*Not enough privileges/)
      expect(answers[`${protocol} 30 tables`]).toBe('1 alerts')
      expect(answers[`${protocol} 60 version`]).toMatch(/^1 26\./)
      expect(answers[`${protocol} 90 version`]).toMatch(/^refused .*max_execution_time/)
    }
    await rig.admin.command('SYSTEM FLUSH LOGS query_log')
    // Over HTTP each query says which of Grafana's users asked; a native connection says who connected, once.
    const Row = z.object({ finished: z.number() })
    const rows = await rig.admin.rows(
      Row,
      "SELECT toUInt32(countIf(outcome = 'finished')) AS finished FROM siaga.query_audit WHERE client LIKE '%grafana_user:dewi%'",
    )
    expect(rows).toEqual([{ finished: 5 }])
  } finally {
    await rig.stop()
  }
})
