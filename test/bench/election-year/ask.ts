// How long does a question take, and how much does it read? One query over HTTP, timed here, counted by the server.
import { z } from 'zod'

const Answer = z.object({
  data: z.array(z.array(z.unknown())),
  rows: z.number(),
  statistics: z.object({ rows_read: z.number(), bytes_read: z.number() }),
})

export interface Asked {
  readonly data: readonly (readonly unknown[])[]
  readonly ms: number
  readonly rowsRead: number
  readonly bytesRead: number
}

export interface Asker {
  /** Of the server, without credentials. */
  readonly url: string
  readonly username: string
  readonly password: string
}

/** Asks as a client does: until the last byte of the answer is here. Rejects with the server's words. */
export async function ask({ url, username, password }: Asker, query: string): Promise<Asked> {
  const settings = new URLSearchParams({ output_format_json_quote_64bit_integers: '0', use_query_cache: '0' })
  const began = performance.now()
  const response = await fetch(`${url}/?${settings}`, {
    method: 'POST',
    headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password, 'X-ClickHouse-Format': 'JSONCompact' },
    body: query,
  })
  const body = await response.text()
  const ms = performance.now() - began
  if (!response.ok) throw new Error(`${body.trim().slice(0, 600)}\n${query}`)
  const { data, statistics } = Answer.parse(JSON.parse(body))
  return { data, ms, rowsRead: statistics.rows_read, bytesRead: statistics.bytes_read }
}

/** The value below which `share` of the sorted list lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
