// How do tests get a table of indicators? Written to a folder of its own, and opened.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type IndicatorTable, openTable } from '../../../../processors/detect/indicators/table.ts'
import { createTableWriter } from '../../../../processors/detect/indicators/write.ts'
import type { Indicator, IndicatorType } from '../../../../schemas/indicator.ts'

/** A table of these indicators, closed and removed when the test ends. */
export async function tableOf(indicators: readonly Indicator[], version = 'v1'): Promise<IndicatorTable> {
  const folder = mkdtempSync(join(tmpdir(), 'siaga-table-'))
  const file = join(folder, 'indicators')
  // Fewer expected than there are: it grows.
  const writer = await createTableWriter(file, version, 1)
  for (const indicator of indicators) writer.add(indicator)
  await writer.finish()
  const table = await openTable(file)
  onTestFinished(() => {
    table.close()
    rmSync(folder, { recursive: true })
  })
  return table
}

/** An indicator with what does not matter filled in. */
export function indicator(type: IndicatorType, value: string, more: Partial<Indicator> = {}): Indicator {
  return {
    type,
    value,
    source: 'umpan',
    confidence: 80,
    first_seen: Date.UTC(2024, 10, 1),
    last_seen: Date.UTC(2024, 10, 20),
    expires: 0,
    tlp: 'green',
    threat: '',
    reference: '',
    labels: [],
    ...more,
  }
}
