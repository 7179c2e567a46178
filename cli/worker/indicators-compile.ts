// The process that makes a table of indicators: reads all that are in force from ClickHouse, writes the file, answers how many, and ends.
import { createTableWriter } from '../../processors/detect/indicators/write.ts'
import { type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import { createIndicatorStore } from '../../sinks/clickhouse/indicators.ts'

export interface CompileOrder {
  readonly clickhouse: ClickHouseOptions
  readonly file: string
  readonly version: string
}

export type CompileAnswer = { kind: 'done'; count: number } | { kind: 'failed'; message: string }

const FLUSH_EVERY = 10_000

process.on('message', (order: CompileOrder) => void run(order))
// The parent is gone: nobody waits for the table.
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)

async function run({ clickhouse, file, version }: CompileOrder): Promise<void> {
  const client = createClickHouse(clickhouse)
  try {
    const writer = await createTableWriter(file, version, 100_000)
    let added = 0
    for await (const page of createIndicatorStore(client).read(Date.now())) {
      for (const { added_at: _, ...indicator } of page) if (writer.add(indicator)) added++
      if (added >= FLUSH_EVERY) {
        added = 0
        await writer.flush()
      }
    }
    const { count } = await writer.finish()
    answer({ kind: 'done', count })
  } catch (error) {
    answer({ kind: 'failed', message: errorText(error) })
  } finally {
    await client.close()
  }
}

function answer(message: CompileAnswer): void {
  process.send?.(message, () => process.exit(0))
}
