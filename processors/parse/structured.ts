// Which schema is a JSON text in? It is parsed once, then read as Suricata's, Kubernetes', PostgreSQL's, as ECS or as any JSON.
import type { Event } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import { isEcs, readEcs } from './ecs.ts'
import { readAnyJson } from './json.ts'
import { type JsonObject, readObject } from './json-guard.ts'
import { isKubernetesAudit, readKubernetesAudit } from './kubernetes-audit.ts'
import type { ParseContext } from './parser.ts'
import { isPostgresJson, readPostgresJson } from './postgresql.ts'
import { isEve, readEve } from './suricata-eve.ts'

function choose(values: JsonObject, event: Event, context: ParseContext): Outcome {
  if (isEve(values)) return readEve(values, event, context)
  if (isKubernetesAudit(values)) return readKubernetesAudit(values, event, context)
  if (isPostgresJson(values)) return readPostgresJson(values, event, context)
  return isEcs(values) ? readEcs(values, event, context) : readAnyJson(values, event, context)
}

/** Read a JSON object in whatever schema it is written; `miss` if the text is no JSON object, a dead letter if it passes a limit. */
export function structured(text: string, event: Event, context: ParseContext): Outcome {
  return readObject(text, event, context, choose)
}
