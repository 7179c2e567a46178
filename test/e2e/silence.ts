// How is blindness tried on all of Siaga? Weeks of history for some sources, traffic in two processes, then one of each is stopped.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pickFreePorts } from '../../runtime/ports.ts'
import { plainEnvironment, starterFile } from '../cli/run.ts'
import { type Home, type Siaga, startSiaga, until } from './siaga.ts'

export const sources = ['web-jabar', 'web-makassar', 'office-bali'] as const
export type SourceId = (typeof sources)[number]

/** siaga.yaml of the trial; `silence`: settings of `alerts.silence`. */
export function silenceYaml(silence: Record<string, number>): string {
  const settings = Object.entries(silence).map(([name, value]) => `${name}: ${value}`)
  return `sources:
  - {id: web-jabar, region: '32', owner: kpu}
  - {id: web-makassar, region: '73.71', owner: kpu}
  - {id: office-bali, region: '51', owner: pemda}
probes: {enabled: false}
lookalikes: {enabled: false}
correlations: {enabled: false}
alerts: {silence: {${settings.join(', ')}}}
`
}

/**
 * Writes four weeks of minutes: heartbeats in all, both web sources busy in all, the office at hours of the day other than the six around this one, and last
 * two hours ago.
 */
async function writeHistory(siaga: Siaga): Promise<void> {
  const minutes = 28 * 1440
  const insert = (source: string, where: string, events: number, from = 3): string => `
    INSERT INTO siaga.source_minutes (source_id, minute, _stream, _partition, events, last_timestamp, last_ingested_at, last_received_at)
    SELECT '${source}', toStartOfMinute(now()) - INTERVAL number MINUTE AS at, 'history', 0, ${events}, at, at + 50, at + 50
    FROM numbers(${from}, ${minutes}) WHERE ${where}`
  const apart =
    "abs(dateDiff('hour', toStartOfHour(now()), toStartOfHour(toStartOfMinute(now()) - INTERVAL number MINUTE)))"
  const statements = [
    insert('siaga-heartbeat', '1', 6),
    // Up to this minute: with an end three minutes ago a round before the first stop would tell them, rightly.
    insert('web-jabar', '1', 1200, 0),
    insert('web-makassar', '1', 1200, 0),
    insert('office-bali', `${apart} % 24 BETWEEN 3 AND 21`, 100),
  ]
  for (const statement of statements)
    await siaga.sql(`${statement} SETTINGS insert_deduplicate = 0`, 'admin').catch(ignoreEmpty)
}

/** An INSERT has no answer to be read as rows. */
function ignoreEmpty(error: unknown): void {
  if (!(error instanceof Error) || !/JSON/i.test(String(error))) throw error
}

/** About twenty events a second to each source that is on, through the web port of a process. */
export function traffic(web: () => string, keys: ReadonlyMap<string, string>) {
  const on = new Set<SourceId>()
  let n = 0
  let ended = false
  const loop = (async () => {
    while (!ended) {
      for (const source of on) {
        const body = Array.from({ length: 5 }, () => `baris ${n++}`).join('\n')
        await fetch(`${web()}/v1/events/${source}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${keys.get(source)}`, 'content-type': 'text/plain' },
          body,
        }).catch(() => undefined)
      }
      await sleep(250)
    }
  })()
  return {
    on,
    async stop() {
      ended = true
      await loop
    },
  }
}

export interface Ingest {
  readonly web: string
  signal(name: NodeJS.Signals): void
  stop(): Promise<void>
}

/** `siaga ingest` beside a running Siaga, with its data directory and brokers. */
export async function startIngest(siaga: Siaga): Promise<Ingest> {
  const [http = 0, syslog = 0, tls = 0, relp = 0] = await pickFreePorts(4)
  const child = spawn(process.execPath, [starterFile, 'ingest'], {
    cwd: siaga.folder,
    env: {
      ...plainEnvironment(),
      ...siaga.env,
      KAFKA_BROKERS: `127.0.0.1:${siaga.ports.kafka}`,
      SIAGA_HTTP_PORT: String(http),
      SIAGA_SYSLOG_PORT: String(syslog),
      SIAGA_SYSLOG_TLS_PORT: String(tls),
      SIAGA_RELP_PORT: String(relp),
    },
    stdio: 'ignore',
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const web = `http://127.0.0.1:${http}`
  await until(
    async () => (await fetch(`${web}/readyz`).catch(() => undefined))?.status === 200,
    'siaga ingest is ready',
  )
  return {
    web,
    signal: (name) => void child.kill(name),
    async stop() {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      process.off('exit', kill)
    },
  }
}

/** Keys of all sources. */
async function makeKeys(siaga: Siaga): Promise<Map<string, string>> {
  const keys = new Map<string, string>()
  for (const source of sources) keys.set(source, (await siaga.run('keys', 'create', source)).stdout.trim())
  return keys
}

/** A Siaga that knows four weeks of its sources: started, given its history, killed, and started again after `downMs`. */
export async function startWithHistory(
  home: Home,
  downMs: number,
): Promise<{ siaga: Siaga; keys: Map<string, string> }> {
  const first = await startSiaga({ home })
  const keys = await makeKeys(first)
  await writeHistory(first)
  await until(
    async () => Number(await first.value("SELECT count() FROM siaga.events WHERE source_id = 'siaga-heartbeat'")) > 1,
    'heartbeats have landed',
  )
  await first.stop()
  await sleep(downMs)
  return { siaga: await startSiaga({ home }), keys }
}

/** State of a region. */
export async function regionState(siaga: Siaga, region: string): Promise<unknown> {
  return siaga.value(`SELECT state FROM siaga.region_states_now WHERE region_code = '${region}'`)
}

/** State of a source. */
export async function sourceState(siaga: Siaga, source: string): Promise<unknown> {
  return siaga.value(`SELECT state FROM siaga.source_states_now WHERE source_id = '${source}'`)
}

/** Findings of silence so far, as rule and what they are about. */
export async function told(siaga: Siaga): Promise<string[]> {
  const rows = await siaga.sql(
    "SELECT dedup_key FROM siaga.findings WHERE startsWith(rule_id, 'siaga-') AND rule_id NOT LIKE '%history%' ORDER BY landed_at, dedup_key",
  )
  return rows.map(({ dedup_key }) => String(dedup_key))
}
