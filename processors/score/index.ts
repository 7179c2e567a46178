// How likely should a person look at an event? A sum of named factors in points, kept with the event so that the score shows its working.
import { createHash } from 'node:crypto'
import { compileNetworks, emptyAddress, MAX_ADDRESS_LENGTH, parseAddress } from '../../runtime/address.ts'
import type { Detection, IndicatorEvidence } from '../../schemas/detection.ts'
import type { Event, Factor } from '../../schemas/event.ts'
import type { ScoreWeights } from '../../schemas/score.ts'
import { DEVICE_ALERT, FAILED_LOGIN } from '../detect/index.ts'
import { bounded } from '../enrich/bounded.ts'

/** Lists of reputation that the enrich step marked the event with. */
export type Reputation = readonly unknown[]

export interface ScoreOptions {
  /** Addresses and networks of our own scanners and monitors. */
  readonly allowList?: readonly string[]
  /** Known scanners: the score's version names the list that was in force. */
  readonly reputation?: Reputation
}

type ScoreFields = Pick<
  Event,
  | 'timestamp'
  | 'asset_id'
  | 'asset_criticality'
  | 'election'
  | 'phase'
  | 'event_severity'
  | 'source_ip'
  | 'source_scanner'
  | 'user_name'
  | 'http_status_code'
  | 'score'
  | 'factors'
  | 'rule_ids'
  | 'score_version'
>

export type Score = (event: ScoreFields, detections: readonly Detection[]) => void

/** Raised when the arithmetic changes, so that `score_version` tells old scores from new ones. */
const ALGORITHM = 3

/**
 * A function that writes score, factors, rule ids and version into an event: score = round(100 · sigmoid(Σ points / 10)), the prior being the
 * first factor. Factors without points are left out (the prior never is). The order of detections doesn't matter. Events without
 * evidence share one frozen list of factors for each asset and phase.
 */
export function createScore(weights: ScoreWeights, options: ScoreOptions = {}): Score {
  const allowList = options.allowList ?? []
  const version = scoreVersion(weights, allowList, options.reputation)
  const allowedNetwork = createAllowList(allowList)
  const baseOf = createBases(weights)
  const noRules: string[] = []
  Object.freeze(noRules)
  const known = new WeakMap<readonly Detection[], string[]>()
  /** Ids of detections that are all only counted, else undefined. A frozen list comes again and again (processors/detect). */
  const countedIdsOf = (detections: readonly Detection[]): string[] | undefined => {
    if (detections.length === 0) return noRules
    const before = known.get(detections)
    if (before !== undefined) return before
    if (!detections.every(isCountedOnly)) return undefined
    const ids = idsOf(detections)
    if (Object.isFrozen(detections)) {
      Object.freeze(ids)
      known.set(detections, ids)
    }
    return ids
  }

  return (event, detections) => {
    const base = baseOf(event)
    event.score_version = version
    const allowed = allowedNetwork === undefined || event.source_ip === '' ? '' : allowedNetwork(event.source_ip)
    const quiet = event.event_severity === 0 && event.source_scanner === '' && allowed === ''
    const counted = quiet ? countedIdsOf(detections) : undefined
    if (counted !== undefined) {
      event.score = base.score
      event.factors = base.factors
      event.rule_ids = counted
      return
    }
    const ordered = detections.length > 1 ? [...detections].sort(byRule) : detections
    const factors = [...base.factors]
    addRules(factors, ordered, weights)
    addIndicators(factors, event.timestamp, ordered, weights)
    addDevice(factors, event.event_severity, ordered, weights)
    addLogin(factors, event, ordered, weights)
    addOutcome(factors, event, ordered, weights)
    if (event.source_scanner !== '' && !ordered.some(isEvidence)) {
      add(factors, 'known_scanner', weights.known_scanner, event.source_scanner)
    }
    if (allowed !== '') add(factors, 'allow_listed', weights.allow_listed, allowed)
    event.factors = factors.length === base.factors.length ? base.factors : factors
    event.score = scoreOf(factors)
    event.rule_ids = ordered.length === 0 ? noRules : idsOf(ordered)
  }
}

/** Ids of the rules, each once, in order. */
function idsOf(detections: readonly Detection[]): string[] {
  if (detections.length === 1) return [(detections[0] as Detection).ruleId]
  return [...new Set(detections.map(({ ruleId }) => ruleId))].sort()
}

/** The score of a list of factors, prior included: 0 to 100. */
export function scoreOf(factors: readonly Pick<Factor, 'points'>[]): number {
  let sum = 0
  for (const factor of factors) sum += factor.points
  return Math.round(100 / (1 + Math.exp(-sum / 10)))
}

/** Version of the scores that these weights, this allow list and these lists of reputation give, eight hex digits. */
export function scoreVersion(
  weights: ScoreWeights,
  allowList: readonly string[] = [],
  reputation: Reputation = [],
): string {
  const content = canonical({ algorithm: ALGORITHM, weights, allowList: [...allowList].sort(), reputation })
  return createHash('sha256').update(content).digest('hex').slice(0, 8)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

interface Base {
  readonly criticality: string
  readonly factors: Factor[]
  readonly score: number
}

/** At most this many bases are kept; assets and elections come from the configuration. */
const MAX_BASES = 20_000

/** Prior, asset and phase: what an event has before any evidence. */
function createBases(weights: ScoreWeights): (event: ScoreFields) => Base {
  const byAsset = new Map<string, Map<string, Map<string, Base>>>()
  let size = 0
  return (event) => {
    const known = byAsset.get(event.asset_id)?.get(event.election)?.get(event.phase)
    if (known !== undefined && known.criticality === event.asset_criticality) return known
    if (size >= MAX_BASES) {
      byAsset.clear()
      size = 0
    }
    const base = makeBase(event, weights)
    const byElection = inner(byAsset, event.asset_id)
    inner(byElection, event.election).set(event.phase, base)
    size++
    return base
  }
}

function inner<T>(outer: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const known = outer.get(key)
  if (known !== undefined) return known
  const made = new Map<string, T>()
  outer.set(key, made)
  return made
}

function makeBase(event: ScoreFields, weights: ScoreWeights): Base {
  const { asset_criticality: criticality, phase } = event
  const factors: Factor[] = [{ name: 'prior', points: weights.prior, detail: '' }]
  add(factors, 'asset', pointsOf(weights.asset, criticality), `${event.asset_id} (${criticality})`)
  add(factors, 'phase', pointsOf(weights.phase, phase), `${event.election} ${phase}`)
  for (const factor of factors) Object.freeze(factor)
  Object.freeze(factors)
  return { criticality, factors, score: scoreOf(factors) }
}

function pointsOf(table: Readonly<Record<string, number>>, key: string): number {
  return Object.hasOwn(table, key) ? (table[key] ?? 0) : 0
}

function add(factors: Factor[], name: string, points: number, detail: string): void {
  if (points !== 0) factors.push({ name, points, detail })
}

/** Signals that have a factor of their own, instead of the points of a rule. */
const ownFactor: ReadonlySet<string> = new Set([DEVICE_ALERT, FAILED_LOGIN])

/** A total order, so that equal detections are the only ones whose places may change. */
function byRule(a: Detection, b: Detection): number {
  for (const key of ['ruleId', 'field', 'value', 'severity', 'technique', 'title'] as const) {
    const order = compare(a[key], b[key])
    if (order !== 0) return order
  }
  return 0
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/**
 * Of the rules of one technique on one field the heaviest counts, of equal ones the first by id. A sub-technique is its technique, and the
 * parts and forms of one text are one field: several looks at the same thing are one piece of evidence. A rule without technique stands alone.
 */
function addRules(factors: Factor[], ordered: readonly Detection[], weights: ScoreWeights): void {
  const heaviest = new Map<string, Detection>()
  for (const detection of ordered) {
    if (ownFactor.has(detection.ruleId) || detection.indicator !== undefined || isCountedOnly(detection)) continue
    const { ruleId, technique, field, severity } = detection
    const key = technique === '' ? `\n${ruleId}` : `${techniqueOf(technique)}\n${textOf(field)}`
    const other = heaviest.get(key)
    if (other === undefined || weights.rule[severity] > weights.rule[other.severity]) heaviest.set(key, detection)
  }
  for (const { ruleId, severity, field, value } of heaviest.values()) {
    const saw = field === '' ? value : `${field}: ${value}`
    add(factors, `rule:${ruleId}`, weights.rule[severity], `${saw} (${severity})`)
  }
}

/** An indicator counts half when it was last seen so long before the event. */
const INDICATOR_HALF_LIFE_MS = 30 * 86_400_000

/** The part of the weight that an indicator has at a time, 0 to 1: its confidence, decayed with its age. */
export function indicatorShare(
  { confidence, lastSeen }: Pick<IndicatorEvidence, 'confidence' | 'lastSeen'>,
  at: number,
): number {
  const age = lastSeen === 0 ? 0 : Math.max(0, at - lastSeen)
  return (confidence / 100) * 2 ** (-age / INDICATOR_HALF_LIFE_MS)
}

/** Of the indicators in one text the heaviest counts: a host and its parent domain are one piece of evidence. */
function addIndicators(factors: Factor[], at: number, ordered: readonly Detection[], weights: ScoreWeights): void {
  const heaviest = new Map<string, { detection: Detection; indicator: IndicatorEvidence; share: number }>()
  for (const detection of ordered) {
    const { indicator, field } = detection
    if (indicator === undefined) continue
    const share = indicatorShare(indicator, at)
    const other = heaviest.get(textOf(field))
    if (other === undefined || share > other.share) heaviest.set(textOf(field), { detection, indicator, share })
  }
  for (const { detection, indicator, share } of heaviest.values()) {
    const seen =
      indicator.lastSeen === 0 ? '' : `, last seen ${new Date(indicator.lastSeen).toISOString().slice(0, 10)}`
    const detail = `${detection.field}: ${indicator.value.slice(0, 200)} (${indicator.source}, confidence ${indicator.confidence}${seen}, set ${indicator.version}) share ${share.toFixed(2)}`
    add(factors, 'indicator', Math.round(weights.indicator * share), detail)
  }
}

/** An ordinary thing that a correlation counts: one of them says nothing, and there are many. */
function isCountedOnly({ generate, severity }: Detection): boolean {
  return !generate && severity === 'informational'
}

function techniqueOf(id: string): string {
  const dot = id.indexOf('.')
  return (dot < 0 ? id : id.slice(0, dot)).toUpperCase()
}

const URL_TEXT = 'url'
const texts: readonly (readonly [RegExp, string])[] = [
  [/^(?:url[._]|c-uri|cs-uri|r-uri)/, URL_TEXT],
  [/^(?:http_referrer|http\.request\.referrer|cs-referr?er|cs\(Referer\))/, 'referrer'],
  [/^(?:user_agent|c-useragent|cs-user-agent|cs\(User-Agent\))/, 'user_agent'],
]

/** The text that a field of a rule is a part or a form of, by the names of columns, of Sigma and of ECS; else the field. */
function textOf(field: string): string {
  for (const [names, text] of texts) if (names.test(field)) return text
  return field
}

function addDevice(factors: Factor[], severity: number, ordered: readonly Detection[], weights: ScoreWeights): void {
  if (severity === 0) return
  const alert = ordered.find((detection) => detection.ruleId === DEVICE_ALERT)
  const points = Math.round((weights.device_severity * Math.min(severity, 100)) / 100)
  add(factors, 'device_severity', points, alert === undefined ? String(severity) : `${severity}: ${alert.title}`)
}

const privileged =
  /^(?:root|admin|administrator|administrador|sysadmin|superuser|superadmin|sa|sys|system|oracle|postgres|mysql|operator|webmaster|domain admins?)$/i

function addLogin(factors: Factor[], event: ScoreFields, ordered: readonly Detection[], weights: ScoreWeights): void {
  if (!ordered.some((detection) => detection.ruleId === FAILED_LOGIN)) return
  const user = event.user_name.slice(0, 200)
  add(factors, 'failed_login', weights.failed_login, user)
  if (privileged.test(user)) add(factors, 'failed_login_privileged', weights.failed_login_privileged, user)
}

/** Techniques whose patterns are an attempt to break in by a request, rather than a look around. */
const breakIn: ReadonlySet<string> = new Set(['T1190', 'T1059', 'T1059.007', 'T1505.003', 'T1595.003'])

function addOutcome(factors: Factor[], event: ScoreFields, ordered: readonly Detection[], weights: ScoreWeights): void {
  const { http_status_code: status } = event
  if (status < 200 || status > 299) return
  const attempted = ordered.some(
    ({ attack, field, severity }) =>
      !light.has(severity) && textOf(field) === URL_TEXT && attack.some((id) => breakIn.has(id)),
  )
  if (attempted) add(factors, 'attack_succeeded', weights.attack_succeeded, `HTTP ${status}`)
}

const light: ReadonlySet<string> = new Set(['informational', 'low'])

/** An agent can be made up, so being a known scanner excuses a look around but no attack. */
function isEvidence({ severity }: Detection): boolean {
  return !light.has(severity)
}

/** The network of the allow list that an address is in, '' none; undefined if the list is empty. */
function createAllowList(allowList: readonly string[]): ((ip: string) => string) | undefined {
  if (allowList.length === 0) return undefined
  const find = compileNetworks(allowList.map((cidr) => ({ cidr, value: cidr })))
  const address = emptyAddress()
  return bounded((ip) => (parseAddress(ip, address) ? (find(address) ?? '') : ''), 50_000, MAX_ADDRESS_LENGTH)
}
