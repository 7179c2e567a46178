// What do regions look like on a map? Outlines from the operator's TopoJSON file as SVG paths; without a file the page draws equal tiles.
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { Config } from '../../schemas/config.ts'
import type { Boundaries } from '../../schemas/situation-api.ts'

const WIDTH = 2_000
const MAX_BYTES = 20 * 1024 * 1024

const Position = z.tuple([z.number(), z.number()]).rest(z.number())
const Ring = z.array(z.int())
const Geometry = z.object({
  type: z.string(),
  id: z.union([z.string(), z.number()]).optional(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  arcs: z.union([z.array(Ring), z.array(z.array(Ring))]).optional(),
})

/** The part of a TopoJSON file that is read (github.com/topojson/topojson-specification, section 2). */
const Topology = z.object({
  type: z.literal('Topology'),
  transform: z.object({ scale: Position, translate: Position }).optional(),
  objects: z.record(z.string(), z.object({ geometries: z.array(Geometry).default([]) })),
  arcs: z.array(z.array(Position)),
})
type Topology = z.infer<typeof Topology>
type Point = readonly [number, number]

/** Undefined where the configuration names no file. Throws CONFIG_INVALID naming it. */
export function loadBoundaries({ web }: { readonly web: Pick<Config['web'], 'boundaries'> }): Boundaries | undefined {
  if (web.boundaries === '') return undefined
  try {
    if (statSync(web.boundaries).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES / 1024 / 1024} MB`)
    return drawBoundaries(JSON.parse(readFileSync(web.boundaries, 'utf8')))
  } catch (cause) {
    const detail = cause instanceof z.ZodError ? (cause.issues[0]?.message ?? '') : errorText(cause)
    throw new SiagaError('CONFIG_INVALID', { detail: `web.boundaries: ${web.boundaries}: ${detail}` }, { cause })
  }
}

/** Outlines by Kemendagri code, which is the id of a geometry or its property `code` or `kode`; islands smaller than a dot are left out. Throws a ZodError. */
export function drawBoundaries(json: unknown): Boundaries {
  const topology = Topology.parse(json)
  const arcs = decoded(topology)
  const shapes = new Map<string, Point[][]>()
  for (const { geometries } of Object.values(topology.objects))
    for (const geometry of geometries) {
      const code = codeOf(geometry)
      if (code === undefined) continue
      const rings = ringsOf(geometry).map((ring) => joined(ring, arcs))
      shapes.set(code, [...(shapes.get(code) ?? []), ...rings.filter((ring) => ring.length > 2)])
    }
  const box = boxOf(Array.from(shapes.values()).flat(2))
  const scale = WIDTH / Math.max(1e-9, box.right - box.left)
  // Near the equator a degree is as long in each direction.
  const place = ([x, y]: Point): Point => [Math.round((x - box.left) * scale), Math.round((box.top - y) * scale)]
  return {
    width: WIDTH,
    height: Math.max(1, Math.round((box.top - box.bottom) * scale)),
    paths: Object.fromEntries(
      Array.from(shapes, ([code, rings]) => [code, pathOf(rings.map((ring) => ring.map(place)))]),
    ),
  }
}

/** `32`, `32.73`; files write 3273 too. */
function codeOf({ id, properties }: z.infer<typeof Geometry>): string | undefined {
  const text = String(id ?? properties?.code ?? properties?.kode ?? '')
  const [, province, rest] = /^(\d{2})(?:\.?(\d{2}))?$/.exec(text) ?? []
  return province === undefined ? undefined : rest === undefined ? province : `${province}.${rest}`
}

function decoded({ arcs, transform }: Topology): Point[][] {
  if (transform === undefined) return arcs.map((arc) => arc.map(([x, y]) => [x, y]))
  const { scale, translate } = transform
  return arcs.map((arc) => {
    let x = 0
    let y = 0
    return arc.map(([dx, dy]) => {
      x += dx
      y += dy
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
    })
  })
}

function ringsOf({ arcs = [] }: z.infer<typeof Geometry>): number[][] {
  return arcs.flatMap((part) =>
    part.every((inner) => Array.isArray(inner)) ? part : [part.filter((arc) => typeof arc === 'number')],
  )
}

/** Arcs end to end; a negative number is an arc read backwards (~n). The shared point stands once. */
function joined(ring: readonly number[], arcs: readonly Point[][]): Point[] {
  const points: Point[] = []
  for (const index of ring) {
    const arc = arcs[index < 0 ? ~index : index] ?? []
    points.push(...(index < 0 ? arc.toReversed() : arc).slice(points.length === 0 ? 0 : 1))
  }
  return points
}

function boxOf(points: readonly Point[]): { left: number; right: number; top: number; bottom: number } {
  const box = { left: Infinity, right: -Infinity, top: -Infinity, bottom: Infinity }
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x)
    box.top = Math.max(box.top, y)
    box.bottom = Math.min(box.bottom, y)
  }
  return points.length === 0 ? { left: 0, right: 1, top: 1, bottom: 0 } : box
}

/** Relative lines, each point that a pixel moves. The largest ring stays however small it is. */
function pathOf(rings: readonly (readonly Point[])[]): string {
  const sized = rings.map((ring) => ({ ring, size: sizeOf(ring) })).toSorted((a, b) => b.size - a.size)
  return sized
    .filter(({ size }, index) => index === 0 || size > 2)
    .map(({ ring }) => {
      let [x, y] = ring[0] ?? [0, 0]
      const lines = ring.slice(1).flatMap(([toX, toY]) => {
        if (toX === x && toY === y) return []
        const line = `l${toX - x},${toY - y}`
        x = toX
        y = toY
        return [line]
      })
      return `M${ring[0]?.join(',') ?? '0,0'}${lines.join('')}z`
    })
    .join('')
}

function sizeOf(ring: readonly Point[]): number {
  const { left, right, top, bottom } = boxOf(ring)
  return Math.max(right - left, top - bottom)
}
