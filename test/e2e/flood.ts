// What comes of an hour of flood? Lines through the workers' own pipeline with the shipped rules, findings through the engine of alerts, with a clock that is played fast.

import { sharedThings } from '../../cli/start/shared-things.ts'
import { emptyCounts } from '../../cli/worker/counts.ts'
import { createProcessor, type Page, type ProcessedRecord } from '../../cli/worker/processor.ts'
import { detectionContent, loadConfiguredRules } from '../../cli/worker/rules.ts'
import { loadCorrelations } from '../../processors/correlate/link.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig, type ResolvedConfig } from '../../runtime/config.ts'
import { silentLog } from '../../runtime/log.ts'
import { loadReference } from '../../runtime/reference.ts'
import { type Alert, closedStatuses, type Notification } from '../../schemas/alert.ts'
import { Finding } from '../../schemas/detection.ts'
import { encodeEnvelope, RAW_HEADER } from '../../schemas/raw-event.ts'
import { createEngine, type Engine } from '../../sinks/alerts/engine.ts'
import { findingMessage } from '../../sinks/findings.ts'
import { correlateFlood, STREAM } from './flood-correlations.ts'
import { type FloodShape, floodLines, INTRUDER } from './flood-lines.ts'

export interface FloodOptions extends FloodShape {
  /** Of the site that is flooded. */
  readonly asset: boolean
  /** Folder of an own siaga.yaml and of the address databases. */
  readonly folder: string
  /** Judges correlations too, every so many milliseconds of the flood. */
  readonly correlate?: { readonly clickhouse: ClickHouse; readonly everyMs: number }
  readonly say: (line: string) => void
}

export interface FloodResult {
  readonly events: number
  readonly findings: number
  /** Of these, by correlations. */
  readonly correlated: number
  /** Alerts at the end, those that storms took in left out. */
  readonly open: readonly Alert[]
  readonly merged: number
  readonly dead: number
  /** Messages to people. */
  readonly pages: readonly Notification[]
  /** Findings that made no alert, by threshold. */
  readonly held: number
  readonly records: number
}

/** What the flooded site's siaga.yaml says: nothing but who is there. */
export const floodYaml = (asset: boolean): string => `
sources: [{id: web, format: nginx, region: "32.73", owner: kpu${asset ? ', asset: situs' : ''}}]
assets: [{id: situs, name: Situs KPU Kota Bandung, region: "32.73", owner: kpu, kind: web, criticality: high}]
rooms:
  - {id: bandung, region: "32.73", owner: kpu, roster: [{recipients: [kota]}]}
  - {id: jabar, region: "32", owner: kpu, roster: [{recipients: [provinsi]}]}
  - {id: pusat, region: "00", sees: [kpu], roster: [{recipients: [pusat]}]}
alerts:
  channels: [{id: berkas, kind: file, path: alerts.jsonl}]
  recipients: [{id: kota, channel: berkas}, {id: provinsi, channel: berkas}, {id: pusat, channel: berkas}]
`

/** Findings that are handed over at a time, at most; those of a second of the flood otherwise. */
const PAGE = 1_000
const SECOND = 1_000
const HEADERS = {}

/** Plays the hour, and a quarter of an hour after it. */
export async function flood(options: FloodOptions): Promise<FloodResult> {
  const { folder, say, from, durationMs } = options
  const { config, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: folder }, cwd: folder })
  const rules = loadConfiguredRules(config, baseDir)
  const detection = detectionContent(rules)
  const { process: take } = createProcessor({ config, baseDir, cacheDir: `${folder}/cache`, detection, log: silentLog })
  const correlations =
    options.correlate === undefined
      ? undefined
      : await correlateFlood(
          options.correlate.clickhouse,
          loadCorrelations(rules.correlations, rules.rules).correlations,
          from,
        )
  const page: Page = {
    writer: { stream: STREAM, append: correlations?.append ?? (() => undefined), accept: () => undefined },
    deadLetters: [],
    findings: [],
    counts: emptyCounts(),
  }
  const alerting = createAlerting(config, baseDir, from)
  const record = createRecord()
  const began = performance.now()
  let told = from
  let findings = 0
  let events = 0
  let correlated = 0
  let judged = from
  const hand = (now: number): void => {
    if (page.findings.length === 0) return
    findings += page.findings.length
    // As they come out of the topic.
    alerting.take(
      page.findings.map(({ value }) => Finding.parse(JSON.parse(value?.toString() ?? ''))),
      now,
    )
    page.findings = []
  }
  const correlate = async (now: number): Promise<void> => {
    const said = (await correlations?.round(now)) ?? []
    page.findings.push(...said.map(findingMessage))
    correlated += said.length
    judged = now
    hand(now)
  }
  for (const { at, text } of floodLines(options)) {
    take(record.set(at, text), 0, page)
    events += 1
    if (correlations?.full()) await correlations.land(at)
    if (page.findings.length >= PAGE) hand(at + SECOND)
    if (at - told < SECOND) continue
    hand(at + SECOND)
    if (at - judged >= (options.correlate?.everyMs ?? Number.POSITIVE_INFINITY)) await correlate(at + SECOND)
    alerting.tick(at + SECOND)
    told = at
    if (events > 1_000_000 && told % 300_000 < SECOND)
      say(
        `minute ${Math.round((at - from) / 60_000)}: ${events.toLocaleString('en')} events, ${findings.toLocaleString('en')} findings, ${Math.round((performance.now() - began) / 1000)} s`,
      )
  }
  const end = from + durationMs
  hand(end + SECOND)
  await correlate(end + SECOND)
  await correlations?.close()
  for (let now = end; now < end + 900_000; now += 10 * SECOND) alerting.tick(now)
  const seconds = (performance.now() - began) / 1000
  const result = { ...alerting.result(), events, findings, correlated, dead: page.deadLetters.length }
  print(result, seconds, say)
  return result
}

/** The engine as its holder drives it; messages are delivered at once. */
function createAlerting(config: ResolvedConfig, baseDir: string, from: number) {
  const reference = loadReference(config, baseDir)
  const engine = createEngine({
    config,
    assets: config.assets,
    reference,
    shared: sharedThings(config, baseDir, reference),
  })
  const pages: Notification[] = []
  const records = new Map<string, unknown>()
  let taken = 0
  let held = 0
  engine.restore(new Map(), from)
  const keep = (now: number): void => {
    for (let changes = engine.take(); changes.records.size > 0; changes = engine.take()) {
      for (const [key, value] of changes.records)
        if (value === null) records.delete(key)
        else records.set(key, value)
      for (const notification of changes.offers) {
        if (notification.recipient !== '') pages.push(notification)
        deliver(engine, notification, now)
      }
    }
  }
  return {
    take(findings: readonly Finding[], now: number): void {
      taken += findings.length
      engine.findings(findings, taken, now)
      keep(now)
    },
    tick(now: number): void {
      engine.tick(now)
      keep(now)
    },
    result() {
      const all = [...engine.alerts()]
      for (const value of records.values()) held += heldIn(value)
      return {
        open: all.filter(({ status }) => !closedStatuses.has(status)),
        merged: all.filter(({ status }) => status === 'merged').length,
        pages,
        held,
        records: records.size,
      }
    },
  }
}

function heldIn(record: unknown): number {
  const { kind, counts = [] } = record as { kind: string; counts?: readonly { findings: number }[] }
  return kind === 'held' ? counts.reduce((sum, { findings }) => sum + findings, 0) : 0
}

function deliver(engine: Engine, notification: Notification, at: number): void {
  const { notification_id, alert_id, channel, recipient, room, reason } = notification
  engine.attempted(
    {
      notification_id,
      alert_id,
      channel,
      recipient,
      room,
      reason,
      attempt: 1,
      at,
      took_ms: 1,
      outcome: 'delivered',
      detail: '',
    },
    { status: 'delivered', due_at: at, attempts: 1, last_error: '' },
  )
}

/** One message of siaga.raw, used again and again. */
function createRecord() {
  const envelope = { source: 'web', format: '', receivedAt: 0, peer: '', id: '', hash: '', marks: '' }
  let header = ''
  const record = {
    offset: -1,
    key: null,
    headers: HEADERS,
    value: Buffer.alloc(0),
    header: (name: string): string | undefined => (name === RAW_HEADER ? header : undefined),
  } satisfies ProcessedRecord
  return {
    set(at: number, text: string): ProcessedRecord {
      record.offset += 1
      record.value = Buffer.from(text)
      envelope.receivedAt = at + 200
      envelope.id = `e-${record.offset}`
      header = encodeEnvelope(envelope)
      return record
    },
  }
}

function print(
  { events, findings, correlated, held, open, merged, pages, records, dead }: FloodResult,
  seconds: number,
  say: (line: string) => void,
): void {
  const number = (n: number) => Math.round(n).toLocaleString('en')
  const { rss, heapUsed } = process.memoryUsage()
  say(
    `${number(events)} events (${dead} dead) in ${seconds.toFixed(1)} s, ${number(events / seconds)} a second; ${number(findings)} findings (${number(correlated)} of correlations), ` +
      `${number(findings / seconds)} a second, ${number(held)} of them below a threshold; memory ${number(rss / 2 ** 20)} MiB, heap ${number(heapUsed / 2 ** 20)} MiB, ${number(records)} records`,
  )
  say(`open alerts: ${open.length}, taken in by storms: ${merged}, messages to people: ${pages.length}`)
  for (const alert of open.slice(0, 12)) {
    const { alert_id, kind, severity, score, entity, dedup_key } = alert
    const own = pages.filter((page) => page.alert_id === alert_id)
    const rules = alert.rules.map(({ title, findings: n }) => `${title} ${n}`).join('; ')
    say(
      `  ${alert_id} ${kind} ${severity} ${score} ${entity || dedup_key}: ${number(alert.findings)} findings about ${number(alert.matters)} matters, ${own.length} messages; ${rules.slice(0, 200)}`,
    )
  }
}

/** Open alerts about the intruder alone. */
export function aboutIntruder(open: readonly Alert[]): Alert[] {
  return open.filter(({ kind, entity }) => kind === 'findings' && entity === `source_ip:${INTRUDER}`)
}
