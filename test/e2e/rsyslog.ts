// What do the short and the long test share? A real rsyslog ships numbered lines into a running Siaga, counted as rows of ClickHouse.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownCertificatePath } from '../../ingest/syslog/tls.ts'
import { startRsyslog, type Way, ways, whyNoRsyslog } from '../integration/rsyslog-client.ts'
import { peakMb } from './processes.ts'
import { report, type Siaga, startSiaga, until } from './siaga.ts'

const missing = whyNoRsyslog()

/** Declares the tests. */
export function testRsyslog(lines: number, timeoutMs: number): void {
  const title = `rsyslog ships ${lines} lines into siaga start${missing === undefined ? '' : ` (skipped: ${missing})`}`

  describe.skipIf(missing !== undefined)(title, () => {
    let siaga: Siaga
    let before = 0

    beforeAll(async () => {
      siaga = await startSiaga({
        yaml: 'sources:\n  - id: kpu-pusat\n    region: "00"\n    owner: kpu\n    networks: [127.0.0.0/8]\n',
      })
    })

    afterAll(async () => {
      await siaga?.stop()
      await siaga?.remove()
    })

    /** Rows since the last way, distinct numbers among them, damaged ones, and the longest time from receipt to row in ms. */
    async function rows(): Promise<{ rows: number; numbers: number; damaged: number; lag: number }> {
      const [row] = await siaga.sql(
        `SELECT count() AS rows, uniqExactIf(number, number != '') AS numbers, countIf(number = '') AS damaged, max(dateDiff('millisecond', received_at, ingested_at)) AS lag
         FROM (SELECT extract(message, 'siaga-line-(\\\\d+)-end (?:abcdefghij){15}$') AS number, received_at, ingested_at FROM events
               WHERE source_id = 'kpu-pusat' AND owner = 'kpu' AND region_code = '00' AND host_name = 'kpu' AND process_name = 'siaga-test'
               ORDER BY received_at LIMIT 1000000000 OFFSET ${before})`,
      )
      return {
        rows: Number(row?.rows),
        numbers: Number(row?.numbers),
        damaged: Number(row?.damaged),
        lag: Number(row?.lag),
      }
    }

    const ports: Record<Way, 'syslog' | 'tls' | 'relp'> = {
      udp: 'syslog',
      tcp: 'syslog',
      'tcp-counted': 'syslog',
      tls: 'tls',
      relp: 'relp',
    }

    test.each(ways.filter((way) => way !== 'udp'))('over %s: every number is a row, once', async (way) => {
      const began = performance.now()
      const rsyslog = await startRsyslog({
        way,
        port: siaga.ports[ports[way]],
        lines,
        ca: ownCertificatePath(siaga.dataDir),
      })
      try {
        await until(async () => (await rows()).numbers === lines, `${lines} numbers over ${way}`, timeoutMs)
      } finally {
        await rsyslog.stop()
      }
      const seconds = (performance.now() - began) / 1000
      // What came twice would come late.
      await sleep(1_000)
      const seen = await rows()
      report(`rsyslog over ${way}: ${JSON.stringify(seen)}, ${Math.round(lines / seconds)} lines/s to the row`)
      expect({ numbers: seen.numbers, damaged: seen.damaged }).toEqual({ numbers: lines, damaged: 0 })
      // RELP sends again what was not answered before its connection went; here none went.
      expect(seen.rows).toBe(lines)
      before += seen.rows
    })

    test('over udp: every number is a row once, or counted as lost', async () => {
      const rsyslog = await startRsyslog({ way: 'udp', port: siaga.ports.syslog, lines })
      try {
        let last = -1
        await until(
          async () => {
            const now = (await rows()).numbers
            const quiet = now === lines || (now > 0 && now === last)
            last = now
            if (!quiet) await sleep(3_000)
            return quiet
          },
          'no more datagrams come',
          timeoutMs,
        )
      } finally {
        await rsyslog.stop()
      }
      const seen = await rows()
      // The kernel's own drops are counted with a little delay.
      await sleep(2_000)
      const lost = await siaga.metric('siaga_collector_lost_total')
      report(`rsyslog over udp: ${JSON.stringify(seen)}, ${lost} counted as lost`)
      expect(seen.damaged).toBe(0)
      expect(seen.rows).toBe(seen.numbers)
      expect(seen.numbers + lost).toBe(lines)
      before += seen.rows
    })

    test('none of them came to an unknown peer or to the dead-letter queue', async () => {
      expect(await siaga.value("SELECT count() FROM events WHERE source_id = 'unknown-peer'")).toBe(0)
      expect(await siaga.metric('siaga_processor_dead_total')).toBe(0)
      expect(await siaga.metric('siaga_collector_refused_total')).toBe(0)
      // A range that a new owner of a partition lands again is counted again, though its rows are there once.
      const rows = Number(await siaga.value('SELECT count() FROM events'))
      // A row can be queried before its worker has told the main process of it.
      await until(async () => (await siaga.metric('siaga_processor_landed_total')) >= rows, `${rows} rows are counted`)
      expect(await siaga.value('SELECT uniqExact(_stream, _partition, _offset) FROM events')).toBe(rows)
      report(`rsyslog: most memory of the main process ${peakMb(siaga.pid)} MB`)
    })
  })
}
