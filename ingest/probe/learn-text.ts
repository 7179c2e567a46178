// Is this the text that the page usually has? A few faces of it are known by sketches; a page that is never the same has a lower bar.
import { z } from 'zod'
import { LEAST_SHARE, type Learning } from './learn.ts'
import { sketchSimilarity } from './text.ts'

const Sketch = z.array(z.number())
const Face = z.object({ sketch: Sketch, last: z.int() })
const WaitingFace = Face.extend({ since: z.int(), seen: z.int(), of: z.int() })

export const TextFaces = z.object({
  known: z.array(Face),
  waiting: z.array(WaitingFace),
  /** Similarity to the nearest face below which the text has changed. */
  bar: z.number(),
  /** Probes below the bar, whatever they looked like. */
  low: z.object({ since: z.int(), seen: z.int(), of: z.int(), least: z.number() }).optional(),
})
export type TextFaces = z.infer<typeof TextFaces>

/** Two texts that have less than this in common are two faces. */
const BAR = 0.6
const LEAST_BAR = 0.05
const MAX_FACES = 5
/** A page is never the same when at least this share of its probes is below the bar. */
const RESTLESS_SHARE = 0.5

export const emptyFaces = (): TextFaces => ({ known: [], waiting: [], bar: BAR })

export interface TextChange {
  readonly faces: TextFaces
  /** To the nearest known face, 0 to 1. */
  readonly similarity: number
  readonly changed: boolean
}

/** Learns the sketch of a probe's text. A face that is near enough moves along with the page; another must stay first. */
export function learnText(
  faces: TextFaces,
  sketch: readonly number[],
  { at, first, adoptSeconds }: Learning,
): TextChange {
  const now = { sketch: [...sketch], last: at }
  const [best, nearest] = nearestOf(faces.known, sketch)
  const replaced = (index: number): TextFaces['known'] => faces.known.map((face, n) => (n === index ? now : face))
  if (first) {
    const known = best >= faces.bar ? replaced(nearest) : limited([...faces.known, now])
    return { faces: { ...faces, known }, similarity: 1, changed: false }
  }
  const passed = faces.waiting
    .map((face) => ({ ...face, of: face.of + 1 }))
    .filter(({ since, seen, of }) => at - since < adoptSeconds || seen / of >= LEAST_SHARE)
  const { low } = faces
  const lowNow = low === undefined ? undefined : { ...low, of: low.of + 1 }
  if (best >= faces.bar) {
    const stillLow = lowNow !== undefined && at - lowNow.since < adoptSeconds ? { low: lowNow } : {}
    return {
      faces: { known: replaced(nearest), waiting: passed, bar: faces.bar, ...stillLow },
      similarity: best,
      changed: false,
    }
  }
  const [like, index] = nearestOf(passed, sketch)
  const before = like >= BAR ? passed[index] : undefined
  const face = { ...now, since: before?.since ?? at, seen: (before?.seen ?? 0) + 1, of: before?.of ?? 1 }
  const others = passed.filter((one) => one !== before)
  if (at - face.since >= adoptSeconds && face.seen / face.of >= LEAST_SHARE) {
    // It has stayed, and so have its like: the page is known again.
    return {
      faces: { known: limited([...faces.known, now]), waiting: others, bar: faces.bar },
      similarity: 1,
      changed: false,
    }
  }
  const tally = lowNow ?? { since: at, seen: 0, of: 1, least: 1 }
  const worse = { ...tally, seen: tally.seen + 1, least: Math.min(tally.least, best) }
  const restless = at - worse.since >= adoptSeconds && worse.seen / worse.of >= RESTLESS_SHARE
  const waiting = limited([...others, face])
  if (restless) {
    const bar = Math.max(LEAST_BAR, worse.least - 0.05)
    return { faces: { known: replaced(nearest), waiting: [], bar }, similarity: best, changed: best < bar }
  }
  const late = at - worse.since >= adoptSeconds
  return {
    faces: { ...faces, waiting, ...(late ? { low: undefined } : { low: worse }) },
    similarity: best,
    changed: true,
  }
}

/** The face of the last probe becomes a known one at once. */
export function acceptText(faces: TextFaces, last: number): TextFaces {
  const now = faces.waiting.filter((face) => face.last === last).map(({ sketch }) => ({ sketch, last }))
  return { known: limited([...faces.known, ...now]), waiting: [], bar: faces.bar }
}

function nearestOf(
  faces: readonly { readonly sketch: readonly number[] }[],
  sketch: readonly number[],
): [number, number] {
  let best = 0
  let at = -1
  faces.forEach((face, index) => {
    const similarity = sketchSimilarity(face.sketch, sketch)
    if (at < 0 || similarity > best) {
      best = similarity
      at = index
    }
  })
  return [best, at]
}

function limited<T extends { last: number }>(faces: T[]): T[] {
  return faces.sort((a, b) => b.last - a.last).slice(0, MAX_FACES)
}
