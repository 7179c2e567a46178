// Does a single server keep what it has answered with 202 when its machine loses power? One cut; power-off.long.test.ts has many.
import { test } from 'vitest'
import { losableDisk, Machine } from './power-off.ts'

test('after a power cut whatever was accepted is there, once', { timeout: 300_000 }, async ({ skip }) => {
  const disk = await losableDisk()
  if ('missing' in disk) return skip(disk.missing)
  const machine = await Machine.on(disk)
  try {
    await machine.start()
    await machine.push(6_000)
    await machine.losePower()
    await machine.start()
    await machine.expectWhole()
  } finally {
    await machine.remove()
  }
})
