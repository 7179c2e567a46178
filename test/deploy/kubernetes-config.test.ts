// Is the siaga.yaml of each overlay one that Siaga takes, and does it say the same as the objects around it?
import { join } from 'node:path'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../runtime/config.ts'
import { PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { build, folder, kustomization, kustomize, names, plainObjects, workloadsOf } from './kubernetes/objects.ts'

const places = ['base', ...names('overlays').map((name) => `overlays/${name}`)]

const load = (place: string) => loadConfig({ file: join(folder, place, 'siaga.yaml'), env: {}, cwd: folder })

describe.each(places)('%s', (place) => {
  const { config, warnings } = load(place)

  test('siaga.yaml is taken, without a warning', () => {
    expect(warnings).toEqual([])
  })

  test('it listens where a pod is spoken to, and speaks to its services by TLS', () => {
    expect([config.http.host, config.syslog.host, config.relp.host]).toEqual(['0.0.0.0', '0.0.0.0', '0.0.0.0'])
    expect(config.http.port).toBe(8080)
    expect(config.processors.metrics_port).toBe(9464)
    expect(config.kafka.brokers).not.toEqual([])
    expect(config.kafka.sasl?.username).not.toBe('')
    expect(config.clickhouse.url).toMatch(/^https:/)
  })

  test('the files that it names are mounted where its roles run', () => {
    const mounted = workloadsOf(plainObjects('base'))
      .flatMap(({ containers }) => containers.flatMap(({ volumeMounts = [] }) => volumeMounts))
      .map(({ mountPath }) => mountPath)
    const files = [config.kafka.tls?.ca, config.clickhouse.tls?.ca, config.syslog.tls?.cert, config.syslog.tls?.key]
    for (const file of files) expect(mounted).toContain(file?.split('/').slice(0, -1).join('/'))
  })

  test('secrets of alert channels are keys of the example', () => {
    const offered = kustomization('secrets.example').secretGenerator.find(({ name }) => name === 'siaga-alerts')
    const named = JSON.stringify(config.alerts.channels).match(/\/run\/secrets\/siaga-alerts\/[^"]+/g) ?? []
    expect(named.filter((file) => !offered?.files.includes(file.split('/').at(-1) ?? ''))).toEqual([])
    expect(named.length > 0).toBe(place !== 'base')
  })

  test('a process has as many workers as partitions, together with the others', () => {
    const { workers } = config.processors
    const fixed = workloadsOf(plainObjects('base')).find(({ role }) => role === 'process')?.replicas ?? 0
    const most = place === 'overlays/national' ? 6 : fixed
    expect(most * Number(workers)).toBe(config.kafka.partitions)
  })
})

test('autoscalers look at the group and the topic of the processors, and end where the partitions do', () => {
  const { config } = load('overlays/national')
  const objects = [...plainObjects('components/keda'), ...plainObjects('components/hpa')]
  const scaled = objects.flatMap((object) => (ScaledObject.is(object) ? [object.spec] : []))
  const sized = objects.flatMap((object) => (HorizontalPodAutoscaler.is(object) ? [object.spec] : []))
  const [lag] = scaled[0]?.triggers ?? []
  expect(lag?.metadata).toMatchObject({ consumerGroup: PROCESSOR_GROUP, topic: topics.raw, sasl: 'scram_sha512' })
  expect(sized[0]?.metrics?.[0]?.external?.metric.selector?.matchLabels).toEqual({
    consumergroup: PROCESSOR_GROUP,
    topic: topics.raw,
  })
  for (const most of [scaled[0]?.maxReplicaCount, sized[0]?.maxReplicas])
    expect((most ?? 0) * Number(config.processors.workers)).toBe(config.kafka.partitions)
  // A page under way counts as lag until it has landed: below that nobody may be called.
  expect(Number(lag?.metadata.lagThreshold)).toBeGreaterThan(
    config.processors.flush_rows * Number(config.processors.workers),
  )
})

test.skipIf(kustomize === undefined)('the autoscaler of the country asks the brokers that siaga.yaml names', () => {
  const { config } = load('overlays/national')
  const scaled = build('overlays/national').flatMap((object) => (ScaledObject.is(object) ? [object] : []))
  expect(scaled.map(({ spec }) => spec?.triggers[0]?.metadata.bootstrapServers)).toEqual([
    config.kafka.brokers.join(','),
  ])
})
