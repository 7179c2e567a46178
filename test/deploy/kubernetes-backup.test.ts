// Does the back-up on Kubernetes see what the centre keeps, where it runs, by ways that are open, as confined as every other pod?
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { placeOf } from '../../cli/backup/server-backup.ts'
import {
  build,
  folder,
  type KubernetesObject,
  kustomize,
  plainObjects,
  selects,
  workloadsOf,
} from './kubernetes/objects.ts'
import { problemsOf } from './kubernetes/schema.ts'

const plain = [...plainObjects('base'), ...plainObjects('components/backup')]
const sets: (readonly [string, () => KubernetesObject[]])[] = [
  ['the files as they stand', () => plain],
  ...(kustomize === undefined
    ? []
    : ['province', 'national'].map((name) => [`${name} with the component`, () => withComponent(name)] as const)),
]

/** An overlay that names the component, as the document says. */
function withComponent(overlay: string): KubernetesObject[] {
  const scratch = mkdtempSync(join(tmpdir(), 'siaga-overlay-'))
  try {
    cpSync(folder, scratch, { recursive: true })
    const file = join(scratch, 'overlays', overlay, 'kustomization.yaml')
    const settings: { components?: string[] } = parse(readFileSync(file, 'utf8'))
    const components = [...(settings.components ?? []), '../../components/backup']
    writeFileSync(file, stringify({ ...settings, components }))
    return build(relative(folder, join(scratch, 'overlays', overlay)))
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const podOf = (job: ICronJob | undefined) => job?.spec?.jobTemplate.spec?.template

describe.each(sets)('%s', (_name, objectsOf) => {
  const objects = objectsOf()
  const job = objects.find((object): object is KubernetesObject & ICronJob => CronJob.is(object))
  const pod = podOf(job)
  const [container] = pod?.spec?.containers ?? []
  const centre = workloadsOf(objects).find(({ role }) => role === 'centre')
  const mounts = (of: { volumeMounts?: { mountPath: string }[] } | undefined): string[] =>
    (of?.volumeMounts ?? []).map(({ mountPath }) => mountPath)

  test('objects are of their kinds', async () => {
    expect(await problemsOf(objects.filter(({ metadata }) => metadata.name.startsWith('siaga-backup')))).toEqual([])
  })

  test('runs on the node of the centre, on the claim that the centre has, with the same image and secrets', () => {
    const [rule] = pod?.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    expect(rule?.topologyKey).toBe('kubernetes.io/hostname')
    expect(selects(rule?.labelSelector ?? {}, centre?.labels ?? {})).toBe(true)
    const claims = (pod?.spec?.volumes ?? []).flatMap(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
    )
    // As a StatefulSet names them: template, set, number.
    expect(claims).toEqual([`data-${centre?.name}-0`, 'siaga-backups'])
    expect(objects.some(({ kind, metadata }) => kind === 'PersistentVolumeClaim' && metadata.name === claims[1])).toBe(
      true,
    )
    const [main] = centre?.containers ?? []
    expect(mounts(container)).toEqual(expect.arrayContaining(mounts(main)))
    expect(container?.image).toBe(main?.image)
    const secrets = (spec: { volumes?: { name: string }[] } | undefined) =>
      spec?.volumes?.filter(({ name }) => ['config', 'secrets', 'alerts'].includes(name))
    expect(secrets(pod?.spec)).toEqual(secrets(centre?.spec))
    const files = (of: typeof container) => (of?.env ?? []).filter(({ name }) => name.endsWith('_FILE'))
    expect(files(container)).toEqual(files(main))
    // Else what they keep differs from night to night.
    expect(job?.spec).toMatchObject({ concurrencyPolicy: 'Forbid' })
  })

  test('writes onto its own claim, and has ClickHouse put tables onto a disk of its own', () => {
    const [command, folder, ...options] = container?.args ?? []
    expect([command, mounts(container).includes(folder ?? '')]).toEqual(['backup', true])
    expect(placeOf(options[options.indexOf('--clickhouse') + 1] ?? '', '20261129T190000Z', 0)).toMatch(
      /^Disk\('backups'/,
    )
  })

  test('is as confined as the centre', () => {
    expect(pod?.spec?.securityContext).toEqual(centre?.spec.securityContext)
    expect(container?.securityContext).toEqual(centre?.containers[0]?.securityContext)
    expect(pod?.spec).toMatchObject({
      serviceAccountName: 'siaga-backup',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
    })
    expect(Object.keys(container?.resources?.limits ?? {}).sort()).toEqual(['cpu', 'memory'])
    const account = objects.find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === 'siaga-backup')
    expect(account?.automountServiceAccountToken).toBe(false)
  })

  test('reaches names, Kafka and ClickHouse, and nobody reaches it', () => {
    const open = objects.flatMap((object) =>
      NetworkPolicy.is(object) && selects(object.spec?.podSelector ?? {}, pod?.metadata?.labels ?? {})
        ? [{ name: object.metadata?.name, into: object.spec?.ingress }]
        : [],
    )
    expect(open.map(({ name }) => name).sort()).toEqual(['clickhouse', 'default-deny', 'kafka', 'names'])
    expect(open.filter(({ into }) => into !== undefined)).toEqual([])
  })
})
