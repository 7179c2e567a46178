// Are the manifests for Kubernetes whole? Every object against its schema, every name that one has of another, and what a pod may do.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Service } from 'kubernetes-models/v1/Service'
import { describe, expect, test } from 'vitest'
import { allCommands } from '../../cli/commands.ts'
import { environmentSettings } from '../../runtime/config-environment.ts'
import {
  build,
  folder,
  type KubernetesObject,
  kustomization,
  kustomize,
  names,
  plainObjects,
  portOf,
  selects,
  type Workload,
  workloadsOf,
} from './kubernetes/objects.ts'
import { problemsOf } from './kubernetes/schema.ts'

const { version }: { version: string } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'))
const overlays = names('overlays')
const components = names('components')
const base = [...plainObjects('base'), ...plainObjects('components/prometheus-operator')]

/** Each set of objects that must hold together: the base, read without kustomize, and the overlays where there is one. */
const sets: (readonly [string, () => KubernetesObject[]])[] = [
  ['base', () => base],
  ...(kustomize === undefined
    ? []
    : [...overlays.map((name) => built(`overlays/${name}`, [])), built('base', ['components/hpa'])]),
]

function built(directory: string, withComponents: string[]): readonly [string, () => KubernetesObject[]] {
  let objects: KubernetesObject[] | undefined
  return [
    [directory, ...withComponents].join(' with '),
    () => {
      objects ??= build(directory, withComponents)
      return objects
    },
  ]
}

if (kustomize === undefined)
  test.skip('neither kustomize nor kubectl is here (KUSTOMIZE, PATH): overlays were not built', () => {})

describe('the schema check', () => {
  const deployment = workloadObjects(base).find(({ metadata }) => metadata.name === 'siaga-ingest')

  test('finds a field that is not there and a value that cannot be', async () => {
    const text = JSON.stringify(deployment)
    const misspelt = JSON.parse(text.replace('"terminationGracePeriodSeconds"', '"terminationGrace"'))
    const wrong = JSON.parse(text.replace('"250m"', '"250 millicores"'))
    const unknown = { apiVersion: 'v1', kind: 'Lamp', metadata: { name: 'lamp', labels: {} } }
    const problems = (await problemsOf([misspelt, wrong, unknown])).join('\n')
    expect(problems).toContain(`'"terminationGrace"' does not exist in type 'IPodSpec'`)
    expect(problems).toContain('/resources/requests/cpu must match format "quantity"')
    expect(problems).toContain('no model of v1 is known here')
  })
})

function workloadObjects(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter((object) => workloadsOf([object]).length > 0)
}

test('files of components and overlays are of their kinds', async () => {
  const directories = [...components.map((name) => `components/${name}`), ...overlays.map((name) => `overlays/${name}`)]
  const objects = directories.flatMap((directory) => plainObjects(directory))
  expect(objects.length).toBeGreaterThan(6)
  expect(await problemsOf(objects)).toEqual([])
})

describe('a restore', () => {
  test('applies what its Job needs, and no pod yet', () => {
    const all = [...base, ...plainObjects('components/backup')]
    const first = all.filter(
      ({ metadata: { labels } }) =>
        labels['siaga.example/step'] !== undefined && labels['app.kubernetes.io/component'] !== 'migrate',
    )
    const of = (kind: string) => first.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)
    expect(of('CronJob')).toEqual(['siaga-backup'])
    expect(of('PersistentVolumeClaim')).toEqual(['siaga-backups'])
    expect(of('ServiceAccount').sort()).toEqual(['siaga-backup', 'siaga-migrate'])
    // The others: to names, and to Kafka and ClickHouse.
    expect(of('NetworkPolicy').sort()).toEqual(['clickhouse', 'default-deny', 'kafka', 'names'])
    expect(workloadsOf(first)).toEqual([])
  })

  test('fills the claim that the centre takes', async () => {
    const claims = plainObjects('restore')
    expect(await problemsOf(claims)).toEqual([])
    const centre = base.find((object) => StatefulSet.is(object) && object.metadata.name === 'siaga-centre')
    const [template] = StatefulSet.is(centre) ? (centre.spec?.volumeClaimTemplates ?? []) : []
    expect(claims).toHaveLength(1)
    expect(claims[0]).toMatchObject({
      metadata: { name: `${template?.metadata?.name}-siaga-centre-0` },
      spec: template?.spec,
    })
  })
})

describe.each(sets)('%s', (name, objects) => {
  const workloads = (): Workload[] => workloadsOf(objects())
  const workload = (role: string): Workload => {
    const found = workloads().find((candidate) => candidate.role === role)
    if (found === undefined) throw new Error(`there is no ${role}`)
    return found
  }
  const selected = (selector: Parameters<typeof selects>[0]): string[] =>
    workloads()
      .filter(({ labels }) => selects(selector, labels))
      .map(({ role }) => role)

  test('every object is of its kind, and the roles are there', async () => {
    expect(await problemsOf(objects())).toEqual([])
    expect(
      workloads()
        .map(({ role }) => role)
        .sort(),
    ).toEqual(['centre', 'ingest', 'migrate', 'process'])
    const twice = objects().map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(twice.filter((one, n) => twice.indexOf(one) !== n)).toEqual([])
  })

  test('no object holds a secret', () => {
    expect(objects().filter(({ kind }) => kind === 'Secret')).toEqual([])
  })

  test('a pod is nobody, writes nowhere but on its volumes and may do nothing more', () => {
    for (const { spec, containers, name: what } of workloads()) {
      expect(spec.securityContext, what).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      expect([spec.hostNetwork, spec.hostPID, spec.hostIPC], what).toEqual([undefined, undefined, undefined])
      expect(spec.automountServiceAccountToken, what).toBe(false)
      // Or a Service of the name siaga-syslog sets SIAGA_SYSLOG_PORT.
      expect(spec.enableServiceLinks, what).toBe(false)
      for (const container of containers) {
        expect(container.securityContext, what).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        const { requests, limits } = container.resources ?? {}
        expect(Object.keys(requests ?? {}).sort(), what).toEqual(['cpu', 'memory'])
        expect(Object.keys(limits ?? {}).sort(), what).toEqual(['cpu', 'memory'])
      }
    }
    const accounts = objects().filter(({ kind }) => kind === 'ServiceAccount')
    expect(accounts.map(({ metadata }) => metadata.name).sort()).toEqual(
      workloads()
        .map(({ spec }) => spec.serviceAccountName)
        .sort(),
    )
    expect(accounts.every(({ automountServiceAccountToken }) => automountServiceAccountToken === false)).toBe(true)
    const [namespace] = objects().filter(({ kind }) => kind === 'Namespace')
    expect(namespace?.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted')
  })

  test('what runs for good is asked whether it lives and is ready, and has time to end', () => {
    for (const { spec, role, containers } of workloads().filter(({ role }) => role !== 'migrate')) {
      const [main] = spec.containers
      for (const [probe, path] of [
        [main?.startupProbe, '/healthz'],
        [main?.livenessProbe, '/healthz'],
        [main?.readinessProbe, '/readyz'],
      ] as const) {
        expect(probe?.httpGet?.path, role).toBe(path)
        expect(portOf({ containers }, probe?.httpGet?.port ?? ''), role).toBeDefined()
      }
      // Siaga stops in four steps of four seconds at most (cli/start/teardown.ts).
      const before = main?.lifecycle?.preStop?.sleep?.seconds ?? 0
      expect(spec.terminationGracePeriodSeconds, role).toBeGreaterThan(before + 16)
    }
    expect(workload('ingest').spec.containers[0]?.lifecycle?.preStop?.sleep?.seconds).toBeGreaterThanOrEqual(5)
  })

  test('selectors of workloads, services, budgets and monitors find their pods, and the ports are there', () => {
    for (const { selector, labels, role } of workloads()) {
      if (selector !== undefined) expect([selects(selector, labels), selected(selector)], role).toEqual([true, [role]])
    }
    for (const object of objects()) {
      if (Service.is(object)) {
        const roles = selected({ matchLabels: object.spec?.selector ?? {} })
        expect(roles, object.metadata?.name).toHaveLength(1)
        for (const { targetPort, protocol } of object.spec?.ports ?? [])
          expect(portOf(workload(roles[0] ?? ''), targetPort ?? '', protocol), String(targetPort)).toBeDefined()
      }
      if (PodDisruptionBudget.is(object))
        expect(selected(object.spec?.selector ?? {}), object.metadata?.name).toHaveLength(1)
      if (StatefulSet.is(object)) expect(serviceNames(objects())).toContain(object.spec?.serviceName)
      if (PodMonitor.is(object)) {
        const roles = selected(object.spec?.selector ?? {})
        expect(roles, object.metadata?.name).not.toEqual([])
        for (const role of roles)
          for (const { port } of object.spec?.podMetricsEndpoints ?? [])
            expect(portOf(workload(role), port ?? ''), role).toBeDefined()
      }
      if (Ingress.is(object)) {
        const backends = object.spec?.rules?.flatMap(({ http }) => http?.paths ?? []) ?? []
        expect(backends.length).toBeGreaterThan(0)
        for (const { backend } of backends) expect(serviceNames(objects())).toContain(backend.service?.name)
      }
    }
  })

  test('devices may send by UDP and TCP: a merge of patches takes two ports of one number for one', () => {
    const service = objects().find(({ metadata, kind }) => kind === 'Service' && metadata.name === 'siaga-syslog')
    const ports = Service.is(service) ? (service.spec?.ports ?? []) : []
    expect(ports.map(({ name: port, protocol = 'TCP' }) => `${port} ${protocol}`).sort()).toEqual([
      'relp TCP',
      'syslog-tcp TCP',
      'syslog-tls TCP',
      'syslog-udp UDP',
    ])
  })

  test('network policies cover every pod and let through what a role needs, no more', () => {
    const policies = objects().flatMap((object) => (NetworkPolicy.is(object) ? [object] : []))
    const denied = policies.find(({ metadata }) => metadata?.name === 'default-deny')
    expect(denied?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    const allowed = Object.fromEntries(
      policies
        .filter((policy) => policy !== denied)
        .map(({ metadata, spec }) => {
          const roles = selected(spec?.podSelector ?? {})
          for (const { ports } of spec?.ingress ?? [])
            for (const { port, protocol } of ports ?? [])
              expect(
                roles.some((role) => portOf(workload(role), port ?? '', protocol) !== undefined),
                `${metadata?.name} ${port}`,
              ).toBe(true)
          return [metadata?.name, roles.sort()]
        }),
    )
    expect(allowed).toEqual({
      names: ['centre', 'ingest', 'migrate', 'process'],
      kafka: ['centre', 'ingest', 'process'],
      clickhouse: ['centre', 'migrate', 'process'],
      devices: ['ingest'],
      edge: ['centre', 'ingest'],
      prometheus: ['centre', 'ingest', 'process'],
      outside: ['centre'],
    })
    // Every listening port of a pod is one that somebody may speak to.
    const open = policies.flatMap(({ spec }) => (spec?.ingress ?? []).flatMap(({ ports }) => ports ?? []))
    const listening = workloads().flatMap(({ containers }) => containers.flatMap(({ ports = [] }) => ports))
    expect(
      listening.filter(
        ({ name: port, containerPort }) => !open.some((o) => o.port === port || o.port === containerPort),
      ),
    ).toEqual([])
  })

  test('containers run commands that are there, with variables that are read', async () => {
    const commands = new Set((await allCommands()).map((command) => command.name))
    const variables = new Set(environmentSettings.map((setting) => setting.name))
    for (const { containers } of workloads()) {
      for (const { args = [], env = [] } of containers) {
        expect(commands).toContain(args[0])
        expect(env.map((variable) => variable.name.replace(/_FILE$/, '')).filter((one) => !variables.has(one))).toEqual(
          [],
        )
      }
    }
  })

  test('every file that a variable names is put there by a volume', () => {
    for (const { spec, containers, role } of workloads()) {
      for (const { env = [], volumeMounts = [] } of containers) {
        const files = volumeMounts.flatMap(({ name: volume, mountPath }) =>
          secretItems(spec, volume).map(({ path }) => `${mountPath}/${path}`),
        )
        const wanted = env.filter(({ name: variable }) => variable.endsWith('_FILE')).map(({ value }) => value)
        expect(
          wanted.filter((file) => !files.includes(file ?? '')),
          role,
        ).toEqual([])
        expect(
          volumeMounts.filter(({ name: volume }) => !volumeNames(spec).includes(volume) && volume !== 'data'),
        ).toEqual([])
      }
    }
  })

  test('every Secret that is asked for is in the example, with its keys, and no other', () => {
    const offered = kustomization('secrets.example').secretGenerator
    const keys = new Map(offered.map((one) => [one.name, one.files.map((file) => file.split('=')[0] ?? '')]))
    const asked = workloads().flatMap(({ spec }) =>
      (spec.volumes ?? []).flatMap(({ name: volume }) => secretItems(spec, volume)),
    )
    for (const object of objects())
      if (TriggerAuthentication.is(object))
        for (const { name: secret, key } of object.spec?.secretTargetRef ?? []) asked.push({ secret, key, path: '' })
    for (const { secret, key } of asked) {
      expect(keys.get(secret), secret).toBeDefined()
      if (key !== '') expect(keys.get(secret), secret).toContain(key)
    }
    expect([...keys.keys()].filter((secret) => !asked.some((one) => one.secret === secret))).toEqual([])
  })

  test('the image and the Job that migrates are of this version', () => {
    const { images } = kustomization('base')
    expect(images.map(({ newTag }) => newTag)).toEqual([version])
    expect(kustomization('base/migrate').nameSuffix).toBe(`-${version.replaceAll('.', '-')}`)
    if (name === 'base') return
    expect(workload('migrate').name).toBe(`siaga-migrate-${version.replaceAll('.', '-')}`)
    const used = workloads().flatMap(({ containers }) => containers.map(({ image }) => image ?? ''))
    expect(new Set(used.map((image) => image.split(':').at(-1)))).toEqual(new Set([version]))
  })

  test('the first step of an upgrade (label siaga.example/step=migrate) is what the Job needs, and no pod but its own', () => {
    const first = objects().filter(({ metadata }) => metadata.labels['siaga.example/step'] === 'migrate')
    const of = (kind: string) => first.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)
    expect(of('Namespace')).toEqual(['siaga'])
    expect(of('ServiceAccount')).toEqual(['siaga-migrate'])
    expect(of('NetworkPolicy').sort()).toEqual(['clickhouse', 'default-deny', 'names'])
    expect(workloadsOf(first).map(({ role }) => role)).toEqual(['migrate'])
    // The base alone has no ConfigMap: kustomize makes it.
    if (name !== 'base') expect(of('ConfigMap').join()).toMatch(/^siaga-config-\w+$/)
  })

  test('what an autoscaler sizes has no size of its own', () => {
    const scaled = objects().filter((object) => ScaledObject.is(object) || HorizontalPodAutoscaler.is(object))
    for (const { spec } of scaled)
      expect(workloadNamed(workloads(), spec?.scaleTargetRef.name).replicas).toBeUndefined()
    if (scaled.length === 0) expect(workload('process').replicas).toBeGreaterThan(1)
  })
})

function workloadNamed(workloads: readonly Workload[], name: string | undefined): Workload {
  const found = workloads.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`there is no workload ${name}`)
  return found
}

const serviceNames = (objects: readonly KubernetesObject[]): string[] =>
  objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name)

const volumeNames = ({ volumes = [] }: Workload['spec']): string[] => volumes.map(({ name }) => name)

/** What a volume takes from Secrets; key and path are empty where it takes all of one. */
function secretItems(
  { volumes = [] }: Workload['spec'],
  volume: string,
): { secret: string; key: string; path: string }[] {
  const found = volumes.find(({ name }) => name === volume)
  const whole = found?.secret?.secretName
  if (whole !== undefined) return [{ secret: whole, key: '', path: '' }]
  return (found?.projected?.sources ?? []).flatMap(({ secret }) =>
    (secret?.items ?? []).map(({ key, path }) => ({ secret: secret?.name ?? '', key, path })),
  )
}
