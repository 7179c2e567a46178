// Is there room left? Of the folders that grow, and of the disks that ClickHouse names.
import { statfs } from 'node:fs/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { firstThere } from '../../runtime/folders.ts'
import { number } from '../terminal.ts'
import { type Examined, ok, trouble } from './examined.ts'

/** Parts of the whole. ClickHouse needs room to merge what it has before it can delete anything. */
const LITTLE = 0.2
const TOO_LITTLE = 0.08
const GIB = 1024 ** 3

export interface Room {
  readonly path: string
  /** Bytes. */
  readonly free: number
  readonly total: number
}

/** The disk under each folder, or under the first folder above it that is there. */
export async function examineFolders(folders: readonly string[]): Promise<Examined[]> {
  return Promise.all(folders.map(async (folder) => judgeRoom(await roomUnder(folder))))
}

/** Room on the disk under a folder, or under the first folder above it that is there. */
export async function roomUnder(folder: string): Promise<Room> {
  const { bavail, blocks, bsize } = await statfs(firstThere(folder))
  return { path: folder, free: bavail * bsize, total: blocks * bsize }
}

const Disk = z.object({ name: z.string(), path: z.string(), free: z.coerce.number(), total: z.coerce.number() })

/** The disks of a ClickHouse server that is not the embedded one, whose disk is that of the data directory. */
export async function examineDisksOf(clickhouse: ClickHouse): Promise<Examined[]> {
  const disks = await disksOf(clickhouse)
  return disks.map(({ name, path, ...room }) => judgeRoom({ path: `ClickHouse ${name} (${path})`, ...room }))
}

/** The disks that the server names. */
export const disksOf = (clickhouse: Pick<ClickHouse, 'rows'>): Promise<(Room & { readonly name: string })[]> =>
  clickhouse.rows(
    Disk,
    "SELECT name, path, free_space AS free, total_space AS total FROM system.disks WHERE type = 'Local' ORDER BY name",
  )

export function judgeRoom({ path, free, total }: Room): Examined {
  const share = total === 0 ? 0 : free / total
  const text = (language: 'id' | 'en'): string =>
    `${path}: ${number(free / GIB, language, 1)} GiB (${number(share * 100, language)} %) ${language === 'id' ? 'kosong' : 'free'}`
  if (share >= LITTLE) return ok('disk', text('id'), text('en'))
  return trouble(
    'disk',
    share < TOO_LITTLE ? 'wrong' : 'warning',
    { id: text('id'), en: text('en') },
    {
      id: 'Tambah ruang, pendekkan retention.days, atau pindahkan hari lama ke disk kedua (clickhouse.cold_dir).',
      en: 'Add room, shorten retention.days, or move old days to a second disk (clickhouse.cold_dir).',
    },
  )
}
