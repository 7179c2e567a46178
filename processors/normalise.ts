// Is the event well formed? Times are made plausible and marked, numbers are brought into the range of their columns.
import type { Event } from '../schemas/event.ts'

/** A device clock may run ahead by this much before its time is clamped and marked. */
const MAX_CLOCK_AHEAD_MS = 60_000
/** ClickHouse's DateTime64(3) begins in 1900; no log is older than the first clock of Unix. */
const EARLIEST_MS = 0

/**
 * Clamps a time in the future to the time of receipt (mark `clock_future`, the device's own time kept in `fields`), gives an event without a
 * time that of its receipt (mark `time_missing`), and makes every number a whole one that its column can hold.
 */
export function normalise(event: Event, envelope: { receivedAt: number; peer: string }, validUtf8: boolean): void {
  const { receivedAt } = envelope
  const time = event.timestamp
  if (time === 0 || !Number.isFinite(time) || time < EARLIEST_MS) {
    event.timestamp = receivedAt
    event.tags.push('time_missing')
  } else if (time > receivedAt + MAX_CLOCK_AHEAD_MS) {
    event.fields.set('device.timestamp', new Date(Math.min(time, 8.64e15)).toISOString())
    event.fields.set('device.clock_ahead_ms', String(Math.round(time - receivedAt)))
    event.timestamp = receivedAt
    event.tags.push('clock_future')
  } else if (time % 1 !== 0) {
    event.timestamp = Math.floor(time)
  }
  if (!validUtf8 && !event.tags.includes('invalid_utf8')) event.tags.push('invalid_utf8')
  event.http_status_code = whole(event.http_status_code, 65_535)
  event.source_port = whole(event.source_port, 65_535)
  event.destination_port = whole(event.destination_port, 65_535)
  event.process_pid = whole(event.process_pid, 4_294_967_295)
  event.event_severity = whole(event.event_severity, 100)
  event.http_response_bytes = whole(event.http_response_bytes, Number.MAX_SAFE_INTEGER)
  event.network_bytes = whole(event.network_bytes, Number.MAX_SAFE_INTEGER)
  if (envelope.peer !== '' && envelope.peer !== '127.0.0.1' && envelope.peer !== event.source_ip) {
    event.fields.set('peer.ip', envelope.peer)
  }
}

function whole(value: number, max: number): number {
  if (value >= 0 && value <= max && value % 1 === 0) return value
  if (!(value > 0)) return 0
  return value > max ? 0 : Math.floor(value)
}
