// What could link an alert to others? Marks of whoever is behind it; never what is ours, and nothing that many people share.
import { type Address, emptyAddress, MAX_ADDRESS_LENGTH, parseAddress } from '../../../runtime/address.ts'
import { scopeOf } from '../../../runtime/address-scope.ts'
import type { Alert } from '../../../schemas/alert.ts'
import type { Finding } from '../../../schemas/detection.ts'

/** What strangers to each other have in common too: carriers' addresses, hosts of content networks, agents of research scanners. */
export interface SharedThings {
  /** A public address behind which many people are (carrier-grade NAT). */
  readonly address: (ip: string) => boolean
  /** A domain of the great many sites use, such as a content network. */
  readonly domain: (domain: string) => boolean
  /** A research scanner of the internet by its User-Agent, in small letters. */
  readonly agent: (agent: string) => boolean
}

/** What is read of an alert. */
export type KeyedAlert = Pick<Alert, 'kind' | 'entity' | 'region_code' | 'owner' | 'asset_id' | 'worst'>

/** Keys of an alert. */
const MAX_KEYS = 12
const MAX_VALUE = 200

/** Kinds of keys, the strongest mark first: with too many keys the last ones go. `link`: two alerts that a person linked, put by the engine. */
const kinds = ['link', 'indicator', 'hash', 'tls', 'tool', 'domain', 'ip', 'host', 'user'] as const
type KeyKind = (typeof kinds)[number]

/**
 * Keys of an alert as `type:value`, at most twelve, in order. From the entity and from the evidence of its worst findings:
 *
 * - `indicator`: what threat intelligence names (`threat.indicator.name`). `hash`: of a file. `tls`: JA3 or JA4. `domain`: names of others (look-alikes, hosts of scripts that were put into a page).
 * - `tool`: a User-Agent that is no browser's, no library's and no research scanner's: `sqlmap/1.8`, or an odd one of somebody's own.
 * - `ip`: a public address; of IPv6 the /64, since that is what a subscriber has. Addresses that are not public, and those of carriers, are `ip:…@region/owner`: the same
 *   10.0.0.5 in two regions are two machines, and behind a carrier's address are many people.
 * - `host`, `user`: within a region and owner only. Names that every system has (root, admin) only with the asset, else not at all.
 *
 * Assets, sources and our own sites are what is attacked: they link nothing. Of a storm only entity and marks of tools count, since its addresses have nothing in common but their target.
 */
export function keysOfAlert(alert: KeyedAlert, shared: SharedThings): string[] {
  const colon = alert.entity.indexOf(':')
  const entity = keyOf(alert.entity.slice(0, colon), alert.entity.slice(colon + 1), alert, shared)
  const marks = alert.worst.flatMap(({ evidence }) => keysOfEvidence(evidence, alert, shared))
  const usable = alert.kind === 'storm' ? marks.filter((key) => !/^(?:ip|host|user):/.test(key)) : marks
  return mergeKeys(entity === undefined ? [] : [entity], usable)
}

/** Keys of one finding, for whoever wants to keep those of findings that are not among the worst. */
export function keysOfFinding(
  finding: Pick<Finding, 'entity' | 'region_code' | 'owner' | 'asset_id' | 'evidence'>,
  shared: SharedThings,
): string[] {
  const colon = finding.entity.indexOf(':')
  const entity = keyOf(finding.entity.slice(0, colon), finding.entity.slice(colon + 1), finding, shared)
  return mergeKeys(entity === undefined ? [] : [entity], keysOfEvidence(finding.evidence, finding, shared))
}

/** Both lists as one: the strongest twelve. Commutative and associative, so that the order of findings never matters. */
export function mergeKeys(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort(byStrength).slice(0, MAX_KEYS)
}

/** Orders keys: the strongest mark first. */
export function byStrength(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : Number(a > b))
}

function rank(key: string): number {
  const word = key.slice(0, key.indexOf(':'))
  const words: readonly string[] = kinds
  const at = words.indexOf(word)
  return at < 0 ? kinds.length : at
}

/** True for keys that hold in one region only. */
export function isLocalKey(key: string): boolean {
  return /^(?:ip|host|user):.*@[^@]*$/.test(key)
}

type Place = Pick<Alert, 'region_code' | 'owner' | 'asset_id'>

/** What a field of evidence, or the word of an entity, is a mark of; by the names of columns, of ECS and of Sigma. */
const fieldKinds: ReadonlyMap<string, KeyKind> = new Map<string, KeyKind>([
  ['threat.indicator.name', 'indicator'],
  ...['file_hash', 'file.hash', 'file.hash.md5', 'file.hash.sha1', 'file.hash.sha256', 'Hashes', 'md5', 'sha256'].map(
    (name): [string, KeyKind] => [name, 'hash'],
  ),
  ...['tls_ja3', 'tls.client.ja3', 'tls.client.ja4', 'ja3', 'ja4'].map((name): [string, KeyKind] => [name, 'tls']),
  ...['user_agent_original', 'user_agent.original', 'user_agent', 'user_agent.decoded', 'c-useragent'].map(
    (name): [string, KeyKind] => [name, 'tool'],
  ),
  ...[
    'domain',
    'siaga.probe.script_hosts.added',
    'siaga.probe.hidden_links.to',
    'siaga.lookalike.domain',
    'siaga.certificate.domain',
  ].map((name): [string, KeyKind] => [name, 'domain']),
  ...['source_ip', 'source.ip', 'src_ip', 'c-ip'].map((name): [string, KeyKind] => [name, 'ip']),
  ...['host', 'host_name', 'host.name'].map((name): [string, KeyKind] => [name, 'host']),
  ...['user', 'user_name', 'user.name', 'user_target_name', 'user.target.name'].map((name): [string, KeyKind] => [
    name,
    'user',
  ]),
])

function keysOfEvidence(evidence: Finding['evidence'], place: Place, shared: SharedThings): string[] {
  return evidence.flatMap(({ field, value }) => {
    // A list in one value, as probes write new hosts.
    const values = field.startsWith('siaga.probe.') ? value.split(/[\s,]+/).slice(0, MAX_KEYS) : [value]
    return values.flatMap((one) => keyOf(field, one, place, shared) ?? [])
  })
}

function keyOf(field: string, text: string, place: Place, shared: SharedThings): string | undefined {
  const kind = fieldKinds.get(field)
  const value = text.trim()
  if (kind === undefined || value === '' || value.length > MAX_VALUE) return undefined
  const lower = value.toLowerCase()
  switch (kind) {
    case 'indicator':
      // A feed may name an address of a carrier; the people behind it are no campaign.
      return addressKey(lower, place, shared)?.includes('@') === true ? undefined : `indicator:${lower}`
    case 'hash':
      return /^[0-9a-f]{32,128}$/.test(lower) ? `hash:${lower}` : undefined
    case 'tls':
      return /^[0-9a-z_]{10,64}$/.test(lower) ? `tls:${lower}` : undefined
    case 'tool':
      return isToolMark(lower, shared) ? `tool:${lower}` : undefined
    case 'domain':
      return lower.includes('.') && !shared.domain(lower) ? `domain:${lower.replace(/\.$/, '')}` : undefined
    case 'ip':
      return addressKey(value, place, shared)
    case 'host':
      return `host:${lower}@${placeOf(place)}`
    case 'user':
      if (!ordinaryUsers.has(lower)) return `user:${lower}@${placeOf(place)}`
      return place.asset_id === '' ? undefined : `user:${lower}@${placeOf(place)}/${place.asset_id}`
  }
}

function placeOf({ region_code, owner }: Place): string {
  return `${region_code}/${owner.replaceAll('@', ' ')}`
}

const address: Address = emptyAddress()

function addressKey(text: string, place: Place, shared: SharedThings): string | undefined {
  if (text.length > MAX_ADDRESS_LENGTH || !parseAddress(text, address)) return undefined
  const { family, a, b, c } = address
  const scope = scopeOf(address)
  // Nobody's: loopback, 0.0.0.0, multicast, broadcast, and what is written in their place.
  if (scope === 'loopback' || (family === 4 && (a >>> 24 === 0 || a >>> 28 >= 14))) return undefined
  if (family === 6 && ((a === 0 && b === 0 && c === 0) || a >>> 24 === 0xff)) return undefined
  const name = family === 6 ? `${[a >>> 16, a & 0xffff, b >>> 16, b & 0xffff].map(hex).join(':')}::/64` : text
  // Reserved ones that are left are the networks of documentation: strangers' in every example.
  const stranger = scope === 'public' || scope === 'reserved'
  return stranger && !shared.address(text) ? `ip:${name}` : `ip:${name}@${placeOf(place)}`
}

function hex(group: number): string {
  return group.toString(16)
}

/** Names that every system has. */
const ordinaryUsers: ReadonlySet<string> = new Set(
  'root admin administrator operator user guest test postgres mysql oracle www-data nginx apache ubuntu debian ec2-user git ftp backup nobody system service'.split(
    ' ',
  ),
)

const browser = /^(?:mozilla|opera|dalvik)\//
const attackTool =
  /sqlmap|nikto|nuclei|masscan|wpscan|acunetix|nessus|openvas|gobuster|dirbuster|feroxbuster|fuzz faster u fool|wfuzz|hydra|arachni|netsparker|whatweb|joomscan|commix|nmap/
/** Programs that half the internet is written with, and monitors. */
const common =
  /^(?:curl|wget|python|aiohttp|httpx|go-http-client|fasthttp|okhttp|apache-httpclient|java|libwww-perl|perl|lwp|ruby|php|node|axios|undici|got|guzzlehttp|postmanruntime|insomnia|powershell|dart|scrapy|winhttp|microsoft|windows|cfnetwork|kube-probe|prometheus|zabbix|uptime|pingdom|blackbox|elb-healthchecker|googlehc|whatsapp|telegrambot|facebookexternalhit|twitterbot|slack|siaga)/

function isToolMark(agent: string, shared: SharedThings): boolean {
  if (shared.agent(agent)) return false
  if (attackTool.test(agent)) return true
  return agent.length >= 6 && !browser.test(agent) && !common.test(agent) && !/bot\b|crawl|spider/.test(agent)
}
