// Which events could not be read, and what came of sending them again? A viewer sees and replays the dead letters of its own sources alone.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import { isCentre } from '../../runtime/scope.ts'
import { topics } from '../../schemas/raw-event.ts'
import {
  LetterDetail,
  LettersAnswer,
  LettersQuery,
  type LetterView,
  ReplayAnswer,
  ReplayBody,
} from '../../schemas/sources-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import type { Letter, SourceParts } from './parts.ts'
import { maySee } from './plugin.ts'

const PAGE = 50
const PAYLOAD_BYTES = 16 * 1024
const MINUTE_MS = 60_000
const read = { area: 'sources', verb: 'read' } as const
const write = { area: 'sources', verb: 'write' } as const

/** A letter as it is shown in a list. */
export function letterView(letter: Letter): LetterView {
  const { id, at, receivedAt, source, topic, reason, cause, format, bytes, head, replayed } = letter
  // What could not be read may not say when it came either.
  return {
    id,
    at,
    received_at: receivedAt > 0 ? receivedAt : null,
    source,
    topic,
    reason,
    cause,
    format,
    bytes,
    head,
    replayed,
  }
}

/** Letters that the viewer may see: of its sources; the centre also those of sources that are not configured any more, and of other topics. */
async function lettersFor(parts: SourceParts, viewer: Viewer): Promise<{ letters: Letter[]; cut: boolean }> {
  const { letters, cut } = await parts.letters.list().catch(() => {
    throw new WebError('STORE_UNAVAILABLE', {}, 2)
  })
  if (isCentre(viewer.room)) return { letters: [...letters], cut }
  const own = new Set(parts.config.sources.filter((source) => maySee(viewer, source)).map(({ id }) => id))
  // The topic first: what is no event carries the name of its topic, which somebody may have given to a source.
  return { letters: letters.filter(({ topic, source }) => topic === topics.raw && own.has(source)), cut }
}

export function letterRoutes(app: FastifyInstance, parts: SourceParts): void {
  const { letters: board, clickhouseOf, audit, now } = parts
  const routes = typed(app)

  routes.get(
    '/api/sources/letters',
    { config: { access: read }, schema: { querystring: LettersQuery, response: { 200: LettersAnswer } } },
    async (request) => {
      const { source, reason, all, from } = request.query
      const { letters, cut } = await lettersFor(parts, viewerOf(request))
      const reasons = new Map<string, number>()
      for (const letter of letters)
        if (!letter.replayed) reasons.set(letter.reason, (reasons.get(letter.reason) ?? 0) + 1)
      const matching = letters.filter(
        (one) =>
          (all === '1' || !one.replayed) &&
          (source === '' || one.source === source) &&
          (reason === '' || one.reason === reason),
      )
      return {
        at: now(),
        letters: matching.slice(from, from + PAGE).map(letterView),
        matching: matching.length,
        reasons: Array.from(reasons, ([name, count]) => ({ reason: name, letters: count })).sort(
          (a, b) => b.letters - a.letters,
        ),
        cut,
      }
    },
  )

  const Found = z.object({ found: z.coerce.number() })
  const outcomeOf = async (letter: Letter, all: readonly Letter[], viewer: Viewer) => {
    if (letter.replayedAt === undefined) return { outcome: null, again: null }
    const again = all.find((one) => one.eventId !== '' && one.eventId === letter.eventId && one.at > letter.at)
    if (again !== undefined)
      return { outcome: 'dead_again', again: { id: again.id, reason: again.reason, cause: again.cause } } as const
    if (letter.topic !== topics.raw || letter.eventId === '') return { outcome: 'sent', again: null } as const
    // Landed after it was sent: by the day of landing only few granules are looked at.
    const [row] = await clickhouseOf(viewer).rows(
      Found,
      `SELECT count() AS found FROM siaga.events WHERE event_id = {event:String} AND source_id = {source:String}
       AND ingested_at >= fromUnixTimestamp64Milli({from:Int64}) AND ingested_at < fromUnixTimestamp64Milli({to:Int64})`,
      {
        event: letter.eventId,
        source: letter.source,
        from: letter.replayedAt - MINUTE_MS,
        to: letter.replayedAt + 60 * MINUTE_MS,
      },
      { max_execution_time: 10 },
    )
    return { outcome: (row?.found ?? 0) > 0 ? 'landed' : 'waiting', again: null } as const
  }

  routes.get(
    '/api/sources/letters/:id',
    {
      config: { access: read },
      schema: { params: z.object({ id: z.string().max(200) }), response: { 200: LetterDetail } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const { letters } = await lettersFor(parts, viewer)
      const letter = letters.find(({ id }) => id === request.params.id)
      if (letter === undefined) throw new WebError('NOT_FOUND')
      // The head is all of a short one: the topic is read again for long ones alone.
      const whole = letter.bytes <= Buffer.byteLength(letter.head)
      const payload = whole ? undefined : await board.payload(letter.id)
      return {
        letter: letterView(letter),
        payload: payload?.toString('utf8', 0, Math.min(payload.length, PAYLOAD_BYTES)) ?? letter.head,
        payload_cut: letter.bytes > (whole ? letter.bytes : PAYLOAD_BYTES),
        ...(await outcomeOf(letter, letters, viewer)),
      }
    },
  )

  routes.post(
    '/api/sources/letters/replay',
    { config: { access: write }, schema: { body: ReplayBody, response: { 200: ReplayAnswer } } },
    async (request) => {
      const viewer = viewerOf(request)
      const wanted = new Set(request.body.ids)
      const own = (await lettersFor(parts, viewer)).letters.filter(({ id, replayed }) => wanted.has(id) && !replayed)
      const sources = [...new Set(own.map(({ source }) => source))].slice(0, 20).join(', ') || 'none'
      const say = (outcome: 'success' | 'failure', what: string): void =>
        audit({
          action: 'dead_letters_replayed',
          outcome,
          user: viewer.name,
          peer: normalizeAddress(request.raw.socket.remoteAddress ?? ''),
          message: `${what} of ${sources}, by ${viewer.name} of room ${viewer.room.id}`,
        })
      const ids = own.map(({ id }) => id)
      let sent: readonly string[] = []
      try {
        if (ids.length > 0) sent = await board.replay(ids)
      } catch {
        say('failure', `${ids.length} dead letters could not be sent, or not all,`)
        throw new WebError('STORE_UNAVAILABLE', {}, 2)
      }
      say('success', `${sent.length} dead letters`)
      return { replayed: sent.length, left_out: wanted.size - sent.length }
    },
  )
}
