// What does the web port serve? Health, metrics and the status page; collectors register their routes beside them.
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { normalizeAddress } from '../runtime/peer-address.ts'
import type { Config } from '../schemas/config.ts'

export interface WebServerOptions {
  http: Config['http']
  /** Every part that must work before events can flow; the reason for each that does not. */
  notReady(): Promise<string[]>
  /** Prometheus text. */
  metrics(): Promise<string>
  metricsContentType: string
  /** What the status page shows, as JSON. */
  status(): Promise<unknown>
}

const REQUEST_TIMEOUT_MS = 60_000
const HEADERS_TIMEOUT_MS = 15_000
/** Below what a stop may take in all (cli/start/teardown.ts). */
const ANSWER_LIMIT_MS = 2_500
const file = (name: string) => readFileSync(new URL(`./public/${name}`, import.meta.url), 'utf8')
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** What the page never asks a browser for. */
const permissions = ['camera', 'geolocation', 'microphone', 'payment', 'usb', 'serial', 'display-capture']
  .map((name) => `${name}=()`)
  .join(', ')
/** RFC 6797; a year. */
const strictTransport = `max-age=${365 * 24 * 3600}`

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True if the request comes from this machine. */
function isLoopback(request: Pick<FastifyRequest, 'ip'>): boolean {
  return loopback.check(request.ip, isIPv6(request.ip) ? 'ipv6' : 'ipv4')
}

/**
 * Whoever has been let in is answered before connections are closed: a sender whose answer is cut does not know whether its lines were taken, and
 * may send them to another collector, which knows nothing of them. Nobody waits for streams, which have no end.
 */
function answerBeforeClosing(app: FastifyInstance): void {
  const open = new Set<ServerResponse>()
  app.addHook('onRequest', async (_request, { raw }) => {
    open.add(raw)
    raw.once('close', () => open.delete(raw))
  })
  app.addHook('preClose', async () => {
    // Nobody new gets in; connections at rest are closed.
    app.server.close()
    const until = performance.now() + ANSWER_LIMIT_MS
    while ([...open].some(isOwed) && performance.now() < until) await sleep(10)
  })
}

function isOwed({ headersSent, writableEnded, writableFinished }: ServerResponse): boolean {
  return !headersSent || (writableEnded && !writableFinished)
}

function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** By the address of the connection. What a reverse proxy passes on comes from anybody, though the proxy may stand in the network of the scraper. */
function isPeerOf(list: BlockList, { socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): boolean {
  const peer = normalizeAddress(socket.remoteAddress ?? '')
  const proxied = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'via'].some(
    (name) => name in headers,
  )
  return peer !== '' && !proxied && list.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')
}

/** True for names that only this machine answers to: a page elsewhere whose name was pointed at 127.0.0.1 (DNS rebinding) is refused. */
function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]' || hostname === '::1'
}

/** Builds the server; `listen` is the caller's. Figures and the page go to this machine only, until there are accounts to ask for. */
export function createWebServer(options: WebServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: options.http.trusted_proxies.length === 0 ? false : options.http.trusted_proxies,
    bodyLimit: options.http.max_body_bytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 20_000,
    forceCloseConnections: true,
    // Slow senders are looked for every five seconds, not every thirty.
    http: { connectionsCheckingInterval: 5_000 },
  })
  const https = options.http.public_url.startsWith('https:')
  app.server.headersTimeout = HEADERS_TIMEOUT_MS
  app.server.maxConnections = options.http.max_connections
  app.addHook('onSend', async (_request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .header('permissions-policy', permissions)
      .header('cross-origin-opener-policy', 'same-origin')
      .header('cross-origin-resource-policy', 'same-origin')
    if (https) reply.header('strict-transport-security', strictTransport)
  })

  answerBeforeClosing(app)

  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const reasons = await options.notReady()
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons })
  })

  const scrapers = networksOf(options.http.metrics_from)
  app.register(async (local) => {
    local.addHook('onRequest', async (request, reply) => {
      if (isLoopback(request) && isLocalName(request.hostname)) return
      if (request.routeOptions.url === '/metrics' && isPeerOf(scrapers, request)) return
      return reply.code(403).send({
        error: 'LOOPBACK_ONLY',
        message: 'This page is for the machine itself.',
        action: 'Open it there, or through an SSH tunnel.',
      })
    })
    local.get('/metrics', async (_request, reply) =>
      reply.type(options.metricsContentType).send(await options.metrics()),
    )
    local.get('/v1/status', async (_request, reply) =>
      reply.header('cache-control', 'no-store').send(await options.status()),
    )
    const assets = [
      ['/status', 'status.html', 'text/html; charset=utf-8'],
      ['/status.js', 'status.js', 'text/javascript; charset=utf-8'],
      ['/status.css', 'status.css', 'text/css; charset=utf-8'],
    ] as const
    for (const [path, name, type] of assets) {
      const content = file(name)
      local.get(path, async (_request, reply) => reply.type(type).send(content))
    }
  })
  return app
}
