// The audit trail: ECS lines, in batches, one entry a second for a flood, bounded while Kafka is away.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createAudit } from '../../../ingest/audit/audit.ts'
import { fakeDependencies } from '../http/fakes.ts'

const refused = (peer: string, message = 'API key refused') =>
  ({ action: 'key_refused', outcome: 'failure', peer, message }) as const

function start(settings: { maxWaiting?: number } = {}) {
  let time = Date.parse('2024-11-27T00:00:00Z')
  const { deps, writer, metrics } = fakeDependencies()
  const audit = createAudit(deps, { now: () => time, flushMs: 5, ...settings })
  const lines = (): Record<string, unknown>[] => writer.texts.map((text) => JSON.parse(text))
  return { audit, writer, metrics, lines, tick: (ms: number) => (time += ms) }
}

describe('audit trail', () => {
  it('writes entries as ECS JSON from source siaga-audit', async () => {
    const { audit, writer, lines, metrics } = start()
    audit({ action: 'login', outcome: 'success', user: 'budi', peer: '10.0.0.1', message: 'logged in' })
    await sleep(30)
    expect(lines()).toEqual([
      {
        '@timestamp': '2024-11-27T00:00:00.000Z',
        'event.kind': 'event',
        'event.category': 'authentication',
        'event.action': 'login',
        'event.outcome': 'success',
        'event.dataset': 'siaga-audit',
        'user.name': 'budi',
        'source.ip': '10.0.0.1',
        message: 'logged in',
      },
    ])
    expect(writer.events[0]).toMatchObject({ source: 'siaga-audit', format: 'ecs', peer: '' })
    expect(metrics.counts).toEqual({ received: 1, accepted: 1, refused: 0, lost: 0 })
    await audit.stop()
  })

  it('a flood of one action and peer becomes one entry a second with a count; others pass', async () => {
    const { audit, lines, tick } = start()
    for (let i = 0; i < 1000; i++) audit(refused('10.9.9.9'))
    audit(refused('10.0.0.2'))
    tick(1000)
    audit(refused('10.9.9.9'))
    await audit.stop()
    const flood = lines().filter((line) => line['source.ip'] === '10.9.9.9')
    expect(flood).toHaveLength(5 + 1 + 1)
    expect(flood[5]).toMatchObject({ 'siaga.count': 995, message: expect.stringContaining('and 994 more') })
    expect(lines().filter((line) => line['source.ip'] === '10.0.0.2')).toHaveLength(1)
  })

  it('a flood from many peers is put together beyond a thousand', async () => {
    const { audit, lines } = start()
    for (let i = 0; i < 5000; i++) audit(refused(`10.1.${i >> 8}.${i & 255}`))
    await audit.stop()
    expect(lines().length).toBeLessThan(1010)
    expect(lines().at(-1)).toMatchObject({ 'siaga.count': 3995 })
  })

  it('never waits for Kafka, and counts what it cannot hold', async () => {
    const { audit, writer, metrics } = start({ maxWaiting: 10 })
    writer.closeGate()
    for (let i = 0; i < 30; i++) audit(refused(`10.0.0.${i}`))
    await sleep(30)
    expect(metrics.counts).toEqual({ received: 30, accepted: 0, refused: 0, lost: 20 })
    const began = performance.now()
    await audit.stop(100)
    expect(performance.now() - began).toBeLessThan(2000)
    writer.openGate()
    await sleep(20)
    expect(metrics.counts.accepted).toBe(10)
  })

  it('identifiers and long texts in what people typed do no harm', async () => {
    const { audit, writer } = start()
    audit({ action: 'login', outcome: 'failure', user: '3171014107900001', message: 'x'.repeat(100_000) })
    await audit.stop()
    expect(writer.texts[0]).not.toContain('3171014107900001')
    expect(writer.texts[0]?.length).toBeLessThan(2000)
  })
})
