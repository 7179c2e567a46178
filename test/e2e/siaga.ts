// How do end-to-end tests run all of Siaga? `siaga start` as its users type it, on free ports and in a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ClickHouseUserKey, clickhouseCredentials } from '../../deploy/clickhouse/users.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { AUDIT_SOURCE, HEARTBEAT_SOURCE } from '../../schemas/raw-event.ts'
import { siagaLine } from '../cli/host.ts'
import { plainEnvironment, type Run, siaga, starterFile } from '../cli/run.ts'
import { copyTemplate, type TemplatePart } from '../template.ts'

const portSettings = {
  http: 'SIAGA_HTTP_PORT',
  syslog: 'SIAGA_SYSLOG_PORT',
  tls: 'SIAGA_SYSLOG_TLS_PORT',
  relp: 'SIAGA_RELP_PORT',
  kafka: 'SIAGA_EMBEDDED_KAFKA_PORT',
  clickhouse: 'SIAGA_EMBEDDED_CLICKHOUSE_PORT',
  clickhouseTcp: 'SIAGA_EMBEDDED_CLICKHOUSE_TCP_PORT',
} as const

export type Ports = Record<keyof typeof portSettings, number>

/** A folder with its data directory, its siaga.yaml and the environment that every command of it gets. */
export interface Home {
  readonly folder: string
  readonly dataDir: string
  readonly ports: Ports
  readonly env: Record<string, string>
  /** Runs `siaga` there to its end. */
  run(...args: string[]): Promise<Run>
  runWith(options: { stdin?: string; env?: Record<string, string> }, ...args: string[]): Promise<Run>
  /** The same in a process that answers line after line (test/cli/host.ts). */
  line(...args: string[]): Promise<Run>
  lineWith(options: { stdin?: string; env?: Record<string, string> }, ...args: string[]): Promise<Run>
  remove(): Promise<void>
}

/**
 * Makes a folder to start Siaga in. `yaml`: what siaga.yaml says. `made`: what of a first start is done already (test/template.ts); nothing for tests of
 * that start itself.
 */
export async function makeHome(
  yaml?: string,
  made: readonly TemplatePart[] = ['clickhouse', 'kafka', 'addresses'],
): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'siaga-e2e-'))
  const dataDir = join(folder, 'data')
  await copyTemplate(dataDir, made)
  if (yaml !== undefined) await writeFile(join(folder, 'siaga.yaml'), yaml)
  const [http = 0, syslog = 0, tls = 0, relp = 0, kafka = 0, clickhouse = 0, clickhouseTcp = 0] = await pickFreePorts(7)
  const ports: Ports = { http, syslog, tls, relp, kafka, clickhouse, clickhouseTcp }
  const env: Record<string, string> = { SIAGA_DATA_DIR: dataDir, NO_COLOR: '1' }
  for (const [name, variable] of Object.entries(portSettings)) env[variable] = String(ports[name as keyof Ports])
  const runWith: Home['runWith'] = (options, ...args) =>
    siaga(args, {
      cwd: folder,
      command: [process.execPath, starterFile],
      ...options,
      env: { ...env, ...options.env },
    })
  const lineWith: Home['lineWith'] = (options, ...args) =>
    siagaLine(args, { cwd: folder, ...options, env: { ...env, ...options.env } })
  return {
    folder,
    dataDir,
    ports,
    env,
    runWith,
    run: (...args) => runWith({}, ...args),
    lineWith,
    line: (...args) => lineWith({}, ...args),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** A `siaga start` that has been spawned and may still be starting. */
export interface Starting {
  readonly child: ChildProcess
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Exit code or signal, and how long the process lived. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Spawns `siaga start` in a home. */
export function spawnStart(home: Home, env: Record<string, string> = {}): Starting {
  const child = spawn(process.execPath, [starterFile, 'start'], {
    cwd: home.folder,
    env: { ...plainEnvironment(), ...home.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const parts = { stdout: [] as string[], stderr: [] as string[] }
  child.stdout.on('data', (part: Buffer) => parts.stdout.push(part.toString()))
  child.stderr.on('data', (part: Buffer) => parts.stderr.push(part.toString()))
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => {
      process.off('exit', kill)
      resolve({ code, signal })
    }),
  )
  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => parts.stdout.join(''),
    stderr: () => parts.stderr.join(''),
    ended,
  }
}

/** A Siaga that is ready. */
export interface Siaga extends Home, Omit<Starting, 'child'> {
  readonly web: string
  /** Key of the source demo. */
  readonly key: string
  /** Rows of a query, asked over HTTP. */
  sql(query: string, user?: ClickHouseUserKey): Promise<Record<string, unknown>[]>
  /** First value of the first row. */
  value(query: string): Promise<unknown>
  /** Waits until so many rows, those of the audit trail and of heartbeats left out, match `where`; throws if there are more. Answers how many. */
  landed(count: number, where?: string, timeoutMs?: number): Promise<number>
  /** Posts a body to a source as text; the demo key unless another is given. */
  post(body: string | Buffer, options?: PostOptions): Promise<{ status: number; body: string }>
  /** Sum of a metric over its labels, or of the one line with these labels. */
  metric(name: string, labels?: string): Promise<number>
  /** Ctrl-C; answers its end and how long it took in ms. Safe to call twice. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>
  /** `kill -9` of the main process alone. */
  crash(): Promise<void>
}

export interface PostOptions {
  readonly source?: string
  readonly key?: string
  readonly type?: string
  readonly query?: string
  readonly headers?: Record<string, string>
}

const READY_MS = 90_000

/**
 * Starts Siaga in a home, a new one unless given, and waits until /readyz answers 200. A port that another program took
 * in between is no failure of ours: new ones are tried once.
 */
export async function startSiaga(
  options: { yaml?: string; home?: Home; env?: Record<string, string> } = {},
): Promise<Siaga> {
  for (let attempt = 1; ; attempt += 1) {
    const home = options.home ?? (await makeHome(options.yaml))
    const starting = spawnStart(home, options.env)
    try {
      await untilReady(home, starting)
      return await running(home, starting)
    } catch (error) {
      starting.child.kill('SIGKILL')
      await starting.ended
      if (options.home === undefined) await home.remove()
      const taken = /Port \d+ is already in use/.test(starting.stderr())
      if (!taken || attempt === 2 || options.home !== undefined) throw error
    }
  }
}

async function untilReady(home: Home, starting: Starting): Promise<void> {
  let over = false
  starting.ended.then(() => {
    over = true
  })
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(100)) {
    if (over) break
    const answer = await fetch(`http://127.0.0.1:${home.ports.http}/readyz`).catch(() => undefined)
    if (answer?.status === 200 && starting.stdout().includes('siap')) return
  }
  throw new Error(`siaga start is not ready:\n${starting.stdout()}\n${starting.stderr()}`)
}

async function running(home: Home, { child, ...starting }: Starting): Promise<Siaga> {
  const web = `http://127.0.0.1:${home.ports.http}`
  const key = (await readFile(join(home.dataDir, 'secrets', 'demo.key'), 'utf8')).trim()
  const clients = new Map<ClickHouseUserKey, ClickHouse>()
  const clientOf = (user: ClickHouseUserKey): ClickHouse => {
    const known = clients.get(user)
    if (known !== undefined) return known
    const client = createClickHouse({
      url: `http://127.0.0.1:${home.ports.clickhouse}`,
      database: 'siaga',
      ...clickhouseCredentials(loadMasterKey(home.dataDir), user),
    })
    clients.set(user, client)
    return client
  }
  const sql: Siaga['sql'] = (query, user = 'reader') => clientOf(user).rows(z.record(z.string(), z.unknown()), query)
  const value: Siaga['value'] = async (query) => Object.values((await sql(query))[0] ?? {})[0]
  const closeClients = async (): Promise<void> => {
    await Promise.all([...clients.values()].map((client) => client.close()))
    clients.clear()
  }
  return {
    ...home,
    ...starting,
    web,
    key,
    sql,
    value,
    async landed(count, where = '1', timeoutMs = 30_000) {
      const query = `SELECT count() FROM siaga.events WHERE source_id NOT IN ('${AUDIT_SOURCE}', '${HEARTBEAT_SOURCE}') AND (${where})`
      let seen = 0
      for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
        seen = Number(await value(query))
        if (seen > count) throw new Error(`${seen} rows where ${count} were expected (${where})`)
        if (seen === count) return seen
      }
      throw new Error(`${seen} of ${count} rows after ${timeoutMs} ms (${where})`)
    },
    async post(body, { source = 'demo', key: own = key, type = 'text/plain', query = '', headers = {} } = {}) {
      const answer = await fetch(`${web}/v1/events/${source}${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${own}`, 'content-type': type, ...headers },
        body,
      })
      return { status: answer.status, body: await answer.text() }
    },
    async metric(name, labels = '') {
      const text = await (await fetch(`${web}/metrics`)).text()
      return text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{${labels}`) || line.startsWith(`${name} `))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
    async stop() {
      const began = performance.now()
      child.kill('SIGINT')
      const end = await starting.ended
      await closeClients()
      return { ...end, ms: Math.round(performance.now() - began) }
    },
    async crash() {
      child.kill('SIGKILL')
      await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined)
      await closeClients()
    },
  }
}

/** Waits until it holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 30_000,
): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await condition()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
  }
}

/** A line for the person who reads the run, such as a figure measured. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Writes a file into a home; answers its path. */
export async function writeInto(home: Home, name: string, content: string | Buffer): Promise<string> {
  const file = join(home.folder, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, content)
  return file
}
