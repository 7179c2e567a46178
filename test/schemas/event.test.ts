// Does a used event become blank again? One event is used for all on the hot path: a column forgotten here would leak into the next row.
import { expect, test } from 'vitest'
import { type Event, emptyEvent, eventColumns, resetEvent } from '../../schemas/event.ts'

/** An event with something in every column, by the kind of its blank value. */
function filledEvent(): Event {
  const event = emptyEvent() as unknown as Record<string, unknown>
  for (const [name, blank] of Object.entries(event)) {
    if (typeof blank === 'string') event[name] = 'x'
    else if (typeof blank === 'number') event[name] = 1
    else if (blank instanceof Map) event[name] = new Map([['x', 'x']])
    else event[name] = ['x']
  }
  return event as unknown as Event
}

test('every column has a blank value', () => {
  expect(Object.keys(emptyEvent())).toEqual(Object.keys(eventColumns))
})

test('after a reset no column holds what it held', () => {
  const event = filledEvent()
  const blank = emptyEvent()
  for (const name of Object.keys(eventColumns)) expect(event).not.toHaveProperty(name, blank[name as keyof Event])
  resetEvent(event)
  expect(event).toEqual(blank)
})

test('lists of one event are not those of the next', () => {
  const event = emptyEvent()
  event.tags.push('a')
  const tags = event.tags
  resetEvent(event)
  event.tags.push('b')
  expect(tags).toEqual(['a'])
})
