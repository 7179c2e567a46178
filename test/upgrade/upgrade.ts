// Is an upgrade lossless? The version before with data and events in flight, then this one, one process after another. The body of the test.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { createKey } from '../../runtime/keys.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { startOwnServices } from '../services.ts'
import { createBalancer } from './balancer.ts'
import { checkOut, configure, type Role, runIn, startRole, thisTree } from './versions.ts'

export interface UpgradePlan {
  /** The version before. */
  readonly from: string
  /** Lines of a request. */
  readonly batch: number
  /** Milliseconds between two requests. */
  readonly everyMs: number
  /** Requests before the first process is changed, and after the last one was. */
  readonly around: number
  /** With the centre: page, alerts and schedule. */
  readonly centre: boolean
}

const Ledger = z.object({
  rows: z.coerce.number(),
  lines: z.coerce.number(),
  offsets: z.coerce.number(),
  ids: z.coerce.number(),
})
const Alert = z.object({ alert_id: z.string(), status: z.string(), findings: z.coerce.number() })

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A numbered line of a web server that one rule or another finds something in. */
function attack(n: number): string {
  const now = new Date().toISOString()
  const time = `${now.slice(8, 10)}/${MONTHS[Number(now.slice(5, 7)) - 1]}/${now.slice(0, 4)}:${now.slice(11, 19)} +0000`
  return `203.0.113.77 - - [${time}] "GET /hasil?n=${n}&id=1%27%20UNION%20SELECT%20nik,nama%20FROM%20pemilih-- HTTP/1.1" 200 512 "-" "sqlmap/1.8"`
}

/** Runs the whole of it; throws where the ledger is not exact or a sender saw the service down. */
export async function upgradeInFlight(plan: UpgradePlan): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'siaga-upgrade-'))
  const services = await startOwnServices()
  const roles: Role[] = []
  const admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  try {
    const old = checkOut(plan.from, join(work, 'old'))
    const address = new URL(services.clickhouse.url)
    Object.assign(address, services.clickhouse.users.admin)
    const shared = {
      KAFKA_BROKERS: services.brokers.join(','),
      CLICKHOUSE_URL: address.href,
      SIAGA_MASTER_KEY: services.masterKey.toString('base64'),
    }
    const [one = 0, two = 0, metrics = 0, page = 0] = await pickFreePorts(4)
    const yaml = 'syslog: { enabled: false }\nrelp: { enabled: false }\nkafka: { partitions: 2 }\n'
    const place = (name: string) => join(work, name)
    const env = (name: string, more: Record<string, string>) => ({ ...shared, SIAGA_DATA_DIR: place(name), ...more })
    for (const name of ['ingest', 'centre']) configure(place(name), yaml)
    configure(place('process'), `${yaml}processors: { workers: 1, metrics_port: ${metrics} }\n`)
    configure(place('centre-old'), `${yaml}processors: { workers: 1 }\n`)
    const { text: key } = await createKey(place('ingest'), 'demo')

    const ingest = (tree: string, port: number) =>
      begin(startRole(tree, 'ingest', env('ingest', { SIAGA_HTTP_PORT: String(port) }), place('ingest'), readyAt(port)))
    const process_ = (tree: string) =>
      begin(
        startRole(
          tree,
          'process',
          env('process', { SIAGA_HTTP_HOST: '127.0.0.1' }),
          place('process'),
          readyAt(metrics),
        ),
      )
    const centre = (tree: string, folder: string, more: Record<string, string> = {}) =>
      begin(
        startRole(
          tree,
          'start',
          env('centre', { SIAGA_HTTP_PORT: String(page), ...more }),
          place(folder),
          readyAt(page),
        ),
      )
    const begin = async (role: Role): Promise<Role> => {
      roles.push(role)
      await role.ready()
      return role
    }

    await runIn(old, ['migrate'], shared, place('centre'))
    const first = await ingest(old, one)
    const second = await ingest(old, two)
    const processor = await process_(old)
    const office = plan.centre ? await centre(old, 'centre-old') : undefined

    const balancer = createBalancer(
      [one, two].map((port) => `http://127.0.0.1:${port}`),
      key,
    )
    const sender = keepSending(balancer, plan)
    await sender.until(plan.around)
    const before = plan.centre ? await anAlert(admin) : undefined

    // In the order that docs/operations.md gives: schema, collectors, processors, the centre.
    await runIn(thisTree, ['migrate'], shared, place('centre'))
    for (const [port, role] of [
      [one, first],
      [two, second],
    ] as const) {
      await balancer.takeOut(`http://127.0.0.1:${port}`)
      expect(await role.stop(), role.output()).toBe(0)
      await ingest(thisTree, port)
      balancer.putBack(`http://127.0.0.1:${port}`)
    }
    expect(await processor.stop(), processor.output()).toBe(0)
    await process_(thisTree)
    if (office !== undefined) {
      expect(await office.stop(), office.output()).toBe(0)
      await centre(thisTree, 'centre', { SIAGA_WORKERS: '0' })
    }

    // This version answers whom it has let in: nobody needs to be taken out first.
    const again = roles.filter(({ child }) => child.exitCode === null && child.spawnargs.includes('ingest'))
    for (const [index, role] of again.entries()) {
      expect(await role.stop(), role.output()).toBe(0)
      await ingest(thisTree, index === 0 ? one : two)
    }
    await sender.until(sender.sent() + plan.around)
    const lines = await sender.end()

    expect(balancer.figures).toMatchObject({ missed: 0, cut: 0 })
    expect(balancer.figures.accepted * plan.batch).toBe(lines)
    await landed(admin, lines)
    expect(await ledger(admin)).toEqual({ rows: lines, lines, offsets: lines, ids: lines })
    if (before !== undefined) await goesOn(admin, before)
    process.stderr.write(
      `upgrade: ${lines} lines of ${balancer.figures.accepted} requests, longest gap ${Math.round(balancer.figures.longestGapMs)} ms\n`,
    )
  } finally {
    await Promise.all(
      roles.filter(({ child }) => child.exitCode === null && child.signalCode === null).map((role) => role.stop()),
    )
    await admin.close()
    await services.stop()
    await rm(work, { recursive: true, force: true, maxRetries: 5 })
  }
}

const readyAt = (port: number): string => `http://127.0.0.1:${port}/readyz`

/** Sends numbered lines, attack lines among them, until it is told to end. */
function keepSending(balancer: ReturnType<typeof createBalancer>, { batch, everyMs }: UpgradePlan) {
  let requests = 0
  let done = 0
  let ended = false
  let failure: unknown
  const open = new Set<Promise<void>>()
  const run = (async () => {
    while (!ended) {
      const request = requests++
      const lines = Array.from({ length: batch }, (_, n) => attack(request * batch + n))
      const sent = balancer
        .send(`naik-${request}`, lines)
        .then(() => {
          done += 1
        })
        .catch((error: unknown) => {
          failure ??= error
        })
        .finally(() => open.delete(sent))
      open.add(sent)
      // As many at a time as come about, but no endless heap of them while nobody answers.
      while (open.size > 50) await sleep(20)
      await sleep(everyMs)
    }
    await Promise.all(open)
  })()
  return {
    sent: () => done,
    async until(count: number) {
      while (done < count) {
        if (failure !== undefined) throw failure
        await sleep(50)
      }
    },
    async end() {
      ended = true
      await run
      if (failure !== undefined) throw failure
      return done * batch
    },
  }
}

async function ledger(clickhouse: ClickHouse) {
  const [row] = await clickhouse.rows(
    Ledger,
    `SELECT count() AS rows, uniqExact(message) AS lines, uniqExact(_stream, _partition, _offset) AS offsets, uniqExact(event_id) AS ids
     FROM siaga.events WHERE source_id = 'demo'`,
  )
  return row
}

/** Waits until so many lines are there. */
async function landed(clickhouse: ClickHouse, lines: number): Promise<void> {
  while (((await ledger(clickhouse))?.rows ?? 0) < lines) await sleep(250)
  // A repeat would come with the next page of its partition, within a second or two.
  await sleep(3_000)
}

const ALERTS = 'SELECT alert_id, status, findings FROM siaga.alerts ORDER BY opened_at, alert_id LIMIT 1'

async function anAlert(clickhouse: ClickHouse): Promise<z.infer<typeof Alert>> {
  for (;;) {
    const [alert] = await clickhouse.rows(Alert, ALERTS)
    if (alert !== undefined) return alert
    await sleep(250)
  }
}

/** The alert of before is still the same one, and what came since counts in it. */
async function goesOn(clickhouse: ClickHouse, before: z.infer<typeof Alert>): Promise<void> {
  for (;;) {
    const [after] = await clickhouse.rows(Alert, ALERTS)
    expect(after).toMatchObject({ alert_id: before.alert_id, status: before.status })
    if (after !== undefined && after.findings > before.findings) return
    await sleep(250)
  }
}
