import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKafka } from '../../runtime/kafka.ts'
import { createLog } from '../../runtime/log.ts'
import { AlertRequest } from '../../schemas/alert.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type Home, makeHome, report, type Siaga, until } from './siaga.ts'
import {
  type Ingest,
  regionState,
  silenceYaml,
  sourceState,
  startIngest,
  startWithHistory,
  told,
  traffic,
} from './silence.ts'

/** Everything six to ten times as fast as it is by itself. */
const settings = {
  busy_seconds: 10,
  interval_seconds: 1,
  heartbeat_seconds: 1,
  stopped_seconds: 6,
  pipeline_seconds: 8,
  reconnect_seconds: 4,
}

describe('blind is not green', () => {
  let home: Home
  let siaga: Siaga
  let ingest: Ingest
  let here: ReturnType<typeof traffic>
  let there: ReturnType<typeof traffic>

  beforeAll(async () => {
    home = await makeHome(silenceYaml(settings))
    const started = await startWithHistory(home, 9_000)
    siaga = started.siaga
    ingest = await startIngest(siaga)
    here = traffic(() => siaga.web, started.keys)
    there = traffic(() => ingest.web, started.keys)
  }, 240_000)

  afterAll(async () => {
    await here?.stop()
    await there?.stop()
    await ingest?.stop()
    await siaga?.stop()
    await home?.remove()
  })

  test('Siaga’s own stop is one finding, and no region changes', async () => {
    here.on.add('web-jabar')
    there.on.add('web-makassar')
    await until(async () => (await sourceState(siaga, 'web-jabar')) === 'live', 'web-jabar is live')
    await until(async () => (await sourceState(siaga, 'web-makassar')) === 'live', 'web-makassar is live')
    await until(async () => (await told(siaga)).length > 0, 'the stop has been told')
    expect(await told(siaga)).toEqual(['siaga-pipeline-stopped|siaga'])
    const silent = await siaga.sql("SELECT * FROM siaga.source_states WHERE counted_as = 'silent'")
    expect(silent).toEqual([])
  })

  test('a busy source that is killed is told, and its region is not monitored', async () => {
    const stopped = Date.now()
    here.on.delete('web-jabar')
    await until(async () => (await told(siaga)).includes('siaga-silence-source|web-jabar'), 'web-jabar is told', 40_000)
    report(
      `silence: told ${((Date.now() - stopped) / 1000).toFixed(1)} s after the last event (floor ${settings.busy_seconds} s)`,
    )
    await until(async () => (await regionState(siaga, '32')) === 'tidak terpantau', 'region 32 is not monitored')
    const [finding] = await siaga.sql("SELECT * FROM siaga.findings WHERE rule_id = 'siaga-silence-source'")
    expect(finding).toMatchObject({ severity: 'high', region_code: '32', owner: 'kpu', entity: 'source:web-jabar' })
    expect(Number(finding?.score)).toBeGreaterThan(80)
    expect(await regionState(siaga, '73.71')).toBe('terpantau')
    const shown = await siaga.run('status', '--by', 'region')
    expect(shown.stdout).toMatch(/\n32 +Jawa Barat +TIDAK TERPANTAU /)
    expect(shown.stdout).toMatch(/\n73\.71 +Kota Makassar +terpantau /i)
  })

  test('one that is always quiet at this hour is not told, and its region stays monitored', async () => {
    expect(await sourceState(siaga, 'office-bali')).toBe('quiet')
    expect(await regionState(siaga, '51')).toBe('terpantau')
    expect((await siaga.run('status', '--by', 'region')).stdout).toMatch(/\n51 +Bali +terpantau /)
  })

  test('a collector that is stopped is one finding; its sources are not judged, no region changes', async () => {
    const before = await told(siaga)
    ingest.signal('SIGSTOP')
    await until(async () => (await sourceState(siaga, 'web-makassar')) === 'unjudged', 'web-makassar is not judged')
    await until(async () => (await told(siaga)).length > before.length, 'the collector is told')
    // Longer than the source could be silent.
    await new Promise((resolve) => setTimeout(resolve, 12_000))
    const now = (await told(siaga)).filter((key) => !before.includes(key))
    expect(now).toEqual([expect.stringMatching(/^siaga-collector-stopped\|.*\/ingest-\d+$/)])
    expect(await regionState(siaga, '73.71')).toBe('terpantau')
    ingest.signal('SIGCONT')
    await until(async () => (await sourceState(siaga, 'web-makassar')) === 'live', 'web-makassar is live again')
  }, 60_000)

  test('what speaks again asks for its alert to be closed', async () => {
    here.on.add('web-jabar')
    await until(async () => (await regionState(siaga, '32')) === 'terpantau', 'region 32 is monitored again')
    const kafka = createKafka({
      brokers: [`127.0.0.1:${siaga.ports.kafka}`],
      clientId: 'test',
      log: createLog('error'),
    })
    const keys: string[] = []
    await until(async () => {
      keys.length = 0
      await kafka.readAll(topics.alertRequests, ({ value }) => {
        const request = AlertRequest.parse(JSON.parse(String(value)))
        if (request.kind === 'act' && request.verb === 'resolve' && request.actor.room === '')
          keys.push(request.dedup_key)
      })
      return keys.includes('siaga-silence-source|web-jabar')
    }, 'the request is there')
    expect(keys.some((key) => key.startsWith('siaga-collector-stopped|'))).toBe(true)
  })
})
