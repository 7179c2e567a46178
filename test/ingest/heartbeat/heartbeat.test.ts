import { afterEach, describe, expect, test } from 'vitest'
import type { CollectorMetrics, Seal } from '../../../ingest/collector.ts'
import { type HeartbeatWriter, startHeartbeat } from '../../../ingest/heartbeat/heartbeat.ts'
import { createSeal } from '../../../ingest/seal.ts'
import { createLog } from '../../../runtime/log.ts'
import { Heartbeat } from '../../../schemas/heartbeat.ts'
import type { RawEvent } from '../../../schemas/raw-event.ts'

const seal: Seal = createSeal({ hashKey: Buffer.alloc(32, 1), tokenKey: Buffer.alloc(32, 2) })
let started: HeartbeatWriter | undefined
afterEach(() => started?.stop(10))

/** A heartbeat over a writer that can be told to fail. */
function start(write: (events: RawEvent[]) => Promise<void>) {
  const counts = { received: 0, accepted: 0, lost: 0 }
  const metrics: CollectorMetrics = {
    received(_source, events) {
      counts.received += events
    },
    joined: () => undefined,
    accepted(_source, events) {
      counts.accepted += events
    },
    refused: () => undefined,
    lost(_reason, events) {
      counts.lost += events
    },
    answered: () => undefined,
  }
  started = startHeartbeat(
    { writer: { write }, seal, log: createLog('silent'), metrics },
    {
      host: 'mesin',
      role: 'ingest-8080',
      kinds: () => ['HTTP', 'relp'],
      everyMs: 3_600_000,
      now: () => 1_732_676_400_000,
    },
  )
  return { heartbeat: started, counts }
}

const recordOf = (event: RawEvent | undefined) => Heartbeat.parse(JSON.parse(String(event?.value)))

describe('a heartbeat', () => {
  test('says who it is, what runs and whom it has heard since the one before', async () => {
    const events: RawEvent[] = []
    const { heartbeat, counts } = start(async (batch) => void events.push(...batch))
    await heartbeat.beat()
    heartbeat.heard('web')
    heartbeat.heard('web')
    heartbeat.heard('siaga-heartbeat')
    await heartbeat.beat()
    await heartbeat.beat()
    const [first, second, third] = events.map(recordOf)
    expect(events[0]).toMatchObject({ source: 'siaga-heartbeat', format: 'ecs', key: 'mesin/ingest-8080', marks: [] })
    expect(first).toMatchObject({
      '@timestamp': '2024-11-27T03:00:00.000Z',
      'event.action': 'heartbeat',
      'siaga.collector.instance': 'mesin/ingest-8080',
      'siaga.collector.kinds': ['HTTP', 'relp'],
      'siaga.collector.sources': [],
    })
    expect(second?.['siaga.collector.sources']).toEqual(['web'])
    expect(third?.['siaga.collector.sources']).toEqual([])
    expect(second?.['siaga.collector.run']).toBe(first?.['siaga.collector.run'])
    expect(counts).toEqual({ received: 3, accepted: 3, lost: 0 })
  })

  test('that could not be written is counted, and the next one says it all', async () => {
    const events: RawEvent[] = []
    let broken = true
    const { heartbeat, counts } = start(async (batch) => {
      if (broken) throw new Error('no broker')
      events.push(...batch)
    })
    heartbeat.heard('web')
    await heartbeat.beat()
    await heartbeat.beat()
    broken = false
    await heartbeat.beat()
    expect(recordOf(events[0])['siaga.collector.sources']).toEqual(['web'])
    expect(counts.received).toBe(counts.accepted + counts.lost)
  })

  test('the last one is a goodbye, and stop does not wait for a broker that is away', async () => {
    const events: RawEvent[] = []
    const { heartbeat } = start(async (batch) => void events.push(...batch))
    await heartbeat.beat()
    await heartbeat.stop()
    await heartbeat.stop()
    expect(events.map((event) => recordOf(event)['event.action'])).toEqual(['heartbeat', 'goodbye'])
    const { heartbeat: stuck } = start(() => new Promise(() => undefined))
    await stuck.stop(20)
  })
})
