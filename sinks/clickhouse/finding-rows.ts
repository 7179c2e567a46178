// What does a finding look like on its way to ClickHouse? Read from its message with care, written as RowBinary, which no text can break.
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { Finding } from '../../schemas/detection.ts'
import { ColumnBytes } from './column-bytes.ts'

/** Columns of `findings_rows` in the order in which `encodeFindings` writes them. */
export const findingColumns =
  'finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence, ' +
  'window_start, window_end, score, dedup_key, landed_at'

/** What DateTime64(3) holds: 1900 to 2299. */
const Time = z.int().min(-2_208_988_800_000).max(10_413_791_999_999)
const Landable = Finding.extend({ finding_id: z.string().min(1), window_start: Time, window_end: Time })

export type ReadFinding =
  | { readonly kind: 'ok'; readonly finding: Finding }
  | { readonly kind: 'dlq'; readonly reason: string; readonly cause: string }

/** The finding of a message; never throws. */
export function readFinding(value: Buffer | null): ReadFinding {
  if (value === null || value.length === 0) return { kind: 'dlq', reason: 'bad_finding', cause: 'the message is empty' }
  try {
    return { kind: 'ok', finding: Landable.parse(JSON.parse(value.toString('utf8'))) }
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : errorText(error)
    return { kind: 'dlq', reason: 'bad_finding', cause }
  }
}

/** Rows in ClickHouse's RowBinary. Times are milliseconds since 1970 UTC. */
export function encodeFindings(findings: readonly Finding[], landedAt: number): Buffer {
  const out = new ColumnBytes(0)
  const list = <T>(values: readonly T[], write: (value: T) => void): void => {
    out.varint(values.length)
    for (const value of values) write(value)
  }
  const text = (value: string): void => out.string(value)
  for (const finding of findings) {
    text(finding.finding_id)
    text(finding.rule_id)
    text(finding.title)
    text(finding.severity)
    list(finding.attack, text)
    text(finding.event_id)
    text(finding.source_id)
    text(finding.region_code)
    text(finding.owner)
    text(finding.asset_id)
    text(finding.entity)
    list(finding.evidence, ({ field, value }) => {
      text(field)
      text(value)
    })
    out.int64(finding.window_start)
    out.int64(finding.window_end)
    out.uint8(finding.score)
    text(finding.dedup_key)
    out.int64(landedAt)
  }
  return out.buffer.subarray(0, out.position)
}
