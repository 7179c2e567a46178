// What do tests of the reports' routes run? The door with real accounts, the one desk of reports, real parsers and a real ClickHouse.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { pageDesk } from '../../../cli/start/page-reports.ts'
import { roomUserName } from '../../../deploy/clickhouse/rooms.ts'
import { clickhousePassword } from '../../../deploy/clickhouse/users.ts'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { createReportDesk } from '../../../ingest/report/filing.ts'
import { createReportStore } from '../../../ingest/report/store.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { silentLog } from '../../../runtime/log.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { Role } from '../../../schemas/account.ts'
import { Config } from '../../../schemas/config.ts'
import { createAccounts } from '../../../web/accounts/accounts.ts'
import { createSessions } from '../../../web/accounts/sessions.ts'
import { openStore } from '../../../web/accounts/store.ts'
import { cookieName, installDoor } from '../../../web/door.ts'
import { reportRoutes } from '../../../web/reports/plugin.ts'
import { fakeDependencies } from '../../ingest/http/fakes.ts'
import { parseOne } from '../../processors/parse/read.ts'
import { startOwnServices } from '../../services.ts'
import { DAY, landPages, rooms } from './day.ts'

const { assets: _, ...config } = Config.parse({ calendars: ['pilkada-2024'], rooms })

/** Who asks: role and room. */
export type Who = `${Role} ${string}`

export async function startPage() {
  const services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  const pipeline = createClickHouse({ url, ...users.pipeline })
  const folder = await mkdtemp(join(tmpdir(), 'siaga-page-reports-'))
  const clock = { now: Date.now() }
  const now = () => clock.now
  const reference = loadReference(config, '.')
  const { deps, writer } = fakeDependencies()
  const audit: AuditEntry[] = []
  const note = (entry: AuditEntry) => audit.push(entry)
  const limits = { send_timeout_seconds: 1 }
  const store = createReportStore(folder, now)
  const reports = createReportDesk({ deps, config, reference, limits, store, audit: note, now })
  const book = openStore(folder)
  const accounts = createAccounts(book, now)
  const sessions = createSessions(book, now)
  const clients = new Map<string, ClickHouse>()
  const clickhouseOf = ({ room: { id } }: { room: { id: string } }): ClickHouse => {
    const known = clients.get(id)
    if (known !== undefined) return known
    const username = roomUserName(id)
    const made = createClickHouse({ url, username, password: clickhousePassword(services.masterKey, username) })
    clients.set(id, made)
    return made
  }
  const app = fastify()
  await app.register(async (api) => {
    await installDoor(api, { sessions, rooms, log: silentLog, secure: false, now, onRefused: () => undefined })
    reportRoutes(api, {
      clickhouseOf,
      clickhouse: pipeline,
      config: { ...config, assets: [] },
      rooms,
      reference,
      log: silentLog,
      now,
      desk: pageDesk({ reports, audit: Object.assign(note, { stop: async () => undefined }) }),
    })
  })
  const known = new Map<Who, string>()
  /** A session of its own for each request: some tests are days ahead of others. */
  const sessionOf = (who: Who): { token: string; csrf: string } => {
    const [role = '', room = ''] = who.split(' ')
    const login = `${role}-${room}`
    const account =
      known.get(who) ?? accounts.create({ login, name: login, role: Role.parse(role), room, language: 'id' }).id
    known.set(who, account)
    const { token } = sessions.begin(account, 'session', { address: '127.0.0.1', agent: 'test' })
    return { token, csrf: sessions.find(token)?.csrf ?? '' }
  }
  let landed = 0
  return {
    clock,
    writer,
    audit,
    pipeline,
    async ask(who: Who, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const { token, csrf } = sessionOf(who)
      // Each request is a second later: the rate of a session is tested elsewhere.
      clock.now += 1000
      const answer = await app.inject({
        method: body === undefined ? 'GET' : 'POST',
        url: path,
        headers: { cookie: `${cookieName(false)}=${token}`, 'x-siaga-csrf': csrf, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      const json = answer.headers['content-type']?.toString().startsWith('application/json') === true
      return {
        status: answer.statusCode,
        headers: answer.headers,
        raw: answer.rawPayload,
        json: json ? answer.json() : undefined,
      }
    },
    /** Lands what was written to Kafka since the last time, as the processors do. */
    async land(): Promise<void> {
      const fresh = writer.events.slice(landed)
      landed = writer.events.length
      if (fresh.length === 0) return
      const page = fresh.map(({ value, format, source, id, receivedAt }) => {
        const at = { receivedAt, zoneMinutes: 420, columns: [] }
        const { event } = parseOne(value.toString(), format as 'siaga.report', at)
        const room = rooms.find((one) => one.id === source)
        Object.assign(event, {
          event_id: id,
          source_id: source,
          region_code: room?.region ?? '',
          owner: room?.owner ?? '',
          received_at: receivedAt,
          message: value.toString(),
          retain_until: Date.now() + 400 * DAY,
        })
        return { event, ingestedAt: Math.floor(clock.now / 1000) * 1000 }
      })
      await landPages(pipeline, [page], `filed-${landed}`)
    },
    async stop(): Promise<void> {
      await app.close()
      book.close()
      await Promise.all([...clients.values(), admin, pipeline].map((client) => client.close()))
      await services.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
