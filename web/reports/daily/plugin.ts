// What does the page ask about daily reports? The days that there are, a report, and the same as PDF.
import type { FastifyInstance } from 'fastify'
import { provinceZone } from '../../../runtime/local-day.ts'
import { DailyDays, DailyQuery, DailyReport } from '../../../schemas/daily-api.ts'
import { Language } from '../../../schemas/language.ts'
import type { Room } from '../../../schemas/room.ts'
import { typed } from '../../door.ts'
import { WebError } from '../../errors.ts'
import type { PartDependencies } from '../../parts.ts'
import { type Viewer, viewerOf } from '../../viewer.ts'
import { roomsSeen } from '../duties.ts'
import { daysOf, readDaily } from './report.ts'

const read = { area: 'reports', verb: 'read' } as const

export function dailyRoutes(app: FastifyInstance, { clickhouseOf, reference, config, rooms }: PartDependencies): void {
  const routes = typed(app)
  const partsOf = (viewer: Viewer) => ({ clickhouse: clickhouseOf(viewer), reference })

  /** A room whose report the viewer may read; NOT_FOUND if there is none of that id. */
  function roomFor(viewer: Viewer, id: string | undefined): Room {
    if (id === undefined) return viewer.room
    const room = roomsSeen(rooms, viewer.room).find((one) => one.id === id)
    if (room === undefined) throw new WebError('NOT_FOUND')
    return room
  }

  async function reportFor(
    viewer: Viewer,
    { day, room }: { day: string; room?: string | undefined },
  ): Promise<DailyReport> {
    const report = await readDaily(roomFor(viewer, room), day, partsOf(viewer))
    if (report === undefined) throw new WebError('NOT_FOUND')
    return report
  }

  routes.get(
    '/api/reports/daily/days',
    {
      config: { access: read },
      schema: { querystring: DailyQuery.pick({ room: true }), response: { 200: DailyDays } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const room = roomFor(viewer, request.query.room)
      return {
        days: await daysOf(room, partsOf(viewer)),
        rooms: roomsSeen(rooms, viewer.room).map(({ id, name, region }) => ({
          id,
          name: name || id,
          region,
          region_name: reference.regions.get(region)?.name ?? region,
        })),
        room: room.id,
        time: config.reports.daily_time,
        zone: provinceZone(reference, room.region),
      }
    },
  )

  routes.get(
    '/api/reports/daily',
    { config: { access: read }, schema: { querystring: DailyQuery, response: { 200: DailyReport } } },
    async (request) => reportFor(viewerOf(request), request.query),
  )

  routes.get(
    '/api/reports/daily/pdf',
    {
      config: { access: read },
      schema: { querystring: DailyQuery.extend({ language: Language.default('id') }) },
    },
    async (request, reply) => {
      const { day, room, language } = request.query
      const report = await reportFor(viewerOf(request), { day, room })
      // What draws pages takes 35 MB: only where somebody asks for one.
      const { dailyPdf } = await import('./pdf.ts')
      const pdf = await dailyPdf(report, language)
      return reply
        .type('application/pdf')
        .header('content-disposition', `attachment; filename="laporan-harian-${report.room}-${day}.pdf"`)
        .header('cache-control', 'no-store')
        .send(pdf)
    },
  )
}
