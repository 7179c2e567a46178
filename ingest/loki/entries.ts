// What does a push request of Loki say? Streams of entries, in protobuf or JSON (Loki HTTP API, "Ingest logs"); the payload's form is ours.
import type { ProtobufReader } from '../wire/protobuf.ts'
import type { JsonWalker } from '../wire/walk.ts'

type Texts = Readonly<Record<string, string>>

/** A line of a stream. */
export interface LokiEntry {
  /** JSON text of the stream's labels. */
  readonly labels: string
  /** Nanoseconds since 1970 UTC, in digits. */
  readonly timestamp: string
  readonly line: string
  readonly metadata: Texts
}

/** The payload: its first member tells parsers what it is, and the line stands last. */
export function lokiPayload({ labels, timestamp, line, metadata }: LokiEntry): string {
  const more = Object.keys(metadata).length === 0 ? '' : `,"metadata":${JSON.stringify(metadata)}`
  return `{"loki":1,"timestamp":"${timestamp}","labels":${labels}${more},"line":${JSON.stringify(line)}}`
}

/** logproto.PushRequest. */
export function* readPushProtobuf(request: ProtobufReader): Generator<LokiEntry> {
  while (request.next()) {
    if (request.field !== 1) continue
    let labels = '{}'
    for (const stream = request.message(); stream.next(); )
      if (stream.field === 1) labels = JSON.stringify(readSelector(stream.text()))
    for (const stream = request.message(); stream.next(); )
      if (stream.field === 2) yield readEntry(stream.message(), labels)
  }
}

function readEntry(entry: ProtobufReader, labels: string): LokiEntry {
  let timestamp = '0'
  let line = ''
  const metadata: [string, string][] = []
  while (entry.next()) {
    if (entry.field === 1) timestamp = readTimestamp(entry.message())
    else if (entry.field === 2) line = entry.text()
    else if (entry.field === 3) {
      let [name, value] = ['', '']
      for (const pair = entry.message(); pair.next(); ) {
        if (pair.field === 1) name = pair.text()
        else if (pair.field === 2) value = pair.text()
      }
      metadata.push([name, value])
    }
  }
  return { labels, timestamp, line, metadata: Object.fromEntries(metadata) }
}

function readTimestamp(time: ProtobufReader): string {
  let nanos = 0n
  while (time.next()) {
    if (time.field === 1) nanos += time.integer() * 1_000_000_000n
    else if (time.field === 2) nanos += time.integer()
  }
  return nanos.toString()
}

/** `{name="value", other="value"}`; a text that is none stays whole. */
function readSelector(text: string): Texts {
  const found: [string, string][] = []
  const pair = /\s*([A-Za-z_][\w.:-]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|\}\s*$)/y
  let at = 1
  while (text.startsWith('{') && at < text.length) {
    pair.lastIndex = at
    const [all, name, value] = pair.exec(text) ?? []
    if (all === undefined || name === undefined || value === undefined) break
    found.push([name, value.replace(/\\(["\\nrt])/g, (_, c: string) => unescaped[c] ?? c)])
    at += all.length
  }
  return at === text.length ? Object.fromEntries(found) : { labels: text }
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** `{"streams":[{"stream":{…},"values":[["<ns>","line",{…}]]}]}` */
export function* readPushJson(walker: JsonWalker): Generator<LokiEntry> {
  for (const name of walker.members()) {
    if (name !== 'streams') continue
    for (const _ of walker.elements()) yield* readStream(walker)
  }
  walker.finish()
}

function* readStream(walker: JsonWalker): Generator<LokiEntry> {
  let labels: string | undefined
  for (const name of walker.members()) {
    if (name === 'stream') labels = JSON.stringify(textsOf(walker.parse()))
    else if (name === 'values') {
      labels ??= JSON.stringify(textsOf(walker.ahead('stream')))
      for (const _ of walker.elements()) {
        const value = walker.parse()
        const [timestamp, line, metadata]: unknown[] = Array.isArray(value) ? value : []
        yield {
          labels,
          timestamp: /^\d{1,20}$/.test(String(timestamp)) ? String(timestamp) : '0',
          line: typeof line === 'string' ? line : '',
          metadata: textsOf(metadata),
        }
      }
    }
  }
}

function textsOf(value: unknown): Texts {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, typeof text === 'string' ? text : JSON.stringify(text)]),
  )
}
