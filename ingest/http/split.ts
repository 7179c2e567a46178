// Where does each event of a body begin and end? By content type: lines, NDJSON, a JSON object or an array of values.
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { HttpError } from './errors.ts'
import { JsonScanner, MAX_JSON_DEPTH } from './json.ts'

export const bodyKinds = {
  'text/plain': 'lines',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/json': 'json',
} as const
export type BodyKind = (typeof bodyKinds)[keyof typeof bodyKinds]

/** Cuts a body into events, some at a time so that a large one does not hold up others. */
export interface Splitter {
  /** Starts and ends of the events found so far, in turns. */
  readonly spans: number[]
  /** Reads on for about `bytes`; true when the body is done. Throws HttpError for the line that refuses the request. */
  step(bytes: number): boolean
}

/** A splitter for a body; it refuses more than `maxEvents`. */
export function createSplitter(kind: BodyKind, body: Buffer, maxEvents: number): Splitter {
  const spans: number[] = []
  let line = 1
  function add(start: number, end: number): void {
    if (end - start > MAX_PAYLOAD_BYTES) throw new HttpError('LINE_TOO_LONG', { line, limit: MAX_PAYLOAD_BYTES })
    if (spans.length >= maxEvents * 2) throw new HttpError('TOO_MANY_EVENTS', { limit: maxEvents })
    spans.push(start, end)
  }
  const start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf && kind !== 'lines' ? 3 : 0
  const scanner = new JsonScanner(body)

  if (kind !== 'json') {
    let at = start
    return {
      spans,
      step(bytes) {
        const until = at + bytes
        while (at < body.length && at < until) {
          const feed = body.indexOf(10, at)
          const next = feed < 0 ? body.length : feed
          const end = next > at && body[next - 1] === 13 ? next - 1 : next
          if (!isBlank(body, at, end)) {
            add(at, end)
            if (kind === 'ndjson') checkLine(scanner, at, end, line)
          }
          at = next + 1
          line++
        }
        return at >= body.length
      },
    }
  }

  let at = scanner.skipSpace(start)
  let inArray = false
  /** Place up to which lines are counted. */
  let counted = 0
  const lineAt = (place: number): number => {
    for (let feed = body.indexOf(10, counted); feed >= 0 && feed < place; feed = body.indexOf(10, counted)) {
      line++
      counted = feed + 1
    }
    return line
  }
  const refuse = (): never => {
    const { at: place, why, tooDeep } = scanner.fault ?? { at, why: 'is no JSON', tooDeep: false }
    const before = body.lastIndexOf(10, Math.max(0, place - 1))
    const column = place - (place === 0 ? 0 : before + 1) + 1
    if (tooDeep) throw new HttpError('JSON_TOO_DEEP', { line: lineAt(place), column, limit: MAX_JSON_DEPTH })
    throw new HttpError('JSON_INVALID', { line: lineAt(place), column, detail: why })
  }
  const finish = (place: number): true => {
    const rest = scanner.skipSpace(place)
    if (rest < body.length) {
      scanner.unexpected(rest, 'the end')
      refuse()
    }
    return true
  }
  const element = (): void => {
    const end = scanner.value(at)
    if (end < 0) refuse()
    if (end - at > MAX_PAYLOAD_BYTES || spans.length >= maxEvents * 2) lineAt(at)
    add(at, end)
    at = scanner.skipSpace(end)
  }
  return {
    spans,
    step(bytes) {
      const until = at + bytes
      if (!inArray) {
        if (body[at] === 123) {
          element()
          return finish(at)
        }
        if (body[at] !== 91) {
          scanner.unexpected(at, 'an object or an array')
          refuse()
        }
        inArray = true
        at = scanner.skipSpace(at + 1)
        if (body[at] === 93) return finish(at + 1)
      }
      while (at < until) {
        element()
        if (body[at] === 93) return finish(at + 1)
        if (body[at] !== 44) {
          scanner.unexpected(at, 'a comma or ]')
          refuse()
        }
        at = scanner.skipSpace(at + 1)
      }
      return false
    },
  }
}

function checkLine(scanner: JsonScanner, start: number, end: number, line: number): void {
  scanner.limit(end)
  const after = scanner.value(scanner.skipSpace(start))
  if (after >= 0) {
    const rest = scanner.skipSpace(after)
    if (rest >= end) return
    scanner.unexpected(rest, 'the end of the line')
  }
  const { at, why, tooDeep } = scanner.fault ?? { at: start, why: 'is no JSON', tooDeep: false }
  const column = at - start + 1
  if (tooDeep) throw new HttpError('JSON_TOO_DEEP', { line, column, limit: MAX_JSON_DEPTH })
  throw new HttpError('JSON_INVALID', { line, column, detail: why })
}

/** Nothing but spaces and tabs: not an event. */
function isBlank(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const c = body[at]
    if (c !== 32 && c !== 9) return false
  }
  return true
}
