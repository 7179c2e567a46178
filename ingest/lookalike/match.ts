// Does a host name look like a protected one? One pass over the name finds brands and their slips; only what is found is looked at closely.
import type { LookalikeKind, LookalikeMatch } from '../../schemas/lookalike.ts'
import { type Brand, brandOf, shippedPlaces, subNameOf } from './brands.ts'
import { Skeleton } from './confusables.ts'
import { createCover } from './cover.ts'
import { type Host, hostName, splitHost } from './host.ts'
import { type Hit, judge, type Reading } from './judge.ts'
import { createSlips } from './slip-table.ts'
import { Trie } from './trie.ts'

/** Says what a host name looks like; undefined: nothing that is protected. Takes A-labels, with or without a wildcard. */
export type LookalikeMatcher = (name: string) => LookalikeMatch | undefined

export interface LookalikeMatcherOptions {
  /** Names to protect. */
  readonly protected: readonly string[]
  /** Domains that are known and good, with all beneath them. */
  readonly ours?: readonly string[]
  /** Words of our own that go with protected names, beside the shipped ones. */
  readonly words?: readonly string[]
  /** Names of regions as in domains (`placesOf`): they go with protected names, and alone they prove nothing. */
  readonly places?: readonly string[]
}

/** What less than this is like is not told: it would mostly be something else. */
const LEAST_LIKENESS = 45

/** The one matcher of certificate names and feeds. */
export function createLookalikeMatcher(options: LookalikeMatcherOptions): LookalikeMatcher {
  const { ours = [], words = [], places = [] } = options
  const allPlaces = new Set([...shippedPlaces, ...places])
  const brands: Brand[] = []
  const subNames = new Map<string, string>()
  const known = new Set(ours)
  const seen = new Set<string>()
  for (const name of options.protected) {
    const brand = brandOf(name, allPlaces)
    known.add(name)
    if (brand === undefined) continue
    known.add(brand.registered)
    const sub = subNameOf(name, brand)
    if (sub !== undefined && !subNames.has(sub.text)) subNames.set(sub.text, name)
    // The name itself stands for its brand before names beneath it do.
    if (seen.has(brand.registered)) continue
    seen.add(brand.registered)
    brands.push(options.protected.includes(brand.registered) ? { ...brand, protected: brand.registered } : brand)
  }
  const drawn = new Trie()
  const written = new Trie()
  const letters = new Uint8Array(256)
  for (const [at, { skeleton, text }] of brands.entries()) {
    drawn.add(skeleton, at)
    written.add(text, at)
  }
  const slips = createSlips(brands, subNames, [...words], allPlaces)
  const reading: Reading = { cover: createCover(words, allPlaces), skeleton: new Skeleton(256) }

  return (name) => {
    const plain = hostName(name)
    if (plain === '' || isKnown(plain, known)) return undefined
    const host = plain.includes('xn--') ? splitHost(plain) : undefined
    if (host === undefined && plain.includes('xn--')) return undefined
    const readable = host?.readable ?? plain
    if (readable.length > 255) return undefined
    const found = find(readable)
    const slipped = slips.hits(readable)
    if (found.length === 0 && slipped.length === 0) return undefined
    return closely(host ?? splitHost(plain), found, slipped)
  }

  /** Where brands stand in a name, by their shapes. */
  function find(readable: string): Hit[] {
    const { skeleton } = reading
    skeleton.read(readable)
    const hits: Hit[] = []
    const { codes, length, places: at } = skeleton
    for (let from = 0; from < length; from++) {
      for (const { values, to } of drawn.begins(codes, from, length)) put(hits, values, at[from] ?? 0, at[to] ?? 0, to)
    }
    if (length === readable.length) return hits
    // Two letters were read as one; where one of them was the end of a brand (prov-verifikasi), only the letters themselves show it.
    for (let place = 0; place < readable.length; place++) letters[place] = readable.charCodeAt(place)
    for (let from = 0; from < readable.length; from++) {
      for (const { values, to } of written.begins(letters, from, readable.length)) {
        const shapesTo = at.subarray(0, length + 1).findIndex((place) => place >= to)
        put(hits, values, from, to, shapesTo)
      }
    }
    return hits
  }

  function put(hits: Hit[], values: readonly number[], from: number, to: number, shapesTo: number): void {
    for (const value of values) {
      const brand = brands[value]
      if (brand !== undefined) hits.push({ brand, from, to, shapesTo, slip: undefined })
    }
  }

  function closely(host: Host | undefined, found: readonly Hit[], slipped: readonly Hit[]): LookalikeMatch | undefined {
    if (host === undefined) return undefined
    let best: LookalikeMatch | undefined
    const keep = (name: string, kind: LookalikeKind, likeness: number): void => {
      if (likeness >= LEAST_LIKENESS && (best === undefined || likeness > best.likeness)) {
        best = { protected: name, kind, likeness }
      }
    }
    for (const hit of [...found, ...slipped]) {
      const judged = judge(host, hit, reading)
      if (judged !== undefined) keep(hit.brand.protected, judged.kind, judged.likeness)
    }
    return best
  }
}

/** True for a name in the set, or beneath one. */
export function isKnown(name: string, known: ReadonlySet<string>): boolean {
  for (let at = 0; ; ) {
    if (known.has(at === 0 ? name : name.slice(at))) return true
    const dot = name.indexOf('.', at)
    if (dot < 0) return false
    at = dot + 1
  }
}
