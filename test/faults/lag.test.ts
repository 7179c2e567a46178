// Does a process tell how far behind a partition is that another process has taken over? It would say so for ever, and somebody would be called.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../runtime/metrics.ts'
import { push, type Rig, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig({ workers: 2, autoStart: false })
})
afterAll(() => rig?.stop())

const partitionsOf = async ({ lag }: Metrics): Promise<string[]> =>
  (await lag.get()).values.map(({ labels }) => String(labels.partition)).sort()

test('a partition that is another process’ is told of by that one alone', async () => {
  const first = rig.startWorkers(1)
  await first.ready()
  const sending = setInterval(() => {
    push(rig, randomUUID(), ['satu baris', 'dua baris'], Date.now() + 30_000).catch(() => undefined)
  }, 50)
  try {
    await expect.poll(() => partitionsOf(rig.metrics), { timeout: 30_000 }).toEqual(['0', '1'])
    const others = createMetrics()
    await rig.startWorkers(1, others).ready()
    await expect.poll(() => partitionsOf(others), { timeout: 30_000 }).toHaveLength(1)
    await expect.poll(() => partitionsOf(rig.metrics), { timeout: 30_000 }).toHaveLength(1)
    expect([...(await partitionsOf(rig.metrics)), ...(await partitionsOf(others))].sort()).toEqual(['0', '1'])
  } finally {
    clearInterval(sending)
    await first.stop()
  }
})
