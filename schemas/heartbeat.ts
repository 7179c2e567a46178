// What does a collector process say of itself every few seconds? That it lives, what it listens with, and which sources it has just heard.
import { z } from 'zod'

/** The most sources that one record names; the rest waits for the next. */
export const MAX_BEAT_SOURCES = 5_000

/** One heartbeat, JSON in ECS form on `siaga.raw`; the last one of a process that was stopped in order is a `goodbye`. */
export const Heartbeat = z.object({
  '@timestamp': z.iso.datetime(),
  'event.kind': z.literal('metric'),
  'event.action': z.enum(['heartbeat', 'goodbye']),
  'host.name': z.string().max(256),
  /** Stays the same when the process is started again on the same machine with the same ports. */
  'siaga.collector.instance': z.string().min(1).max(300),
  /** Differs from start to start. */
  'siaga.collector.run': z.string().min(1).max(64),
  /** syslog, relp, http, files, relay, probes … */
  'siaga.collector.kinds': z.array(z.string().max(64)).max(64),
  /** Sources that events were accepted from since the record before. */
  'siaga.collector.sources': z.array(z.string().max(64)).max(MAX_BEAT_SOURCES),
  message: z.string(),
})
export type Heartbeat = z.infer<typeof Heartbeat>
