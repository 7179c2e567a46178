import { describe, expect, test } from 'vitest'
import type { Instance } from '../../../processors/silence/beats.ts'
import { type Judged, tellCollectors, tellPipeline, tellSensors } from '../../../processors/silence/decide.ts'
import type { Weights } from '../../../processors/silence/finding.ts'
import { everyMs, foldProbes, isNetworkGone, networkOf, type ProbedSite } from '../../../processors/silence/probes.ts'
import type { SensorState } from '../../../processors/silence/states.ts'
import { Finding } from '../../../schemas/detection.ts'
import { ScoreWeights } from '../../../schemas/score.ts'

const T = Date.parse('2024-11-27T03:00:00Z')
const MINUTE = 60_000
const weights: Weights = {
  score: ScoreWeights.parse({}),
  criticality: (asset) => (asset === 'portal' ? 'critical' : ''),
  phase: () => ({ election: 'pilkada-2024', phase: 'pemungutan' }),
}
const places = { zone: () => 'WITA' as const, name: (region: string) => `Wilayah ${region}` }

interface Case {
  state: SensorState
  region?: string
  told?: boolean
  spoke?: boolean
  busy?: boolean
  asset?: string
  probe?: boolean
}
const judged = (
  id: string,
  { state, region = '73', told = false, spoke = false, busy = true, asset = '', probe = false }: Case,
): Judged => ({
  sensor: { id, kind: probe ? 'probe' : 'source', name: '', region, owner: 'kpu', asset },
  verdict: {
    row: {
      source_id: id,
      kind: probe ? 'probe' : 'source',
      region_code: region,
      owner: 'kpu',
      asset_id: asset,
      state,
      counted_as: state,
      since: T,
      last_event: state === 'never' ? 0 : T,
      expected_at: 0,
      reason: '',
      changed_at: T + 2 * MINUTE,
    },
    changed: true,
    told: told ? { at: T + 90_000, why: 'rhythm' } : undefined,
    spoke,
  },
  until: T + 100_000,
  busy,
  usualRate: 1200,
  everyMs: 5 * MINUTE,
})
const fell: Case = { state: 'silent', told: true }
const tell = (...all: Judged[]) => tellSensors(all, places, weights)
const idsOf = ({ findings }: { findings: readonly Finding[] }) => findings.map(({ finding_id }) => finding_id)

describe('sources and their region', () => {
  test('one of several falls silent: a finding, with what was usual', () => {
    const [finding] = tell(judged('a', { ...fell, asset: 'portal' }), judged('b', { state: 'live' })).findings
    expect(Finding.parse(finding)).toEqual(finding)
    expect(finding).toMatchObject({
      finding_id: `siaga-silence-source-a-${T}`,
      severity: 'high',
      dedup_key: 'siaga-silence-source|a',
      source_id: 'a',
      region_code: '73',
      asset_id: 'portal',
      window_start: T,
      window_end: T + 100_000,
    })
    expect(finding?.evidence).toContainEqual({ field: 'siaga.silence.last', value: '2024-11-27 11:00:00 WITA' })
    expect(finding?.evidence).toContainEqual({ field: 'siaga.silence.so_far', value: '100 s' })
    const sum = (finding?.factors ?? []).reduce((total, { points }) => total + points, 0)
    expect(finding?.score).toBe(Math.round(100 / (1 + Math.exp(-sum / 10))))
    expect(finding?.factors?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['prior', 'rule:siaga-silence-source', 'silence', 'asset', 'phase']),
    )
  })

  test('the only one of its region says that the region is blind', () => {
    const { findings } = tell(judged('a', { ...fell, busy: false }))
    expect(findings).toMatchObject([{ rule_id: 'siaga-silence-source', severity: 'high' }])
    expect(findings[0]?.evidence).toContainEqual({ field: 'siaga.region.state', value: 'tidak terpantau' })
    // A seldom heard one among others is less.
    const other = tell(judged('a', { ...fell, busy: false }), judged('b', { state: 'quiet' })).findings
    expect(other).toMatchObject([{ severity: 'medium' }])
  })

  test('all at once: the region is one finding', () => {
    expect(idsOf(tell(judged('a', fell), judged('b', fell), judged('c', { state: 'never' })))).toEqual([
      `siaga-silence-region-73-${T}`,
    ])
  })

  test('the last of several: the region, and itself', () => {
    expect(idsOf(tell(judged('a', { state: 'silent' }), judged('b', fell)))).toEqual([
      `siaga-silence-region-73-${T}`,
      `siaga-silence-source-b-${T}`,
    ])
  })

  test('one that cannot be judged and counts as live keeps the region', () => {
    const unjudged = judged('b', { state: 'unjudged' })
    const counts = {
      ...unjudged,
      verdict: { ...unjudged.verdict, row: { ...unjudged.verdict.row, counted_as: 'live' as const } },
    }
    expect(idsOf(tell(judged('a', fell), counts))).toEqual([`siaga-silence-source-a-${T}`])
  })

  test('whoever speaks again ends its own alert and that of its region', () => {
    const { findings, over } = tell(judged('a', { state: 'live', spoke: true }), judged('b', { state: 'silent' }))
    expect(findings).toEqual([])
    expect(over.map(({ dedupKey }) => dedupKey)).toEqual(['siaga-silence-source|a', 'siaga-silence-region|73'])
  })

  test('a site that is not probed any more, and is again', () => {
    const probe: Case = { ...fell, probe: true, asset: 'portal' }
    expect(tell(judged('probe:portal', probe)).findings).toMatchObject([
      { finding_id: `siaga-silence-probe-portal-${T}`, asset_id: 'portal', dedup_key: 'siaga-silence-probe|portal' },
    ])
    const back = tell(judged('probe:portal', { ...probe, state: 'live', told: false, spoke: true }))
    expect(back.over.map(({ dedupKey }) => dedupKey)).toEqual(['siaga-silence-probe|portal'])
  })
})

describe('collectors', () => {
  const instance = (name: string, last: number, goodbye = false): Instance => ({
    instance: name,
    host: 'h',
    run: 'r',
    kinds: ['HTTP', 'relp'],
    since: T,
    last,
    landed: last,
    goodbye,
  })
  const look = (instances: Instance[], watermark: number, told = new Map<string, number>()) =>
    tellCollectors(
      {
        book: {
          instances: new Map(instances.map((one) => [one.instance, one])),
          carriers: (source) => new Map(source === 'a' ? [['x', T]] : []),
        },
        sources: ['a', 'b'],
        watermark,
        stoppedMs: MINUTE,
        told,
      },
      weights,
    )

  test('one that says nothing while others go on is told once, with what it carried; back again, it is over', () => {
    const first = look([instance('x', T), instance('y', T + 2 * MINUTE)], T + 2 * MINUTE)
    expect(first.findings).toMatchObject([
      { finding_id: `siaga-collector-stopped-x-${T}`, severity: 'high', region_code: '00' },
    ])
    expect(first.findings[0]?.evidence).toContainEqual({ field: 'siaga.collector.sources', value: 'a' })
    const again = look([instance('x', T)], T + 3 * MINUTE, new Map(first.told))
    expect(again.findings).toEqual([])
    const back = look([instance('x', T + 4 * MINUTE)], T + 4 * MINUTE, new Map(again.told))
    expect(back.over.map(({ dedupKey }) => dedupKey)).toEqual(['siaga-collector-stopped|x'])
    expect(back.told.size).toBe(0)
  })

  test('one that said goodbye has ten minutes, and weighs less', () => {
    expect(look([instance('x', T, true)], T + 9 * MINUTE).findings).toEqual([])
    expect(look([instance('x', T, true)], T + 11 * MINUTE).findings).toMatchObject([{ severity: 'medium' }])
  })
})

describe('the pipeline', () => {
  const look = (more: Partial<Parameters<typeof tellPipeline>[0]>) =>
    tellPipeline(
      {
        book: { pauses: [], landed: T },
        now: T + MINUTE,
        startedAt: T - 60 * MINUTE,
        pauseMs: 2 * MINUTE,
        known: new Set(),
        standing: undefined,
        ...more,
      },
      weights,
    )

  test('was down: one finding from–to, not twice', () => {
    const book = { pauses: [{ from: T, to: T + 30 * MINUTE, orderly: false }], landed: T + 30 * MINUTE }
    const { findings } = look({ book, now: T + 31 * MINUTE })
    expect(findings).toMatchObject([
      {
        finding_id: `siaga-pipeline-stopped-siaga-${T}`,
        window_start: T,
        window_end: T + 30 * MINUTE,
        severity: 'high',
      },
    ])
    expect(look({ book, now: T + 31 * MINUTE, known: new Set(idsOf({ findings })) }).findings).toEqual([])
  })

  test('stands still: told while it lasts, over when events land again; not by whoever has just been started', () => {
    const still = look({ now: T + 3 * MINUTE })
    expect(still).toMatchObject({ findings: [{ rule_id: 'siaga-pipeline-stopped' }], standing: T })
    const over = look({
      book: { pauses: [{ from: T, to: T + 9 * MINUTE, orderly: false }], landed: T + 9 * MINUTE },
      now: T + 9 * MINUTE,
      standing: T,
    })
    expect(over).toMatchObject({
      findings: [],
      over: [{ dedupKey: 'siaga-pipeline-stopped|siaga' }],
      standing: undefined,
    })
    expect(look({ now: T + 3 * MINUTE, startedAt: T + 2 * MINUTE })).toMatchObject({
      findings: [],
      standing: undefined,
    })
  })
})

describe('probes', () => {
  const probed = (failures: readonly string[], at = T): Map<string, ProbedSite> => {
    const sites = new Map<string, ProbedSite>()
    failures.forEach((failure, n) => {
      const asset = `site-${n}`
      foldProbes(sites, [
        { asset, at: at - 10 * MINUTE, failure: '' },
        { asset, at: at - 5 * MINUTE, failure: '' },
        { asset, at, failure },
      ])
    })
    return sites
  }
  const gone = (failures: readonly string[], was = false) => isNetworkGone(networkOf(probed(failures), T), was)

  test('nearly all sites without names, ways or answers at once: our network is gone', () => {
    expect(gone(Array(10).fill('timeout'))).toBe(true)
    expect(gone([...Array(9).fill('dns_failed'), ''])).toBe(true)
    expect(gone([...Array(8).fill('unreachable'), '', ''])).toBe(false)
    // Refused is an answer, and two sites are too few to say.
    expect(gone(Array(10).fill('refused'))).toBe(false)
    expect(gone(['timeout', 'timeout'])).toBe(false)
  })

  test('it is back when half of them answer, and gone since the last answer of any', () => {
    expect(gone([...Array(6).fill('timeout'), ...Array(4).fill('')], true)).toBe(true)
    expect(gone([...Array(4).fill('timeout'), ...Array(6).fill('')], true)).toBe(false)
    expect(networkOf(probed(Array(4).fill('timeout')), T).since).toBe(T - 5 * MINUTE)
  })

  test('how often a site is probed is learnt from it, whatever the order and how often it is read', () => {
    const sites = probed([''])
    foldProbes(sites, [{ asset: 'site-0', at: T - 5 * MINUTE, failure: 'timeout' }])
    expect(sites.get('site-0')).toMatchObject({ failure: '', lastOk: T })
    expect(everyMs({ times: sites.get('site-0')?.times ?? [] })).toBe(5 * MINUTE)
    expect(everyMs({ times: [T, T + 1] })).toBeUndefined()
  })
})
