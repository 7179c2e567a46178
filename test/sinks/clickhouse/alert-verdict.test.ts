// What does an action on an alert say of its events?
import { expect, test } from 'vitest'
import type { AlertLogEntry } from '../../../schemas/alert-log.ts'
import { verdictOf } from '../../../sinks/clickhouse/alert-verdict.ts'

const action = (alert_id: string, whole = true): AlertLogEntry => ({
  ...{ kind: 'action', alert_id, region_code: '32', owner: '' },
  action: {
    ...{ action_id: 'q', at: 1, verb: 'false_positive', reason: 'uji', assignee: '', other: '' },
    actor: { name: 'Budi', room: 'kota', region: '32', from: '' },
    ...{ from_status: 'open', to_status: 'false_positive' },
  },
  subject: { dedup_key: 'd', first_seen: 0, last_seen: 0, events: ['e'], whole },
})

test('one request on two alerts is two acts: ClickHouse drops a second insert of one id', () => {
  const ids = ['A-1', 'A-2'].map((id) => verdictOf(action(id))?.act.id)
  expect(new Set(ids).size).toBe(2)
})

test('that an alert was nothing is said of all its findings in its place, also of those that it does not show', () => {
  expect(verdictOf(action('A-1'))?.target).toEqual({ eventIds: ['e'] })
  expect(verdictOf(action('A-1', false))?.target).toEqual({
    ...{ eventIds: ['e'], matter: { dedupKey: 'd', region: '32', owner: '', from: 0, to: 0 } },
  })
})
