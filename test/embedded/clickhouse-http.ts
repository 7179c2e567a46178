// One ClickHouse query over plain HTTP, so that these tests stand apart from the client the product uses.
import type { Credentials, TestServices } from '../services.ts'

/** Runs `sql` as this user; the result as TSV without the last line end. Throws with ClickHouse's own words. */
export async function query(
  services: Pick<TestServices, 'clickhouse'>,
  { username, password }: Credentials,
  sql: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(`${services.clickhouse.url}/?${new URLSearchParams(settings)}`, {
    method: 'POST',
    body: sql,
    headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password },
  })
  const body = (await response.text()).trimEnd()
  if (!response.ok) throw new Error(body)
  return body
}
