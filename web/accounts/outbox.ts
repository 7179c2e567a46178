// How does what the command line did to accounts reach the audit trail? It is written down beside them, and the running server sends it on.
import { z } from 'zod'
import { WebAuditEntry } from '../../schemas/account.ts'
import type { Store } from './store.ts'

const Row = z.object({ n: z.number(), entry: z.string() })

/** Keeps an entry until a server sends it. */
export function keepEntry(store: Store, entry: WebAuditEntry): void {
  store.run('INSERT INTO outbox (entry) VALUES (?)', JSON.stringify(entry))
}

/** Hands over what waits, in order; each entry once, twice if the process dies in between. */
export function sendKept(store: Store, audit: (entry: WebAuditEntry) => void): void {
  for (const { n, entry } of store.rows(Row, 'SELECT n, entry FROM outbox ORDER BY n LIMIT 100')) {
    audit(WebAuditEntry.parse(JSON.parse(entry)))
    store.run('DELETE FROM outbox WHERE n = ?', n)
  }
}
