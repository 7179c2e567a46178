// Do queries of the schedule stand back for those that somebody waits for?
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createClickHouse, type Priority } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'

const Setting = z.object({ priority: z.coerce.number() })

async function priorityOf(priority?: Priority): Promise<number | undefined> {
  const { url, users } = (await getServices()).clickhouse
  const clickhouse = createClickHouse({ url, ...users.pipeline, ...(priority === undefined ? {} : { priority }) })
  onTestFinished(() => clickhouse.close())
  const [row] = await clickhouse.rows(Setting, "SELECT getSetting('priority') AS priority")
  return row?.priority
}

test('the server is told who goes first; whoever says nothing takes no part', async () => {
  const [live, schedule, none] = [await priorityOf('live'), await priorityOf('schedule'), await priorityOf()]
  expect(none).toBe(0)
  expect(live).toBeGreaterThan(0)
  expect(schedule).toBeGreaterThan(live ?? Number.NaN)
})
