// What do tests of feeds share? A server whose answers they set, a port that remembers, and feeds started on a folder of their own.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, vi } from 'vitest'
import type { AuditEntry } from '../../../ingest/audit/audit.ts'
import { type FeedPort, type Feeds, type FeedsOptions, startFeeds } from '../../../ingest/feeds/feeds.ts'
import type { ParseSettings } from '../../../ingest/feeds/intake.ts'
import { silentLog } from '../../../runtime/log.ts'
import { createMetrics } from '../../../runtime/metrics.ts'
import { Feed } from '../../../schemas/feed.ts'
import type { Indicator } from '../../../schemas/indicator.ts'

/** 2026-11-27 00:00:00 UTC. */
export const NOW = Date.UTC(2026, 10, 27)
export const DAY = 86_400_000

export function settings(change: Partial<Feed> = {}): ParseSettings {
  return feed(change)
}

export function feed(change: Partial<Feed> & { url?: string } = {}): Feed {
  return Feed.parse({ id: 'uji', format: 'list', url: 'list.txt', allow_private: ['127.0.0.1'], ...change })
}

/** `type value` of each, in order. */
export function brief(indicators: readonly Indicator[]): string[] {
  return indicators.map(({ type, value }) => `${type} ${value}`).sort()
}

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'siaga-feeds-'))
  endings.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface FeedServer {
  readonly url: string
  /** Requests so far, as `path if-none-match`. */
  readonly asked: string[]
  answer: Answer
}

export async function serve(answer: Answer): Promise<FeedServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push([request.url ?? '', request.headers['if-none-match'] ?? ''].join(' ').trim())
    state.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  endings.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const state: FeedServer = { url: `http://127.0.0.1:${port}`, asked, answer }
  return state
}

export function text(body: string | Buffer, headers: Record<string, string> = {}): Answer {
  return (_, response) => response.writeHead(200, headers).end(body)
}

/** A port that keeps what it was given; `broken` makes it refuse, `share` sets what traffic tells. */
export class Port implements FeedPort {
  readonly held = new Map<string, Indicator[]>()
  readonly asked: string[][] = []
  replaced = 0
  broken = false
  matched = 0
  events = 0

  async replace(source: string, indicators: readonly Indicator[]) {
    if (this.broken) throw new Error('away')
    this.replaced++
    this.held.set(source, [...indicators])
    return { added: 0, removed: 0, total: indicators.length }
  }

  async traffic(indicators: readonly Indicator[]) {
    if (this.broken) throw new Error('away')
    this.asked.push(brief(indicators))
    return { matched: this.matched, events: this.events }
  }

  values(source = 'uji'): string[] {
    return brief(this.held.get(source) ?? [])
  }
}

export interface Running {
  readonly feeds: Feeds
  readonly port: Port
  readonly audit: AuditEntry[]
  readonly metrics: ReturnType<typeof createMetrics>
}

/** Feeds on a folder, with a clock that stands unless the test moves it. */
export async function start(
  feeds: readonly Feed[],
  dataDir: string,
  change: Partial<FeedsOptions> & { port?: Port } = {},
): Promise<Running> {
  const port = change.port ?? new Port()
  const audit: AuditEntry[] = []
  const metrics = createMetrics()
  const running = startFeeds({
    settings: { feeds: [...feeds], warning_lists: [], hold_share: 0.001 },
    names: { domains: [], networks: [] },
    systemOf: () => 0,
    audit: (entry) => audit.push(entry),
    log: silentLog,
    metrics,
    dataDir,
    baseDir: dataDir,
    env: {},
    now: () => NOW,
    timeoutMs: 2_000,
    apart: false,
    pollMs: 20,
    retryMs: 20,
    ...change,
    port,
  })
  endings.push(() => running.stop())
  return { feeds: running, port, audit, metrics }
}

/** Waits until a check holds. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 })
}
