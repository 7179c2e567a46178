// The same as lifecycle.test.ts, more often: Ctrl-C at more moments of the first start, kill -9 again and again.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interruptStart, killAndStart, type Life, lines } from './lifecycle.ts'
import { type Home, makeHome, type Siaga, startSiaga } from './siaga.ts'

let where: Home
let siaga: Siaga
beforeAll(async () => {
  where = await makeHome(undefined, [])
})
afterAll(async () => {
  await siaga?.stop()
  await where.remove()
})

test('Ctrl-C at any moment of the start leaves nothing running, and the next start works', async () => {
  for (const after of [60, 200, 400, 800, 1_200, 1_800, 2_500, 3_200, 4_000, 6_000]) await interruptStart(where, after)
  siaga = await startSiaga({ home: where })
  expect(await siaga.post(lines(0, 1))).toMatchObject({ status: 202 })
  await siaga.landed(1)
})

test('kill -9, five times: the orphans are stopped first; nothing is lost and nothing doubled', async () => {
  const life: Life = { siaga, accepted: 1 }
  try {
    for (let round = 0; round < 5; round += 1) await killAndStart(life, where)
  } finally {
    siaga = life.siaga
  }
  expect(await siaga.post(lines(life.accepted, 10))).toMatchObject({ status: 202 })
  await siaga.landed(life.accepted + 10)
})
