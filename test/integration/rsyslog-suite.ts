// The promises that a real rsyslog is to see kept, for so many lines.
import { describe, expect, test } from 'vitest'
import { ways, whyNoRsyslog } from './rsyslog-client.ts'
import { shipThroughKafka, shipWhileKilling } from './rsyslog-ways.ts'

const missing = whyNoRsyslog()

/** Declares the tests; `report` gets a line with the figures of each way. */
export function testRsyslog(lines: number, kills: number, report: (line: string) => void): void {
  const title = `a real rsyslog ships ${lines} lines${missing === undefined ? '' : ` (skipped: ${missing})`}`
  const all = Array.from({ length: lines }, (_, number) => number)

  describe.skipIf(missing !== undefined)(title, () => {
    test.each(ways.filter((way) => way !== 'udp'))('over %s: every line is on the topic once', async (way) => {
      const { copies, lost, linesPerSecond, complaints } = await shipThroughKafka(way, lines)
      report(`${way}: ${lines} of ${lines} lines, ${linesPerSecond} lines/s`)
      expect([...copies.keys()].toSorted((a, b) => a - b)).toEqual(all)
      expect([...copies.values()].every((times) => times === 1)).toBe(true)
      expect(lost).toEqual({})
      expect(complaints).toBe('')
    })

    test('over udp: every line is on the topic or counted as lost', async () => {
      const { copies, lost, linesPerSecond } = await shipThroughKafka('udp', lines)
      report(`udp: ${copies.size} of ${lines} lines, lost ${JSON.stringify(lost)}, ${linesPerSecond} lines/s`)
      const counted = Object.values(lost).reduce((sum, events) => sum + events, 0)
      expect(copies.has(-1)).toBe(false)
      expect([...copies.values()].every((times) => times === 1)).toBe(true)
      expect(copies.size + counted).toBe(lines)
    })

    test(`over relp, the collector killed ${kills} times: every line is on the topic`, async () => {
      const { copies, killed } = await shipWhileKilling(lines, kills)
      const repeats = [...copies.values()].reduce((sum, times) => sum + times - 1, 0)
      report(`relp: ${copies.size} of ${lines} lines, collector killed ${killed} times, ${repeats} repeats`)
      expect(killed).toBe(kills)
      expect([...copies.keys()].toSorted((a, b) => a - b)).toEqual(all)
    })
  })
}
