// Do the rules that match a Windows event as it is also match it as a row of ours? The recorded events of SigmaHQ through the parser.
import { describe, expect, test } from 'vitest'
import { createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { createEventAccessor } from '../../../../processors/detect/sigma/fields.ts'
import { readJsonEvent } from '../../../../processors/detect/sigma/json-event.ts'
import { createEventSource } from '../../../../processors/detect/sigma/logsource.ts'
import { recordAccessor } from '../../../../processors/detect/sigma/record.ts'
import { parseOne } from '../../parse/read.ts'
import { corporaPresent, corporaRules, regressionEvents } from './corpora.ts'

const present = corporaPresent('rows of recorded Sigma events')

describe.skipIf(!present)('rows of recorded Windows events', () => {
  const { rules } = corporaRules()
  const byRow = createSigma(rules, createEventAccessor())
  const byRecord = createSigma(rules, recordAccessor)
  const sourceOf = createEventSource()

  test.each(present ? regressionEvents() : [])('$file matches the same rules', ({ documents }) => {
    for (const document of documents) {
      const text = JSON.stringify(document)
      const { outcome, event } = parseOne(text)
      expect(outcome.kind).toBe('ok')
      expect(event.dataset).toMatch(/^windows\./)
      expect(event.timestamp).toBeGreaterThan(0)
      event.message = text
      const record = readJsonEvent(document)
      const expected = record === undefined ? [] : byRecord.match(record.record, record.source)
      const found = byRow.match(event, sourceOf(event))
      expect(found.map(({ rule }) => rule.title).sort()).toEqual(expected.map(({ rule }) => rule.title).sort())
    }
  })
})
