// How do parts of a back-up become tables of the embedded ClickHouse again? Each is unpacked beside its table and attached; nothing of the back-up is run as SQL.
import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { readBytes, readTar } from '../export/tar.ts'
import { writeHashed } from './files.ts'
import { damaged, type Part, type Table } from './manifest.ts'
import { compareParts, type Disk } from './parts.ts'

const Paths = z.object({ data_paths: z.array(z.string()) })
const Sum = z.object({ n: z.coerce.number() })

/** Name of a file in a part, or in a projection of it. */
const FILE = /^(?:[\w-]+\.proj\/)?[\w.%@-]+$/

export interface AttachOptions {
  readonly clickhouse: ClickHouse
  /** The back-up. */
  readonly folder: string
  readonly disks: readonly Disk[]
  /** Told of each part before it is attached. */
  readonly onPart: (table: string, part: Part) => void
  readonly signal: AbortSignal
}

/** Fills a table that has no rows with the parts of a back-up. Rejects if it ends with other rows than the back-up has. */
export async function attachTable(table: Table, options: AttachOptions): Promise<void> {
  const { clickhouse, folder, disks, onPart, signal } = options
  const paths = await clickhouse.rows(
    Paths,
    "SELECT data_paths FROM system.tables WHERE database = 'siaga' AND name = {name:String}",
    { name: table.name },
  )
  const homes = paths[0]?.data_paths ?? []
  const home = homes[0]
  if (home === undefined) throw damaged(folder, `table ${table.name} is of no version of Siaga that is known here`)
  await clickhouse.command(`TRUNCATE TABLE siaga.${table.name}`)
  // Else what is merged, or past its time, is gone before it has been counted.
  await clickhouse.command(`SYSTEM STOP MERGES siaga.${table.name}`)
  try {
    // What a killed restore has left there would be in the way.
    for (const one of homes) rmSync(join(one, 'detached'), { recursive: true, force: true })
    for (const part of table.parts.toSorted((a, b) => compareParts(a.name, b.name))) {
      signal.throwIfAborted()
      onPart(table.name, part)
      // On the disk that it was on, where this server has it.
      const disk = disks.find(({ name }) => name === part.disk)
      const on = homes.find((one) => disk !== undefined && one.startsWith(disk.path)) ?? home
      const place = join(on, 'detached', part.name)
      await unpackPart(join(folder, part.file), place)
      await clickhouse.command(`ALTER TABLE siaga.${table.name} ATTACH PART ${quote(part.name)}`)
    }
    const [sum] = await clickhouse.rows(
      Sum,
      "SELECT sum(rows) AS n FROM system.parts WHERE database = 'siaga' AND table = {name:String} AND active",
      { name: table.name },
    )
    if (sum?.n !== table.rows)
      throw damaged(folder, `table ${table.name} has ${sum?.n} rows after it was filled, and not ${table.rows}`)
  } finally {
    await clickhouse.command(`SYSTEM START MERGES siaga.${table.name}`)
  }
}

/** Unpacks a part into a new folder. Rejects if the tar holds anything but files of a part. */
export async function unpackPart(file: string, place: string): Promise<void> {
  const tar = await open(file, 'r')
  try {
    for await (const entry of readTar(tar)) {
      if (entry.kind === 'wrong') throw damaged(file, `it is no part of a table (${entry.why})`)
      if (!FILE.test(entry.name) || entry.name.includes('..'))
        throw damaged(file, 'a name in it belongs to no part of a table')
      await writeHashed(join(place, entry.name), readBytes(tar, entry.at, entry.bytes))
    }
  } finally {
    await tar.close()
  }
}
