// What do the short and the long test share? Each real shipper delivers numbered lines into a running Siaga, also while Kafka is away.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandOf, descendants } from './processes.ts'
import { clients } from './shipper-clients.ts'
import { report, type Siaga, startSiaga, until } from './siaga.ts'

export interface ShipperSuite {
  /** Lines of each shipper. */
  readonly lines: number
  /** How long Kafka is away after the first half of them. */
  readonly awayMs: number
  /** How long a shipper may take when Kafka is back. */
  readonly timeoutMs: number
}

/** Declares the tests. */
export function testShippers({ lines, awayMs, timeoutMs }: ShipperSuite): void {
  describe(`real shippers send ${lines} lines each, Kafka away for ${awayMs / 1000} s in between`, () => {
    let siaga: Siaga
    const keys = new Map<string, string>()
    const usable = clients.filter(({ missing }) => missing === undefined)

    beforeAll(async () => {
      siaga = await startSiaga({
        yaml: `http: {send_timeout_seconds: 2}\nsources:\n${clients.map(({ source, kafka = false }) => `  - id: ${source}\n    kafka: ${kafka}\n    region: "32.73"\n    owner: kpu\n`).join('')}`,
      })
      for (const { source } of usable) keys.set(source, (await siaga.run('keys', 'create', source)).stdout.trim())
      // A running server takes new keys within a second.
      await sleep(1_000)
    })

    afterAll(async () => {
      await siaga?.stop()
      await siaga?.remove()
    })

    interface Seen {
      rows: number
      numbers: number
      ids: number
      [more: string]: unknown
    }

    /** Rows of a source, distinct numbers and ids among them. */
    async function seenOf(source: string): Promise<Seen> {
      const [row] = await siaga.sql(
        `SELECT count() AS rows, uniqExactIf(number, number != '') AS numbers, uniqExact(event_id) AS ids
         FROM (SELECT extract(message, 'siaga-line-(\\\\d+)-end (?:abcdefghij){15}') AS number, event_id FROM events
               WHERE source_id = '${source}' AND owner = 'kpu' AND region_code = '32.73')`,
      )
      return { rows: Number(row?.rows), numbers: Number(row?.numbers), ids: Number(row?.ids) }
    }

    /** Stops the broker as a hanging machine would, and lets it go on later. */
    async function withoutKafka(ms: number): Promise<void> {
      const pid = descendants(siaga.pid).find((child) => commandOf(child).includes('kafka.Kafka'))
      if (pid === undefined) throw new Error('no broker is running')
      process.kill(pid, 'SIGSTOP')
      try {
        await sleep(ms)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
    }

    for (const { name, missing } of clients.filter((client) => client.missing !== undefined))
      test.skip(`${name} (skipped: ${missing})`, () => undefined)

    test(
      'all at once, and Kafka goes away in the middle',
      async () => {
        const half = Math.floor(lines / 2)
        const running = await Promise.all(
          usable.map(async (client) => client.start(siaga, keys.get(client.source) ?? '')),
        )
        const began = performance.now()
        try {
          await Promise.all(running.map((client) => client.send(0, half)))
          for (const { name, source } of usable)
            await until(async () => (await seenOf(source)).numbers > 0, `the first lines of ${name}`, timeoutMs)
          const away = withoutKafka(awayMs)
          // What repeats by itself returns at once; curl is there until its last request was taken.
          await Promise.all(running.map((client) => client.send(half, lines)))
          await away
          for (const { name, source } of usable) {
            await until(async () => (await seenOf(source)).numbers === lines, `${lines} lines of ${name}`, timeoutMs)
            report(`${name}: ${lines} lines after ${((performance.now() - began) / 1000).toFixed(1)} s`)
          }
        } catch (error) {
          for (const [index, { name, source }] of usable.entries())
            report(`${name}: ${JSON.stringify(await seenOf(source))}\n${running[index]?.complaints().slice(-2_000)}`)
          throw error
        } finally {
          await Promise.all(running.map((client) => client.stop()))
        }
        // What came twice would come late.
        await sleep(1_500)
      },
      awayMs + 2 * timeoutMs,
    )

    test.each(usable)('$name: every line is a row, once', async ({ name, source }) => {
      const seen = await seenOf(source)
      report(`${name}: ${JSON.stringify(seen)}`)
      expect(seen).toEqual({ rows: lines, numbers: lines, ids: lines })
    })

    test('nothing went to the dead-letter queue, and received = accepted + refused', async () => {
      expect(await siaga.metric('siaga_processor_dead_total')).toBe(0)
      const [received, accepted, refused, lost] = await Promise.all(
        ['received', 'accepted', 'refused', 'lost'].map((what) => siaga.metric(`siaga_collector_${what}_total`)),
      )
      report(`shippers: ${JSON.stringify({ received, accepted, refused, lost })}`)
      expect(received).toBe(Number(accepted) + Number(refused) + Number(lost))
    })
  })
}
