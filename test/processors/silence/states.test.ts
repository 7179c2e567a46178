import { describe, expect, test } from 'vitest'
import { type Beat, createBeatBook, type Reach, reachOf } from '../../../processors/silence/beats.ts'
import { judgeSensor, type Sensor, type SensorInput, type StateRow } from '../../../processors/silence/states.ts'

const T = Date.parse('2024-11-26T03:00:00Z')
const SECOND = 1_000
const MINUTE = 60_000

const sensor: Sensor = { id: 'web', kind: 'source', name: 'Web', region: '32', owner: 'kpu', asset: 'portal' }
const carried = (until: number, since = T - 86_400_000): Reach => ({ kind: 'carried', until, since, by: '' })
const away: Reach = { kind: 'away', until: 0, since: 0, by: 'host/ingest-8080' }

/** A busy source that is told after 90 seconds, unless said otherwise. */
const judge = (input: Partial<SensorInput> & Pick<SensorInput, 'now'>) =>
  judgeSensor({
    sensor,
    lastEvent: T,
    reach: carried(input.now),
    limit: (from) => ({ at: from + 90 * SECOND, why: 'rhythm' }),
    quiet: () => undefined,
    awayUntil: 0,
    reconnectMs: 5 * MINUTE,
    previous: undefined,
    ...input,
  })

const rowOf = (state: StateRow['state'], more: Partial<StateRow> = {}): StateRow => ({
  ...judge({ now: T + SECOND }).row,
  state,
  counted_as: state,
  ...more,
})

describe('a source', () => {
  test('is live while its silence is usual, and silent from the limit on, once', () => {
    expect(judge({ now: T + 89 * SECOND }).row).toMatchObject({ state: 'live', counted_as: 'live' })
    const told = judge({ now: T + 90 * SECOND, previous: rowOf('live') })
    expect(told).toMatchObject({ changed: true, told: { why: 'rhythm' }, row: { state: 'silent', since: T } })
    const again = judge({ now: T + 100 * SECOND, previous: told.row })
    expect(again).toMatchObject({ changed: false, told: undefined, row: { state: 'silent' } })
  })

  test('speaks again: its silence is over', () => {
    const previous = rowOf('silent')
    expect(judge({ now: T + MINUTE * 9, lastEvent: T + MINUTE * 8, previous })).toMatchObject({
      changed: true,
      spoke: true,
      row: { state: 'live', since: T + MINUTE * 8 },
    })
  })

  test('that was never heard is never monitored, and not told', () => {
    expect(judge({ now: T, lastEvent: undefined })).toMatchObject({ told: undefined, row: { state: 'never' } })
    // One whose silence is older than what is remembered stays silent.
    expect(judge({ now: T, lastEvent: undefined, previous: rowOf('silent') }).row.state).toBe('silent')
  })

  test('quiet as usual, with the time when it is expected', () => {
    const quiet = judge({
      now: T + MINUTE,
      quiet: () => ({ expected: T + 60 * MINUTE }),
      limit: () => ({ at: T + 99 * MINUTE, why: 'rhythm' }),
    })
    expect(quiet).toMatchObject({
      told: undefined,
      row: { state: 'quiet', counted_as: 'quiet', expected_at: T + 60 * MINUTE },
    })
  })
})

describe('what is not its silence', () => {
  test.each(['live', 'quiet', 'silent', 'never'] as const)(
    'its collector is away: it counts as %s, as before',
    (state) => {
      const verdict = judge({ now: T + 600 * MINUTE, reach: away, previous: rowOf(state) })
      expect(verdict).toMatchObject({ told: undefined, spoke: false, row: { state: 'unjudged', counted_as: state } })
    },
  )

  test('its collector came back: it has its time, then it is silent', () => {
    const back = T + 30 * MINUTE
    const previous = rowOf('unjudged', { counted_as: 'live' })
    const at = (now: number) => judge({ now, reach: carried(now, back), previous }).row
    expect(at(back + MINUTE)).toMatchObject({ state: 'unjudged', counted_as: 'live' })
    expect(at(back + 6 * MINUTE)).toMatchObject({ state: 'unjudged', counted_as: 'live' })
    expect(at(back + 7 * MINUTE)).toMatchObject({ state: 'silent' })
  })

  test('Siaga was away: nothing before its return counts, and a live source stays live', () => {
    const back = T + 30 * MINUTE
    const at = (now: number) => judge({ now, awayUntil: back, previous: rowOf('live') })
    expect(at(back + SECOND)).toMatchObject({ changed: false, row: { state: 'live' } })
    expect(at(back + 7 * MINUTE)).toMatchObject({ changed: true, row: { state: 'silent', since: T } })
  })

  test('one that was silent before stays silent when its collector comes back, and is not told again', () => {
    const before = rowOf('silent')
    const gone = judge({ now: T + 9 * MINUTE, reach: away, previous: before }).row
    const back = judge({ now: T + 30 * MINUTE, reach: carried(T + 30 * MINUTE, T + 20 * MINUTE), previous: gone })
    expect(back).toMatchObject({ told: undefined, spoke: false, row: { state: 'silent', last_event: T } })
  })

  test('it is judged up to the last heartbeat of its collector and not further', () => {
    expect(judge({ now: T + 10 * MINUTE, reach: carried(T + 60 * SECOND), previous: rowOf('live') }).row.state).toBe(
      'live',
    )
  })

  test('the first look at a source that was heard long ago: it is awaited, not green, then told', () => {
    const began = T + 300 * MINUTE
    const first = judge({ now: began, reach: carried(began, began - SECOND) })
    expect(first.row).toMatchObject({ state: 'unjudged', counted_as: 'never' })
    const now = began + 8 * MINUTE
    expect(judge({ now, reach: carried(now, began - SECOND), previous: first.row }).told).toBeDefined()
  })
})

describe('heartbeats', () => {
  const settings = { pauseMs: 120 * SECOND, stoppedMs: 60 * SECOND }
  const beat = (instance: string, at: number, more: Partial<Beat> = {}): Beat => ({
    instance,
    run: 'a',
    host: 'host',
    kinds: ['HTTP'],
    sources: [],
    at,
    landed: at + SECOND,
    goodbye: false,
    ...more,
  })
  const every = (instance: string, from: number, to: number, more: Partial<Beat> = {}): Beat[] =>
    Array.from({ length: Math.floor((to - from) / 10_000) + 1 }, (_, n) => beat(instance, from + n * 10_000, more))
  const byLanding = (beats: readonly Beat[]) => [...beats].sort((a, b) => a.landed - b.landed)

  test('a source is judged by whoever carries it, up to its last heartbeat', () => {
    const book = createBeatBook(new Set(['web']), settings)
    book.fold(
      byLanding([...every('a', T, T + 5 * MINUTE, { sources: ['web', 'unknown'] }), ...every('b', T, T + 9 * MINUTE)]),
    )
    expect(reachOf(book, 'web', T + 5 * MINUTE + 30_000, settings.stoppedMs)).toMatchObject({
      kind: 'carried',
      until: T + 5 * MINUTE,
      since: T,
    })
    expect(reachOf(book, 'web', T + 9 * MINUTE, settings.stoppedMs)).toMatchObject({ kind: 'away', by: 'a' })
    expect(reachOf(book, 'unknown', T, settings.stoppedMs).kind).toBe('unknown')
  })

  test('another one that carries it too goes on', () => {
    const book = createBeatBook(new Set(['web']), settings)
    const sources = ['web']
    book.fold(byLanding([...every('a', T, T + 5 * MINUTE, { sources }), ...every('b', T, T + 9 * MINUTE, { sources })]))
    expect(reachOf(book, 'web', T + 9 * MINUTE, settings.stoppedMs)).toMatchObject({
      kind: 'carried',
      until: T + 9 * MINUTE,
    })
  })

  test('folded twice, or in pieces, they say the same', () => {
    const beats = byLanding([...every('a', T, T + 3 * MINUTE, { sources: ['web'] }), ...every('b', T, T + 20 * MINUTE)])
    const once = createBeatBook(new Set(['web']), settings)
    once.fold(beats)
    const twice = createBeatBook(new Set(['web']), settings)
    twice.fold(beats.slice(0, 20))
    twice.fold(beats)
    twice.fold(beats)
    expect([...twice.instances]).toEqual([...once.instances])
    expect(twice.pauses).toEqual(once.pauses)
  })

  test('whoever is started again, or stood still and goes on, is there since then', () => {
    const book = createBeatBook(new Set(), settings)
    book.fold([...every('a', T, T + MINUTE), ...every('a', T + 5 * MINUTE, T + 6 * MINUTE)])
    expect(book.instances.get('a')?.since).toBe(T + 5 * MINUTE)
    book.fold(every('a', T + 6 * MINUTE + 5_000, T + 7 * MINUTE, { run: 'b' }))
    expect(book.instances.get('a')).toMatchObject({ since: T + 6 * MINUTE + 5_000, run: 'b' })
  })

  test('a time in which nothing landed is a pause, orderly if all had said goodbye', () => {
    const book = createBeatBook(new Set(), settings)
    book.fold([...every('a', T, T + MINUTE), ...every('a', T + 10 * MINUTE, T + 11 * MINUTE, { run: 'b' })])
    book.fold([beat('a', T + 12 * MINUTE, { run: 'b', goodbye: true }), beat('a', T + 20 * MINUTE, { run: 'c' })])
    expect(book.pauses).toEqual([
      { from: T + MINUTE + SECOND, to: T + 10 * MINUTE + SECOND, orderly: false },
      { from: T + 12 * MINUTE + SECOND, to: T + 20 * MINUTE + SECOND, orderly: true },
    ])
  })

  test('what waited in Kafka while processors stood still is a pause, though collectors went on', () => {
    const book = createBeatBook(new Set(), settings)
    const late = every('a', T + MINUTE + 10_000, T + 30 * MINUTE).map((one) => ({ ...one, landed: T + 31 * MINUTE }))
    book.fold([...every('a', T, T + MINUTE), ...late])
    expect(book.pauses).toEqual([{ from: T + MINUTE + SECOND, to: T + 31 * MINUTE, orderly: false }])
    expect(book.instances.get('a')).toMatchObject({ since: T, last: T + 30 * MINUTE })
  })

  test('a machine whose clock is behind has not stopped while its heartbeats land', () => {
    const book = createBeatBook(new Set(['web']), settings)
    const late = every('a', T, T + 5 * MINUTE, { sources: ['web'] }).map((one) => ({
      ...one,
      landed: one.at + 3 * MINUTE,
    }))
    book.fold(late)
    expect(reachOf(book, 'web', T + 8 * MINUTE, settings.stoppedMs)).toMatchObject({
      kind: 'carried',
      until: T + 5 * MINUTE,
    })
    expect(reachOf(book, 'web', T + 10 * MINUTE, settings.stoppedMs)).toMatchObject({ kind: 'away' })
  })

  test('an instance that was away for a day is forgotten, and so is what it carried', () => {
    const book = createBeatBook(new Set(['web']), settings)
    book.fold([beat('a', T, { sources: ['web'] })])
    book.prune(T + 25 * 3_600_000)
    expect(book.instances.size).toBe(0)
    expect(book.carriers('web').size).toBe(0)
  })
})
