// siaga rollups: are the fast sums whole? Fills them from the events that landed before they were made, or after a restore.
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { rebuildRollups } from '../../sinks/clickhouse/rollups-rebuild.ts'
import { clickHouseOptions, explainUnavailable, shardOptions } from '../clickhouse-access.ts'
import { openEventStores } from '../event-stores.ts'
import { type CliCommand, CommandError, type Frame } from '../frame.ts'
import { gauge, number } from '../terminal.ts'

const DAY_MS = 86_400_000

const rebuild: CliCommand = {
  name: 'rebuild',
  summary: 'Add to the rollups what the events have and they have not; safe to run again, and while events land.',
  ringkasan: 'Lengkapi rollup dari kejadian yang belum terhitung; aman dijalankan berulang, juga saat kejadian masuk.',
  details:
    'After an upgrade that brings a new rollup, and after a restore. It goes by hour of landing, the newest first, and adds only what is missing, also\n' +
    'when it is killed or run twice (one exception: docs/adr/0034). What rollups hold of events that are gone by now stays.',
  examples: [
    { run: 'siaga rollups rebuild', what: 'semua kejadian yang tersimpan / all events that are kept' },
    { run: 'siaga rollups rebuild --days 7', what: 'what landed in the last seven days' },
  ],
  build(command, frame) {
    command
      .option('--days <n>', 'only what landed in the last <n> days')
      .action((options: { readonly days?: string }) => run(options, frame))
  },
}

async function run({ days }: { readonly days?: string }, frame: Frame): Promise<void> {
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days))
    throw new CommandError('--days is not a number of days.', 'Give a whole number from 1 on, such as --days 7.', 2)
  const { config } = frame.config()
  const home = createClickHouse(clickHouseOptions(config, frame.env, 'admin'))
  const stores = openEventStores(home, shardOptions(config, frame.env, 'admin'))
  const progress = frame.progress()
  let day = ''
  try {
    const now = Date.now()
    let open = 0
    for (const [index, { clickhouse, database }] of stores.all.entries()) {
      const where = stores.sharded ? `shard ${index + 1}: ` : ''
      const rebuilt = await rebuildRollups(clickhouse, {
        now,
        database,
        since: days === undefined ? undefined : now - Number(days) * DAY_MS,
        onProgress({ hours, allHours, events, allEvents, hour }) {
          const next = new Date(hour).toISOString()
          // A pipe gets a line for each day.
          if (frame.stderr.isTTY !== true && next.slice(0, 10) === day) return
          day = next.slice(0, 10)
          const part = allEvents === 0 ? 1 : events / allEvents
          progress.doing(
            `${where}${String(Math.floor(part * 100)).padStart(3)}% ${gauge(part, 24)}  ${number(hours)}/${number(allHours)} hours, ${number(events)} events; landed ${next.slice(0, 13)}:00 UTC`,
          )
        },
      })
      progress.stop()
      frame.stdout.write(
        `${where}rollups hold ${number(rebuilt.events)} events of ${number(rebuilt.hours)} hours of landing\n`,
      )
      open = Math.max(open, rebuilt.open)
    }
    if (open > 0) {
      const again = new Date(open + 3_600_000 + 6 * 60_000).toISOString().slice(11, 16)
      frame.stdout.write(
        `the hour that is running is filled by minute only; if a rollup is new, run this again after ${again} UTC\n`,
      )
    }
  } catch (error) {
    throw explainUnavailable(error, config)
  } finally {
    progress.stop()
    await stores.close()
    await home.close()
  }
}

export const rollups: CliCommand = {
  name: 'rollups',
  summary: 'Keep the fast sums (rollups) whole.',
  ringkasan: 'Jaga agar penjumlahan cepat (rollup) tetap lengkap.',
  examples: [
    { run: 'siaga rollups rebuild', what: 'setelah pembaruan atau pemulihan / after an upgrade or a restore' },
  ],
  subcommands: [rebuild],
}
