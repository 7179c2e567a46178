// A running report collector with a writer in memory, real storage and the real calendar.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { createReportDesk } from '../../../ingest/report/filing.ts'
import { reportCollector } from '../../../ingest/report/plugin.ts'
import { createReportStore } from '../../../ingest/report/store.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { Config } from '../../../schemas/config.ts'
import type { ApiKey } from '../../../schemas/key.ts'
import { Room } from '../../../schemas/room.ts'
import { fakeDependencies } from '../http/fakes.ts'

/** 2024-11-20 15:00 WIB, a week before the vote. */
const NOW = Date.parse('2024-11-20T08:00:00Z')
const reference = loadReference({ calendars: ['pilkada-2024'] }, '.')
const rooms = [
  Room.parse({ id: 'ruang-jabar', name: 'Ruang Operasi Jawa Barat', region: '32', owner: 'pemda' }),
  Room.parse({ id: 'ruang-makassar', region: '73.71', owner: 'pemda' }),
  Room.parse({ id: 'ruang-papua', region: '91' }),
]
const running: { app: FastifyInstance; folder: string }[] = []

/** Stops every server that was started and removes its folder. */
export async function stopAll(): Promise<void> {
  for (const { app, folder } of running.splice(0)) {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const keyOf = (id: string, holder: Pick<ApiKey, 'source' | 'room'>): ApiKey => ({
  id,
  ...holder,
  label: '',
  hash: 'x'.repeat(43),
  tail: 'abcd',
  created: '2024-01-01T00:00:00Z',
})

/** Keys: `room-<id>` of a room, `source-<id>` of a source. */
function verify(text: string): ApiKey | undefined {
  const [, kind, id = ''] = /^(room|source)-(.+)$/.exec(text) ?? []
  if (kind === undefined) return undefined
  return keyOf(text, kind === 'room' ? { source: '', room: id } : { source: id })
}

export type Answer = Record<string, unknown> & { receipt: string }

export async function serve({ dataDir, sendTimeout = 5 }: { dataDir?: string; sendTimeout?: number } = {}) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'siaga-report-')))
  const { deps, writer, metrics } = fakeDependencies()
  const clock = { now: NOW }
  const audit: AuditEntry[] = []
  const app = fastify({ forceCloseConnections: true })
  const now = () => clock.now
  const note = (entry: AuditEntry) => audit.push(entry)
  const store = createReportStore(folder, now)
  const reports = createReportDesk({
    deps,
    config: { rooms, reports: Config.parse({}).reports },
    reference,
    limits: { send_timeout_seconds: sendTimeout },
    store,
    audit: note,
    now,
  })
  await app.register(reportCollector({ deps, keys: { verify }, reports, store, audit: note, now }))
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  running.push({ app, folder })

  async function request(method: string, path: string, body: RequestInit['body'] | undefined, headers = {}) {
    // Each call is another second: the rate of keys is tested by itself.
    clock.now += 1000
    const answer = await fetch(address + path, { method, body: body ?? null, headers, duplex: 'half' } as RequestInit)
    const json = (await answer.json()) as Answer
    return { status: answer.status, headers: answer.headers, json }
  }
  return {
    folder,
    clock,
    writer,
    metrics,
    audit,
    address,
    request,
    report: (body: unknown, headers: Record<string, string> = {}, path = '/v1/reports') =>
      request('POST', path, typeof body === 'string' ? body : JSON.stringify(body), {
        authorization: 'Bearer room-ruang-jabar',
        'content-type': 'application/json',
        ...headers,
      }),
    attach: (bytes: RequestInit['body'], sha256: string, headers: Record<string, string> = {}) =>
      request('PUT', `/v1/reports/attachments/${sha256}`, bytes, {
        authorization: 'Bearer room-ruang-jabar',
        ...headers,
      }),
    records: () => writer.events.map(({ value }) => JSON.parse(value.toString())),
  }
}

export const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A form that is filled in. */
export const form = {
  contact: { name: 'Rina', organisation: 'Diskominfo', email: 'rina@jabar.example', phone: '0812-3456-7890' },
  description: 'Halaman depan situs KPU diganti.',
  chronology: [
    { at: '2024-11-20 13:10', what: 'Laporan warga' },
    { at: '2024-11-20 13:25', what: 'Situs diturunkan' },
  ],
  impact: 'Situs tidak dapat dipakai dua jam.',
  category: 'web_defacement',
  asset: 'situs-jabar',
  severity: 'high',
  discovered_at: '2024-11-20 13:15',
  iiv: true,
  personal_data: true,
}
