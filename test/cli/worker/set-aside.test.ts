// How often is a partition tried whose server answers and takes no rows?
import { expect, test } from 'vitest'
import { createSetAside } from '../../../cli/worker/set-aside.ts'

/** Seconds that pass before the partition is read again, each time; it fails again at once, unless rows of it land at that try. */
async function pauses(tries: number, { awayFor = 0, landsAt = -1 } = {}): Promise<number[]> {
  const found: number[] = []
  const over = Promise.withResolvers<void>()
  let waited = 0
  const aside = createSetAside(
    () => ({
      pause: () => undefined,
      seek: () => undefined,
      resume(partition: number) {
        found.push(waited)
        waited = 0
        if (found.length === landsAt) aside.landed(partition)
        if (found.length === tries) over.resolve()
        else aside.add(partition, 7)
      },
    }),
    async () => found.length > 0 || waited > awayFor,
    async (ms) => {
      waited += ms / 1000
    },
  )
  aside.add(3, 7)
  await over.promise
  return found
}

test('one that answers and takes nothing is tried at twice the distance each time, at last once a minute', async () => {
  expect(await pauses(9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
})

test('one that is away is looked for each second; what lands in between begins anew', async () => {
  expect(await pauses(2, { awayFor: 9 })).toEqual([10, 2])
  expect(await pauses(5, { landsAt: 3 })).toEqual([1, 2, 4, 1, 2])
})
