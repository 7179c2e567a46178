// Do migrations end in one schema and lose nothing: from every earlier state with rows in it, twice, at once, killed, and while rows land?
import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate, readMigrations } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { silentLog } from '../../runtime/log.ts'
import { emptyEvent } from '../../schemas/event.ts'
import { insertOnce } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { fillState, rollupsAndRaw, rowsOf, SEED_ROWS, schemaOf, type TableState } from './schema-state.ts'

const all = readMigrations()
const script = fileURLToPath(new URL('./migrate-process.ts', import.meta.url))
let services: OwnServices
let admin: ClickHouse
let wanted: unknown[]
beforeAll(async () => {
  services = await startOwnServices({ kafka: false })
  admin = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(admin)
  wanted = await schemaOf(admin, name)
})
// The admin has rights on this database alone, so one state follows another.
const name = 'siaga'
beforeEach(() => admin.command(`DROP DATABASE IF EXISTS ${name} SYNC`))
afterAll(async () => {
  await admin?.close()
  await services?.stop()
})

const Names = z.object({ name: z.string() })

/** The first `count` migrations, rows in all they have made, and what is there. */
async function stateOf(count: number): Promise<Map<string, TableState>> {
  await migrate(admin, { database: name }, all.slice(0, count))
  await fillState(admin, name)
  return rowsOf(admin, name)
}

async function expectWhole(before: ReadonlyMap<string, TableState>): Promise<void> {
  expect(await schemaOf(admin, name)).toEqual(wanted)
  expect(await rowsOf(admin, name, before)).toEqual(before)
  for (const { target, kept, raw } of await rollupsAndRaw(admin, name, before)) {
    expect({ target, kept }).toEqual({ target, kept: raw })
    expect(raw.length, target).toBeGreaterThan(0)
  }
}

function start(): ChildProcess {
  const { username, password } = services.clickhouse.users.admin
  const words = [script, services.clickhouse.url, username, password, name]
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function finish(child: ChildProcess): Promise<string[]> {
  const [out] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`migrating ended with ${code}`))))
    }),
  ])
  return z.array(z.string()).parse(JSON.parse(out))
}

test('there is something in every table that is compared', async () => {
  const state = await stateOf(all.length)
  expect(state.size).toBeGreaterThan(20)
  expect([...state].filter(([, { rows }]) => rows === 0)).toEqual([])
  expect(state.get('events')?.rows).toBe(SEED_ROWS)
  await expectWhole(state)
})

describe('from every earlier state with rows in it', () => {
  test.each(all.slice(0, -1).map(({ file }, at) => ({ file, count: at + 1 })))('$file', async ({ count }) => {
    const before = await stateOf(count)
    expect(await migrate(admin)).toEqual(all.slice(count).map(({ file }) => file))
    await expectWhole(before)
    expect(await migrate(admin)).toEqual([])
  })
})

describe('processes', () => {
  test('two at once, on an empty server: each file is applied once', async () => {
    const done = (await Promise.all([start(), start(), start()].map(finish))).flat().sort()
    expect(done).toEqual(all.map(({ file }) => file))
    expect(await schemaOf(admin, name)).toEqual(wanted)
  })

  test('two at once, on an older one with rows', async () => {
    const before = await stateOf(all.length - 1)
    const done = (await Promise.all([start(), start()].map(finish))).flat()
    expect(done).toEqual(all.slice(-1).map(({ file }) => file))
    await expectWhole(before)
  })

  test('killed at random, the next one goes on', async () => {
    const before = await stateOf(3)
    // So long as it takes to start, and a little more each time: kills fall before, into and behind every file.
    for (let round = 0; round < 12; round += 1) {
      const child = start()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await Promise.race([sleep(250 + round * 60 + Math.random() * 120), ended])
      child.kill('SIGKILL')
      await ended
    }
    await finish(start())
    await expectWhole(before)
  })
})

test('cut off behind any statement, the next run goes on', async () => {
  const first = all.findIndex(({ sql }) => sql.includes('REORDER TABLE'))
  const before = await stateOf(first)
  let runs = 0
  for (let finished = false; !finished; runs += 1) {
    // One statement more each time: what is done costs less in the next run, so that the cut falls behind every one of them.
    let left = 2 + runs
    const cut: ClickHouse = {
      ...admin,
      async command(...call) {
        await admin.command(...call)
        left -= 1
        if (left === 0) throw new Error('cut off')
      },
    }
    finished = await migrate(cut).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'cut off') throw error
        return false
      },
    )
  }
  expect(runs).toBeGreaterThan(3)
  await expectWhole(before)
})

test('rows that land while tables get another order are there once, in events and in every rollup', async () => {
  const first = all.findIndex(({ sql }) => sql.includes('REORDER TABLE'))
  const before = await stateOf(first)
  const pipeline = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
  let on = true
  let landed = 0
  const lander = async (partition: number): Promise<void> => {
    const dependencies = {
      clickhouse: pipeline,
      log: silentLog,
      isCurrent: () => true,
      heartbeat: async () => undefined,
    }
    for (let page = 0; on; page += 1) {
      const now = Date.now()
      const buffer = createRowBuffer()
      for (let at = 0; at < 50; at += 1) {
        const place = { _stream: 'landing', _partition: partition, _offset: page * 50 + at, retain_until: now + 1e10 }
        const who = { region_code: '32', owner: 'kpu', source_ip: `203.0.113.${at}`, score: 20 + at }
        buffer.append(Object.assign(emptyEvent(), { timestamp: now, received_at: now }, who, place), null)
      }
      buffer.stamp(now)
      const range = { stream: 'landing', partition, first: page * 50, last: page * 50 + 49, ingestedAt: now }
      await insertOnce(range, buffer.view(), false, dependencies)
      landed += 50
    }
  }
  const landers = [lander(1), lander(2)]
  await sleep(300)
  for (let round = 0; round < 4; round += 1) {
    const child = start()
    await sleep(400 + round * 150)
    child.kill('SIGKILL')
  }
  await Promise.all([finish(start()), finish(start())])
  const during = landed
  await sleep(500)
  on = false
  await Promise.all(landers)
  expect(landed).toBeGreaterThan(during)
  expect(await schemaOf(admin, name)).toEqual(wanted)
  const [count] = await admin.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.events')
  expect(count?.n).toBe(landed + SEED_ROWS)
  for (const { target, kept, raw } of await rollupsAndRaw(admin, name, before))
    expect({ target, kept }).toEqual({ target, kept: raw })
  const left = await admin.rows(
    Names,
    "SELECT name FROM system.tables WHERE database = 'siaga' AND name LIKE '%\\_\\_%'",
  )
  expect(left).toEqual([])
  await pipeline.close()
})
