// Does `siaga doctor` notice that processors or collectors, which run on machines of their own, are dead?
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { examineProcessors, judgeCollectors, judgeProcessors } from '../../cli/doctor/roles.ts'
import type { Beat } from '../../processors/silence/beats.ts'
import { pickFreePorts } from '../../runtime/ports.ts'
import { Config } from '../../schemas/config.ts'
import { makeHome, type Siaga, startSiaga } from '../e2e/siaga.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { plainEnvironment, starterFile } from './run.ts'

const NOW = Date.parse('2026-11-29T03:00:00Z')
/** A heartbeat of so many seconds ago. */
const beat = (instance: string, secondsAgo: number, goodbye = false): Beat => {
  const at = NOW - secondsAgo * 1_000
  return { instance, run: 'abc', host: 'h', kinds: ['HTTP'], sources: [], at, landed: at + 500, goodbye }
}
const here = Config.parse({})
const roles = Config.parse({ collectors: { enabled: false } })
const said = (beats: readonly Beat[], config = roles): string[] =>
  judgeCollectors(beats, config, NOW).map(({ state, found }) => `${state}: ${found.en}`)

describe('processors', () => {
  test('nobody in the group is wrong, and how much waits is said', () => {
    expect(judgeProcessors(0, 12_000)).toMatchObject({
      area: 'processors',
      state: 'wrong',
      found: { en: 'no processor in group siaga-processors, 12,000 messages wait', id: /12\.000 pesan menunggu/ },
      todo: { id: /siaga process/ },
    })
    expect(judgeProcessors(4, 0)).toMatchObject({
      state: 'ok',
      found: { en: '4 workers in group siaga-processors, 0 messages wait' },
    })
  })

  test('one that is just starting is waited for', async () => {
    let asked = 0
    const admin = {
      members: async () => (asked++ === 0 ? 0 : 2),
      offsets: async () => [{ partition: 0, low: 0, high: 7 }],
      committed: async () => [{ partition: 0, offset: 4, metadata: '' }],
    }
    expect(await examineProcessors(admin)).toMatchObject({
      state: 'ok',
      found: { en: /^2 workers.* 3 messages wait$/ },
    })
    expect(await examineProcessors({ ...admin, members: async () => 0 }, 0)).toMatchObject({ state: 'wrong' })
  })
})

describe('collectors', () => {
  test('one whose heartbeat has landed lately lives', () => {
    expect(said([beat('a/ingest-8080', 13), beat('a/ingest-8080', 3), beat('b/ingest-8080', 9)])).toEqual([
      'ok: 2 live, last heartbeat 2.5 s ago',
    ])
    expect(said([beat('a/start-8080', 3)], here)).toEqual(['ok: 1 live, last heartbeat 2.5 s ago'])
  })

  test('none that lives is wrong, whether it was killed, was stopped or never ran; the centre is none', () => {
    const centre = beat('c/start-8081', 3)
    expect(said([centre])).toEqual(['wrong: no heartbeat of a collector (siaga ingest) in the last 15 min'])
    expect(said([beat('a/ingest-8080', 300), centre])).toEqual([
      'wrong: no collector (siaga ingest) lives; the last one, a/ingest-8080, has been silent for 5 min',
    ])
    expect(said([beat('a/ingest-8080', 20), beat('a/ingest-8080', 10, true), centre])).toEqual([
      'wrong: no collector (siaga ingest) lives; the last one, a/ingest-8080, stopped 9.5 s ago',
    ])
    expect(said([], here)).toEqual(['wrong: no heartbeat of a collector in the last 15 min'])
  })

  test('one that was killed is told while others live, one that was stopped is not', () => {
    expect(said([beat('a/ingest-8080', 200), beat('b/ingest-8080', 190, true), beat('d/ingest-8080', 4)])).toEqual([
      'ok: 1 live, last heartbeat 3.5 s ago',
      'warning: a/ingest-8080 has been silent for 3 min 20 s',
    ])
  })

  test('the clock of a collector may be ahead: it is judged by when its heartbeats land', () => {
    const ahead = { ...beat('a/ingest-8080', 0), at: NOW + 3_600_000, landed: NOW - 200_000 }
    expect(said([ahead])).toEqual([expect.stringMatching(/^wrong: .* 3 min 20 s$/)])
  })

  test('heartbeats that are asked for seldom are waited for longer', () => {
    const seldom = Config.parse({ collectors: { enabled: false }, alerts: { silence: { heartbeat_seconds: 60 } } })
    expect(said([beat('a/ingest-8080', 200)], seldom)).toEqual([expect.stringMatching(/^ok/)])
  })
})

describe('of an installation by roles', () => {
  let services: OwnServices
  let siaga: Siaga
  let env: Record<string, string>
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    services = await startOwnServices({ migrated: true })
    env = {
      KAFKA_BROKERS: services.brokers.join(','),
      CLICKHOUSE_URL: services.clickhouse.url,
      CLICKHOUSE_USER: 'siaga_admin',
      SIAGA_MASTER_KEY: services.masterKey.toString('base64'),
      SIAGA_WORKERS: '0',
      SIAGA_COLLECTORS: '0',
    }
    const home = await makeHome('kafka: {partitions: 1}\n', ['addresses'])
    siaga = await startSiaga({ home, env })
  }, 120_000)
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await siaga?.stop()
    await siaga?.remove()
    await services?.stop()
  })

  const start = (role: 'process' | 'ingest', own: Record<string, string>): ChildProcess => {
    const child = spawn(process.execPath, [starterFile, role], {
      cwd: siaga.folder,
      env: { ...plainEnvironment(), ...siaga.env, ...env, ...own },
      stdio: 'ignore',
    })
    running.add(child)
    return child
  }
  const List = z.array(z.object({ area: z.string(), state: z.string(), found: z.object({ en: z.string() }) }))
  const doctor = async () => {
    const { code, stdout } = await siaga.runWith({ env }, 'doctor', '--json')
    // The disk of the machine that tests is not ours to judge.
    const examined = List.parse(JSON.parse(stdout)).filter(({ area }) => area !== 'disk')
    const troubles = examined.filter(({ state }) => state !== 'ok')
    return { code, troubles: troubles.map(({ area, state, found }) => `${area} ${state}: ${found.en}`) }
  }

  test('a centre alone is not in order; beside processors and collectors it is, as soon as they run; without processors it is not', async () => {
    const alone = await doctor()
    expect(alone.code).toBe(1)
    expect(alone.troubles).toEqual([
      expect.stringMatching(/^processors wrong: no processor in group siaga-processors, \d+ messages wait$/),
      expect.stringMatching(/^collectors wrong: no heartbeat of a collector \(siaga ingest\)/),
    ])
    const [port = 0] = await pickFreePorts(1)
    const worker = start('process', { SIAGA_WORKERS: '1', SIAGA_METRICS_PORT: '0' })
    start('ingest', { SIAGA_HTTP_PORT: String(port), SIAGA_COLLECTORS: '1' })
    const ready = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    await expect.poll(ready, { timeout: 60_000 }).toBe(true)
    expect((await doctor()).troubles).toEqual([])
    worker.kill('SIGTERM')
    await once(worker, 'exit')
    const { code, troubles } = await doctor()
    expect(code).toBe(1)
    expect(troubles).toEqual([expect.stringMatching(/^processors wrong/)])
  }, 240_000)
})
