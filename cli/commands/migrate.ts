// siaga migrate: brings the ClickHouse schema up to date.
import { migrate as applyMigrations, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { roomUsers } from '../../deploy/clickhouse/rooms.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference } from '../../runtime/reference.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { clickHouseOptions, explainUnavailable } from '../clickhouse-access.ts'
import type { CliCommand } from '../frame.ts'

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
  ],
  build(command, frame) {
    command.action(async () => {
      const { config, baseDir } = frame.config()
      const clickhouse = createClickHouse(clickHouseOptions(config, frame.env, 'admin'))
      try {
        const applied = await applyMigrations(clickhouse)
        for (const file of applied) frame.stdout.write(`applied ${file}\n`)
        const reference = loadReference(config, baseDir)
        for (const table of await keepReference(clickhouse, {
          reference,
          assets: config.assets,
          rooms: roomUsers(config.rooms),
        }))
          frame.stdout.write(`renewed ${table}\n`)
        frame.stdout.write(`schema is up to date (${readMigrations().length} migrations)\n`)
      } catch (error) {
        throw explainUnavailable(error, config)
      } finally {
        await clickhouse.close()
      }
    })
  },
}
