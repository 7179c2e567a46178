// Do migrations end in one schema and lose nothing: at once, killed, cut off, and while rows land? From earlier states: migrations-states.test.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { silentLog } from '../../runtime/log.ts'
import { emptyEvent } from '../../schemas/event.ts'
import { insertOnce } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { all, type MigrationLab, name, openMigrationLab } from './migrations-lab.ts'
import { rollupsAndRaw, SEED_ROWS, schemaOf } from './schema-state.ts'

const script = fileURLToPath(new URL('./migrate-process.ts', import.meta.url))
let lab: MigrationLab
beforeAll(async () => {
  lab = await openMigrationLab()
})
beforeEach(() => lab.drop())
afterAll(() => lab?.close())

const Names = z.object({ name: z.string() })

function start(): ChildProcess {
  const { username, password } = lab.services.clickhouse.users.admin
  const words = [script, lab.services.clickhouse.url, username, password, name]
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
  const state = await lab.stateOf(all.length)
  expect(state.size).toBeGreaterThan(20)
  expect([...state].filter(([, { rows }]) => rows === 0)).toEqual([])
  expect(state.get('events')?.rows).toBe(SEED_ROWS)
  await lab.expectWhole(state)
})

describe('processes', () => {
  test('two at once, on an empty server: each file is applied once', async () => {
    const done = (await Promise.all([start(), start(), start()].map(finish))).flat().sort()
    expect(done).toEqual(all.map(({ file }) => file))
    expect(await schemaOf(lab.admin, name)).toEqual(lab.wanted)
  })

  test('two at once, on an older one with rows', async () => {
    const before = await lab.stateOf(all.length - 1)
    const done = (await Promise.all([start(), start()].map(finish))).flat()
    expect(done).toEqual(all.slice(-1).map(({ file }) => file))
    await lab.expectWhole(before)
  })

  test('on a server that was started anew in the middle and has no log of queries yet', async () => {
    const readers = all.flatMap(({ sql }, n) => (sql.includes('system.query_log') ? [n] : []))
    expect(readers.length).toBeGreaterThan(1)
    const before = await lab.stateOf(readers.at(-1) ?? 0)
    lab.services.embedded.clickhouse?.kill('SIGKILL')
    await expect
      .poll(() => lab.admin.rows(Names, 'SELECT name FROM system.databases').catch(() => []), { timeout: 60_000 })
      .not.toEqual([])
    await finish(start())
    await lab.expectWhole(before)
  })

  test('killed at random, the next one goes on', async () => {
    const before = await lab.stateOf(3)
    // So long as it takes to start, and a little more each time: kills fall before, into and behind every file.
    for (let round = 0; round < 12; round += 1) {
      const child = start()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await Promise.race([sleep(250 + round * 60 + Math.random() * 120), ended])
      child.kill('SIGKILL')
      await ended
    }
    await finish(start())
    await lab.expectWhole(before)
  })
})

test('cut off behind any statement, the next run goes on', async () => {
  const first = all.findIndex(({ sql }) => sql.includes('REORDER TABLE'))
  const before = await lab.stateOf(first)
  let runs = 0
  for (let finished = false; !finished; runs += 1) {
    // One statement more each time: what is done costs less in the next run, so that the cut falls behind every one of them.
    let left = 2 + runs
    const cut: ClickHouse = {
      ...lab.admin,
      async command(...call) {
        await lab.admin.command(...call)
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
  await lab.expectWhole(before)
})

test('rows that land while tables get another order are there once, in events and in every rollup', async () => {
  const first = all.findIndex(({ sql }) => sql.includes('REORDER TABLE'))
  const before = await lab.stateOf(first)
  const pipeline = createClickHouse({ url: lab.services.clickhouse.url, ...lab.services.clickhouse.users.pipeline })
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
  expect(await schemaOf(lab.admin, name)).toEqual(lab.wanted)
  const [count] = await lab.admin.rows(z.object({ n: z.coerce.number() }), 'SELECT count() AS n FROM siaga.events')
  expect(count?.n).toBe(landed + SEED_ROWS)
  for (const { target, kept, raw } of await rollupsAndRaw(lab.admin, name, before))
    expect({ target, kept }).toEqual({ target, kept: raw })
  const left = await lab.admin.rows(
    Names,
    "SELECT name FROM system.tables WHERE database = 'siaga' AND name LIKE '%\\_\\_%'",
  )
  expect(left).toEqual([])
  await pipeline.close()
})
