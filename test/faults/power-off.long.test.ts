// A single server that loses its power again and again, also in the first minute of its life; power-off.test.ts is the small one.
import { test } from 'vitest'
import { losableDisk, Machine } from './power-off.ts'

const CUTS = Number(process.env.SIAGA_POWER_CUTS ?? 8)
/** Over the first start (12 s here) and more. */
const STARTS_MS = [400, 1_500, 3_000, 4_500, 6_000, 7_500, 9_000, 11_000, 14_000]

test('after power cuts whatever was accepted is there, once', { timeout: 1_800_000 }, async ({ skip }) => {
  const disk = await losableDisk()
  if ('missing' in disk) return skip(disk.missing)
  const machine = await Machine.on(disk, [])
  try {
    for (const ms of STARTS_MS) await machine.losePowerWithin(ms)
    await machine.start()
    for (let cut = 1; cut <= CUTS; cut += 1) {
      // Long enough for parts to be merged, and for what they were merged of to go.
      await machine.push(5_000 + Math.random() * 20_000)
      await machine.losePower()
      await machine.start()
      await machine.expectWhole()
    }
  } finally {
    await machine.remove()
  }
})
