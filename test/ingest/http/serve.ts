// A running HTTP collector with fake surroundings.
import { type FastifyInstance, fastify } from 'fastify'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { createDoor, type DoorOptions } from '../../../ingest/http/door.ts'
import type { HttpErrorBody } from '../../../ingest/http/errors.ts'
import { httpCollector } from '../../../ingest/http/plugin.ts'
import type { ApiKey } from '../../../schemas/key.ts'
import { fakeDependencies } from './fakes.ts'

export const MB = 1024 * 1024
export type Body = NonNullable<RequestInit['body']>
export const limits = {
  max_body_bytes: 10 * MB,
  max_decompressed_bytes: 64 * MB,
  events_per_second: 20_000,
  body_memory_bytes: 256 * MB,
  send_timeout_seconds: 10,
}

const running: FastifyInstance[] = []
/** Has this server stopped with the others. */
export function onStop(app: FastifyInstance): void {
  running.push(app)
}

/** Stops every server that was started. */
export async function stopAll(): Promise<void> {
  for (const app of running.splice(0)) await app.close()
}

export function apiKey(source: string): ApiKey {
  return {
    id: `key-of-${source}`,
    source,
    label: '',
    hash: 'x'.repeat(43),
    tail: 'abcd',
    created: '2024-01-01T00:00:00Z',
  }
}

/** A collector on a free port with three sources; the key of source `x` is `good-x`. */
export async function serve(changed: Partial<typeof limits> = {}, more: Partial<DoorOptions> = {}) {
  const { deps, writer, metrics } = fakeDependencies([
    { id: 'web', format: 'nginx' },
    { id: 'other', format: '' },
    { id: 'demo', format: '', loopbackOnly: true },
  ])
  const audit: AuditEntry[] = []
  const app = fastify({ forceCloseConnections: true })
  app.post('/outside', async (request) => ({ got: request.body }))
  await app.register(
    httpCollector(
      createDoor({
        deps,
        keys: { verify: (text) => (/^good-\w+$/.test(text) ? apiKey(text.slice(5)) : undefined) },
        limits: { ...limits, ...changed },
        audit: (entry) => audit.push(entry),
        ...more,
      }),
    ),
  )
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  running.push(app)
  const port = Number(new URL(address).port)

  async function post(body: Body, headers: Record<string, string> = {}, path = '/v1/events/web') {
    const response = await fetch(address + path, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer good-web', 'content-type': 'text/plain', ...headers },
      duplex: 'half',
    } as RequestInit)
    const json: unknown = await response.json()
    return { status: response.status, headers: response.headers, json: json as { accepted: number } & HttpErrorBody }
  }
  return { app, address, port, post, writer, metrics, audit }
}

/** Head of a request with a body of so many bytes. */
export const head = (length: number, more = ''): string =>
  `POST /v1/events/web HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good-web\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n${more}\r\n`
