// How do notices to owners run beside everything else? Links from the master key, pages on the web port, and claims that probes check.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ProbeCollector } from '../../ingest/probe/probe.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { Log } from '../../runtime/log.ts'
import { createNoticeTokens, type NoticeTokens } from '../../runtime/notice-token.ts'
import type { Reference } from '../../runtime/reference.ts'
import { startScheduler } from '../../runtime/scheduler.ts'
import { siagaActor } from '../../schemas/actor.ts'
import { CHECK_AFTER_MS, type Notice } from '../../schemas/notice.ts'
import type { AlertBoard } from '../../sinks/alerts/board.ts'
import type { RuleText } from '../../sinks/alerts/message/options.ts'
import { noticeText, noticeTime } from '../../sinks/alerts/notices/text.ts'
import type { NoticeLinks } from '../../sinks/alerts/render.ts'
import type { NoticeDesk } from '../../web/notices/desk.ts'
import { noticePages } from '../../web/notices/plugin.ts'

export interface NoticeWork {
  readonly desk: NoticeDesk
  /** Probes run in this process: claims are looked at at once. */
  readonly onProbes: (probes: Pick<ProbeCollector, 'look'>) => void
  stop(): Promise<void>
}

export interface NoticeWorkParts {
  readonly config: Pick<ResolvedConfig, 'assets' | 'rooms'>
  readonly board: Pick<AlertBoard, 'ready' | 'notices' | 'noticeOf' | 'ask'>
  readonly clickhouse: Pick<ClickHouse, 'rows'>
  readonly reference: Reference
  readonly rules: () => ReadonlyMap<string, RuleText>
  readonly log: Log
}

/** Tokens and links of an installation. */
export function noticeLinks(
  { alerts }: Pick<ResolvedConfig, 'alerts'>,
  masterKey: Buffer,
): { readonly tokens: NoticeTokens; readonly link: NoticeLinks } {
  const tokens = createNoticeTokens(masterKey)
  const base = (alerts.notices.public_url || alerts.public_url).replace(/\/$/, '')
  const isAddress = /^https?:\/\/[^\s"'<>]+$/.test(base)
  return { tokens, link: (id, contact) => (isAddress ? `${base}/n/${tokens.token(id, contact)}` : '') }
}

const ANSWER_MS = 10_000

/** What the pages show, and a look every half minute at claims that something is fixed. */
export function startNoticeWork(parts: NoticeWorkParts): NoticeWork {
  const { config, board, reference, rules, log } = parts
  let probes: Pick<ProbeCollector, 'look'> | undefined
  const check = createNoticeCheck({
    ...parts,
    look: async (asset) => (await probes?.look(asset)) ?? false,
    now: Date.now,
  })
  const assets = new Map(config.assets.map((asset) => [asset.id, asset]))
  const rooms = new Map(config.rooms.map((room) => [room.id, room]))
  const end = startScheduler([{ name: 'notices', when: '*/30 * * * * *', run: check }], log)
  return {
    desk: {
      ready: board.ready,
      noticeOf: board.noticeOf,
      ask: board.ask,
      text: (notice, language) => noticeText(notice, { language, reference, assets, rooms, rules: rules() }),
      when: (notice, ms) => noticeTime(notice, ms, { reference }),
    },
    onProbes(running) {
      probes = running
    },
    stop: end,
  }
}

export interface NoticeCheckParts extends Pick<NoticeWorkParts, 'board' | 'clickhouse'> {
  /** Has an asset probed at once; false if this process probes none. */
  readonly look: (asset: string) => Promise<boolean>
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly database?: string
}

/** A function that looks at every claim once: has it probed, and says that it is verified once a probe has found nothing. What is found again says the engine. */
export function createNoticeCheck({
  board,
  clickhouse,
  look,
  now,
  database = 'siaga',
}: NoticeCheckParts): () => Promise<void> {
  /** Claims that were probed at once, by notice. */
  const looked = new Map<string, number>()
  return async () => {
    const claims = [...board.notices()].filter(({ state, by_probe }) => state === 'fixed' && by_probe)
    for (const id of looked.keys()) if (!claims.some(({ notice_id }) => notice_id === id)) looked.delete(id)
    for (const claim of claims) {
      // What a probe says that began before the claim does not count.
      if (now() <= claim.fixed_at + CHECK_AFTER_MS) continue
      if (looked.get(claim.notice_id) !== claim.fixed_at) {
        looked.set(claim.notice_id, claim.fixed_at)
        await look(claim.asset_id)
      }
      if (await isClean(clickhouse, claim, database)) await board.ask(verified(claim, now()), ANSWER_MS)
    }
  }
}

const Seen = z.object({ pages: z.coerce.number(), missing: z.coerce.number(), found: z.coerce.number() })
const DAY_SECONDS = 86_400

/**
 * True if everything that probes of the asset look at (page, certificate, names) has been seen since the claim, the page without a failure, and none
 * of the notice's rules has found anything.
 */
async function isClean(clickhouse: Pick<ClickHouse, 'rows'>, claim: Notice, database: string): Promise<boolean> {
  const [seen] = await clickhouse.rows(
    Seen,
    `WITH fromUnixTimestamp64Milli({after:Int64}, 'UTC') AS after
     SELECT
       (SELECT count() FROM ${database}.events
        WHERE dataset = 'siaga.probe' AND asset_id = {asset:String} AND timestamp > after
          AND event_action = 'page_probe' AND fields['siaga.probe.failure'] = '') AS pages,
       (SELECT count() FROM (
          SELECT event_action FROM ${database}.events
          WHERE dataset = 'siaga.probe' AND asset_id = {asset:String} AND timestamp > after - INTERVAL ${DAY_SECONDS} SECOND
          GROUP BY event_action HAVING max(timestamp) <= after)) AS missing,
       (SELECT count() FROM ${database}.events
        WHERE dataset = 'siaga.probe' AND asset_id = {asset:String} AND timestamp > after AND hasAny(rule_ids, {rules:Array(String)}))
       + (SELECT count() FROM ${database}.findings
          WHERE asset_id = {asset:String} AND window_end > after AND rule_id IN {rules:Array(String)}) AS found`,
    { after: claim.fixed_at + CHECK_AFTER_MS, asset: claim.asset_id, rules: claim.rules },
  )
  return seen !== undefined && seen.pages > 0 && seen.missing === 0 && seen.found === 0
}

/** The same claim gives the same request: repeats are one. */
function verified({ notice_id, alert_id, fixed_at }: Notice, at: number): Parameters<AlertBoard['ask']>[0] {
  return {
    kind: 'notice',
    what: 'verified',
    request_id: `verified-${notice_id}-${fixed_at}`,
    at,
    actor: siagaActor,
    alert_id,
    notice_id,
    token_hash: '',
    text: '',
    fixed_at,
  }
}

/** Puts the pages on the web server, before it listens. */
export async function serveNotices(app: FastifyInstance, { desk }: NoticeWork, log: Log): Promise<void> {
  await app.register(noticePages({ desk, log }))
}
