// Do the rules that match a Windows event as it is also match it as a row of ours? The recorded events of SigmaHQ through the parser.
import { describe, expect, test } from 'vitest'
import { createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { createEventAccessor } from '../../../../processors/detect/sigma/fields.ts'
import { readJsonEvent } from '../../../../processors/detect/sigma/json-event.ts'
import { createEventSource } from '../../../../processors/detect/sigma/logsource.ts'
import { recordAccessor } from '../../../../processors/detect/sigma/record.ts'
import { isObject } from '../../../../processors/parse/json/json-guard.ts'
import { parseOne } from '../../parse/read.ts'
import { corporaPresent, corporaRules, regressionEvents } from './corpora.ts'

function escaped(value: unknown): string {
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** The XML that evtx_dump's JSON was made of; data get back the attribute that names them. */
function xmlOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => xmlOf(name, one)).join('')
  if (!isObject(value)) return `<${name}>${value === null ? '' : escaped(value)}</${name}>`
  const attributes = isObject(value['#attributes']) ? value['#attributes'] : {}
  const inner = Object.entries(value)
    .map(([child, one]) => {
      if (child === '#attributes') return ''
      if (child === '#text') return escaped(one)
      if (name === 'EventData' && child !== 'Data' && !isObject(one)) {
        return `<Data Name="${escaped(child)}">${one === null ? '' : escaped(one)}</Data>`
      }
      return xmlOf(child, one)
    })
    .join('')
  const opened = Object.entries(attributes).map(([key, one]) => ` ${key}="${escaped(one)}"`)
  return name === '' ? inner : `<${name}${opened.join('')}>${inner}</${name}>`
}

const present = corporaPresent('rows of recorded Sigma events')

describe.skipIf(!present)('rows of recorded Windows events', () => {
  const { rules } = corporaRules()
  const byRow = createSigma(rules, createEventAccessor())
  const byRecord = createSigma(rules, recordAccessor)
  const sourceOf = createEventSource()

  test.each(present ? regressionEvents() : [])('$file matches the same rules, as JSON and as XML', ({ documents }) => {
    for (const [document, text] of documents.flatMap((one) => [
      [one, JSON.stringify(one)] as const,
      [one, xmlOf('', one)] as const,
    ])) {
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
