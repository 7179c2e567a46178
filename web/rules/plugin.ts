// What do the rules find, how are they written, and what would one have found? Counts are asked as the viewer's own ClickHouse user.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isCentre, within } from '../../runtime/scope.ts'
import {
  BacktestBody,
  BacktestJob,
  MAX_BACKTEST_DAYS,
  RuleDetail,
  RuleEvents,
  RulesAnswer,
  type RuleView,
} from '../../schemas/rules-api.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import { type Viewer, viewerOf } from '../viewer.ts'
import { createBacktests } from './backtests.ts'
import type { RuleHead, RuleParts } from './parts.ts'

const read = { area: 'rules', verb: 'read' } as const
const DAY_MS = 86_400_000
/** Counts of a room are kept so long: a page that is opened again asks nothing. */
const KEEP_MS = 60_000
const Params = z.object({ id: z.string().min(1).max(300) })

const Id = Params.shape.id
const TitlesAsked = z.object({ id: z.union([Id, z.array(Id).max(100)]) })
const Titles = z.record(z.string(), z.object({ title: z.string(), judul: z.string() }))

const Findings = z.object({ id: z.string(), day: z.coerce.number(), week: z.coerce.number(), month: z.coerce.number() })
const Closed = z.object({ id: z.string(), closed: z.coerce.number(), wrong: z.coerce.number() })
const FINDINGS = `
  SELECT rule_id AS id, countIf(landed_at >= now() - INTERVAL 1 DAY) AS day, countIf(landed_at >= now() - INTERVAL 7 DAY) AS week, count() AS month
  FROM siaga.findings WHERE landed_at >= now() - INTERVAL 30 DAY GROUP BY rule_id`
const CLOSED = `
  SELECT arrayJoin(arrayDistinct(arrayMap(rule -> rule.rule_id, rules))) AS id,
    countIf(status IN ('resolved', 'false_positive', 'accepted')) AS closed, countIf(status = 'false_positive') AS wrong
  FROM siaga.alerts WHERE changed_at >= now() - INTERVAL 30 DAY GROUP BY id`
const limits = { max_execution_time: 20 }

interface Counts {
  readonly findings: ReadonlyMap<string, z.infer<typeof Findings>>
  readonly closed: ReadonlyMap<string, z.infer<typeof Closed>>
}

export function ruleRoutes(app: FastifyInstance, parts: RuleParts): void {
  const { rules, clickhouseOf, reference, now } = parts
  const routes = typed(app)
  const backtests = createBacktests(parts)
  app.addHook('onClose', async () => backtests.close())
  const known = new Map<string, { at: number; counts: Promise<Counts> }>()

  const ask = async (viewer: Viewer): Promise<Counts> => {
    const clickhouse = clickhouseOf(viewer)
    const [findings, closed] = await Promise.all([
      clickhouse.rows(Findings, FINDINGS, {}, limits),
      clickhouse.rows(Closed, CLOSED, {}, limits),
    ])
    return {
      findings: new Map(findings.map((row) => [row.id, row])),
      closed: new Map(closed.map((row) => [row.id, row])),
    }
  }
  /** Of the viewer's room, whose people all see the same rows. */
  const countsOf = (viewer: Viewer): Promise<Counts> => {
    const before = known.get(viewer.room.id)
    if (before !== undefined && now() - before.at < KEEP_MS) return before.counts
    const counts = ask(viewer)
    known.set(viewer.room.id, { at: now(), counts })
    counts.catch(() => known.delete(viewer.room.id))
    return counts
  }
  const view = (head: RuleHead, { findings, closed }: Counts): RuleView => {
    const found = findings.get(head.id)
    const ended = closed.get(head.id)
    return {
      ...head,
      findings: { day: found?.day ?? 0, week: found?.week ?? 0, month: found?.month ?? 0 },
      closed: ended?.closed ?? 0,
      false_positives: ended?.wrong ?? 0,
    }
  }
  const headOf = (id: string): RuleHead => {
    const head = rules.list().find((one) => one.id === id)
    if (head === undefined) throw new WebError('NOT_FOUND')
    return head
  }

  routes.get(
    '/api/rules',
    { config: { access: read }, schema: { response: { 200: RulesAnswer } } },
    async (request) => {
      const counts = await countsOf(viewerOf(request))
      return { at: now(), rules: rules.list().map((head) => view(head, counts)), problems: [...rules.problems()] }
    },
  )

  // Alerts and events name a rule by its id: whoever sees those is told what it is called, and nothing else of it.
  routes.get(
    '/api/rules/titles',
    {
      config: { access: { area: 'situation', verb: 'read' } },
      schema: { querystring: TitlesAsked, response: { 200: Titles } },
    },
    async ({ query: { id } }) => {
      const wanted = new Set(typeof id === 'string' ? [id] : id)
      return Object.fromEntries(
        rules
          .list()
          .filter((rule) => wanted.has(rule.id))
          .map((rule) => [rule.id, { title: rule.title, judul: rule.judul }]),
      )
    },
  )

  const Days = z.object({ day: z.string(), findings: z.coerce.number() })
  const Regions = z.object({ region: z.string(), findings: z.coerce.number() })
  routes.get(
    '/api/rules/by-id/:id',
    { config: { access: read }, schema: { params: Params, response: { 200: RuleDetail } } },
    async (request) => {
      const viewer = viewerOf(request)
      const head = headOf(request.params.id)
      const text = rules.text(head.id)
      if (text === undefined) throw new WebError('NOT_FOUND')
      const clickhouse = clickhouseOf(viewer)
      const where = 'FROM siaga.findings WHERE rule_id = {id:String} AND landed_at >= now() - INTERVAL 30 DAY'
      const [counts, days, regions] = await Promise.all([
        countsOf(viewer),
        clickhouse.rows(
          Days,
          `SELECT toString(toDate(landed_at, 'Asia/Jakarta')) AS day, count() AS findings ${where} GROUP BY day ORDER BY day`,
          { id: head.id },
          limits,
        ),
        clickhouse.rows(
          Regions,
          `SELECT region_code AS region, count() AS findings ${where} GROUP BY region_code ORDER BY findings DESC LIMIT 10`,
          { id: head.id },
          limits,
        ),
      ])
      return {
        at: now(),
        rule: view(head, counts),
        ...text,
        days,
        regions: regions.map((row) => ({ ...row, name: reference.regions.get(row.region)?.name ?? '' })),
        cost_us: backtests.cost(head.id) ?? null,
      }
    },
  )

  const Events = z.object({ day: z.coerce.number(), week: z.coerce.number(), month: z.coerce.number() })
  routes.get(
    '/api/rules/by-id/:id/events',
    { config: { access: read }, schema: { params: Params, response: { 200: RuleEvents } } },
    async (request) => {
      const { id } = headOf(request.params.id)
      const [row] = await clickhouseOf(viewerOf(request)).rows(
        Events,
        `SELECT countIf(ingested_at >= now() - INTERVAL 1 DAY) AS day, countIf(ingested_at >= now() - INTERVAL 7 DAY) AS week, count() AS month
         FROM siaga.events WHERE ingested_at >= now() - INTERVAL 30 DAY AND has(rule_ids, {id:String})`,
        { id },
        { max_execution_time: 60 },
      )
      return row ?? { day: 0, week: 0, month: 0 }
    },
  )

  routes.post(
    '/api/rules/by-id/:id/backtests',
    { config: { access: read }, schema: { params: Params, body: BacktestBody, response: { 200: BacktestJob } } },
    async (request) => {
      const viewer = viewerOf(request)
      const { id } = headOf(request.params.id)
      const { from, to, region } = request.body
      if (from >= to) throw new WebError('BAD_REQUEST', { detail: 'from is not before to' })
      if (to - from > MAX_BACKTEST_DAYS * DAY_MS)
        throw new WebError('BAD_REQUEST', { detail: `more than ${MAX_BACKTEST_DAYS} days` })
      // Its rows would be empty all the same: this says so at once.
      if (region !== '' && !isCentre(viewer.room) && !within(region, viewer.room.region))
        throw new WebError('BAD_REQUEST', { detail: `region ${region} is not of this room` })
      return backtests.begin(viewer, { rule: id, from, to, region })
    },
  )
  const Job = z.object({ job: z.uuid() })
  routes.get(
    '/api/rules/backtests/:job',
    { config: { access: read }, schema: { params: Job, response: { 200: BacktestJob } } },
    async (request) => backtests.of(viewerOf(request), request.params.job),
  )
  routes.post(
    '/api/rules/backtests/:job/stop',
    { config: { access: read }, schema: { params: Job, response: { 200: BacktestJob } } },
    async (request) => backtests.stop(viewerOf(request), request.params.job),
  )
}
