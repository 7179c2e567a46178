// What does a finding about Siaga's own blindness say? Probes without a network, collectors that stopped, a pipeline that stood still.
import { localTime } from '../../runtime/local-time.ts'
import type { Finding } from '../../schemas/detection.ts'
import { findingOf, lasting, points, silenceRules, type Weights } from './finding.ts'

export interface LostNetwork {
  /** The last time when any site answered. */
  readonly since: number
  readonly until: number
  readonly sites: number
  readonly failing: readonly { readonly asset: string; readonly failure: string }[]
}

/** Nearly every site fails at once: it is our network. */
export function networkFinding({ since, until, sites, failing }: LostNetwork, weights: Weights): Finding {
  return findingOf(
    {
      rule: silenceRules.probeNetwork,
      about: 'probes',
      since,
      until,
      title: "Jaringan pemeriksa terputus / The probes' own network is gone",
      severity: 'high',
      entity: 'siaga:probes',
      region: '00',
      evidence: [
        ['siaga.silence.last', localTime(since)],
        ['siaga.probe.sites', `${failing.length} / ${sites}`],
        ...failing.slice(0, 5).map(({ asset, failure }) => [`siaga.probe.failure`, `${asset}: ${failure}`] as const),
      ],
      factors: [
        { name: 'probes_blind', points: points.stopped, detail: `${failing.length} of ${sites} sites fail at once` },
      ],
    },
    weights,
  )
}

export interface StoppedCollector {
  readonly instance: string
  readonly host: string
  readonly kinds: readonly string[]
  readonly last: number
  readonly until: number
  readonly goodbye: boolean
  readonly sources: readonly string[]
}

/** A collector process writes no heartbeats any more, while others go on. */
export function collectorFinding(stopped: StoppedCollector, weights: Weights): Finding {
  const { instance, host, kinds, last, until, goodbye, sources } = stopped
  return findingOf(
    {
      rule: silenceRules.collector,
      about: instance,
      since: last,
      until,
      title: `Pengumpul berhenti / Collector stopped: ${instance}`,
      severity: goodbye ? 'medium' : 'high',
      entity: `collector:${instance}`,
      region: '00',
      evidence: [
        ['host.name', host],
        ['siaga.silence.last', localTime(last)],
        ['siaga.silence.so_far', lasting(until - last)],
        ['siaga.collector.kinds', kinds.join(', ')],
        ['siaga.collector.sources', sources.join(', ')],
        ['siaga.collector.goodbye', goodbye ? 'yes' : 'no'],
      ],
      factors: [
        { name: 'collector_stopped', points: points.stopped, detail: `${sources.length} sources cannot be judged` },
      ],
    },
    weights,
  )
}

export interface StoppedPipeline {
  readonly from: number
  /** Undefined: it still stands still. */
  readonly to: number | undefined
  readonly until: number
  readonly orderly: boolean
}

/** Nothing landed for a while: Siaga itself was down, or stands still. */
export function pipelineFinding({ from, to, until, orderly }: StoppedPipeline, weights: Weights): Finding {
  return findingOf(
    {
      rule: silenceRules.pipeline,
      about: 'siaga',
      since: from,
      until: to ?? until,
      title:
        to === undefined
          ? `Siaga tidak memproses / Siaga stands still since ${localTime(from)}`
          : `Siaga berhenti / Siaga was down: ${localTime(from)} – ${localTime(to)}`,
      severity: 'high',
      entity: 'siaga:pipeline',
      region: '00',
      evidence: [
        ['siaga.silence.from', localTime(from)],
        ['siaga.silence.to', to === undefined ? '-' : localTime(to)],
        ['siaga.silence.so_far', lasting((to ?? until) - from)],
        ['siaga.collector.goodbye', orderly ? 'yes' : 'no'],
      ],
      factors: [
        {
          name: 'pipeline_stopped',
          points: points.stopped,
          detail: `nothing landed for ${lasting((to ?? until) - from)}`,
        },
      ],
    },
    weights,
  )
}
