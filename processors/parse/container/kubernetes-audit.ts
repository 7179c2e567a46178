// Who did what to a Kubernetes cluster? The audit events of its API server, as JSON.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import { object, objects, texts } from '../json/json-values.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setUrl, statusOutcome } from '../web/web.ts'

/** What was sent and answered can be long: it comes last, so that the limit of `fields` falls on it. */
const bodies = ['requestObject', 'responseObject'] as const
const taken: ReadonlySet<string> = new Set([...bodies, 'stageTimestamp', 'timestamp'])

/** Whether a JSON object is an audit event of an API server. */
export function isKubernetesAudit(values: JsonObject): boolean {
  const { kind, apiVersion } = values
  return kind === 'Event' && typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/')
}

/** The specification of the pods that an object describes: a pod's own, or the template in a deployment, job or cron job. */
function podSpec(requested: JsonObject): JsonObject {
  const spec = object(requested.spec)
  const job = object(object(spec.jobTemplate).spec)
  for (const holder of [spec, job]) {
    const template = object(holder.template)
    if (isObject(template.spec)) return template.spec
  }
  return spec
}

/** What a pod may do on its node, under the names of SigmaHQ's rules: `capabilities` (`ALL` if privileged) and `hostPath`. */
function putRights(event: Event, requested: JsonObject): void {
  const spec = podSpec(requested)
  const containers = [spec.containers, spec.initContainers, spec.ephemeralContainers].flatMap(objects)
  const rights = containers.map((container) => object(container.securityContext))
  const added = rights.flatMap((right) => [
    ...(right.privileged === true ? ['ALL'] : []),
    ...texts(object(right.capabilities).add),
  ])
  put(event, 'capabilities', [...new Set(added)].join(','))
  const paths = objects(spec.volumes).map((volume) => asText(object(volume.hostPath).path))
  put(event, 'hostPath', paths.filter((path) => path !== '').join(','))
}

/** The command that `exec` was asked for: one parameter of the request for each word. */
function execCommand(uri: string): string {
  const query = uri.indexOf('?')
  return query < 0 ? '' : new URLSearchParams(uri.slice(query + 1)).getAll('command').join(' ')
}

/** Read an audit event. Source: Kubernetes reference, kube-apiserver Audit Configuration, audit.k8s.io/v1. */
export function readKubernetesAudit(values: JsonObject, event: Event, context: ParseContext): Outcome {
  event.dataset = 'kubernetes.audit'
  event.event_category = 'api'
  event.event_action = asText(values.verb)
  const reference = object(values.objectRef)
  const status = object(values.responseStatus)
  setTime(event, anyTime(values.stageTimestamp ?? values.requestReceivedTimestamp ?? values.timestamp, context))
  event.user_name = asText(object(values.user).username)
  event.user_target_name = asText(object(values.impersonatedUser).username)
  // The first is the client, behind it stand the proxies on the way.
  event.source_ip = toAddress(texts(values.sourceIPs)[0] ?? '')
  event.user_agent_original = asText(values.userAgent)
  const uri = asText(values.requestURI)
  if (uri !== '') setUrl(event, uri)
  event.http_status_code = asNumber(status.code, 999)
  event.event_outcome = statusOutcome(event.http_status_code)
  if (asText(reference.subresource) === 'exec') event.process_command_line = execCommand(uri)
  put(event, 'apiGroup', asText(reference.apiGroup))
  if (isObject(values.requestObject)) putRights(event, values.requestObject)
  for (const key in values) if (!taken.has(key)) putJson(event, key, values[key])
  for (const key of bodies) putJson(event, key, values[key])
  return ok
}

export const kubernetesAudit: Parser = {
  format: 'kubernetes.audit',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) =>
      isKubernetesAudit(values) ? readKubernetesAudit(values, event, context) : miss,
    )
  },
}
