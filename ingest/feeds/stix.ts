// Which indicators does a STIX 2.1 bundle hold? Its indicator objects by their patterns, with times, confidence and TLP.
import type { Tlp } from '../../schemas/indicator.ts'
import {
  type Candidate,
  createIntake,
  type Intake,
  type Parsed,
  type ParseSettings,
  stricter,
  timeOf,
  tlpOf,
} from './intake.ts'
import { isObject, type JsonObject, jsonOf, listOf, numberOf, textOf, textsOf } from './json.ts'
import { readPattern } from './stix-pattern.ts'

/** A pattern that asks for more than one value can say here is trusted half as much. */
const WIDER = 0.5

/** Marking definitions that STIX 2.1 and the TLP 2.0 extension of OASIS fix: their objects need not be in a bundle. */
const fixedMarkings: readonly (readonly [string, Tlp])[] = [
  ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber'],
  ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
  ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
  ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
  ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
  ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'],
  ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
]

/** Reads a bundle, or a bare list of objects. */
export function parseStix(bytes: Buffer, settings: ParseSettings, now: number): Parsed {
  const intake = createIntake(settings, now)
  const json = jsonOf(bytes)
  const objects = Array.isArray(json) ? json : isObject(json) ? json.objects : undefined
  if (json === undefined) intake.problem('not_json', bytes.toString('utf8', 0, 200))
  else if (!Array.isArray(objects)) intake.problem('no_objects', bytes.toString('utf8', 0, 200))
  else readObjects(objects, intake)
  return intake.done()
}

/** Takes the indicators of objects; of several versions of one the last modified. */
function readObjects(objects: readonly unknown[], intake: Intake): void {
  const markings = markingsOf(objects)
  const newest = new Map<string, JsonObject>()
  for (const object of objects) {
    if (!isObject(object)) intake.problem('not_an_object', JSON.stringify(object) ?? '')
    else if (object.type === 'indicator') {
      const id = textOf(object.id)
      const other = newest.get(id)
      if (other === undefined || textOf(object.modified) >= textOf(other.modified)) newest.set(id, object)
    }
  }
  for (const object of newest.values()) readIndicator(object, markings, intake)
}

/** TLP of marking definitions by id: the fixed ones, and those of the objects. */
export function markingsOf(objects: readonly unknown[]): ReadonlyMap<string, Tlp> {
  const markings = new Map<string, Tlp>(fixedMarkings.map(([id, tlp]) => [`marking-definition--${id}`, tlp]))
  for (const object of objects) {
    if (!isObject(object) || object.type !== 'marking-definition') continue
    const definition = isObject(object.definition) ? textOf(object.definition.tlp) : ''
    const extension = isObject(object.extensions)
      ? Object.values(object.extensions).find((one) => isObject(one) && typeof one.tlp_2_0 === 'string')
      : undefined
    const level = tlpOf(isObject(extension) ? textOf(extension.tlp_2_0) : definition) ?? tlpOf(textOf(object.name))
    if (level !== undefined) markings.set(textOf(object.id), level)
  }
  return markings
}

/** Takes one indicator object. */
export function readIndicator(object: JsonObject, markings: ReadonlyMap<string, Tlp>, intake: Intake): void {
  const id = textOf(object.id)
  if (object.revoked === true) {
    intake.problem('revoked', id)
    return
  }
  const language = textOf(object.pattern_type) || 'stix'
  const pattern = textOf(object.pattern)
  if (language !== 'stix') {
    intake.problem(`pattern_${/^[a-z0-9-]{1,20}$/.test(language) ? language : 'other'}`, id)
    return
  }
  const outcome = readPattern(pattern)
  if (outcome.kind === 'bad') {
    intake.problem('pattern_bad', `${outcome.cause}: ${pattern}`)
    return
  }
  if (outcome.values.length === 0) {
    intake.problem('pattern_unusable', pattern)
    return
  }
  if (outcome.unused.length > 0) intake.problem('pattern_part_unused', outcome.unused[0] ?? '')
  const confidence = numberOf(object.confidence)
  const tlps = textsOf(object.object_marking_refs).flatMap((ref) => markings.get(ref) ?? [])
  const types = textsOf(object.indicator_types)
  const shared: Omit<Candidate, 'value'> = {
    first_seen: timeOf(textOf(object.valid_from)) ?? timeOf(textOf(object.created)),
    last_seen: timeOf(textOf(object.modified)) ?? timeOf(textOf(object.created)) ?? timeOf(textOf(object.valid_from)),
    expires: timeOf(textOf(object.valid_until)),
    tlp: tlps.length === 0 ? undefined : tlps.reduce(stricter),
    threat: textOf(object.name) || types.join(', '),
    reference: referenceOf(object) || id,
    labels: [...textsOf(object.labels), ...types],
    confidence,
  }
  // Said to match more than it should, so that people who read a finding know.
  const wider = outcome.wider ? { trust: WIDER, labels: ['partial', ...(shared.labels ?? [])] } : {}
  for (const { value, type } of outcome.values) intake.add({ ...shared, value, type, ...wider })
}

function referenceOf(object: JsonObject): string {
  const reference = listOf(object.external_references).find((one) => isObject(one) && textOf(one.url) !== '')
  return isObject(reference) ? textOf(reference.url) : ''
}
