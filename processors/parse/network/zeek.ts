// What does Zeek see? Connections, the protocols inside them, files, notices: each log is a dataset.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser, TextReader } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { readKind } from './zeek-kinds.ts'
import { zeekLogs } from './zeek-layouts.ts'
import { fromLine, fromObject, type ZeekRecord } from './zeek-record.ts'

/** Names whose values go to columns whatever the log. */
const common: ReadonlySet<string> = new Set([
  'ts',
  '_path',
  '_write_ts',
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'proto',
  // What somebody typed may be a citizen's own: it stays in the message alone.
  'password',
])

function readRecord({ log, values }: ZeekRecord, event: Event, context: ParseContext): void {
  const value = (name: string): string => values.get(name) ?? ''
  event.dataset = dotted('zeek', log)
  event.observer_vendor = 'Zeek'
  event.observer_product = 'Zeek'
  const ts = value('ts')
  setTime(event, anyTime(/^\d+(?:\.\d+)?$/.test(ts) ? Number(ts) : ts, context))
  event.source_ip = toAddress(value('id.orig_h'))
  event.source_port = toPort(value('id.orig_p'))
  event.destination_ip = toAddress(value('id.resp_h'))
  event.destination_port = toPort(value('id.resp_p'))
  event.network_transport = value('proto').replace('unknown_transport', '')
  event.event_category = 'network'
  event.event_action = log
  const taken = readKind(event, log, value)
  for (const [name, text] of values) {
    if (!common.has(name) && !taken.has(name)) put(event, dotted('zeek', name), text)
  }
  put(event, 'zeek.log', log === 'other' ? value('_path') : '')
}

/** Read an event of Zeek's JSON; `miss` if it has no time. */
export function readZeek(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const record = fromObject(values)
  if (record === undefined) return miss
  readRecord(record, event, context)
  return ok
}

/** A line of a TSV log, or nothing that is surely one. */
export const recogniseZeek: TextReader = (text, event, context) => {
  const record = fromLine(text, context.columns, false)
  if (record === undefined) return miss
  readRecord(record, event, context)
  return ok
}

const read: TextReader = (text, event, context) => {
  if (looksLikeObject(text)) return readObject(text, event, context, readZeek)
  const record = fromLine(text, context.columns, true)
  if (record === undefined) return miss
  readRecord(record, event, context)
  return ok
}

/** A parser for each dataset. All read every log, so that none is looked at twice. Source: Zeek documentation, "Log Files". */
export const zeek: readonly Parser[] = [...zeekLogs, 'other'].map((log) => ({ format: `zeek.${log}`, parse: read }))
