// How are a feed's indicators kept on disk? As compressed JSON lines behind one line that says what they are; whole or not there at all.
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { writeWhole } from '../../runtime/whole-file.ts'
import { type Indicator, IndicatorType, Tlp } from '../../schemas/indicator.ts'

/** What a copy of a feed is: where it came from, and what became of it on the way. Times are milliseconds since 1970 UTC. */
export const CopyMeta = z.object({
  version: z.literal(1),
  feed: z.string(),
  fetched: z.number(),
  /** Of the feed's settings that shape indicators: a copy made by others is not compared by ETag. */
  settings: z.string(),
  etag: z.string(),
  last_modified: z.string(),
  total: z.int(),
  problems: z.array(z.object({ reason: z.string(), count: z.int(), examples: z.array(z.string()) })),
  /** Values on warning lists, by list. */
  warned: z.record(z.string(), z.int()),
  indicators: z.int(),
  /** So many, which stand first, are not in the copy that was in force. */
  added: z.int(),
  removed: z.int(),
  /** SHA-256 of what was added. */
  fingerprint: z.string(),
})
export type CopyMeta = z.infer<typeof CopyMeta>

export interface Copy {
  readonly meta: CopyMeta
  readonly indicators: Indicator[]
}

/** An indicator as a line, without its source, which is the feed's. */
export const Row = z.tuple([
  IndicatorType,
  z.string(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  Tlp,
  z.string(),
  z.string(),
  z.array(z.string()),
])
export type Row = z.infer<typeof Row>

export function rowOf(one: Indicator): Row {
  const { type, value, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels } = one
  return [type, value, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels]
}

export function indicatorOf(row: Row, source: string): Indicator {
  const [type, value, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels] = row
  return { type, value, source, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels }
}

/** Quick, and with a sum by which a damaged file is known. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } }
/** Lines handed to the compressor at a time. */
const LINES = 1000

/** Writes lines of JSON beside the file and renames: after a crash the old file or the new one is there. */
export async function writeLines(file: string, lines: Iterable<unknown>): Promise<void> {
  await writeWhole(file, (handle) =>
    pipeline(texts(lines), createZstdCompress(compression), (packed) => handle.writeFile(packed)),
  )
}

function* texts(lines: Iterable<unknown>): Generator<string> {
  let some: string[] = []
  for (const line of lines) {
    some.push(JSON.stringify(line))
    if (some.length < LINES) continue
    yield `${some.join('\n')}\n`
    some = []
  }
  yield `${some.join('\n')}\n`
}

/** The lines of a file as values. Rejects with ENOENT where there is none, and where the file is not whole. */
export async function* readLines(file: string): AsyncGenerator<unknown> {
  const source = (await open(file)).createReadStream()
  const decoder = createZstdDecompress()
  source.on('error', (error) => decoder.destroy(error))
  let rest = ''
  const text = new TextDecoder()
  try {
    for await (const chunk of source.pipe(decoder)) {
      const lines = (rest + text.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield JSON.parse(line)
    }
  } finally {
    source.destroy()
    decoder.destroy()
  }
}

export async function writeCopy(file: string, meta: CopyMeta, indicators: Iterable<Indicator>): Promise<void> {
  function* lines(): Generator<unknown> {
    yield meta
    for (const indicator of indicators) yield rowOf(indicator)
  }
  await writeLines(file, lines())
}

/** A copy; undefined if there is none. Rejects if it is damaged. */
export async function readCopy(file: string): Promise<Copy | undefined> {
  let meta: CopyMeta | undefined
  const indicators: Indicator[] = []
  try {
    for await (const line of readLines(file)) {
      // Written by ourselves and checked by the compressor's sums: the first row stands for all.
      if (meta === undefined) meta = CopyMeta.parse(line)
      else indicators.push(indicatorOf(indicators.length === 0 ? Row.parse(line) : rowLike(line), meta.feed))
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  if (meta === undefined || indicators.length !== meta.indicators) throw new Error(`${file} is not whole`)
  return { meta, indicators }
}

/** What a copy is, without its indicators; undefined if there is none that can be read. */
export async function readMeta(file: string): Promise<CopyMeta | undefined> {
  try {
    for await (const line of readLines(file)) return CopyMeta.safeParse(line).data
  } catch (error) {
    if (!isMissing(error)) return undefined
  }
  return undefined
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function rowLike(line: unknown): Row {
  if (isRow(line)) return line
  throw new Error('a line is no indicator')
}

function isRow(line: unknown): line is Row {
  return Array.isArray(line) && line.length === 10
}
