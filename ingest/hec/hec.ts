// How do Splunk's shippers push events? POST /services/collector, with channels and acknowledgements (Splunk, "HTTP Event Collector REST API endpoints").
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { jsonForm } from '../http/answer.ts'
import type { Held } from '../http/door.ts'
import type { Shared, Shipper } from '../http/shipper.ts'
import { agreeOnSource } from '../http/source-name.ts'
import { createSplitter } from '../http/split.ts'
import { type Channels, createChannels } from './channels.ts'
import { readEvents } from './events.ts'
import { HecError } from './hec-error.ts'
import { codeOf, replies } from './replies.ts'

/** Events read at a time: other requests get their turn in between. */
const PIECE_EVENTS = 500
const PIECE_BYTES = 1024 * 1024

const Channel = z.guid()
const AckQuery = z.object({ acks: z.array(z.int().min(0)).max(10_000) })

export const hec: Shipper = {
  name: 'hec',
  prefix: '/services/collector',
  formOf(refusal, request) {
    const own = refusal instanceof HecError ? refusal : undefined
    const authorized = (request.headers.authorization ?? '') !== ''
    const code = own?.reply ?? (refusal.code === 'KEY_MISSING' && authorized ? 3 : (codeOf[refusal.code] ?? 6))
    const { status, text } = replies[code]
    return jsonForm(
      // 429 says more than that the server is busy.
      refusal.code === 'RATE_LIMITED' ? refusal.status : status,
      { text, code, ...(own?.eventNumber !== undefined && { 'invalid-event-number': own.eventNumber }) },
      status === 401 ? { 'www-authenticate': 'Splunk' } : {},
    )
  },
  routes(app, shared) {
    const channels = createChannels(shared.door.now)
    app.register(async (open) => {
      for (const url of ['/health', '/health/1.0']) open.get(url, async () => ({ text: replies[17].text, code: 17 }))
    })
    app.register(async (guarded) => {
      guarded.addHook('onRequest', shared.admit)
      for (const url of ['', '/event', '/event/1.0'])
        guarded.post(url, (request, reply) => take(request, reply, shared, channels, objects))
      for (const url of ['/raw', '/raw/1.0'])
        guarded.post(url, (request, reply) => take(request, reply, shared, channels, rawLines))
      guarded.post('/ack', (request) => acknowledgements(request, shared, channels))
    })
  },
}

type Reader = (held: Held, request: FastifyRequest, shared: Shared) => Promise<Buffer[]>

function take(
  request: FastifyRequest,
  reply: FastifyReply,
  shared: Shared,
  channels: Channels,
  read: Reader,
): Promise<{ text: string; code: number; ackId?: number }> {
  const channel = channelOf(request)
  return shared.receive(request, async (held) => {
    const payloads = await read(held, request, shared)
    if (payloads.length === 0) throw new HecError(5)
    const { source, keyId } = shared.senderOf(request)
    await shared.deliver(request, reply, held, {
      count: payloads.length,
      format: source.format,
      payload: (at) => payloads[at] ?? Buffer.alloc(0),
    })
    // Only now, though Splunk answers before: a shipper that never asks for acknowledgements is safe, too.
    const ackId = channel === undefined ? undefined : channels.acknowledged(keyId, channel)
    return { text: replies[0].text, code: 0, ...(ackId !== undefined && { ackId }) }
  })
}

async function objects({ body }: Held, request: FastifyRequest, { door, senderOf }: Shared): Promise<Buffer[]> {
  const { source } = senderOf(request)
  const payloads: Buffer[] = []
  for (const payload of readEvents(body, door.maxEvents, (index) => agreeOnSource(door.sources, index, source))) {
    payloads.push(payload)
    if (payloads.length % PIECE_EVENTS === 0) await turn()
  }
  return payloads
}

async function rawLines({ body }: Held, request: FastifyRequest, { door, senderOf }: Shared): Promise<Buffer[]> {
  agreeOnSource(door.sources, parameterOf(request, 'index'), senderOf(request).source)
  const splitter = createSplitter('lines', body, door.maxEvents)
  while (!splitter.step(PIECE_BYTES)) await turn()
  const { spans } = splitter
  return Array.from({ length: spans.length / 2 }, (_, at) => body.subarray(spans[at * 2], spans[at * 2 + 1]))
}

async function acknowledgements(
  request: FastifyRequest,
  { receive, senderOf }: Shared,
  channels: Channels,
): Promise<{ acks: Record<string, boolean> }> {
  const channel = channelOf(request)
  if (channel === undefined) throw new HecError(10)
  const { keyId } = senderOf(request)
  return receive(request, async ({ body }) => {
    let asked: unknown
    try {
      asked = JSON.parse(body.toString())
    } catch {
      throw new HecError(6)
    }
    const query = AckQuery.safeParse(asked)
    if (!query.success) throw new HecError(6)
    return { acks: channels.ask(keyId, channel, query.data.acks) }
  })
}

/** The channel of a request, a GUID in a header or in the address; undefined if it has none. */
function channelOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-splunk-request-channel']
  const named = typeof header === 'string' ? header : parameterOf(request, 'channel')
  if (named === '') return undefined
  const channel = Channel.safeParse(named)
  if (!channel.success) throw new HecError(11)
  return channel.data.toLowerCase()
}

function parameterOf({ query }: FastifyRequest, name: string): string {
  const value =
    typeof query === 'object' && query !== null && name in query
      ? Object.entries(query).find(([key]) => key === name)?.[1]
      : ''
  return typeof value === 'string' ? value : ''
}
