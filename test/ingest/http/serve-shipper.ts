// A running endpoint of a shipper's protocol with fake surroundings.
import { fastify } from 'fastify'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { createDoor, type DoorOptions } from '../../../ingest/http/door.ts'
import { type Shipper, shipperPlugin } from '../../../ingest/http/shipper.ts'
import { fakeDependencies } from './fakes.ts'
import { apiKey, type Body, limits, onStop } from './serve.ts'

/** The protocol on a free port, for the sources web, web-kpu and other; the key of source `x` is `good-x`. */
export async function serveShipper(
  shipper: Shipper,
  changed: Partial<typeof limits> = {},
  more: Partial<DoorOptions> = {},
) {
  const { deps, writer, metrics } = fakeDependencies([
    { id: 'web', format: 'nginx' },
    { id: 'web-kpu', format: '' },
    { id: 'other', format: '' },
    { id: 'demo', format: '', loopbackOnly: true },
  ])
  const audit: AuditEntry[] = []
  const app = fastify({ forceCloseConnections: true })
  const door = createDoor({
    deps,
    keys: { verify: (text) => (/^good-[\w-]+$/.test(text) ? apiKey(text.slice(5)) : undefined) },
    limits: { ...limits, ...changed },
    audit: (entry) => audit.push(entry),
    ...more,
  })
  await app.register(shipperPlugin(door, shipper))
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  onStop(app)

  async function send(path: string, body: Body | undefined, headers: Record<string, string> = {}, method = 'POST') {
    const response = await fetch(address + path, {
      method,
      headers: { authorization: 'Bearer good-web', ...headers },
      ...(body !== undefined && { body }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && bytes.length > 0
    const json: unknown = isJson ? JSON.parse(bytes.toString()) : undefined
    return { status: response.status, headers: response.headers, bytes, text: bytes.toString(), json }
  }
  return { send, address, writer, metrics, audit, balanced: () => isBalanced(metrics.counts) }
}

/** Whether everything that was received has been accounted for. */
function isBalanced({
  received,
  accepted,
  refused,
  lost,
}: Record<'received' | 'accepted' | 'refused' | 'lost', number>) {
  return received === accepted + refused + lost
}
