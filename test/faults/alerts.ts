// Are alerts made and told whatever is killed? `siaga start` on real services, SIGKILL of all of it or of one worker at random moments, receivers of every temper.
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ATTACK_RULE } from '../attack-rule.ts'
import { type Home, makeHome, type Siaga, startSiaga } from '../e2e/siaga.ts'
import { type OwnServices, startOwnServices } from '../services.ts'

export interface AlertFaults {
  /** Attacks, each a matter of its own. */
  readonly alerts: number
  readonly kills: number
  readonly seed: number
  readonly say: (line: string) => void
}

export interface AlertFaultResult {
  readonly alerts: number
  /** Rows of the view of alerts, and different matters among them. */
  readonly rows: number
  readonly matters: number
  readonly merged: number
  /** By channel: alerts that it took as new, and keys by alert. */
  readonly taken: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>
  readonly repeats: number
  readonly kills: { readonly all: number; readonly worker: number }
}

const Body = z.object({ reason: z.string(), alert: z.object({ alert_id: z.string(), entity: z.string() }) })

/** Pushes the attacks while it kills; answers when every channel that can take messages has every alert, or rejects after some minutes. */
export async function alertFaults({ alerts, kills, seed, say }: AlertFaults): Promise<AlertFaultResult> {
  const random = seeded(seed)
  const receivers = await startReceivers(random)
  const services = await startOwnServices({ migrated: true })
  const home = await makeHome(yamlOf(receivers.ports), ['addresses'])
  const env = environment(services, home)
  await mkdir(join(home.folder, 'rules'), { recursive: true })
  await writeFile(join(home.folder, 'rules', 'serang.yml'), ATTACK_RULE)
  let siaga: Siaga | undefined
  const killed = { all: 0, worker: 0 }
  try {
    siaga = await startSiaga({ home, env })
    let accepted = 0
    const push = async (): Promise<void> => {
      const batch = 10
      while (accepted < alerts) {
        const lines = Array.from({ length: Math.min(batch, alerts - accepted) }, (_, n) => lineOf(accepted + n))
        const answer = await siaga
          ?.post(lines.join('\n'), { headers: { 'idempotency-key': `serang-${accepted}` } })
          .catch(() => undefined)
        if (answer?.status === 202) accepted += lines.length
        await sleep(answer?.status === 202 ? 20 + random() * 60 : 300)
      }
    }
    const kill = async (): Promise<void> => {
      // Spread over the attacks, at moments that nobody chose.
      for (let n = 0; n < kills; n += 1) {
        const at = ((n + random()) / kills) * alerts
        while (accepted < at) await sleep(20)
        await sleep(random() * 400)
        if (n % 3 === 1) {
          const workers = await workersOf(siaga?.pid ?? 0)
          const victim = workers[Math.floor(random() * workers.length)]
          if (victim !== undefined) process.kill(victim, 'SIGKILL')
          killed.worker += 1
        } else {
          await siaga?.crash()
          killed.all += 1
          siaga = await startSiaga({ home, env })
        }
        say(`kill ${n + 1} of ${kills}: ${accepted} of ${alerts} accepted, ${receivers.of('sehat').size} told`)
      }
      receivers.calm()
    }
    await Promise.all([push(), kill()])
    // A message that failed late waits for its next try, a quarter of an hour at most.
    const until = Date.now() + 1_200_000
    const complete = () => ['sehat', 'galat', 'sibuk'].every((channel) => receivers.of(channel).size >= alerts)
    for (let told = 0; Date.now() < until && !complete(); told += 1) {
      await sleep(500)
      if (told % 20 === 19)
        say(['sehat', 'galat', 'sibuk'].map((channel) => `${channel} ${receivers.of(channel).size}`).join(', '))
    }
    const rows = async (where: string): Promise<number> =>
      Number(await firstValue(siaga, `SELECT count() FROM siaga.alerts WHERE rule_id LIKE '7f1d9f3a%' AND ${where}`))
    for (const end = Date.now() + 60_000; Date.now() < end && (await rows('1')) < alerts; ) await sleep(300)
    const matters = Number(
      await firstValue(siaga, "SELECT uniqExact(dedup_key) FROM siaga.alerts WHERE rule_id LIKE '7f1d9f3a%'"),
    )
    return {
      alerts,
      rows: await rows('1'),
      matters,
      merged: await rows("status = 'merged'"),
      taken: receivers.taken,
      repeats: receivers.repeats(),
      kills: killed,
    }
  } finally {
    await siaga?.stop()
    await home.remove()
    await services.stop()
    await receivers.close()
  }
}

async function firstValue(siaga: Siaga | undefined, query: string): Promise<unknown> {
  const { stdout } = (await siaga?.run('sql', '--format', 'JSONEachRow', query)) ?? { stdout: '{}' }
  return Object.values(z.record(z.string(), z.unknown()).parse(JSON.parse(stdout.trim() || '{}')))[0]
}

function environment({ brokers, clickhouse }: OwnServices, home: Home): Record<string, string> {
  const url = new URL(clickhouse.url)
  url.username = clickhouse.users.admin.username
  url.password = clickhouse.users.admin.password
  return Object.assign(home.env, { KAFKA_BROKERS: brokers.join(','), CLICKHOUSE_URL: url.href })
}

/** Process ids of the workers of a `siaga start`. */
async function workersOf(pid: number): Promise<number[]> {
  const { readFile, readdir } = await import('node:fs/promises')
  const parents = new Map<number, number>()
  const commands = new Map<number, string>()
  for (const name of await readdir('/proc')) {
    const id = Number(name)
    if (!Number.isInteger(id)) continue
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
    parents.set(id, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    commands.set(id, await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''))
  }
  const isOurs = (id: number): boolean => id === pid || (id > 1 && isOurs(parents.get(id) ?? 0))
  return [...parents.keys()].filter((id) => isOurs(id) && (commands.get(id) ?? '').includes('worker/main'))
}

function lineOf(n: number): string {
  const time = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3:$4 +0000')
  return `10.${n >> 16}.${(n >> 8) & 255}.${n & 255} - - [${time}] "GET /serang HTTP/1.1" 200 12 "-" "curl/8.0"`
}

function yamlOf(ports: ReadonlyMap<string, number>): string {
  const channels = [...ports].map(
    ([id, port]) =>
      `    - {id: ${id}, kind: webhook, url: "http://127.0.0.1:${port}/", timeout_seconds: 2, concurrency: 8}`,
  )
  return `
rules: {shipped: false, folders: [rules]}
processors: {workers: 2}
correlations: {enabled: false}
syslog: {enabled: false}
relp: {enabled: false}
alerts:
  storm: {matters: 1000000, region_matters: 1000000}
  thresholds: [{score: 0, severity: informational}]
  channels:
${channels.join('\n')}
  forward: [${[...ports.keys()].map((channel) => `{channel: ${channel}, severity: low}`).join(', ')}]
`
}

/**
 * Receivers: `sehat` takes everything, `galat` answers 500 until it is calmed, `sibuk` answers 429 with Retry-After now and then, `macet` never
 * answers.
 */
async function startReceivers(random: () => number) {
  const servers: Server[] = []
  const ports = new Map<string, number>()
  const taken = new Map<string, Map<string, Set<string>>>()
  let calm = false
  let repeats = 0
  for (const name of ['sehat', 'galat', 'sibuk', 'macet']) {
    const alerts = new Map<string, Set<string>>()
    taken.set(name, alerts)
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        if (name === 'macet') return
        if (name === 'galat' && !calm) {
          response.writeHead(500).end()
          return
        }
        if (name === 'sibuk' && !calm && random() < 0.05) {
          response.writeHead(429, { 'retry-after': '1' }).end()
          return
        }
        const { alert, reason } = Body.parse(JSON.parse(Buffer.concat(parts).toString()))
        const what = `${alert.entity} ${reason}`
        const keys = alerts.get(what) ?? new Set()
        const key = String(request.headers['idempotency-key'])
        if (keys.has(key)) repeats += 1
        alerts.set(what, keys.add(key))
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
    ports.set(name, (server.address() as AddressInfo).port)
  }
  return {
    ports,
    taken,
    of: (name: string): ReadonlyMap<string, ReadonlySet<string>> => taken.get(name) ?? new Map(),
    repeats: () => repeats,
    calm: () => {
      calm = true
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

/** The same numbers from 0 to 1 for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
