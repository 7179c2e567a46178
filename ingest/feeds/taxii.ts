// What has a TAXII 2.1 collection that we do not know yet? Its objects page by page, from where the last round ended.
import type { Tlp } from '../../schemas/indicator.ts'
import { FeedFailure, type Reader, shown } from './fetch.ts'
import { createIntake, type ParseSettings, type Problem } from './intake.ts'
import { isObject, jsonOf, textOf } from './json.ts'
import type { Pieces } from './pieces.ts'
import { markingsOf, readIndicator } from './stix.ts'

const ACCEPT = 'application/taxii+json;version=2.1'
const MAX_PAGES = 10_000
/** Where a server does not say when it added its last object, the next round goes back by so much before this one began. */
const OVERLAP_MS = 10 * 60_000

export interface TaxiiRound {
  readonly total: number
  readonly problems: readonly Problem[]
}

/**
 * Takes new and changed indicator objects into the pieces, by `added_after` and `next` (TAXII 2.1 section 5.4). The cursor moves with every
 * page that says when its last object was added: what a round got before it failed is kept. Rejects with FeedFailure.
 */
export async function fetchTaxii(
  collection: string,
  reader: Reader,
  pieces: Pieces,
  settings: ParseSettings,
  now: number,
): Promise<TaxiiRound> {
  const problems = createIntake(settings, now)
  const markings = new Map<string, Tlp>()
  let after = pieces.cursor
  let next = ''
  let left = settings.max_bytes
  let total = 0
  let dated = false
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = objectsUrl(collection, after, next)
    const got = await reader.read(url, { accept: ACCEPT, maxBytes: left })
    if (got === 'same') break
    left -= got.bytes.length
    const envelope = jsonOf(got.bytes)
    if (!isObject(envelope)) throw new FeedFailure('not_taxii', `${shown(url)} answers no TAXII envelope`)
    const objects = Array.isArray(envelope.objects) ? envelope.objects : []
    for (const [id, tlp] of markingsOf(objects)) markings.set(id, tlp)
    for (const object of objects) {
      if (!isObject(object) || object.type !== 'indicator') continue
      total++
      takeObject(object, markings, pieces, settings, now, problems.problem)
    }
    if (got.dateAddedLast !== '') {
      pieces.cursor = got.dateAddedLast
      dated = true
    }
    const following = textOf(envelope.next)
    if (envelope.more !== true) break
    // `more` without `next`: the rest begins behind what was added last.
    if (following === '' && (got.dateAddedLast === '' || got.dateAddedLast === after)) {
      throw new FeedFailure('not_taxii', `${shown(url)} has more objects and does not say how to get them`)
    }
    if (following !== '' && following === next) {
      throw new FeedFailure('not_taxii', `${shown(url)} names the same next page again`)
    }
    if (left <= 0) throw new FeedFailure('too_large', `${shown(collection)} has more than ${settings.max_bytes} bytes`)
    if (following === '') after = got.dateAddedLast
    next = following
  }
  if (!dated && total > 0) pieces.cursor = new Date(now - OVERLAP_MS).toISOString()
  return { total, problems: problems.done().problems }
}

function objectsUrl(collection: string, after: string, next: string): string {
  const url = new URL(collection)
  if (!/\/objects\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, '')}/objects/`
  if (after !== '') url.searchParams.set('added_after', after)
  if (next !== '') url.searchParams.set('next', next)
  return url.href
}

/** A newer version takes the place of an older one; a revoked one leaves nothing but its version. */
function takeObject(
  object: Readonly<Record<string, unknown>>,
  markings: ReadonlyMap<string, Tlp>,
  pieces: Pieces,
  settings: ParseSettings,
  now: number,
  problem: (reason: string, example: string) => void,
): void {
  const id = textOf(object.id)
  const version = textOf(object.modified)
  if ((pieces.known.get(id)?.version ?? '') > version) return
  const intake = createIntake(settings, now)
  readIndicator(object, markings, intake)
  const { indicators, problems } = intake.done()
  for (const { reason, examples } of problems) problem(reason, examples[0] ?? '')
  pieces.known.set(id, { version, indicators })
}
