// siaga migrate: brings the ClickHouse schema up to date.
import { setTimeout as sleep } from 'node:timers/promises'
import { pendingMigrations, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { roomUsers } from '../../deploy/clickhouse/rooms.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { loadReference } from '../../runtime/reference.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { migrateSchema } from '../schema.ts'

const WAIT_MS = 2_000

export const migrate: CliCommand = {
  name: 'migrate',
  summary: 'Bring the ClickHouse schema up to date; safe to run again.',
  ringkasan: 'Perbarui skema ClickHouse; aman dijalankan berulang.',
  examples: [
    { run: 'siaga migrate', what: 'the embedded server, while siaga start runs' },
    {
      run: 'CLICKHOUSE_URL=http://admin:secret@ch.example:8123 siaga migrate',
      what: 'server sendiri / a server of your own',
    },
    { run: 'siaga migrate --wait && siaga process', what: 'setelah skema diperbarui / once the schema is up to date' },
  ],
  build(command, frame) {
    command
      .option('--wait', 'change nothing: wait until another process has brought the schema up to date')
      .action(async (options: { readonly wait?: boolean }) => {
        const { config } = frame.config()
        const clickhouse = createClickHouse(clickHouseOptions(config, frame.env, 'admin'))
        try {
          await (options.wait === true ? waitForSchema(clickhouse, frame) : apply(clickhouse, frame))
          frame.stdout.write(`schema is up to date (${readMigrations().length} migrations)\n`)
        } catch (error) {
          throw explainUnavailable(error, config)
        } finally {
          await clickhouse.close()
        }
      })
  },
}

async function apply(clickhouse: ClickHouse, frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  let waits = false
  const applied = await migrateSchema(clickhouse, config, frame.env, () => {
    if (!waits) frame.stderr.write('waiting: another process is changing the schema\n')
    waits = true
  })
  for (const file of applied) frame.stdout.write(`applied ${file}\n`)
  const reference = loadReference(config, baseDir)
  const rooms = roomUsers(config.rooms)
  for (const table of await keepReference(clickhouse, { reference, assets: config.assets, rooms }))
    frame.stdout.write(`renewed ${table}\n`)
}

/** Asks until the database has every migration that this version brings. A server that is away is waited for; what waits is said once. */
async function waitForSchema(clickhouse: ClickHouse, { stderr }: Pick<Frame, 'stderr'>): Promise<void> {
  let said = ''
  for (;;) {
    const waiting = await outstanding(clickhouse)
    if (waiting === '') return
    if (waiting !== said) stderr.write(`waiting: ${waiting}\n`)
    said = waiting
    await sleep(WAIT_MS)
  }
}

/** What is missing, in words; empty if nothing is. */
async function outstanding(clickhouse: ClickHouse): Promise<string> {
  try {
    const pending = await pendingMigrations(clickhouse)
    return pending.length === 0 ? '' : `${pending.length} migrations are not applied, the first is ${pending[0]}`
  } catch (error) {
    if (error instanceof SiagaError && error.code === 'CLICKHOUSE_UNAVAILABLE') return error.message
    throw error
  }
}
