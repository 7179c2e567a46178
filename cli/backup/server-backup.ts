// How is a ClickHouse of one's own backed up and restored? By its own BACKUP and RESTORE, to a place that it knows: a disk, a bucket.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { CommandError } from '../frame.ts'

/** Disk('backups', 'siaga/{name}'), S3(siaga_backups, '{name}'): names and one text, so that neither a secret nor a second statement fits in. */
const PLACE =
  /^(?:Disk\('[\w-]+',\s*'[\w./{}-]*\{name\}[\w./{}-]*'\)|(?:S3|AzureBlobStorage)\([A-Za-z_]\w*,\s*'[\w./{}-]*\{name\}[\w./{}-]*'\)|File\('[\w./{}-]*\{name\}[\w./{}-]*'\))$/

/** The place of one step of a back-up. Throws a CommandError (wrong use) on what is none. */
export function placeOf(template: string, name: string, step: number): string {
  if (!PLACE.test(template) || template.includes('..'))
    throw new CommandError(
      '--clickhouse names no place for back-ups.',
      "Give it as Disk('backups', '{name}'), or as S3(named_collection, '{name}') with the keys in the named collection of the server.",
      2,
    )
  return template.replaceAll('{name}', `${name}-${step}`)
}

/** A place that a manifest names, which becomes part of a statement. Throws a CommandError on what is none. */
export function checkedPlace(place: string): string {
  if (
    /^(?:(?:Disk|File)\((?:'[\w-]+',\s*)?|(?:S3|AzureBlobStorage)\([A-Za-z_]\w*,\s*)'[\w./-]+'\)$/.test(place) &&
    !place.includes('..')
  )
    return place
  throw new CommandError('The back-up names a place of ClickHouse that is none.', 'Take another back-up.')
}

const State = z.object({ status: z.string(), error: z.string() })
const LOOK_MS = 250

/** Writes tables to a place; `base` has what need not be written again. */
export function backUpTables(
  clickhouse: ClickHouse,
  { tables, place, base, id }: { tables: readonly string[]; place: string; base?: string | undefined; id: string },
): Promise<void> {
  const from = base === undefined ? '' : `, base_backup = ${base}`
  const statement = `BACKUP ${tables.map((name) => `TABLE siaga.${name}`).join(', ')} TO ${place}`
  return run(clickhouse, `${statement} SETTINGS id = ${quote(id)}${from} ASYNC`, id)
}

/** Fills tables that are there and have no rows. */
export function restoreTables(
  clickhouse: ClickHouse,
  { tables, place, id }: { tables: readonly string[]; place: string; id: string },
): Promise<void> {
  const statement = `RESTORE ${tables.map((name) => `TABLE siaga.${name}`).join(', ')} FROM ${place}`
  // The tables are as the same migrations made them; what the schedule has set since (packing) may differ.
  return run(clickhouse, `${statement} SETTINGS id = ${quote(id)}, allow_different_table_def = 1 ASYNC`, id)
}

async function run(clickhouse: ClickHouse, statement: string, id: string): Promise<void> {
  await clickhouse.command(statement)
  for (;;) {
    const [state] = await clickhouse.rows(
      State,
      'SELECT toString(status) AS status, error FROM system.backups WHERE id = {id:String} ORDER BY start_time DESC LIMIT 1',
      { id },
    )
    if (state?.status === 'BACKUP_CREATED' || state?.status === 'RESTORED') return
    if (state === undefined || /FAILED|CANCELLED/.test(state.status))
      throw new CommandError(
        `ClickHouse did not do it: ${state?.error ?? 'it has forgotten about it'}`,
        'Look at the configuration of back-ups of your server, and run this again.',
      )
    await sleep(LOOK_MS)
  }
}
