// Do the clients that people bring work with a room's user as they come: clickhouse-connect for Python and the JDBC driver?
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ClientRig, startClientRig } from './rig.ts'
import { EVENTS_OF_A_PLACE } from './seed.ts'
import { answersOf, jdbcDriver, pythonWith } from './tools.ts'

// Asked for here: whether there is anything to test is known before the tests are listed.
const [python, jdbc] = await Promise.all([pythonWith('requirements.txt'), jdbcDriver()])

let rig: ClientRig
beforeAll(async () => {
  rig = await startClientRig()
})
afterAll(() => rig?.stop())

function environment(room: string): Record<string, string> {
  const { username, password } = rig.login(room)
  return {
    ROOM_HOST: rig.host,
    ROOM_PORT: String(rig.port),
    ROOM_USER: username,
    ROOM_PASSWORD: password,
    ROOM_URL: `jdbc:clickhouse://${rig.host}:${rig.port}/siaga`,
  }
}

/** What every client answers for room jabar. */
const same = {
  parameters: String(2 * EVENTS_OF_A_PLACE),
  mistake: expect.stringMatching(/^refused .*no_such_column.*UNKNOWN_IDENTIFIER/),
  insert: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  create: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  delete: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  internal: expect.stringMatching(/^refused .*ACCESS_DENIED/),
  elsewhere: '0',
  beyond: expect.stringMatching(/^refused .*SETTING_CONSTRAINT_VIOLATION/),
}

describe.skipIf(python.missing !== undefined)(`clickhouse-connect ${python.missing ?? ''}`, () => {
  test('asks, reads 100,000 rows, is told of mistakes, and is refused the rest', async () => {
    if (python.missing !== undefined) return
    const file = join(import.meta.dirname, 'python', 'room.py')
    const answers = await answersOf(python.tool, [file], environment('jabar'))
    expect(answers).toMatchObject({
      ...same,
      version: '1.12.0',
      rows: "100000 ['32.73|', '32.73|kpu', '32|kpu', '32|pemda'] True 0",
      streamed: '100000',
      zone: '1970-01-01 09:00:00',
      tables: expect.stringContaining("'alerts'"),
    })
  })

  test('names the person behind a shared user in the audit of queries', async () => {
    await rig.admin.command('SYSTEM FLUSH LOGS query_log')
    const Row = z.object({ outcomes: z.array(z.string()) })
    const rows = await rig.admin.rows(
      Row,
      "SELECT arraySort(groupUniqArray(outcome)) AS outcomes FROM siaga.query_audit WHERE person = 'Dewi' AND client LIKE '%clickhouse-connect%'",
    )
    expect(rows).toEqual([{ outcomes: ['finished', 'refused'] }])
  })
})

describe.skipIf(jdbc.missing !== undefined)(`clickhouse-jdbc ${jdbc.missing ?? ''}`, () => {
  test('asks, reads 100,000 rows, is told of mistakes, is refused the rest, and shows its tree of tables', async () => {
    if (jdbc.missing !== undefined) return
    const { java, classPath } = jdbc.tool
    const file = join(import.meta.dirname, 'jdbc', 'Room.java')
    const answers = await answersOf(java, ['-cp', classPath, file], environment('jabar'))
    expect(answers).toMatchObject({
      ...same,
      version: '0.11.1',
      rows: '100000 [32.73|, 32.73|kpu, 32|kpu, 32|pemda]',
      limit: '1',
      databases: '[siaga]',
      tables: expect.stringContaining('alerts, '),
      columns: expect.stringContaining('alert_id, dedup_key, '),
    })
  })
})
