// Is what has landed on the disk of a ClickHouse that nobody has a copy of, before Kafka is told? Kafka's half of it is a setting of the topics.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { type Examined, ok, trouble } from './examined.ts'

/** Settings of MergeTree that are on where a server alone keeps the events (docs/adr/0048). */
export const durableSettings = [
  'fsync_after_insert',
  'fsync_part_directory',
  'min_rows_to_fsync_after_merge',
  'min_compressed_bytes_to_fsync_after_merge',
] as const

const Setting = z.object({ name: z.string(), value: z.string() })
const Copies = z.object({ copied: z.coerce.number() })

/** Nothing where the tables have copies elsewhere, or where its user may not look. */
export async function examineDurability(clickhouse: Pick<ClickHouse, 'rows'>): Promise<Examined[]> {
  const names = durableSettings.map((name) => `'${name}'`).join(', ')
  try {
    const [tables] = await clickhouse.rows(
      Copies,
      "SELECT count() AS copied FROM system.tables WHERE database LIKE 'siaga%' AND match(engine, '^(Replicated|Shared)')",
    )
    if ((tables?.copied ?? 0) > 0) return []
    const settings = await clickhouse.rows(
      Setting,
      `SELECT name, value FROM system.merge_tree_settings WHERE name IN (${names})`,
    )
    // A server that does not know all of them says nothing about them.
    return settings.length < durableSettings.length ? [] : [judgeDurability(settings)]
  } catch {
    return []
  }
}

export function judgeDurability(settings: readonly { readonly name: string; readonly value: string }[]): Examined {
  const off = settings.filter(({ value }) => Number(value) === 0).map(({ name }) => name)
  if (off.length === 0) return ok('clickhouse', 'tahan listrik padam', 'what has landed survives a power cut')
  return trouble(
    'clickhouse',
    'warning',
    {
      id: `satu server tanpa salinan, dan ${off.join(', ')} bernilai 0: listrik padam menghilangkan kejadian setengah menit terakhir`,
      en: `one server without copies, and ${off.join(', ')} is 0: a power cut loses the events of the last half minute`,
    },
    {
      id: 'Beri nilai 1 dalam <merge_tree> di config.d server, seperti deploy/compose/clickhouse/server.xml, lalu mulai ulang ClickHouse.',
      en: 'Set it to 1 in <merge_tree> in config.d of the server, as in deploy/compose/clickhouse/server.xml, and restart ClickHouse.',
    },
  )
}
