// Which indicators does a MISP event hold, and which events does a MISP feed have? Attributes for detection, those of objects too.
import type { IndicatorType, Tlp } from '../../schemas/indicator.ts'
import { createIntake, type Intake, type Parsed, type ParseSettings, stricter, timeOf, tlpOf } from './intake.ts'
import { isObject, type JsonObject, jsonOf, listOf, textOf } from './json.ts'

/** An event of a manifest. */
export interface ManifestEvent {
  readonly uuid: string
  /** When it last changed, as the feed writes it. */
  readonly timestamp: string
}

/** The events of manifest.json; undefined for what is none. Names that are no UUID are left out: they become names of files. */
export function readManifest(bytes: Buffer): ManifestEvent[] | undefined {
  const json = jsonOf(bytes)
  if (!isObject(json) || isEvents(json)) return undefined
  const entries = Object.entries(json)
  const events = entries.flatMap(([uuid, event]) =>
    isObject(event) && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)
      ? [{ uuid: uuid.toLowerCase(), timestamp: String(event.timestamp ?? '') }]
      : [],
  )
  return events.length === 0 && entries.length > 0 ? undefined : events
}

/** True for a document of one event or of several, as the API of a MISP answers them. */
function isEvents(json: unknown): boolean {
  return Array.isArray(json) || (isObject(json) && (json.Event !== undefined || json.response !== undefined))
}

/** Reads an event, or several as the API of a MISP answers them. */
export function parseMisp(bytes: Buffer, settings: ParseSettings, now: number): Parsed {
  const intake = createIntake(settings, now)
  const json = jsonOf(bytes)
  if (json === undefined) intake.problem('not_json', bytes.toString('utf8', 0, 200))
  else if (!isEvents(json)) intake.problem('no_event', bytes.toString('utf8', 0, 200))
  else {
    const all = Array.isArray(json)
      ? json
      : isObject(json) && json.response !== undefined
        ? listOf(json.response)
        : [json]
    for (const one of all) {
      if (isObject(one) && isObject(one.Event)) readEvent(one.Event, intake)
      else intake.problem('no_event', JSON.stringify(one) ?? '')
    }
  }
  return intake.done()
}

function readEvent(event: JsonObject, intake: Intake): void {
  const tags = tagsOf(event.Tag)
  const from: EventFacts = {
    uuid: textOf(event.uuid),
    info: textOf(event.info),
    tags,
    at: timeOf(textish(event.timestamp)),
  }
  for (const attribute of listOf(event.Attribute)) readAttribute(attribute, from, intake)
  for (const object of listOf(event.Object)) {
    if (!isObject(object) || isTrue(object.deleted)) continue
    for (const attribute of listOf(object.Attribute)) readAttribute(attribute, from, intake)
  }
}

interface EventFacts {
  readonly uuid: string
  readonly info: string
  readonly tags: readonly string[]
  readonly at: number | undefined
}

function readAttribute(attribute: unknown, event: EventFacts, intake: Intake): void {
  if (!isObject(attribute)) {
    intake.problem('not_an_object', JSON.stringify(attribute) ?? '')
    return
  }
  if (isTrue(attribute.deleted) || !isTrue(attribute.to_ids)) return
  const type = textOf(attribute.type)
  const value = textOf(attribute.value)
  const parts = partsOf(type, value)
  if (parts === undefined) {
    intake.problem(`type_${/^[a-z0-9|_-]{1,40}$/.test(type) ? type : 'other'}`, value)
    return
  }
  const tags = [...event.tags, ...tagsOf(attribute.Tag)]
  const tlps = tags.flatMap((tag) => (tag.toLowerCase().startsWith('tlp:') ? (tlpOf(tag) ?? []) : []))
  for (const part of parts) {
    intake.add({
      ...part,
      first_seen: timeOf(textish(attribute.first_seen)) ?? timeOf(textish(attribute.timestamp)) ?? event.at,
      last_seen: timeOf(textish(attribute.last_seen)) ?? timeOf(textish(attribute.timestamp)) ?? event.at,
      // What is said of the attribute itself goes before what is said of its event.
      confidence: confidenceOf(tagsOf(attribute.Tag)) ?? confidenceOf(event.tags),
      tlp: tlps.length === 0 ? undefined : tlps.reduce<Tlp>(stricter, 'clear'),
      threat: event.info,
      reference: event.uuid,
      labels: tags.filter((tag) => !/^(?:tlp:|misp:confidence|estimative-language:|admiralty-scale:)/i.test(tag)),
    })
  }
}

type Part = { readonly value: string; readonly type: IndicatorType }

/** What the types of MISP are; composite ones name a type for each side of `|`, '' for one that is not an indicator. */
const types: Readonly<Record<string, IndicatorType | ''>> = {
  'ip-src': 'ip',
  'ip-dst': 'ip',
  ip: 'ip',
  domain: 'domain',
  hostname: 'domain',
  url: 'url',
  md5: 'file_hash',
  sha1: 'file_hash',
  sha256: 'file_hash',
  'malware-sample': 'file_hash',
  email: 'email',
  'email-src': 'email',
  'email-dst': 'email',
  'email-reply-to': 'email',
  'ja3-fingerprint-md5': 'ja3',
  'ja4-fingerprint': 'ja4',
  ja4: 'ja4',
  filename: '',
  port: '',
}

function partsOf(type: string, value: string): Part[] | undefined {
  // Written as filename|md5 without saying so.
  const name = type === 'malware-sample' ? 'filename|md5' : type
  const names = name.split('|')
  const values = names.length === 1 ? [value] : value.split('|')
  const parts = names.flatMap((one, at) => {
    const known = Object.hasOwn(types, one) ? types[one] : undefined
    return known === undefined || known === '' ? [] : [{ type: known, value: (values[at] ?? '').trim() }]
  })
  return parts.length === 0 ? undefined : parts
}

function tagsOf(tags: unknown): string[] {
  return listOf(tags)
    .slice(0, 100)
    .flatMap((tag) => (isObject(tag) && typeof tag.name === 'string' ? [tag.name] : []))
}

/** Percent of the tags in which communities of MISP say how sure they are. */
const confidences: Readonly<Record<string, number>> = {
  'misp:confidence-level="completely-confident"': 100,
  'misp:confidence-level="usually-confident"': 75,
  'misp:confidence-level="fairly-confident"': 50,
  'misp:confidence-level="rarely-confident"': 25,
  'misp:confidence-level="unconfident"': 0,
  'estimative-language:confidence-in-analytic-judgment="high"': 90,
  'estimative-language:confidence-in-analytic-judgment="moderate"': 55,
  'estimative-language:confidence-in-analytic-judgment="low"': 25,
  'estimative-language:likelihood-probability="almost-certain"': 95,
  'estimative-language:likelihood-probability="very-likely"': 85,
  'estimative-language:likelihood-probability="likely"': 70,
  'estimative-language:likelihood-probability="roughly-even-chance"': 50,
  'estimative-language:likelihood-probability="unlikely"': 30,
  'estimative-language:likelihood-probability="very-unlikely"': 15,
  'estimative-language:likelihood-probability="almost-no-chance"': 5,
  'admiralty-scale:information-credibility="1"': 95,
  'admiralty-scale:information-credibility="2"': 75,
  'admiralty-scale:information-credibility="3"': 50,
  'admiralty-scale:information-credibility="4"': 25,
  'admiralty-scale:information-credibility="5"': 5,
}

/** The least that the tags say; undefined if they say nothing. */
function confidenceOf(tags: readonly string[]): number | undefined {
  const said = tags.flatMap((tag) => {
    const small = tag.toLowerCase()
    return Object.hasOwn(confidences, small) ? (confidences[small] ?? []) : []
  })
  return said.length === 0 ? undefined : Math.min(...said)
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true'
}

function textish(value: unknown): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}
