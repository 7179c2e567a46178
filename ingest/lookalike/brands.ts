// What of a protected name do people know it by? Its brand (kpu of kpu.go.id), and how much it takes to imitate that.
import { getDomain, getPublicSuffix } from 'tldts'
import { skeletonOf } from './confusables.ts'
import { baitWords, electionWords, officeNames, placeWords, plainLabels } from './words.ts'

export const hostOptions = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
} as const

export interface Brand {
  /** The protected name that it stands for. */
  readonly protected: string
  readonly registered: string
  /** Public suffix of the protected name. */
  readonly suffix: string
  readonly text: string
  readonly skeleton: string
  /** At most four characters: other words hold it by accident, and its slips are other words. */
  readonly short: boolean
  /** A place or an ordinary word: the name alone proves nothing. */
  readonly common: boolean
  /** A word of its own, that no other word begins with by accident. */
  readonly coined: boolean
}

/** A longer name under a protected one, such as `cekdptonline`: only as a whole it says something. */
export interface SubName {
  readonly protected: string
  readonly text: string
}

const SHORT = 4
const MIN_SUB_NAME = 8
const MIN_COINED = 6
/** A region as its government's domain has it: jabarprov, bogorkab. */
const madeOfPlace = /(?:kab|kota|prov)$/

/** Names of regions as they stand in domains: `Kabupaten Aceh Selatan` is `acehselatan`. */
export function placesOf(regionNames: Iterable<string>): string[] {
  return Array.from(regionNames, (name) =>
    name
      .toLowerCase()
      .replace(/^(?:kabupaten|kota|provinsi) /, '')
      .replace(/[^a-z]/g, ''),
  ).filter((place) => place.length > 2)
}

/** Brand of a protected name; undefined if it is a public suffix or no name at all. */
export function brandOf(name: string, places: ReadonlySet<string>): Brand | undefined {
  const registered = getDomain(name, hostOptions)
  const suffix = getPublicSuffix(name, hostOptions)
  if (registered === null || suffix === null) return undefined
  const text = registered.slice(0, -suffix.length - 1)
  if (text.length < 2) return undefined
  return {
    protected: name,
    registered,
    suffix,
    text,
    skeleton: skeletonOf(text),
    short: text.length <= SHORT,
    common: places.has(text) || commonWords.has(text),
    coined: text.length > MIN_COINED && !officeNames.has(text) && !madeOfPlace.test(text),
  }
}

/** What stands before the registered domain, where it is long enough to be known by itself. */
export function subNameOf(name: string, { registered }: Pick<Brand, 'registered'>): SubName | undefined {
  const text = name.slice(0, -registered.length - 1)
  return text.length >= MIN_SUB_NAME && !text.includes('.') && !plainLabels.has(text)
    ? { protected: name, text }
    : undefined
}

const commonWords: ReadonlySet<string> = new Set([...electionWords, ...baitWords])
export const shippedPlaces: ReadonlySet<string> = new Set(placeWords)
