// How is a cell kept? As a record of the store, small JSON, written again whenever it has changed.
import { z } from 'zod'
import { type Cell, createCell } from './cell.ts'
import { hash53, recordKeyOf } from './hash.ts'
import type { Witness } from './storms.ts'
import { decodeTally, encodeTally, TallyRecord } from './tally.ts'

const shared = {
  rule: z.string(),
  asset: z.string(),
  region: z.string(),
  hour: z.int(),
  alert: z.string(),
  filed: z.enum(['', 'asset', 'entity', 'region']),
  hold: z.enum(['', 'pinned', 'frozen']),
  tally: TallyRecord,
}

const CellRecord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cell'), ...shared, dedup: z.string(), entity: z.string() }),
  z.object({
    kind: z.literal('flood'),
    ...shared,
    witnesses: z.array(z.object({ hash: z.number(), entity: z.string() })),
  }),
])
type CellRecord = z.infer<typeof CellRecord>

/** Key of the cell's record. */
export function keyOf({ place: { rule, asset, region, hour }, matter }: Cell): string {
  return matter === undefined
    ? `flood/${recordKeyOf([rule, asset, region, hour])}`
    : `cell/${recordKeyOf([rule, asset, region, hour, matter.dedup, matter.entity])}`
}

export function recordOf(cell: Cell, witnesses: readonly Witness[]): CellRecord {
  const { place, matter, alert, filed, hold } = cell
  const both = { ...place, alert, filed, hold, tally: encodeTally(cell.tally) }
  return matter === undefined
    ? { kind: 'flood', ...both, witnesses: [...witnesses] }
    : { kind: 'cell', ...both, dedup: matter.dedup, entity: matter.entity }
}

/** Reads what `recordOf` made; throws a ZodError for anything else. */
export function readRecord(key: string, value: unknown): { cell: Cell; witnesses: readonly Witness[] } {
  const record = CellRecord.parse(value)
  const { rule, asset, region, hour, alert, filed, hold, tally } = record
  const matter =
    record.kind === 'cell' ? { dedup: record.dedup, entity: record.entity, hash: hash53(record.dedup) } : undefined
  const cell: Cell = {
    ...createCell({ rule, asset, region, hour }, matter),
    tally: decodeTally(tally),
    alert,
    filed,
    hold,
    record: key,
  }
  return { cell, witnesses: record.kind === 'flood' ? record.witnesses : [] }
}
