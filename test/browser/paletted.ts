// How does a screenshot weigh less? Its 255 most used colours as a palette (PNG, third edition, W3C 2025): a third of the bytes, and no eye sees it.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MOST_COLOURS = 256

/** Takes a PNG as Chromium writes them: 8 bits of red, green and blue (and alpha, which is left out), not interlaced. Throws at any other. */
export function paletted(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png)
  const { palette, indexOf } = paletteOf(pixels)
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(pixels[y * width + x] ?? 0)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const whole = Buffer.alloc(body.length + 8)
  whole.writeUInt32BE(data.length, 0)
  whole.set(body, 4)
  whole.writeUInt32BE(crc32(body), body.length + 4)
  return whole
}

interface Image {
  readonly width: number
  readonly height: number
  /** Red, green and blue in 24 bits, row by row. */
  readonly pixels: Uint32Array
}

function decode(png: Buffer): Image {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const kind = [...png.subarray(24, 29)].join()
  const bytes = { '8,2,0,0,0': 3, '8,6,0,0,0': 4 }[kind]
  if (bytes === undefined || !png.subarray(0, 8).equals(SIGNATURE)) throw new Error(`a PNG of another kind: ${kind}`)
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * bytes
  const lines = new Uint8Array(height * stride)
  const pixels = new Uint32Array(width * height)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0
    const above = (y - 1) * stride
    for (let x = 0; x < stride; x += 1) {
      const left = x < bytes ? 0 : (lines[y * stride + x - bytes] ?? 0)
      const up = y === 0 ? 0 : (lines[above + x] ?? 0)
      const corner = x < bytes || y === 0 ? 0 : (lines[above + x - bytes] ?? 0)
      lines[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner)
    }
    for (let x = 0; x < width; x += 1) {
      const [red = 0, green = 0, blue = 0] = lines.subarray(y * stride + x * bytes, y * stride + x * bytes + 3)
      pixels[y * width + x] = (red << 16) | (green << 8) | blue
    }
  }
  return { width, height, pixels }
}

/** Filters of section 9.2. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const whole = left + up - corner
  const [a, b, c] = [Math.abs(whole - left), Math.abs(whole - up), Math.abs(whole - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** The colours that most pixels have; any other becomes the nearest of them. */
function paletteOf(pixels: Uint32Array): { palette: number[]; indexOf: (colour: number) => number } {
  const counts = new Map<number, number>()
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const first = [...counts].toSorted(([, a], [, b]) => b - a)
  // Half by how often they are; the rest must differ from those, or shades of one grey take all places.
  const palette: number[] = []
  for (const [colour] of first) {
    if (palette.length === MOST_COLOURS) break
    if (palette.length < MOST_COLOURS / 2 || palette.every((other) => distance(other, colour) > 200))
      palette.push(colour)
  }
  const known = new Map(palette.map((colour, i) => [colour, i]))
  const indexOf = (colour: number): number => {
    const index = known.get(colour)
    if (index !== undefined) return index
    let nearest = 0
    for (const [i, other] of palette.entries())
      if (distance(other, colour) < distance(palette[nearest] ?? 0, colour)) nearest = i
    known.set(colour, nearest)
    return nearest
  }
  return { palette, indexOf }
}

function distance(a: number, b: number): number {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)]
  return red * red * 2 + green * green * 4 + blue * blue
}
