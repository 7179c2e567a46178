// What does the page ask about reports? Filing one for the viewer's room, following those that it may see, and who has not reported.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { dutySchedule } from '../../runtime/duty.ts'
import { normalizeAddress } from '../../runtime/peer-address.ts'
import { readReceipt } from '../../runtime/receipt.ts'
import { within } from '../../runtime/scope.ts'
import { ReportAnswer } from '../../schemas/report.ts'
import {
  ReportDeskInfo,
  ReportDetail,
  ReportId,
  ReportList,
  ReportQuery,
  ReportRefusal,
  RoomDuties,
} from '../../schemas/reports-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { PartDependencies } from '../parts.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { dailyRoutes } from './daily/plugin.ts'
import { dutiesOf, reportTimes, roomsSeen } from './duties.ts'
import { listFiled, readFiled } from './filed.ts'

/** What came of a report that was handed in. */
export type FileOutcome =
  | { readonly kind: 'filed'; readonly answer: ReportAnswer; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfter: number; readonly body: ReportRefusal }

/** The desk of reports; cli hands it in. `undefined`: siaga.yaml names no such room. */
export interface FilingDesk {
  files(room: string): boolean
  file(asked: {
    readonly room: string
    readonly kind: 'incident' | 'nihil'
    readonly body: Readonly<Record<string, unknown>>
    readonly idempotencyKey: string
    /** Address that it came from, and the account. */
    readonly peer: string
    readonly by: string
  }): Promise<FileOutcome>
}

export interface ReportDependencies extends PartDependencies {
  readonly desk: FilingDesk
}

/** The form in full: 256 KiB as by the API, and room for JSON's escapes. */
const MAX_BODY = 300 * 1024
const MAX_ASSETS = 500
const read = { area: 'reports', verb: 'read' } as const
const write = { area: 'reports', verb: 'write' } as const

export function reportRoutes(app: FastifyInstance, deps: ReportDependencies): void {
  const { desk, reference, config, rooms, now, clickhouseOf } = deps
  const routes = typed(app)
  dailyRoutes(app, deps)
  const partsOf = (viewer: Viewer) => ({
    clickhouse: clickhouseOf(viewer),
    reference,
    rooms,
    schedule: config.reports,
    now: now(),
  })

  routes.get(
    '/api/reports/desk',
    { config: { access: read }, schema: { response: { 200: ReportDeskInfo } } },
    async (request) => deskInfo(viewerOf(request)),
  )

  async function deskInfo(viewer: Viewer): Promise<ReportDeskInfo> {
    const { room } = viewer
    const parts = partsOf(viewer)
    const files = desk.files(room.id)
    const duty = dutySchedule(room, config.reports, reference)
    const due = files ? duty.nearest(parts.now) : undefined
    const times = due && (await reportTimes([room], due.after, parts)).get(room.id)
    return {
      room: room.id,
      room_name: room.name || room.id,
      region: room.region,
      region_name: reference.regions.get(room.region)?.name ?? room.region,
      zone: duty.zone,
      files,
      now: parts.now,
      assets: config.assets
        .filter(({ region }) => room.region === '00' || within(region, room.region))
        .slice(0, MAX_ASSETS)
        .map(({ id, name }) => ({ id, name })),
      due:
        due === undefined
          ? null
          : {
              at: due.at,
              until: due.until,
              voting_day: due.votingDay,
              reported: (times ?? []).some((t) => t > due.after),
            },
    }
  }

  for (const kind of ['incident', 'nihil'] as const) {
    routes.post(
      `/api/reports/${kind}`,
      {
        config: { access: write },
        bodyLimit: MAX_BODY,
        schema: {
          headers: z.looseObject({ 'idempotency-key': ReportId }),
          body: z.record(z.string(), z.unknown()),
          response: { 200: ReportAnswer, 201: ReportAnswer, '4xx': ReportRefusal, '5xx': ReportRefusal },
        },
      },
      async (request, reply) => file(kind, request, request.body, request.headers['idempotency-key'], reply),
    )
  }

  async function file(
    kind: 'incident' | 'nihil',
    request: FastifyRequest,
    body: Readonly<Record<string, unknown>>,
    id: string,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const viewer = viewerOf(request)
    const outcome = await desk.file({
      room: viewer.room.id,
      kind,
      body,
      idempotencyKey: `page ${id}`,
      peer: normalizeAddress(request.raw.socket.remoteAddress ?? ''),
      by: viewer.name,
    })
    if (outcome.kind === 'filed') return reply.code(outcome.repeated ? 200 : 201).send(outcome.answer)
    if (outcome.retryAfter > 0) reply.header('retry-after', outcome.retryAfter)
    return reply.code(outcome.status).send(outcome.body)
  }

  routes.get(
    '/api/reports',
    { config: { access: read }, schema: { querystring: ReportQuery, response: { 200: ReportList } } },
    async (request) => listFiled(partsOf(viewerOf(request)), request.query),
  )

  routes.get(
    '/api/reports/item/:receipt',
    {
      config: { access: read },
      schema: { params: z.object({ receipt: z.string().max(60) }), response: { 200: ReportDetail } },
    },
    async (request) => {
      const receipt = readReceipt(request.params.receipt)
      const found = receipt === undefined ? undefined : await readFiled(partsOf(viewerOf(request)), receipt)
      if (found === undefined) throw new WebError('NOT_FOUND')
      return found
    },
  )

  routes.get(
    '/api/reports/duties',
    { config: { access: read }, schema: { response: { 200: RoomDuties } } },
    async (request) => {
      const viewer = viewerOf(request)
      const parts = partsOf(viewer)
      return { now: parts.now, rooms: await dutiesOf(roomsSeen(config.rooms, viewer.room), parts) }
    },
  )
}
