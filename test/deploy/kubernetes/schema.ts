// Would a cluster take these objects? By the models of Kubernetes, KEDA and the Prometheus operator: their types know every field, their checks every value.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { TriggerAuthentication } from '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { KubernetesObject } from './objects.ts'

interface Model<T> {
  readonly is: (value: unknown) => value is T
  new (data: T): { validate(): void }
}

interface Kind {
  /** Where its type stands. */
  readonly module: string
  /** What is wrong with the values; undefined if it is not of this kind. */
  wrong(object: KubernetesObject): string[] | undefined
}

function kind<T>(module: string, model: Model<T>): Kind {
  return {
    module,
    wrong(object) {
      if (!model.is(object)) return undefined
      try {
        new model(object).validate()
        return []
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)]
      }
    },
  }
}

/** Every kind that the manifests use. */
const kinds: readonly Kind[] = [
  kind('kubernetes-models/v1/Namespace', Namespace),
  kind('kubernetes-models/v1/ServiceAccount', ServiceAccount),
  kind('kubernetes-models/v1/ConfigMap', ConfigMap),
  kind('kubernetes-models/v1/PersistentVolumeClaim', PersistentVolumeClaim),
  kind('kubernetes-models/v1/Service', Service),
  kind('kubernetes-models/apps/v1/Deployment', Deployment),
  kind('kubernetes-models/apps/v1/StatefulSet', StatefulSet),
  kind('kubernetes-models/batch/v1/Job', Job),
  kind('kubernetes-models/batch/v1/CronJob', CronJob),
  kind('kubernetes-models/policy/v1/PodDisruptionBudget', PodDisruptionBudget),
  kind('kubernetes-models/networking.k8s.io/v1/NetworkPolicy', NetworkPolicy),
  kind('kubernetes-models/networking.k8s.io/v1/Ingress', Ingress),
  kind('kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler', HorizontalPodAutoscaler),
  kind('@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject', ScaledObject),
  kind('@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication', TriggerAuthentication),
  kind('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor', PodMonitor),
  kind('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule', PrometheusRule),
]

const modules = join(import.meta.dirname, '../../../node_modules')
const compiler = join(modules, '.bin', 'tsc')

/**
 * What is wrong with the objects: values out of their bounds, what must be there and is not, and fields that the kind does not have. The models'
 * own checks let unknown fields pass, as the API server does unless asked; the compiler finds them, since each object is written as a literal of its type.
 */
export async function problemsOf(objects: readonly KubernetesObject[]): Promise<string[]> {
  const problems: string[] = []
  const typed: string[] = []
  for (const object of objects) {
    const name = `${object.kind} ${object.metadata.name}`
    const found = kinds.map((known) => ({ known, wrong: known.wrong(object) })).find(({ wrong }) => wrong !== undefined)
    if (found?.wrong === undefined) problems.push(`${name}: no model of ${object.apiVersion} is known here`)
    else {
      problems.push(...found.wrong.map((wrong) => `${name}: ${wrong}`))
      typed.push(
        `export const object${typed.length}: import('${found.known.module}').I${object.kind} = ${JSON.stringify(object)}`,
      )
    }
  }
  return [...problems, ...(await compiled(typed))]
}

/** What the compiler says about these lines. They stand beneath node_modules for a moment: elsewhere its packages would not be found. */
async function compiled(lines: readonly string[]): Promise<string[]> {
  const cache = join(modules, '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'siaga-objects-'))
  try {
    const file = join(folder, 'objects.ts')
    await writeFile(file, lines.join('\n'))
    const options = ['--noEmit', '--ignoreConfig', '--strict', '--skipLibCheck', '--module', 'nodenext']
    return await promisify(execFile)(compiler, [...options, '--target', 'es2024', file]).then(
      () => [],
      (error: { readonly stdout?: string }) => {
        if (!error.stdout) throw error
        return error.stdout.split('\n').filter((line) => line.includes('error TS'))
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
