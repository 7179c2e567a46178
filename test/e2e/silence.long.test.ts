import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe('blind is not green, at the pace of production', () => {
  let home: Home
  let siaga: Siaga
  let ingest: Ingest
  let here: ReturnType<typeof traffic>
  let there: ReturnType<typeof traffic>

  beforeAll(async () => {
    home = await makeHome(silenceYaml({ reconnect_seconds: 30 }))
    const started = await startWithHistory(home, 150_000)
    siaga = started.siaga
    ingest = await startIngest(siaga)
    here = traffic(() => siaga.web, started.keys)
    there = traffic(() => ingest.web, started.keys)
    here.on.add('web-jabar')
    there.on.add('web-makassar')
    // Their states may be those of before the stop, so their lines are waited for too.
    for (const source of ['web-jabar', 'web-makassar']) {
      const lines = `SELECT count() FROM siaga.events WHERE source_id = '${source}'`
      await until(async () => Number(await siaga.value(lines)) > 0, `${source} has landed`, 60_000)
      await until(async () => (await sourceState(siaga, source)) === 'live', `${source} is live`, 60_000)
    }
    await sleep(60_000)
  }, 600_000)

  afterAll(async () => {
    await here?.stop()
    await there?.stop()
    await ingest?.stop()
    await siaga?.stop()
    await home?.remove()
  })

  test('a busy source that is killed turns its region tidak terpantau within two minutes, and no other', async () => {
    expect(await told(siaga)).toEqual(['siaga-pipeline-stopped|siaga'])
    here.on.delete('web-jabar')
    await sleep(500)
    const stopped = Date.now()
    await until(
      async () => (await regionState(siaga, '32')) === 'tidak terpantau',
      'region 32 is not monitored',
      120_000,
    )
    report(`silence: region not monitored ${((Date.now() - stopped) / 1000).toFixed(1)} s after the last event`)
    await until(async () => (await told(siaga)).includes('siaga-silence-source|web-jabar'), 'the finding has landed')
    expect(await regionState(siaga, '73.71')).toBe('terpantau')
    expect(await regionState(siaga, '51')).toBe('terpantau')
  }, 200_000)

  test('a collector that is stopped for five minutes is one finding, and no region changes', async () => {
    const before = await told(siaga)
    ingest.signal('SIGSTOP')
    await sleep(300_000)
    const since = (await told(siaga)).filter((key) => !before.includes(key))
    expect(since).toEqual([expect.stringMatching(/^siaga-collector-stopped\|/)])
    expect(await sourceState(siaga, 'web-makassar')).toBe('unjudged')
    expect(await regionState(siaga, '73.71')).toBe('terpantau')
    ingest.signal('SIGCONT')
    await until(async () => (await sourceState(siaga, 'web-makassar')) === 'live', 'web-makassar is live again', 60_000)
  }, 420_000)
})
