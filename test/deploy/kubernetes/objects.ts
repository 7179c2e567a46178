// Which objects would a cluster be given? Those of the base as they stand, and those that kustomize makes of each overlay.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { Job } from 'kubernetes-models/batch/v1/Job'
import type { IContainer } from 'kubernetes-models/v1/Container'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'

export const folder = join(import.meta.dirname, '../../../deploy/kubernetes')

export const KubernetesObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
})
export type KubernetesObject = z.infer<typeof KubernetesObject>

/** As Kubernetes reads YAML: 0440 is an octal number. */
const kubernetesYaml = { version: '1.1' } as const

/** The objects in a text of YAML documents; kustomization files and patches are none. */
function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text, kubernetesYaml).map((document) => KubernetesObject.parse(document.toJS()))
}

const Kustomization = z.looseObject({
  resources: z.array(z.string()).default([]),
  images: z.array(z.looseObject({ name: z.string(), newTag: z.string().optional() })).default([]),
  nameSuffix: z.string().default(''),
  secretGenerator: z.array(z.looseObject({ name: z.string(), files: z.array(z.string()) })).default([]),
})

export function kustomization(directory: string): z.infer<typeof Kustomization> {
  return Kustomization.parse(parse(readFileSync(join(folder, directory, 'kustomization.yaml'), 'utf8')))
}

/** The files that a directory names as its resources, those of directories beneath included. */
function resourceFiles(directory: string): string[] {
  return kustomization(directory).resources.flatMap((name) => {
    if (name.startsWith('../')) return []
    return name.endsWith('.yaml') ? [join(directory, name)] : resourceFiles(join(directory, name))
  })
}

/** Objects of the files that need no kustomize to be read: the base, or a component or an overlay's own. */
export function plainObjects(directory: string): KubernetesObject[] {
  return resourceFiles(directory).flatMap((file) => objectsIn(readFileSync(join(folder, file), 'utf8')))
}

export const names = (directory: string): string[] => readdirSync(join(folder, directory)).sort()

/** The command that builds an overlay: KUSTOMIZE, else kustomize or kubectl of the PATH; undefined where there is none. */
export const kustomize = [
  [process.env.KUSTOMIZE ?? 'kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(works)

function works([binary = '']: readonly string[]): boolean {
  try {
    execFileSync(binary, ['--help'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What kustomize makes of a directory, with components that it does not name itself. */
export function build(directory: string, components: readonly string[] = []): KubernetesObject[] {
  const [binary = '', ...args] = kustomize ?? []
  const scratch = mkdtempSync(join(tmpdir(), 'siaga-kustomize-'))
  try {
    // Its real place: kustomize follows no symbolic link out of it.
    const from = realpathSync(scratch)
    const path = (name: string): string => relative(from, join(folder, name))
    const text = JSON.stringify({ resources: [path(directory)], components: components.map(path) })
    writeFileSync(join(scratch, 'kustomization.yaml'), text)
    return objectsIn(execFileSync(binary, [...args, from], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }))
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** What runs pods: its name, their labels, what is in them. */
export interface Workload {
  readonly name: string
  readonly role: string
  readonly labels: Readonly<Record<string, string>>
  readonly spec: IPodSpec
  /** All of them, those that run before the others too. */
  readonly containers: readonly IContainer[]
  readonly replicas: number | undefined
  /** Undefined for a Job, whose selector is the cluster's. */
  readonly selector: Selector | undefined
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: string[] }[]
}

export function workloadsOf(objects: readonly unknown[]): Workload[] {
  return objects.flatMap((object) => {
    if (!Deployment.is(object) && !StatefulSet.is(object) && !Job.is(object)) return []
    const template = object.spec?.template
    if (template?.spec === undefined) throw new Error(`${object.metadata?.name} has no pods`)
    const labels = template.metadata?.labels ?? {}
    return {
      name: object.metadata?.name ?? '',
      role: labels['app.kubernetes.io/component'] ?? '',
      labels,
      spec: template.spec,
      containers: [...(template.spec.initContainers ?? []), ...template.spec.containers],
      replicas: Job.is(object) ? 1 : object.spec?.replicas,
      selector: Job.is(object) ? undefined : object.spec?.selector,
    }
  })
}

/** True if the selector takes pods with these labels; an empty one takes all. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Workload['labels']): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') throw new Error(`operator ${operator} is not known here`)
      return values.includes(labels[key] ?? '')
    })
  )
}

/** The port of a container by its name or number, with its protocol. */
export function portOf(
  { containers }: Pick<Workload, 'containers'>,
  port: string | number,
  protocol = 'TCP',
): number | undefined {
  const all = containers.flatMap(({ ports = [] }) => ports)
  return all.find(
    (candidate) =>
      (candidate.name === port || candidate.containerPort === port) && (candidate.protocol ?? 'TCP') === protocol,
  )?.containerPort
}
