// Do back-tests wait for their turn, end when they are stopped, and give way to the next one of the same person?
import { expect, test, vi } from 'vitest'
import { Room } from '../../../schemas/room.ts'
import type { BacktestResult } from '../../../schemas/rules-api.ts'
import { createBacktests } from '../../../web/rules/backtests.ts'
import type { RuleParts } from '../../../web/rules/parts.ts'
import type { Viewer } from '../../../web/viewer.ts'

const result: BacktestResult = {
  kind: 'rule',
  datasets: [],
  events: 1,
  read: 1,
  complete: true,
  matches: 0,
  days: [],
  days_cut: false,
  samples: [],
  cost_us: 2,
}
const viewer = (id: string): Viewer => ({
  id,
  name: id,
  role: 'pusat',
  room: Room.parse({ id: 'pusat', region: '00' }),
  kind: 'session',
  session: id,
})
const question = { rule: 'r', from: 0, to: 1, region: '' }

/** Runs that end when they are told to. */
function held() {
  const running: { end: () => void; signal: AbortSignal }[] = []
  const backtest: RuleParts['backtest'] = (_viewer, _question, signal, onProgress) => {
    onProgress(0, 1)
    return new Promise((resolve, reject) => {
      running.push({ end: () => resolve(result), signal })
      signal.addEventListener('abort', () => reject(new Error('cut')), { once: true })
    })
  }
  return { running, backtests: createBacktests({ backtest, now: Date.now }) }
}

test('two run at a time, the third waits and then runs', async () => {
  const { running, backtests } = held()
  const [a, b, c] = ['a', 'b', 'c'].map((id) => backtests.begin(viewer(id), question))
  expect(running).toHaveLength(2)
  expect(backtests.of(viewer('c'), c?.id ?? '').state).toBe('waiting')
  running[0]?.end()
  await vi.waitFor(() => expect(backtests.of(viewer('c'), c?.id ?? '').state).toBe('running'))
  expect(backtests.of(viewer('a'), a?.id ?? '')).toMatchObject({ state: 'done', result })
  expect(backtests.cost('r')).toBe(2)
  expect(() => backtests.of(viewer('a'), b?.id ?? '')).toThrow()
})

test('a new one of the same person ends the one before; stop ends it; the queue has an end', async () => {
  const { running, backtests } = held()
  const first = backtests.begin(viewer('a'), question)
  const second = backtests.begin(viewer('a'), question)
  expect(running[0]?.signal.aborted).toBe(true)
  await vi.waitFor(() =>
    expect(backtests.of(viewer('a'), first.id)).toMatchObject({ state: 'failed', problem: 'stopped' }),
  )
  backtests.stop(viewer('a'), second.id)
  await vi.waitFor(() => expect(backtests.of(viewer('a'), second.id)).toMatchObject({ state: 'failed' }))
  for (let n = 0; n < 12; n += 1) backtests.begin(viewer(`p${n}`), question)
  expect(() => backtests.begin(viewer('late'), question)).toThrow('Too many requests')
  backtests.close()
})
